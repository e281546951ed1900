"""Predict, then decide, for a box: a forecast of each item from the table, and an order up to a quantile of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baselines.agents import Problem
from baselines.rules.restock_box_reader import Reader
from baselines.rules.restock_forecast import SUMS, poisson_regression, regressors
from envs_data.arrays import Floats, Mask, Rows
from envs_data.restock.box import BoxItem, BoxParameters


@dataclasses.dataclass(frozen=True)
class DailyLevels:
    """Orders each item up to the day's own level; box and supplier cut the order as they cut every other.

    Attributes:
        reader: finds stock and day in the observations.
        levels: [days, items] units.
    """

    reader: Reader
    levels: Floats

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds, items] packs."""
        level = self.levels[self.reader.day(observations)]
        return self.reader.packs(level - self.reader.position(observations))


def has_table(problem: Problem) -> bool:
    """Whether the case can make the table such a planner reads."""
    return isinstance(problem.parameters, BoxParameters) and problem.case.has("generate")


def forecast_then_order(problem: Problem, seed: int = 0, days: int = 730) -> DailyLevels:
    """Forecasts each item by weekday, month and promotion from a table, then orders up to its own quantile.

    It knows the table, costs, lead times and the dates of promotions to come, and not the law of demand nor who takes
    substitutes. Days that ended sold out do not show demand and are left out, as planners do.

    Args:
        problem: the box.
        seed: seed of the table.
        days: length of the table.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    reader = Reader(problem)
    p = reader.parameters
    longest = max(item.longest_lead_time for item in p.items)
    future = pd.DataFrame({"date": pd.date_range(p.start_date, periods=p.days + longest)})
    promoted = p.promoted(p.days + longest)
    table = problem.case.generate(p, seed=seed, days=days)
    levels = []
    for k, item in enumerate(p.items):
        shown = _shown(table[table["item"] == item.name], item)
        model = poisson_regression(_days(shown), shown["units"].to_numpy())
        daily = model.predict(_days(future.assign(promotion=promoted[:, k])))
        levels.append(_levels(daily[: p.days + item.longest_lead_time], _errors(shown, model), item, seed))
    return DailyLevels(reader, np.stack(levels, axis=1))


def _shown(rows: pd.DataFrame, item: BoxItem) -> pd.DataFrame:
    """The days that show an item's demand: all of them where none does."""
    shown = rows if item.backordered else rows[rows["on_hand"] + rows["wasted"] > 0]
    return rows if shown.empty else shown


def _days(table: pd.DataFrame) -> Floats:
    """[days, 20] which weekday and month each day is, and whether the item is promoted."""
    promoted = table["promotion"] if "promotion" in table else pd.Series(0, index=table.index)
    return np.column_stack([regressors(table["date"]), promoted.to_numpy(dtype=np.float64)])


def _errors(table: pd.DataFrame, model: Any) -> Floats:
    """[days] errors of the forecast over the square root of it, so that busy and quiet days can be pooled."""
    expected = model.predict(_days(table))
    return np.asarray((table["units"].to_numpy() - expected) / np.sqrt(np.maximum(expected, 1e-9)))


def _levels(daily: Floats, errors: Floats, item: BoxItem, seed: int) -> Floats:
    """[days] the critical quantile of demand over an order's lead time and a day, from each day on.

    Lead times and forecast errors are drawn; a longer lead time is so many more days of mean demand.

    Args:
        daily: [days + longest lead time] forecast of each day.
        errors: errors of past forecasts, scaled.
        item: its lead times and costs.
        seed: seed of the draws.
    """
    rng = np.random.default_rng(seed)
    pmf = item.lead_time_pmf()
    lead = rng.choice(len(pmf), size=SUMS, p=pmf)
    drawn = rng.choice(errors, size=(SUMS, len(pmf)))
    noise = np.where(np.arange(len(pmf)) <= lead[:, None], drawn, 0.0).sum(axis=1)
    mean_lead = float(pmf @ np.arange(len(pmf)))
    late = (lead - mean_lead) * np.sqrt(daily.mean())
    # What is on average demanded on day t + n counts by the probability that an order is still needed for it.
    still = np.append(1.0, 1.0 - np.cumsum(pmf)[:-1]) if len(pmf) > 1 else np.ones(1)
    total = np.convolve(daily, still[::-1], mode="valid")
    per_day = total / (mean_lead + 1)
    return np.asarray(np.round(total + np.quantile(noise + late, item.critical_ratio) * np.sqrt(per_day)))
