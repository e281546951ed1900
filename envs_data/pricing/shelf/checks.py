"""What a shelf's fitted demand must reproduce of its table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from envs_data.arrays import Floats, Ints
from envs_data.posterior_checks import REPLICAS, Check, by_group, chance, fifths, levels_of, merged, problems
from envs_data.pricing.checks import DRIFT_MATTERS, Cells, of_totals
from envs_data.pricing.logit import Logit, Offers
from envs_data.pricing.shelf.demand import Demand
from envs_data.pricing.shelf.elasticities import Elasticity, regressors, stocked, unpromoted
from envs_data.pricing.shelf.shelf_data import ShelfData

# Periods, and groups of visits, that make a total.
BLOCK, GROUPS = 4, 100
# Dispersion from which on units are not those of independent customers.
OVERDISPERSED = 1.2
CROSS = "fitted, so that what one product takes from another is off"


def checks(seen: ShelfData, demand: Demand, levels: bool = False) -> list[str]:
    """What the fitted shelf cannot reproduce, one clause each.

    Args:
        seen: the table.
        demand: the fit.
        levels: whether the number of customers is known to differ from time to time.
    """
    if demand.logit is not None and seen.offers is not None:
        found = _side_by_side(demand.logit, seen.offers, seen.names, seen.choices)
        steady = not seen.choices and seen.offers.counted and not levels
        return [*found, *(_visitors(seen.offers, chance()) if steady else [])]
    products = seen.frame["product"].astype(str)
    return [
        clause
        for name, one in seen.elasticities.items()
        for clause in _alone(name, stocked(unpromoted(seen.frame[products == name])), one)
    ]


def _alone(name: str, rows: pd.DataFrame, elasticity: Elasticity) -> list[str]:
    """A product's rows without promotion under its own regression."""
    assert elasticity.plain is not None
    design, units, _ = regressors(rows)
    mean = np.maximum(elasticity.plain.mean(design), 1e-9)
    stock = rows["stock"].fillna(np.inf).to_numpy() if "stock" in rows else np.inf
    drawn = np.minimum(elasticity.plain.draw(chance(), mean, REPLICAS), stock)
    number = np.arange(len(rows))
    cells = Cells((name,), np.zeros_like(number), number, rows["price"].to_numpy(), drawn.mean(axis=0))
    return problems(units.astype(np.float64), drawn, [*cells.checks()])


def _side_by_side(fitted: Logit, offers: Offers, names: tuple[str, ...], visits: bool) -> list[str]:
    """All products under the logit; the cells are those of offered products, product by product."""
    product, period = np.nonzero(offers.offered.T)
    rng = chance()
    expected = fitted.expected(offers)
    cells = Cells(names, product, period, offers.prices[period, product], expected[period, product])
    size = max(len(expected) // GROUPS, 1) if visits else BLOCK
    found = [
        *cells.checks(),
        *_cross(cells, offers),
        *of_totals(f"totals of {size} periods", period // size, cells.expected),
    ]
    drawn = (_drawn(fitted, offers, expected, rng)[period, product] for _ in range(REPLICAS))
    return problems(offers.counts[period, product], drawn, found)


def _visitors(offers: Offers, rng: np.random.Generator) -> list[str]:
    """Visitors over time."""
    came, number = offers.customers, np.arange(len(offers.customers))
    usual = np.full(len(came), came.mean())
    told = "in {part} of the table {off} visitors came than expected: traffic drifts"
    checks = by_group(*fifths(number), usual, told, DRIFT_MATTERS)
    # They need not be Poisson: the draws of their mean hold how much they vary.
    return problems(came, _shuffled(came, rng), checks)


def _shuffled(came: Floats, rng: np.random.Generator) -> Floats:
    """[replicas, periods] the same visitors in any order, neighbours left together."""
    blocks = np.arange(len(came) // BLOCK * BLOCK).reshape(-1, BLOCK)
    rest = np.arange(blocks.size, len(came))
    order = [np.append(rng.permutation(blocks).ravel(), rest) for _ in range(REPLICAS)]
    return np.asarray(came[np.array(order)])


def _cross(cells: Cells, offers: Offers) -> Iterator[Check]:
    """Each product's sales where another's price was low and where it was high."""
    found: list[Check] = []
    for other, name in enumerate(cells.names):
        there = offers.offered[:, other]
        if not offers.repriced[other] or len(cells.names) == 1:
            continue
        level = np.full(len(there), -1)
        level[there] = np.minimum(levels_of(offers.prices[there, other], 2)[0], 1)
        parts: list[tuple[Ints, tuple[str, ...]]] = [
            (np.where(k == other, -1, level[cells.period[cells.product == k]]), ("low", "high"))
            for k in range(len(cells.names))
        ]
        found += cells.by_product(parts, f"when the price of {name} was {{1}} {{0}}", CROSS)
    yield from merged(found)


def _drawn(fitted: Logit, offers: Offers, expected: Floats, rng: np.random.Generator) -> Floats:
    """[rows, products] units as the fitted shelf would sell them."""
    if fitted.dispersion >= OVERDISPERSED:
        return rng.poisson(expected * rng.gamma(_shape(fitted, expected), 1 / _shape(fitted, expected))).astype(float)
    if not offers.counted:
        return rng.poisson(expected).astype(float)
    shares = fitted.shares(offers)
    nothing = np.maximum(1 - shares.sum(axis=1, keepdims=True), 0)
    chances = np.hstack([shares, nothing])
    return rng.multinomial(offers.customers.astype(np.int64), chances / chances.sum(axis=1, keepdims=True))[
        :, :-1
    ].astype(float)


def _shape(fitted: Logit, expected: Floats) -> Floats:
    return np.maximum(expected, 1e-9) / (fitted.dispersion - 1)
