"""The days of a table that a user selects."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Unpack

import pandas as pd

from envs_data.reading.source import Source
from envs_data.table_reading import read_columns
from envs_data.tables import Asked, Column, Problems, Table, TableError


def read_days(
    source: Source,
    contract: Mapping[str, Column],
    refuse: Callable[[Problems], None],
    column: str = "date",
    **asked: Unpack[Asked],
) -> Table:
    """Reads a table under a contract, and of it the days a user selects.

    Args:
        source: path of a CSV file, a DataFrame or an excerpt.
        contract: column by meaning.
        refuse: adds what such a table cannot hold to the problems of the whole table; it may change the frame.
        column: the dates or times.
        **asked: the user's names of columns, and the first and the last day.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column, or no rows between the two days.
    """
    table = read_columns(source, contract, asked.get("columns"), refuse)
    frame = between(table.frame, asked.get("since"), asked.get("until"), table.where, column)
    return dataclasses.replace(table, frame=frame)


def between(
    frame: pd.DataFrame, since: str | None, until: str | None, where: str, column: str = "date"
) -> pd.DataFrame:
    """The rows of some days, both ends included.

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
        raise TableError(where, ["--since and --until need a column of dates, which this table lacks"])
    try:
        low, high = (pd.Timestamp(day) if day else None for day in (since, until))
    except ValueError:
        raise TableError(where, [f"--since {since} or --until {until} is no date such as 2025-01-06"]) from None
    kept = pd.Series(True, index=frame.index)
    if low is not None:
        kept &= frame[column] >= low
    if high is not None:
        kept &= frame[column] < high + pd.Timedelta(days=1)
    if not kept.any():
        span = f"{frame[column].min():%Y-%m-%d} to {frame[column].max():%Y-%m-%d}"
        raise TableError(where, [f"no rows between --since {since} and --until {until}; it runs from {span}"])
    return frame[kept]
