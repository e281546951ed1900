"""Today's rule of a shop, imitated from the orders in its own table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from baselines.agents import Problem
from baselines.rules.imitation import Imitation
from baselines.rules.restock_item_reader import Reader
from bizgyms.restock.item.view import ItemView
from envs_data.arrays import Floats
from envs_data.restock.item import ItemParameters

# Logged decisions without which nothing is imitated, and orders that were not zero among them.
LEAST_DECISIONS, LEAST_ORDERS = 20, 5
# Levels and gaps tried: as many of the most frequent ones.
MOST_LEVELS, MOST_GAPS = 40, 20
# A second setting must reproduce so many decisions more to be believed.
BELIEVED_FROM = 0.01


@dataclasses.dataclass(frozen=True)
class Log:
    """A planner's observations and orders, decision by decision.

    Attributes:
        position: units on hand and on order before the order.
        forecast: expected demand of the day and the lead time.
        ordered: units.
    """

    position: Floats
    forecast: Floats
    ordered: Floats


def imitate(problem: Problem, frame: pd.DataFrame) -> Imitation | None:
    """The rule among base-stock, (s,S) and a constant order that reproduces most orders of a table.

    Order-up-to levels are constant, or follow the forecast where demand changes with the calendar. An order counts as
    reproduced when it differs by less than a pack.

    Args:
        problem: the item, as it was fitted to the table.
        frame: the table as it was read for the fit, a row a day.

    Returns:
        The rule; None where the table has no orders or no stock, or too few.
    """
    if not isinstance(problem.parameters, ItemParameters) or not {"ordered", "on_hand"} <= {*frame.columns}:
        return None
    log = _log(problem.parameters, frame.set_index("date").asfreq("D"))
    if len(log.ordered) < LEAST_DECISIONS or (log.ordered > 0).sum() < LEAST_ORDERS:
        return None
    tried = [_judged(problem, log, rule, setting, order) for rule, setting, order in _candidates(problem, log)]
    return max(tried, key=lambda one: (one.reproduced - len(one.setting) * BELIEVED_FROM * one.decisions, -one.missed))


def _log(p: ItemParameters, days: Any) -> Log:
    """The decisions whose position is known: the evening before was observed, and every order still under way."""
    ordered = days["ordered"].to_numpy(dtype=np.float64)
    evening = np.append(np.nan, days["on_hand"].to_numpy(dtype=np.float64)[:-1])
    under_way = [np.append(np.full(k, np.nan), ordered[:-k])[: len(ordered)] for k in range(1, p.lead_time + 1)]
    position = evening + sum(under_way, start=np.zeros(len(ordered)))
    lived = p.replace(start_date=f"{days.index[0]:%Y-%m-%d}", days=min(len(days), 3660))
    forecast = np.resize(ItemView(lived).forecast[: lived.days], len(days))
    if lived.days > p.lead_time:  # a forecast ends with the episode, a shop's goes on
        forecast[-p.lead_time - 1 :] = forecast[-p.lead_time - 1]
    known = np.isfinite(position) & np.isfinite(ordered)
    return Log(position[known], forecast[known], ordered[known])


Candidate = tuple[str, dict[str, float], Callable[[Log], Floats]]


def _candidates(problem: Problem, log: Log) -> Iterator[Candidate]:
    """Rules with settings that some logged orders point at."""
    reader = Reader(problem)
    mean = reader.mean_forecast
    reached = (log.position + log.ordered)[log.ordered > 0]
    for level in _frequent(reached):
        yield from _up_to({"S": level}, log, _constant(level))
    if reader.seasonal:
        shares = ((log.position + log.ordered) / np.maximum(log.forecast, 1e-9))[log.ordered > 0]
        for safety in _frequent(np.round((shares - 1.0) * mean, 1)):
            yield from _up_to({"safety": safety}, log, _following(1.0 + safety / mean))
    for order in _frequent(log.ordered)[:MOST_GAPS]:
        yield "periodic fixed order", {"every": 1, "order": order}, _constant(order)


def _constant(value: float) -> Callable[[Log], Floats]:
    return lambda seen: np.full(len(seen.ordered), value)


def _following(share: float) -> Callable[[Log], Floats]:
    return lambda seen: seen.forecast * share


def _up_to(setting: dict[str, float], log: Log, level: Callable[[Log], Floats]) -> Iterator[Candidate]:
    """Base-stock with a level, and (s,S) with it and gaps between orders and no orders."""
    yield "base-stock", setting, lambda seen: np.maximum(level(seen) - seen.position, 0.0)
    missing = level(log) - log.position
    for gap in np.unique(np.round(np.quantile(missing[log.ordered > 0], np.linspace(0, 0.5, MOST_GAPS))))[1:]:

        def reorder(seen: Log, gap: float = float(gap)) -> Floats:
            short = level(seen) - seen.position
            return np.where(short >= gap, short, 0.0)

        if gap > 1:
            yield "(s,S)", {**setting, "gap": float(gap)}, reorder


def _frequent(values: Floats) -> list[float]:
    """The most frequent values, most frequent first."""
    distinct, counts = np.unique(values, return_counts=True)
    return [float(value) for value in distinct[np.argsort(-counts, kind="stable")][:MOST_LEVELS]]


def _judged(
    problem: Problem, log: Log, rule: str, setting: Mapping[str, float], order: Callable[[Log], Floats]
) -> Imitation:
    p = problem.parameters
    assert isinstance(p, ItemParameters)
    units = np.clip(np.ceil(order(log) / p.pack - 1e-9), 0, p.max_packs) * p.pack
    miss = np.abs(units - log.ordered)
    return Imitation(rule, dict(setting), int((miss < p.pack).sum()), len(miss), float(miss.mean()), "units")
