"""Demand of a shelf from its tables: what stood side by side, and the logit behind it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from envs_data.arrays import Array, Flags, Floats
from envs_data.pricing.logit import CLEARLY, Logit, Offers, estimate, select, with_outside
from envs_data.pricing.reading import row_keys
from envs_data.pricing.shelf.elasticities import LEAST_ROWS, OPEN_PRICES, RISES, Elasticity, stocked, unpromoted
from envs_data.pricing.shelf.memory import below_remembered, probability

# Standard deviations above its mean that a stock must have for a period to count as never short.
ROOMY = 3.0
LOW = "began with so little stock that customers may have found less"
SHORT = "sold out (too few began with ample stock, so that sales are a little understated)"
DRAWS, DRAWS_SEED = 400, 20_250_106
# Utilities at price 0 that a shelf can hold, to either side.
STEEPEST = 50.0


@dataclasses.dataclass(frozen=True)
class Demand:
    """The logit of a shelf.

    Attributes:
        names: the products.
        appeal, sensitivity: [products].
        covariance: of appeals, then sensitivities, then ``recall`` where it was looked for.
        logit: if offers could be paired; None if each product was observed on its own.
        borrowed: [products] whether the sensitivity is not identified by itself, but by the others.
        recall: utility of each unit of money that a price is below the one customers remember.
        other: demand with a memory of prices where this has none, and the other way round; None if not looked for.
        share: probability of the other.
    """

    names: tuple[str, ...]
    appeal: Floats
    sensitivity: Floats
    covariance: Floats
    logit: Logit | None
    borrowed: Flags
    recall: float = 0.0
    other: Demand | None = None
    share: float = 0.0

    def stderrs(self) -> tuple[Floats, Floats]:
        """[products] of appeals, and of sensitivities."""
        errors, count = np.sqrt(np.diag(self.covariance)), len(self.names)
        return errors[:count], errors[count : 2 * count]

    def draws(self, count: int, rng: np.random.Generator) -> list[tuple[Floats, Floats, float]]:
        """Appeals, sensitivities and recall drawn from their uncertainty, of either demand as often as it is probable.

        Draws with rising demand are rejected, and those in which customers would like prices to rise.
        """
        others = [] if self.other is None else self.other.own_draws(round(self.share * count), rng)
        return [*self.own_draws(count - len(others), rng), *others]

    def own_draws(self, count: int, rng: np.random.Generator) -> list[tuple[Floats, Floats, float]]:
        """The same of this demand alone."""
        recalls = len(self.covariance) > 2 * len(self.names)
        mean = np.concatenate([self.appeal, self.sensitivity, [self.recall] * recalls])
        kept: list[tuple[Floats, Floats, float]] = []
        products = len(self.names)
        while len(kept) < count:
            drawn = rng.multivariate_normal(mean, self.covariance, method="eigh")
            if (drawn[products : 2 * products] > 0).all() and (drawn[2 * products :] >= 0).all():
                appeal = np.clip(drawn[:products], -STEEPEST, STEEPEST)
                kept.append((appeal, drawn[products : 2 * products], float(drawn[-1]) if recalls else 0.0))
        return kept


def paired(frame: pd.DataFrame) -> bool:
    """Whether rows say which products stood side by side: dates do, with stores if there are several."""
    return "date" in frame and not frame.duplicated([*row_keys(frame), "product"]).any()


def offers_of(frame: pd.DataFrame, market: float | None, memory: float | None = None) -> tuple[Offers, str]:
    """What stood side by side in each period, and a sentence on periods left out because stock was low.

    When a product runs out within a period, its customers take another or nothing, and sales no longer show choices.
    Opening stock does not depend on the period's customers, so leaving out periods by it introduces no bias.

    Args:
        frame: rows with dates.
        market: customers a period where visitors are not counted.
        memory: share of a remembered price that is kept from period to period; None to look for no memory.
    """
    rows = frame.groupby(row_keys(frame), sort=False).ngroup().to_numpy()
    prices, counts = _wide(frame, rows, "price", np.nan), _wide(frame, rows, "units", 0.0)
    stock = _wide(frame, rows, "stock", np.inf)
    offered = ~np.isnan(prices) & (stock > 0)
    counted = "visitors" in frame and not frame["visitors"].isna().any()
    customers = np.full(len(prices), market or 1.0)
    if counted:
        customers = _wide(frame, rows, "visitors", 0.0).max(axis=1)
    promotion = _wide(frame, rows, "promotion", 0.0) * offered
    below = None if memory is None or "store" in frame else below_remembered(prices, ~np.isnan(prices), memory)
    parts = (np.nan_to_num(prices, nan=1.0), promotion, offered, counts * offered, customers, counted)
    offers = Offers(*parts, below=None if below is None else below * offered)
    short = (offers.counts >= stock) & offered
    kept, why = _roomy(offers, stock, short), LOW
    ample = offers.where(kept)
    if shortages([""] * stock.shape[1], ample) or (ample.repriced != offers.repriced).any():
        kept, why = np.asarray(~short.any(axis=1)), SHORT
    left = int((~kept).sum())
    return offers.where(kept), f"{left} of {len(kept)} periods are left out: they {why}." if left else ""


def _wide(frame: pd.DataFrame, rows: Array, column: str, missing: float) -> Floats:
    """[rows, products] a column, products side by side."""
    names = {name: k for k, name in enumerate(frame["product"].unique())}
    wide = np.full((int(rows.max()) + 1, len(names)), missing)
    if column in frame:
        wide[rows, frame["product"].map(names).to_numpy()] = frame[column].fillna(missing).to_numpy()
    return wide


def shortages(names: Sequence[str], offers: Offers) -> dict[str, str]:
    """Products of which too little was seen, and why."""
    seen, bought = offers.offered.sum(axis=0), offers.counts.sum(axis=0)
    few = {
        name: f"only {seen[k]} of the {LEAST_ROWS} periods or visits that are needed offered it without selling out"
        for k, name in enumerate(names)
        if seen[k] < LEAST_ROWS
    }
    unsold = {name: "not a single unit of it was sold" for k, name in enumerate(names) if not bought[k]}
    if few or unsold:
        return {**few, **unsold}
    if not offers.repriced.any():
        return dict.fromkeys(names, "it had one price only, and what another price would sell is not identified")
    alone = len(names) == 1 and not offers.outside
    return dict.fromkeys(names, "it is the only product, and every visit bought it") if alone else {}


def _roomy(offers: Offers, stock: Floats, short: Flags) -> Flags:
    """[rows] whether every product offered had more than anybody would have sold."""
    most = []
    for k in range(stock.shape[1]):
        sold = offers.counts[offers.offered[:, k] & ~short[:, k], k]
        most.append(sold.mean() + ROOMY * sold.std() if len(sold) else np.inf)
    return np.asarray((~offers.offered | (stock > np.array(most))).all(axis=1))


def choices_of(frame: pd.DataFrame) -> Offers:
    """Visits as offers, with as many customers each as it stands for."""
    rows = np.asarray(pd.factorize(frame["visit"])[0])
    prices, promotion = _wide(frame, rows, "price", np.nan), _wide(frame, rows, "promotion", 0.0)
    customers = _wide(frame, rows, "weight", 0.0).max(axis=1) if "weight" in frame else np.ones(len(prices))
    counts = _wide(frame, rows, "chosen", 0.0)
    outside = not counts.any(axis=1).all()
    parts = (np.nan_to_num(prices, nan=1.0), promotion, ~np.isnan(prices), counts * customers[:, None], customers)
    return Offers(*parts, True, outside)


def from_offers(names: tuple[str, ...], offers: Offers, nothing: float | None = None) -> tuple[Demand, dict[str, str]]:
    """The logit of what stood side by side.

    Args:
        names: the products.
        offers: what was offered and taken; enough of each.
        nothing: known share of customers who buy nothing, where the rows hold buyers only.

    Returns:
        The logit, and by product why it cannot hold it.
    """
    plain = offers._replace(below=None)
    demand, problems = _without_memory(names, plain, nothing)
    if offers.below is None or not offers.repriced.any() or problems or nothing is not None:
        return demand, problems
    recalling = estimate(offers, common=demand.logit is not None and demand.logit.common)
    other = _demand(names, recalling)
    share = 0.0 if misfits(other) else probability(recalling, offers)
    if share > 0.5:
        return dataclasses.replace(other, other=demand, share=1 - share), problems
    return dataclasses.replace(demand, other=other, share=share), problems


def _without_memory(names: tuple[str, ...], offers: Offers, nothing: float | None) -> tuple[Demand, dict[str, str]]:
    """The same where nothing is remembered."""
    own, count = estimate(offers), len(names)
    fitted = select(offers, own)
    if nothing is not None:
        fitted = with_outside(fitted, offers, nothing)
    demand = _demand(names, fitted)
    errors = CLEARLY * own.stderrs()[count : 2 * count]
    high = np.where(offers.repriced, own.sensitivity + errors, np.inf)
    rising = {name: f"it {RISES}" for k, name in enumerate(names) if high[k] < 0}
    # What is shared by all does not stand in for a product that contradicts it.
    alien = own.unclear & (high < demand.sensitivity - CLEARLY * demand.stderrs()[1])
    unlike = {name: _open(own.sensitivity[k], errors[k]) for k, name in enumerate(names) if fitted.common and alien[k]}
    return demand, rising or unlike or misfits(demand)


def _demand(names: tuple[str, ...], fitted: Logit) -> Demand:
    used = 2 * len(names) + (fitted.recall != 0)
    covariance = fitted.covariance[:used, :used]
    return Demand(names, fitted.appeal, fitted.sensitivity, covariance, fitted, fitted.unclear, fitted.recall)


def _open(value: float, error: float) -> str:
    return f"the sensitivity to its price is not identified: {value:.3g} +- {error:.2g}, {OPEN_PRICES}"


def misfits(demand: Demand) -> dict[str, str]:
    """Products whose demand does not clearly fall with the price, or more steeply than a shelf can hold."""
    errors = CLEARLY * demand.stderrs()[1]
    flat = demand.sensitivity <= errors
    if flat.any() and not demand.borrowed.all():
        flat |= demand.borrowed
    flat_ones = {
        name: _open(value, error)
        for name, value, error, is_flat in zip(demand.names, demand.sensitivity, errors, flat, strict=True)
        if is_flat
    }
    steep_ones = {
        name: f"it follows its price too steeply: an appeal of {appeal:.0f}, and a shelf holds {STEEPEST:.0f} at most"
        for name, appeal in zip(demand.names, demand.appeal, strict=True)
        if abs(appeal) > STEEPEST
    }
    return flat_ones or steep_ones


def from_elasticities(frame: pd.DataFrame, elasticity_of: Mapping[str, Elasticity], market: float) -> Demand:
    """The logit that has each product's elasticity and sales at its mean price, for a market of this size.

    A product's elasticity at price p and share s is -sensitivity * p * (1 - s). Products were seen one by one, so
    that what one takes from another follows from the shares alone.

    Args:
        frame: the rows.
        elasticity_of: elasticity of each product; with a plain regression for each.
        market: customers a period.
    """
    fits = [one.plain for one in elasticity_of.values() if one.plain is not None]
    prices = np.array([_usual_price(frame, name) for name in elasticity_of])
    rng = np.random.default_rng(DRAWS_SEED)
    drawn = [rng.multivariate_normal(fit.theta, fit.covariance, size=DRAWS, method="eigh") for fit in fits]
    shifts = [fit.spread**2 / 2 if fit.law == "lognormal" else 0.0 for fit in fits]

    def logit(levels: Floats, slopes: Floats) -> Floats:
        share = np.exp(levels + shifts) / market
        share = share * min(1.0, 0.98 / share.sum())
        sensitivity = -slopes / (prices * (1 - share))
        return np.concatenate([np.log(share / (1 - share.sum())) + sensitivity * prices, sensitivity])

    best = logit(*(np.array([fit.theta[k] for fit in fits]) for k in (0, 1)))
    many = np.array([logit(*(np.array([one[draw, k] for one in drawn]) for k in (0, 1))) for draw in range(DRAWS)])
    count = len(fits)
    borrowed = np.array([one.borrowed for one in elasticity_of.values()])
    return Demand(tuple(elasticity_of), best[:count], best[count:], np.cov(many.T), None, borrowed)


def _usual_price(frame: pd.DataFrame, name: str) -> float:
    """The geometric mean of a product's prices without promotion: where its regression has its level."""
    rows = stocked(unpromoted(frame[frame["product"] == name]))
    return float(np.exp(np.log(rows["price"]).mean()))
