"""What a season's fitted demand must reproduce of its table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from envs_data.arrays import Floats
from envs_data.posterior_checks import REPLICAS, Check, by_group, chance, fifths, levels_of, problems, share_of
from envs_data.pricing.checks import DRIFT_MATTERS, Cells, of_calendar, of_promotions, of_totals
from envs_data.pricing.season.demand import Demand, Sales

# Rows that make a total where seasons are not told apart.
BLOCK = 4
SOLD_OUT_MATTERS = 0.05


def checks(sales: Sales, demand: Demand) -> list[str]:
    """What the fitted season cannot reproduce, one clause each."""
    response, rng = demand.response, chance()
    came = np.ones(len(sales.units)) if sales.visitors is None else sales.visitors.astype(np.float64)
    stock = sales.frame["stock"].to_numpy(dtype=np.float64) if "stock" in sales.frame else np.full(len(came), np.inf)
    mean = np.maximum(response.mean(demand.regressors(sales)) * came, 1e-9)
    wanted = response.draw(rng, mean, REPLICAS) * (came > 0)
    drawn = np.minimum(wanted, np.where(np.isfinite(stock), stock, np.inf))
    found = problems(sales.units.astype(np.float64), drawn, [*_of_sales(sales, drawn.mean(axis=0), stock)])
    if demand.traffic is None:
        return found
    usual = demand.traffic.mean(demand.design(sales))
    return [*found, *problems(came, demand.traffic.draw(rng, usual, REPLICAS), [*_of_visitors(sales, usual)])]


def _of_sales(sales: Sales, expected: Floats, stock: Floats) -> Iterator[Check]:
    frame = sales.frame
    number = np.arange(len(expected))
    yield from Cells(("the product",), np.zeros_like(number), number, sales.price, expected).checks()
    yield from _of_places(sales, expected, "was sold")
    if "date" in sales.frame:
        yield from of_calendar(frame["date"], expected)
    if "promotion" in frame:
        yield from of_promotions((frame["promotion"].fillna(0) > 0).to_numpy(), expected)
    if sales.censored.any():
        sentence = "{off} periods sold out than expected from the stock there was: what is left to sell later is off"
        yield from share_of(lambda units: (units >= stock) & (stock > 0), sentence, SOLD_OUT_MATTERS)
    yield from of_totals(*_totals(sales), expected)


def _of_visitors(sales: Sales, expected: Floats) -> Iterator[Check]:
    yield from _of_places(sales, expected, "came")
    if "date" in sales.frame:
        yield from of_calendar(sales.frame["date"], expected)
    told = "in {part} of the table {off} visitors came than expected: traffic drifts"
    yield from by_group(*fifths(np.arange(len(expected))), expected, told, DRIFT_MATTERS)
    what, block = _totals(sales)
    yield from of_totals(f"visitors' {what}", block, expected)


def _of_places(sales: Sales, expected: Floats, verb: str) -> Iterator[Check]:
    """By the period of the season, where seasons are told apart."""
    if sales.seasons() > 1:
        yield from by_group(
            *levels_of(sales.frame["place"] + 1), expected,
            f"in periods {{part}} of a season {{off}} {verb} than expected: what follows the season is off",
        )  # fmt: skip


def _totals(sales: Sales) -> tuple[str, Floats]:
    if sales.seasons() > 1:
        return "totals of seasons", sales.frame["number"].to_numpy(dtype=np.float64)
    return f"totals of {BLOCK} periods", np.floor(np.arange(len(sales.units)) / BLOCK)
