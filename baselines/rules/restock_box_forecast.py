"""Predict, then decide, for a box: a forecast of each item from the table, and an order up to a quantile of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baselines.agents import Problem
from baselines.rules.regression import poisson_regression
from baselines.rules.restock_box_reader import Reader
from baselines.rules.restock_forecast import PURPOSE, RIDGE, SUMS, regressors, scaled_errors, shown_days
from baselines.rules.restock_orders import DailyLevel
from envs_data.arrays import Floats
from envs_data.restock.box import BoxItem


def forecast_then_order(problem: Problem, seed: int = 0, days: int = 730) -> DailyLevel:
    """Forecasts each item by weekday, month and promotion from a table, then orders up to its own quantile.

    It knows the table, costs, lead times and the dates of promotions to come, but neither the law of demand nor the
    customers who take substitutes. Days that ended sold out do not show demand and are left out, as planners do.

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
        rows = table[table["item"] == item.name]
        shown = rows if item.backordered else shown_days(rows, rows["on_hand"] + rows["wasted"])
        model = poisson_regression(PURPOSE, _days(shown), shown["units"].to_numpy(), RIDGE)
        daily = model.predict(_days(future.assign(promotion=promoted[:, k])))
        levels.append(
            _levels(
                daily[: p.days + item.longest_lead_time], scaled_errors(shown, model.predict(_days(shown))), item, seed
            )
        )
    return DailyLevel(reader, np.stack(levels, axis=1))


def _days(table: pd.DataFrame) -> Floats:
    """[days, 20] which weekday and month each day is, and whether the item is promoted."""
    promoted = table["promotion"] if "promotion" in table else pd.Series(0, index=table.index)
    return np.column_stack([regressors(table["date"]), promoted.to_numpy(dtype=np.float64)])


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
    # Mean demand of day t + n is weighted with the probability that an order has not arrived by then.
    still = np.append(1.0, 1.0 - np.cumsum(pmf)[:-1]) if len(pmf) > 1 else np.ones(1)
    total = np.convolve(daily, still[::-1], mode="valid")
    per_day = total / (mean_lead + 1)
    return np.asarray(np.round(total + np.quantile(noise + late, item.critical_ratio) * np.sqrt(per_day)))
