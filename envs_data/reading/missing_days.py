"""Days without a row: nothing was sold, or nobody looked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from envs_data.tables import Grain, Problems

Days = NDArray[np.datetime64]

# A thing whose first row comes so late that chance would explain it with less than this was not sold before.
LAUNCHED = 1e-3
DATES_SHOWN = 3
# Days of table from which on a weekday without any row is one on which the shop is closed.
LEAST_DAYS = 14
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def filled(
    frame: pd.DataFrame, grain: Grain, missing: str | None, whole: Days | None, problems: Problems
) -> tuple[pd.DataFrame, list[str]]:
    """Adds a row of zero for each day on which a thing was on sale and not sold.

    A day on which other things were sold is such a day. Where there are none, weekdays that never have a row are closed
    and not observed, and any other day without a row may be either, so that the user is asked.

    Args:
        frame: one row a day and thing.
        grain: what a row is.
        missing: ``zero`` or ``closed``, where the user said what such days are.
        whole: [days] with a row in the table of which these are the rows of one thing.
        problems: takes the question.

    Returns:
        The rows, and a sentence on days without one.
    """
    seen = {name: rows["date"].to_numpy().astype("datetime64[D]") for name, rows in _things(frame, grain.thing)}
    every = np.unique(np.concatenate([*seen.values()]))
    several = whole is not None or len(seen) > 1
    if whole is not None:
        every = np.unique(np.concatenate([every, whole.astype("datetime64[D]")]))
    calendar = np.arange(every[0], every[-1] + 1)
    if not several and len(every) < len(calendar):
        return _of_one(frame, grain, missing, calendar[~np.isin(calendar, every)], problems)
    days = every if missing != "zero" else calendar
    empty = {name: _unsold(dates, days) for name, dates in seen.items()} if missing != "closed" else {}
    zeros, closed = sum(map(len, empty.values())), len(calendar) - len(days)
    unseen = sum(len(days) - len(dates) for dates in seen.values()) - zeros
    why = {None: "others were sold", "zero": "as you said", "closed": ""}[missing]
    early = "as you said" if missing == "closed" else "before a thing's first row"
    notes = [
        f"{_days(zeros)} of a thing without a row count as 0: {why}." if zeros else "",
        f"{_days(closed)} of {len(calendar):,} have no row at all: closed, not observed." if closed else "",
        f"{_days(unseen)} of a thing without a row are not observed: {early}." if unseen else "",
    ]
    return _with_zeros(frame, grain, empty), [note for note in notes if note]


def _days(count: int) -> str:
    return f"{count:,} {'day' if count == 1 else 'days'}"


def _things(frame: pd.DataFrame, thing: str) -> Iterator[tuple[str, pd.DataFrame]]:
    if thing not in frame:
        yield "", frame
        return
    yield from ((str(name), rows) for name, rows in frame.groupby(thing, sort=False))


def _of_one(
    frame: pd.DataFrame, grain: Grain, missing: str | None, gaps: Days, problems: Problems
) -> tuple[pd.DataFrame, list[str]]:
    """The only thing of a table: nothing else tells whether the shop was open."""
    dates = frame["date"].to_numpy().astype("datetime64[D]")
    weekday, of_gaps = _weekday(dates), _weekday(gaps)
    always = sorted({*of_gaps} - {*weekday})
    days = f"{_days(len(gaps))} of {len(dates) + len(gaps):,} {'has' if len(gaps) == 1 else 'have'} no row"
    if missing == "zero":
        name = str(frame[grain.thing].iloc[0]) if grain.thing in frame else ""
        return _with_zeros(frame, grain, {name: gaps}), [f"{days}: they count as 0, as you said."]
    if missing == "closed":
        return frame, [f"{days}: closed, not observed, as you said."]
    if {*of_gaps} <= {*always} and len(dates) + len(gaps) >= LEAST_DAYS:
        return frame, [f"{days}, all of them {' and '.join(WEEKDAYS[k] for k in always)}: closed, not observed."]
    shown = ", ".join(str(day) for day in gaps[:DATES_SHOWN]) + (", ..." if len(gaps) > DATES_SHOWN else "")
    problems.found.append(
        f"column {problems.mapping['date']!r}: {days} ({shown}); say whether nothing was sold then or the shop was "
        "closed: --read missing=zero or --read missing=closed"
    )
    return frame, []


def _unsold(dates: Days, days: Days) -> Days:
    """The days on which a thing could be bought and has no row: from the first day, or from its first row."""
    first = dates.min()
    share = len(dates) / (np.count_nonzero(days > first) + 2)
    launched = (1 - share) ** np.count_nonzero(days < first) < LAUNCHED
    on_sale = days[days >= first] if launched else days
    return on_sale[~np.isin(on_sale, dates)]


def _with_zeros(frame: pd.DataFrame, grain: Grain, empty: dict[str, Days]) -> pd.DataFrame:
    """The rows, and behind them one of zero for each such day."""
    things = np.repeat([*empty], [len(days) for days in empty.values()])
    if not len(things):
        return frame
    dates = np.concatenate([*empty.values()]).astype("datetime64[s]")
    first = int(frame.index.max()) + 1
    added = {"date": dates, grain.amount: 0.0, **({grain.thing: things} if grain.thing in frame else {})}
    zeros = pd.DataFrame(added, index=pd.RangeIndex(first, first + len(dates)))
    return pd.concat([frame, zeros]).astype({grain.amount: float}).sort_values("date", kind="stable")


def _weekday(dates: Days) -> NDArray[np.int64]:
    """[days] weekday of each date, Monday = 0."""
    return (dates.astype(np.int64) + 3) % 7
