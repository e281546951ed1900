"""Lot sizes on the forecast: order when the position no longer covers the risk, for as many days as cost least each."""

from __future__ import annotations

import numpy as np

from baselines.agents import Problem, Settings
from baselines.rules.restock_item_reader import Reader
from baselines.rules.restock_item_review import Review, critical_factor, moments
from baselines.rules.rule_specs import around, grid
from envs_data.arrays import Floats, Ints
from envs_data.restock.item import ItemParameters


def silver_meal(problem: Problem, factor: float, days: float = 1.0) -> Review:
    """Silver-Meal: an order lasts for the days after which cost a day would rise (Silver and Meal 1973).

    It is placed once the position no longer covers the demand expected until the next order could come.

    Args:
        problem: the item.
        factor: safety stock in standard deviations of that demand.
        days: multiple of the days that the formula says.
    """
    reader = Reader(problem)
    p = reader.parameters
    lasts = np.maximum(np.rint(days * lot_days(p)), 1).astype(np.int64)
    point, deviation = _between(p, np.full(p.days, p.lead_time + 1))
    level, _ = _between(p, p.lead_time + lasts)
    safety = factor * deviation
    return Review(reader, level + safety, level - point)


def lot_days(p: ItemParameters) -> Ints:
    """[days] days that an order of each day should last: until the mean cost a day of order and holding rises."""
    means = moments(p)[0][p.lead_time :]
    found = np.ones(p.days, dtype=np.int64)
    for day in range(p.days):
        held = np.cumsum(np.arange(_longest(p)) * means[day : day + _longest(p)]) * p.holding
        each = (p.order_cost + held) / np.arange(1, len(held) + 1)
        rising = np.flatnonzero(np.diff(each) > 0)
        found[day] = 1 + (int(rising[0]) if len(rising) else len(held) - 1)
    return found


def _longest(p: ItemParameters) -> int:
    """Days beyond which no order lasts: what the largest one brings, or what demand is reckoned for."""
    return int(np.clip(p.max_packs * p.pack / max(p.mean, 1e-9), 1, p.lead_time + 14))


def _between(p: ItemParameters, spans: Ints) -> tuple[Floats, Floats]:
    """[days] mean and standard deviation of the demand of so many days from each on, none after the end."""
    means, variances = (part[: p.days] for part in moments(p))
    days = np.arange(p.days)
    last = np.minimum(days + spans, p.days)
    sums = [np.append(0.0, np.cumsum(part)) for part in (means, variances)]
    mean, variance = (part[last] - part[days] for part in sums)
    return mean, np.sqrt(variance)


def lot_settings(problem: Problem) -> Settings:
    """Safety factors, that of the critical ratio first, and lots of the formula's days or more and fewer."""
    factors = dict.fromkeys((round(critical_factor(problem), 2), -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0))
    return grid(factor=factors, days=(1.0, 0.6, 0.8, 1.3, 1.6))


finer_lots = around(factor=0.25, days=0.2)
