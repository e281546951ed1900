"""Remarks and assumptions that the fits of an item and of a box share."""

from __future__ import annotations

from typing import Any

import numpy as np

from envs_data.parameters import Origin
from envs_data.restock.calendar import WEEKDAYS
from envs_data.restock.demand import Demand

NO_STOCK = "No column for stock at closing: days that sold out, if any, count as days of low demand."
ONE_SEASON = "The season was seen once only: it cannot be told from changes that will not come again."


def year_after(last: np.datetime64) -> tuple[dict[str, Any], dict[str, Origin]]:
    """Start and length of the fitted world, with their origins."""
    values = {"start_date": str(last + 1), "days": 365}
    notes = {"start_date": "The day after the table ends.", "days": "A year."}
    return values, {name: Origin("assumed", note=note) for name, note in notes.items()}


def unmet_demand(waiting: bool, owed: bool) -> tuple[str, Origin]:
    """What customers do whose demand is not met.

    Args:
        waiting: whether they wait.
        owed: whether the table shows it, by stock below zero.
    """
    if not waiting:
        return "lost", Origin("assumed", note="Unmet demand is lost.")
    if not owed:
        return "backordered", Origin("assumed", note="Never ran out: as with other items, they wait.")
    return "backordered", Origin("fitted", note="Stock below zero in the table: customers wait.")


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
