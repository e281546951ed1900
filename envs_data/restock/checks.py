"""What a fitted law of demand must reproduce of its table beside its days one by one: lead times, and empty spells.

Days that sold out are completed from the law, given that at least so much was asked for, many times over, and the
statistic is their mean (Gelman, Van Mechelen, Verbeke, Heitjan and Meulders 2005, Biometrics 61(1)).
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from envs_data.arrays import Floats, Ints
from envs_data.posterior_checks import REPLICAS, Check, chance, problems
from envs_data.restock import hidden_level
from envs_data.restock.demand import Demand
from envs_data.restock.sales import Sales

# Share of totals of a lead time that are called high, and how often a table's sold-out days are completed.
HIGH, COMPLETED = 0.05, 20
# Differences that do not matter: of high totals, as a share of those expected; of empty days after empty ones, as a
# share of all days.
TOTALS_MATTER, EMPTY_MATTER = 0.5, 0.02
TOTALS = (
    "totals of {days} days, which an order must last for, were as high as one in twenty should be {{times}} times as "
    "often as expected: safety stock is off"
)
EMPTY = "days without demand follow each other {times} times as often as expected: stock lasts longer in such spells"


def checks(fitted: Demand, sales: Sales, lead_time: int) -> list[str]:
    """What the fitted demand cannot reproduce, one clause each.

    Args:
        fitted: the fit.
        sales: the days it was fitted to.
        lead_time: days from order to delivery.
    """
    age, rng = (sales.dates - sales.dates[0]).astype(int), chance()
    drawn = _drawn(fitted, sales, rng, 2 * REPLICAS)
    found = [Check([""], lambda demand: _empty_pairs(demand, age), EMPTY, 0.0, EMPTY_MATTER * len(sales))]
    days = lead_time + 1
    if 1 < days <= sales.span() // 10:
        bars = np.quantile(_totals(drawn[REPLICAS:], age, days), 1 - HIGH, axis=0)
        found.append(
            Check([""], lambda demand: _high(demand, age, days, bars), TOTALS.format(days=days), TOTALS_MATTER)
        )
    return problems(_completed(fitted, sales, rng), drawn[:REPLICAS, None], found)


def _empty_pairs(demand: Floats, age: Ints) -> Floats:
    """How often a day without demand follows another, in the mean of [completions, days]."""
    together = (demand[:, 1:] == 0) & (demand[:, :-1] == 0) & (np.diff(age) == 1)
    return np.array([together.sum(axis=1).mean()])


def _high(demand: Floats, age: Ints, days: int, bars: Floats) -> Floats:
    """How many totals of some days exceed what they seldom do, in the mean of [completions, days]."""
    return np.array([(_totals(demand, age, days) > bars).sum(axis=1).mean()])


def _totals(demand: Floats, age: Ints, days: int) -> Floats:
    """[completions, windows] totals of so many calendar days; days that were not observed count as empty."""
    calendar = np.zeros((len(demand), int(age[-1]) + 1))
    calendar[:, age] = demand
    return np.asarray(sliding_window_view(calendar, days, axis=1).sum(axis=-1))


def _drawn(fitted: Demand, sales: Sales, rng: np.random.Generator, count: int) -> Floats:
    """[count, days] demand as the fitted world has it."""
    mean, values = np.maximum(fitted.expected(sales.dates), 1e-9), fitted.around_level(fitted.natural())
    factor: Floats | float = 1.0
    if "level_spread" in values:
        spread, persistence = (float(values[name][0]) for name in ("level_spread", "level_persistence"))
        level = hidden_level.draw(rng, count, sales.span(), persistence)
        factor = hidden_level.factors(spread)[level[:, (sales.dates - sales.dates[0]).astype(int)]]
    law = fitted.counts()
    busy = np.broadcast_to(law.busy(mean) * factor, (count, len(sales)))
    if "size" in values:
        size = float(values["size"][0])
        busy = busy * rng.gamma(size, 1 / size, busy.shape)
    demand = rng.poisson(busy) * (rng.random(busy.shape) >= law.zero_inflation)
    return _limited(fitted, demand.astype(np.float64))


def _completed(fitted: Demand, sales: Sales, rng: np.random.Generator) -> Floats:
    """[completions, days] what was asked for: what was sold, or drawn where it sold out, given that it was as much."""
    demand = np.repeat(sales.units[None].astype(np.float64), COMPLETED, axis=0)
    cut = sales.censored
    if not cut.any():
        return demand
    law, mean, units = fitted.counts(), np.maximum(fitted.expected(sales.dates[cut]), 1e-9), sales.units[cut]
    left = rng.random((COMPLETED, len(units))) * law.at_least(units, mean)
    demand[:, cut] = np.maximum(law.quantile(1 - left, mean), units)
    return _limited(fitted, demand)


def _limited(fitted: Demand, demand: Floats) -> Floats:
    return np.minimum(demand, fitted.limit) if fitted.limit else demand
