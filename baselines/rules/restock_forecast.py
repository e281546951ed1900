"""Predict, then decide: a forecast of demand from the table alone, and an order up to a quantile of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from baselines.agents import Problem
from baselines.rules.regression import poisson_regression
from baselines.rules.restock_item_reader import Reader
from baselines.rules.restock_law import critical_ratio
from baselines.rules.restock_orders import DailyLevel
from envs_data.arrays import Floats
from envs_data.restock.item import ItemParameters

# Sums of forecast errors that are drawn to find their quantile.
SUMS = 20_000
# Ridge of the Poisson regression: factors that two years of days show are hardly shrunk, noise is.
RIDGE = 0.003
PURPOSE = "forecasting"


def forecast_then_order(problem: Problem, seed: int = 0, days: int = 730) -> DailyLevel:
    """Forecasts demand by weekday and month from a table, then orders up to a quantile over the lead time.

    It knows the table, costs and lead time, and not the law of demand. Days that ended sold out do not show demand
    and are left out, as planners do, though that makes the forecast a little too low.

    Args:
        problem: the item.
        seed: seed of the table.
        days: length of the table.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    reader = Reader(problem)
    p = reader.parameters
    table = problem.case.generate(p, seed=seed, days=days)
    shown = table if p.unmet == "backordered" else shown_days(table, table["on_hand"])
    model = poisson_regression(PURPOSE, regressors(shown["date"]), shown["units"].to_numpy(), RIDGE)
    dates = pd.Series(pd.date_range(p.start_date, periods=p.days + p.lead_time))
    daily = model.predict(regressors(dates))
    error = error_quantile(shown, model, p, seed)
    span = np.ones(p.lead_time + 1)
    total = np.convolve(daily, span, mode="valid")
    return DailyLevel(reader, np.round(total + error * np.sqrt(total / len(span))))


def regressors(dates: pd.Series) -> Floats:
    """[days, 19] which weekday and which month each day is."""
    weekday, month = dates.dt.day_of_week.to_numpy(), dates.dt.month.to_numpy()
    return np.hstack([np.eye(7)[weekday], np.eye(12)[month - 1]])


def shown_days(table: pd.DataFrame, left: pd.Series) -> pd.DataFrame:
    """The days that show demand, as something was left in the evening; all days where nothing ever was.

    Args:
        table: the days.
        left: [days] units left.
    """
    shown = table[left > 0]
    return table if shown.empty else shown


def scaled_errors(table: pd.DataFrame, expected: Floats) -> Floats:
    """[days] errors of the forecast over its square root, so that busy and quiet days can be pooled."""
    return np.asarray((table["units"].to_numpy() - expected) / np.sqrt(np.maximum(expected, 1e-9)))


def error_quantile(table: pd.DataFrame, model: Any, p: ItemParameters, seed: int) -> float:
    """The critical quantile of forecast errors summed over lead time and a day.

    Args:
        table: the days the model was fitted to.
        model: the forecast.
        p: costs and lead time.
        seed: seed of the sums that are drawn.
    """
    errors = scaled_errors(table, model.predict(regressors(table["date"])))
    drawn = np.random.default_rng(seed).choice(errors, size=(SUMS, p.lead_time + 1))
    return float(np.quantile(drawn.sum(axis=1), critical_ratio(p)))
