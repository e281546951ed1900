"""Remarks on demand that the fits of an item and of a box share."""

from __future__ import annotations

from envs_data.restock.calendar import WEEKDAYS
from envs_data.restock.demand import Demand

NO_STOCK = "No column for stock at closing: days that sold out, if any, count as days of low demand."
ONE_SEASON = "The season was seen once only: it cannot be told from changes that will not come again."


def profile_texts(demand: Demand) -> list[str]:
    """The range of the weekdays' and the months' factors, where there are any."""
    level = demand.natural()
    return [
        f"{name}s {level[name].min():.2g} to {level[name].max():.2g}" for name in ("weekday", "season") if name in level
    ]


def closed_days(demand: Demand) -> list[str]:
    """The remark on weekdays that never sold; none where all did."""
    closed = [day for day, is_open in zip(WEEKDAYS, demand.is_open, strict=True) if not is_open]
    return [f"No sales ever on {', '.join(closed)}: taken as closed, with a weekday factor of 0."] if closed else []
