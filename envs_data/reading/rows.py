"""What a row stands for: a day or a week or a month, one thing sold or a day's total, a day that has no row."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

Spacing = Literal["day", "week", "month"]
DAYS_SHOWN = 3
# Share of the gaps between dates that have to agree, and how many dates there have to be.
MOST, LEAST_DATES = 0.9, 4
SHORTEST_MONTH, LONGEST_MONTH = 28, 31
# Share of item and day that have several rows above which rows are lines of orders; below, they are slips.
LINES_FROM = 0.05


def spacing(dates: pd.Series) -> Spacing:
    """How far apart the rows of one thing are.

    Args:
        dates: its dates.

    Returns:
        ``month`` where nearly all gaps are those of a calendar month, ``week`` where nearly all are whole weeks and
        most are one; else ``day``.
    """
    days = np.unique(dates.dropna().to_numpy().astype("datetime64[D]"))
    if len(days) < LEAST_DATES:
        return "day"
    gaps = np.diff(days).astype(int)
    if np.mean((gaps >= SHORTEST_MONTH) & (gaps <= LONGEST_MONTH)) >= MOST:
        return "month"
    weekly = np.mean(gaps % 7 == 0) >= MOST and np.mean(gaps == 7) > 1 / 2
    return "week" if weekly else "day"


def are_lines(frame: pd.DataFrame, keys: Sequence[str]) -> bool:
    """Whether rows are lines of orders: a good many of the days, and not one by a slip, have several."""
    sizes = frame.dropna(subset=list(keys)).groupby(list(keys)).size()
    return bool(len(sizes)) and float(np.mean(sizes > 1)) >= LINES_FROM


def add_lines(frame: pd.DataFrame, keys: Sequence[str], amounts: Sequence[str], units: str) -> pd.DataFrame:
    """One row for each set of keys: amounts added up, prices as means over units, everything else as it was last.

    Args:
        frame: the lines.
        keys: columns that tell the new rows apart.
        amounts: columns to add up; ``units`` among them.
        units: the column of units, by which other numbers are weighted.
    """
    lines = frame.copy()
    means = [name for name in ("price",) if name in frame]
    weight = lines[units].clip(lower=0)
    for name in means:
        lines[name] = lines[name] * weight
        lines[f"weight of {name}"] = weight.where(lines[name].notna())
    sums = [*amounts, *means, *(f"weight of {name}" for name in means)]
    rest = [name for name in frame.columns if name not in {*keys, *amounts, *means}]
    grouped = lines.groupby(list(keys), sort=False)
    added = grouped[sums].sum(min_count=1)
    for name in means:
        added[name] = added[name] / added.pop(f"weight of {name}").replace(0, np.nan)
    added[rest] = grouped[rest].last()
    first = pd.Series(frame.index, index=frame.index).groupby([frame[key] for key in keys], sort=False).first()
    added = added.reset_index()
    added.index = pd.Index(first.to_numpy())
    return added[list(frame.columns)]


@dataclasses.dataclass(frozen=True)
class Days:
    """The days of a table, by what is known of them.

    Attributes:
        with_rows: days that have a row.
        zero: days without one on which other things were sold: nothing was sold.
        closed: days without one that keep to fixed weekdays.
        open: days without one of which nobody can tell.
    """

    with_rows: pd.DatetimeIndex
    zero: pd.DatetimeIndex
    closed: pd.DatetimeIndex
    open: pd.DatetimeIndex

    @property
    def sentence(self) -> str:
        """How many days are of each sort; empty where every day has a row."""
        if not len(self.zero) + len(self.closed) + len(self.open):
            return ""
        sorts = (
            (self.with_rows, "with a row"),
            (self.zero, "without one, on which other items were sold: 0 units"),
            (self.closed, "without one, always the same weekdays: closed"),
            (self.open, "without one, of which nothing is known"),
        )
        return "days: " + ", ".join(f"{len(days):,} {words}" for days, words in sorts if len(days))


def days_of(dates: pd.Series, of_all: pd.Series | None = None) -> Days:
    """Sorts the days from a thing's first row to the end of its table.

    Args:
        dates: days on which it has a row.
        of_all: days on which anything in the table has a row; None for a table of this thing alone.
    """
    own = pd.DatetimeIndex(dates.dropna().unique()).sort_values()
    known = own if of_all is None else pd.DatetimeIndex(of_all.dropna().unique())
    known = known[known >= own[0]]
    every = pd.date_range(own[0], known.max())
    missing = every.difference(own)
    zero = missing.intersection(known)
    unseen = missing.difference(known)
    never = sorted({*range(7)} - {*known.day_of_week})
    shut = unseen[unseen.day_of_week.isin(never)]
    return Days(own, zero, shut, unseen.difference(shut))


def ask_about(days: Days) -> str:
    """The question that days without a row leave open, with both answers as they are typed."""
    shown = ", ".join(f"{day:%Y-%m-%d}" for day in days.open[:DAYS_SHOWN])
    more = ", ..." if len(days.open) > DAYS_SHOWN else ""
    whole = sum(len(part) for part in (days.with_rows, days.zero, days.closed, days.open))
    return (
        f"{len(days.open):,} of {whole:,} days have no row ({shown}{more}), and the table does not say why; "
        "if nothing was sold on them: --read missing=zero; if the shop was closed: --read missing=closed"
    )
