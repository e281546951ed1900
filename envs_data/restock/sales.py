"""Daily sales of one item as a fit sees them: days, units and stock-outs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from envs_data.arrays import Flags, Floats, Ints
from envs_data.tables import TableError

# Days with a known demand without which nothing is identified.
LEAST_DAYS = 14


def sales_of(frame: pd.DataFrame, where: str, item: str = "") -> tuple[Sales, bool]:
    """The observed days of an item, and whether customers wait for what is not in stock.

    Args:
        frame: its days.
        where: the table's name, for messages.
        item: its name, for messages, where there are several.

    Raises:
        TableError: demand is not identified.
    """
    units = frame["units"].to_numpy().astype(np.int64)
    on_hand = frame["on_hand"].to_numpy() if "on_hand" in frame else np.full(len(frame), np.nan)
    # What was thrown away at closing was there to be sold.
    on_hand = on_hand + (frame["wasted"].fillna(0).to_numpy() if "wasted" in frame else 0)
    waiting = bool((on_hand < 0).any())
    sold_out = np.zeros(len(frame), dtype=bool) if waiting else on_hand <= 0
    open_days = int((~sold_out).sum())
    whose = f"item {item}: " if item else ""
    if not units.any():
        problem = f"{whose}not a single unit was sold in {len(frame)} days; demand is not identified"
        raise TableError(where, [problem])
    if open_days < LEAST_DAYS:
        shown = f"{len(frame)} days, {len(frame) - open_days} of them sold out"
        problem = f"demand is not identified: {shown}; at least {LEAST_DAYS} days that did not sell out are needed"
        raise TableError(where, [f"{whose}{problem}"])
    available = np.where(waiting, np.nan, units + np.maximum(on_hand, 0))
    return Sales(frame["date"].to_numpy().astype("datetime64[D]"), units, sold_out, available), waiting


def weekday_of(dates: NDArray[np.datetime64]) -> Ints:
    """[days] weekday of each date, Monday = 0."""
    return (dates.astype("datetime64[D]").astype(np.int64) + 3) % 7


def month_of(dates: NDArray[np.datetime64]) -> Ints:
    """[days] month of each date, January = 0."""
    return dates.astype("datetime64[M]").astype(np.int64) % 12


@dataclasses.dataclass(frozen=True)
class Sales:
    """What one item's table says of each observed day.

    Attributes:
        dates: [days] the day, ascending; days not observed are left out.
        units: [days] units sold.
        censored: [days] whether the item sold out, so that demand was at least ``units``.
        available: [days] units that could be sold; missing where the table does not tell.
    """

    dates: NDArray[np.datetime64]
    units: Ints
    censored: Flags
    available: Floats

    def __len__(self) -> int:
        return len(self.units)

    def where(self, chosen: Flags) -> Sales:
        """The chosen days alone."""
        return Sales(self.dates[chosen], self.units[chosen], self.censored[chosen], self.available[chosen])

    def limited(self, limit: int) -> Sales:
        """With days on which a limit was met counted as such on which more may have been asked for; 0 for no limit."""
        met = (self.units >= limit) & (limit > 0)
        return Sales(self.dates, self.units, self.censored | met, np.where(met, np.nan, self.available))

    def span(self) -> int:
        """Calendar days from the first to the last."""
        return int((self.dates[-1] - self.dates[0]).astype(int)) + 1

    def open_weekdays(self) -> Flags:
        """[7] weekdays, Monday first, on which the shop sells at all.

        Closed is a weekday that never appears, or on which nothing sold though ten units and more would have.
        """
        weekday = weekday_of(self.dates)
        days = np.bincount(weekday, minlength=7)
        sold = np.bincount(weekday, weights=self.units, minlength=7)
        stocked = np.bincount(weekday[~self.censored], minlength=7)
        return np.asarray((days > 0) & ~((sold == 0) & (stocked * self.units.mean() > 10)))
