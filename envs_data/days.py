"""The days of a table that a user selects."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Unpack

import pandas as pd

from envs_data.reading.source import Source
from envs_data.table_reading import read_columns
from envs_data.tables import Asked, Column, Grain, Problems, Table, TableError


def read_days(
    source: Source,
    contract: Mapping[str, Column],
    refuse: Callable[[Problems], None],
    column: str = "date",
    grain: Grain | None = None,
    **asked: Unpack[Asked],
) -> Table:
    """Reads the days of a table that a user selects, under a contract.

    Args:
        source: path of a CSV file, a DataFrame or an excerpt.
        contract: column by meaning.
        refuse: adds what such a table cannot hold to the problems of the whole table; it may change the frame.
        column: the dates or times.
        grain: what a row is to become; None where rows stay as they are.
        **asked: the user's names of columns, the first and the last day, and the unit of amounts.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column, or no rows between the two days.
    """

    def select(frame: pd.DataFrame, where: str) -> pd.DataFrame:
        return between(frame, asked.get("since"), asked.get("until"), where, column)

    return read_columns(source, contract, asked.get("columns"), refuse, select, grain, asked.get("unit_size", 1.0))


def between(
    frame: pd.DataFrame, since: str | None, until: str | None, where: str, column: str = "date"
) -> pd.DataFrame:
    """The rows of some days, both ends included; rows without a readable date stay, for they are reported.

    Args:
        frame: a table read.
        since: first day, as YYYY-MM-DD; None for the table's first day.
        until: last day.
        where: what the table is called in messages.
        column: the dates or times.

    Raises:
        TableError: not a date, a table without dates, or no rows between the two.
    """
    if since is None and until is None:
        return frame
    if column not in frame:
        lacks = "--since and --until need a column of dates, which this table lacks"
        raise TableError(where, [f"{lacks}; leave them out, or name one with --columns {column}=NAME"])
    low, high = _day("since", since, where), _day("until", until, where)
    outside = pd.Series(False, index=frame.index)
    if low is not None:
        outside |= frame[column] < low
    if high is not None:
        outside |= frame[column] >= high + pd.Timedelta(days=1)
    if outside.all():
        span = f"{frame[column].min():%Y-%m-%d} to {frame[column].max():%Y-%m-%d}"
        bounds = [f"--{name} {day}" for name, day in (("since", since), ("until", until)) if day]
        raise TableError(where, [f"no rows with {' and '.join(bounds)}; it runs from {span}"])
    return frame[~outside]


def _day(flag: str, value: str | None, where: str) -> pd.Timestamp | None:
    if value is None:
        return None
    try:
        return pd.Timestamp(datetime.date.fromisoformat(str(value)[:10]))
    except ValueError:
        raise TableError(where, [f"--{flag} is {value!r}; it must be a date such as 2025-01-06"]) from None
