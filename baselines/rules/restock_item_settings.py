"""Settings over which the rules for one item are tuned. The first of each is the textbook's."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np

from baselines.agents import Problem, Settings
from baselines.rules import restock_law as law
from baselines.rules.restock_item_reader import Reader


def _distinct(settings: Iterable[dict[str, float]]) -> list[dict[str, float]]:
    """The settings without repetitions, in their order."""
    return list({tuple(setting.items()): setting for setting in settings}.values())


def _levels(problem: Problem, count: int) -> list[dict[str, float]]:
    """Order-up-to levels around the newsvendor's, which comes first; safety stocks where a forecast is observed."""
    reader = Reader(problem)
    p = reader.parameters
    center = float(law.newsvendor_levels(p).mean())
    low = max(0.0, float(law.newsvendor_levels(p, 0.3).mean()) - 0.35 * reader.mean_forecast)
    high = float(law.newsvendor_levels(p, 1 - (1 - law.critical_ratio(p)) / 4).mean()) + 1
    offset = reader.mean_forecast if reader.seasonal else 0.0
    grid = [center, *np.unique(np.round(np.linspace(low, high, count))).tolist()]
    name = "safety" if reader.seasonal else "S"
    return [{name: round(x - offset, 1)} for x in dict.fromkeys(np.round(grid, 1).tolist())]


def base_stock_settings(problem: Problem) -> Settings:
    """Levels around the newsvendor's."""
    return _levels(problem, 60)


def capped_settings(problem: Problem) -> Settings:
    """Levels around the newsvendor's with caps from a little over mean demand to none in sight."""
    p = Reader(problem).parameters
    largest = p.max_packs * p.pack
    busiest = p.mean * p.factors().max()
    caps = {min(float(largest), float(np.ceil(busiest * share))) for share in (0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.5)}
    every = itertools.product(_levels(problem, 18), [float(largest), *sorted(caps)])
    return _distinct({**setting, "largest": cap} for setting, cap in every)


def reorder_settings(problem: Problem) -> Settings:
    """Levels around the newsvendor's plus half an economic order quantity, which is the gap that comes first."""
    p = Reader(problem).parameters
    quantity = max(1.0, float(np.sqrt(2 * p.order_cost * p.mean / p.holding))) if p.holding > 0 else p.mean
    gaps = [max(1.0, float(np.round(quantity * share))) for share in (1.0, 0.0, 0.25, 0.5, 0.75, 1.25, 1.5)]
    shifts = (0.5, 0.0, 1.0)
    settings = [
        {name: round(value + quantity * shift, 1), "gap": gap}
        for shift in shifts
        for levels in _levels(problem, 8 if shift != 0.5 else 10)
        for name, value in levels.items()
        for gap in dict.fromkeys(gaps)
    ]
    return _distinct(settings)[:150]


def cover_settings(problem: Problem) -> Settings:
    """Levels from half to four times a day's demand; the critical fractile of one day first."""
    p = Reader(problem).parameters
    one_day = law.newsvendor_levels(p.replace(lead_time=0)).mean() / (p.mean * p.factors().mean())
    shares = (1.0, *np.linspace(0.4, 1.8, 43))
    return _distinct({"cover": round(float(one_day * share), 3)} for share in shares)


def periodic_settings(problem: Problem) -> Settings:
    """Mean demand of each period, then a little less and more."""
    p = Reader(problem).parameters
    shares = (1.0, 0.8, 0.85, 0.9, 0.94, 0.97, 1.03)
    every = itertools.product(law.periods(p), shares)
    return _distinct({"every": n, "order": round(p.mean * n * share, 1)} for n, share in every)
