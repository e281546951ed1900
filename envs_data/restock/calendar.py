"""How expected demand changes with the day: weekdays and seasons."""

from __future__ import annotations

import datetime

import numpy as np

from envs_data.arrays import Floats, Ints

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def weekdays(start_date: str, days: int) -> Ints:
    """[days] weekday of each day from ``start_date`` on, Monday = 0."""
    first = datetime.date.fromisoformat(start_date).weekday()
    return (first + np.arange(days)) % 7


def months(start_date: str, days: int) -> Ints:
    """[days] month of each day from ``start_date`` on, January = 0."""
    dates = np.datetime64(start_date, "D") + np.arange(days)
    return dates.astype("datetime64[M]").astype(np.int64) % 12


def factors(start_date: str, days: int, weekday: tuple[float, ...], season: tuple[float, ...]) -> Floats:
    """[days] what the level of demand is multiplied with, day by day.

    Args:
        start_date: first day, as YYYY-MM-DD.
        days: number of days.
        weekday: seven factors, Monday first, or none.
        season: twelve factors, January first, or none.
    """
    factor = np.ones(days)
    if weekday:
        factor *= np.asarray(weekday)[weekdays(start_date, days)]
    if season:
        factor *= np.asarray(season)[months(start_date, days)]
    return factor


def date_problem(name: str, value: str) -> str | None:
    """Says what is wrong with an ISO date, or returns None."""
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return f"{name} is {value!r}; it must be a date such as 2025-01-06"
    return None
