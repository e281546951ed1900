"""The days of a table that a user selects."""

from __future__ import annotations

import pandas as pd

from envs_data.tables import TableError


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
