"""The lines and notes that a fit of a shelf prints."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from envs_data.parameters import Origin
from envs_data.pricing.regression import Regression
from envs_data.pricing.shelf.demand import Demand
from envs_data.pricing.shelf.elasticities import Elasticity, cross_prices, together
from envs_data.pricing.shelf.shelf_data import OUTSIDE, ShelfData

ASSUMED = {
    "customers": "Nobody counted customers: so many that half of them buy.",
    "cost": "A unit costs 70 % of its mean price.",
    "start_stock": "There is always enough in stock.",
    "memory": "Customers do not compare with past prices.",
    "change_cost": "A price may be changed for nothing, at any time.",
    "periods": "A quarter of weeks.",
    "period_days": "A row is a week.",
}
# Assumptions that are printed; the others are in the scenario file only.
OPEN = ("customers", "cost", "start_stock", "memory", "change_cost")
# A cross-price effect whose 95 % interval is wider than this to either side is called not identified.
CROSS_WIDTH = 1.0
BY_ITSELF = "Not identified by itself"


def how(seen: ShelfData, demand: Demand) -> str:
    """How appeal and sensitivity were found."""
    if demand.logit is None:
        return "The logit that has the product's own elasticity, for the market that is assumed."
    rows = f"{len(demand.logit.theta)} coefficients, {0 if seen.offers is None else len(seen.offers.prices):,}"
    common = " One sensitivity for all products." if demand.logit.common else ""
    return f"Multinomial logit by maximum likelihood: {rows} {'visits' if seen.choices else 'periods'}.{common}"


def sensitivity_origin(demand: Demand, k: int, error: float, how: str) -> Origin:
    """Where a product's sensitivity comes from."""
    if not demand.borrowed[k]:
        return Origin("fitted", error, how)
    if demand.logit is not None and demand.logit.common:
        return Origin("fitted", error, f"{BY_ITSELF}. {how}")
    return Origin("assumed", note=f"{BY_ITSELF}: the price effect of the other products.")


def memory_origins(demand: Demand) -> dict[str, Origin]:
    """Where the fields of a memory of prices come from."""
    error = float(np.sqrt(demand.covariance[-1, -1]))
    note = "The BIC favours customers who compare with past prices; dearer and cheaper weigh alike."
    kept = Origin("assumed", note="Customers keep most of the price they remember.")
    return {**dict.fromkeys(("loss", "gain"), Origin("fitted", error, note)), "memory": kept}


def fitted(seen: ShelfData, demand: Demand) -> Iterator[str]:
    """Elasticities and the logit, a text for each line."""
    yield from _elasticities(seen)
    yield _logit(seen, demand)


def _interval(fit: Regression, k: int = 1) -> str:
    low, high = fit.interval(k)
    return f"{fit.theta[k]:.3f} (95 % {low:.3f} to {high:.3f})"


LAWS = {"lognormal": "log-log regression", "poisson": "Poisson regression", "negative_binomial": "negative binomial"}


def _elasticities(seen: ShelfData) -> Iterator[str]:
    known = {name: one for name, one in seen.elasticities.items() if one.plain is not None}
    first = next((one.plain for one in known.values() if not one.borrowed), None)
    if first is None:
        return
    parts = [f"{name} {_of(one)}" for name, one in known.items()]
    yield f"elasticity, {LAWS[first.law]}: {'; '.join(parts)}"
    if len(known) > 1:
        yield f"elasticity of all together, each with a level of its own: {_interval(together(seen.frame, first))}"


def _of(one: Elasticity) -> str:
    assert one.plain is not None
    if one.borrowed:
        return "not identified by itself"
    if one.promoted is None:
        return _interval(one.plain)
    steeper = one.plain.theta[1] - one.promoted.theta[1]
    error = 1.96 * float(np.hypot(one.plain.stderr(1), one.promoted.stderr(1)))
    return f"{_interval(one.plain)}, {steeper:.2f} steeper (+- {error:.2f}) when promoted"


def _logit(seen: ShelfData, demand: Demand) -> str:
    errors, shared = demand.stderrs()[1], demand.logit is not None and demand.logit.common
    told = [
        f"{name} not identified by itself" if lent and not shared else f"{name} {value:.3g} (+- {1.96 * error:.2g})"
        for name, value, error, lent in zip(seen.names, demand.sensitivity, errors, demand.borrowed, strict=True)
    ]
    counted = f"; {seen.market:.4g} customers a period, counted" if seen.counted else ""
    return f"logit, utility lost with a unit of money: {', '.join(told)}{counted}"


def not_identified(seen: ShelfData) -> Iterator[str]:
    """What no table of this kind tells, a text for each line."""
    if len(seen.names) > 1 and not seen.choices:
        yield _cross(seen)
    if not seen.counted:
        yield (
            "How many customers there are, and so who buys nothing, is not identified: no column for visitors. What "
            "one product takes from another follows from the assumed number."
        )


def _cross(seen: ShelfData) -> str:
    if seen.offers is None:
        return (
            "Cross-price effects are not identified: no date and store say which rows stood side by side. What one "
            "product takes from another follows from the logit's shares, which is assumed."
        )
    by_pair = cross_prices(seen.frame)
    sharp = {pair: fit for pair, fit in by_pair.items() if 1.96 * fit.stderr(2) <= CROSS_WIDTH}
    if not sharp:
        return (
            "Cross-price effects of single pairs are not identified: their intervals are wider than one to either side."
        )
    pair = max(sharp, key=lambda one: abs(sharp[one].theta[2]) / sharp[one].stderr(2))
    rest = (
        f"; {len(by_pair) - len(sharp)} of {len(by_pair)} pairs are not identified" if len(sharp) < len(by_pair) else ""
    )
    return f"Cross-price elasticity of {pair[0]} by {pair[1]}: {_interval(sharp[pair], 2)}, the clearest{rest}."


def notes(seen: ShelfData, demand: Demand) -> Iterator[str]:
    """Further remarks for the reader."""
    for name, reason in seen.left_out.items():
        yield f"Product {name} is left out: {reason}."
    if seen.left_out:
        yield "Customers who took a product that is left out count as buying nothing."
    lent = [name for name, borrowed in zip(seen.names, demand.borrowed, strict=True) if borrowed]
    if lent:
        yield f"{BY_ITSELF}: how sales of {', '.join(lent)} follow the price; the effect of all products stands in."
    if OUTSIDE in seen.known:
        share = f"{seen.known[OUTSIDE]:.0%} of the visits buy nothing, as you said"
        yield f"The log holds visits that bought: prices and products are compared among those, and {share}."
    if seen.short_periods:
        yield seen.short_periods
    fits = [one.plain for one in seen.elasticities.values() if one.plain is not None]
    if seen.offers is None and fits:
        most = max(np.sqrt(float(fit.variance(np.array([1e3]))[0])) / 1e3 for fit in fits)
        yield (
            f"Sales at one price vary by up to {most:.0%}: the fitted shelf, whose customers come independently, is "
            "calmer than the table. Intervals take the rows as independent: where rows of one store follow each "
            "other they are too narrow."
        )
    spread = demand.logit.dispersion / seen.scale if demand.logit is not None else 0.0
    if spread > 1.2:
        yield (
            f"Sales vary {spread:.1f} times as much as independent customers' would: intervals are "
            "widened for it, and the fitted shelf is calmer than the table."
        )
    if demand.recall:
        error = 1.96 * float(np.sqrt(demand.covariance[-1, -1]))
        told = f"by {demand.recall:.2g} (+- {error:.1g}) of utility for each unit of money"
        yield f"Customers remember prices: one above the usual counts against a product {told}, one below for it."
    elif demand.other is not None and demand.share > 0:
        yield f"Whether customers remember prices is left open: they do in {demand.share:.0%} of the draws."
    if "promotion" in seen.frame:
        yield "The fitted shelf has no promotions: appeal, sensitivity and prices are those of rows without one."
    if seen.choices and not seen.counted:
        yield "No dates: how many customers come in a period is not identified; the visits tell only how they choose."


def would_help(seen: ShelfData) -> Iterator[str]:
    """Columns that would replace a guess by knowledge."""
    if seen.offers is None:
        yield "columns for date and store, which tell what stood side by side"
    if not seen.counted:
        yield "a column for visitors, which tells who buys nothing"
    if "stock" not in seen.frame and not seen.choices:
        yield "a column for stock at the beginning of each period, which tells low demand from empty shelves"
