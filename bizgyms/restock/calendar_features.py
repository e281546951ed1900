"""Features that the calendar alone decides: they belong to the observer, not to the world."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bizgyms.view import Feature
from envs_data.arrays import Floats, Rows
from envs_data.restock import calendar
from envs_data.restock.box import BoxParameters
from envs_data.restock.item import ItemParameters

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def date_features(p: ItemParameters | BoxParameters) -> Iterator[Feature]:
    """Weekday and month, where demand depends on them."""
    if p.weekday:
        yield Feature("weekday", "day", "day of the week, Monday = 0", 0, 6, 3.0, 3.0, calendar.WEEKDAYS)
    if p.season:
        yield Feature("month", "month", "month, January = 0", 0, 11, 6.0, 6.0, MONTHS)


def forecast(daily: Floats, days: int, lead_time: int) -> Floats:
    """[days + 1] expected demand from each day on, until another order than that day's could be delivered.

    Args:
        daily: expected demand of each day, of the days after the last one too as far as they are known.
        days: days of an episode.
        lead_time: days from an order to its delivery.
    """
    padded = np.append(daily, np.zeros(max(days + lead_time + 1 - len(daily), 0)))
    return np.convolve(padded, np.ones(lead_time + 1), mode="valid")[: days + 1]


def forecast_feature(name: str, expected: Floats, lead_time: int) -> Feature:
    """The feature of a `forecast`."""
    meaning = f"expected demand of today and the next {lead_time} days"
    center, scale = float(expected.mean()), float(expected.std()) + 1.0
    return Feature(name, "units", meaning, 0.0, float(expected.max()), center, scale)


def arriving_features(name: str, lead_time: int, most: float, mean: float) -> Iterator[Feature]:
    """Units on order, by the days until they arrive.

    Args:
        name: how the features' names begin.
        lead_time: days from an order to its delivery.
        most: the most units of an order.
        mean: mean demand of a day.
    """
    for ahead in range(1, lead_time):
        meaning = f"arrives in {ahead} day{'s' if ahead > 1 else ''}"
        yield Feature(f"{name}_{ahead}", "units", meaning, 0.0, most, mean, mean + 1)


def date_columns(p: ItemParameters | BoxParameters) -> list[NDArray[np.generic]]:
    """The values of `date_features`, each [days + 1]."""
    columns: list[NDArray[np.generic]] = []
    if p.weekday:
        columns.append(calendar.weekdays(p.start_date, p.days + 1))
    if p.season:
        columns.append(calendar.months(p.start_date, p.days + 1))
    return columns


def with_calendar(observations: Rows, columns: Rows) -> Rows:
    """Observations with their last features, which only the calendar decides, taken from other parameters.

    Args:
        observations: [worlds, features]; the last feature is the days left.
        columns: [days + 1, columns] the calendar's features from the first day to after the last.
    """
    left = observations[:, -1].astype(np.intp)
    stock = observations[:, : observations.shape[1] - columns.shape[1]]
    return np.hstack([stock, columns[np.clip(len(columns) - 1 - left, 0, len(columns) - 1)]])
