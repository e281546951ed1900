"""The log of messages a business keeps: its column contract, how it is read, and logs made by the simulated world."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Unpack

import numpy as np
import pandas as pd

from envs_data.days import read_days
from envs_data.reading.numbers import NO, YES
from envs_data.reading.source import Source
from envs_data.tables import Asked, Column, Problems, Table, TableError, rows_problem

NONE, GENERIC = "none", "generic"
SILENT = frozenset({"", "none", "no", "0", "nan", "false", "-", "holdout"})
NO_MESSAGE = r"no[ _-](?:e-?mail|mail|message|sms|push|treatment|contact|notification|nudge|offer|call)s?"
# Words of a column that only says whether there was a message.
YES_OR_NO = {GENERIC: YES | {"1", "1.0"}, NONE: SILENT | NO | {"0.0"}}

CONTRACT: dict[str, Column] = {
    "person": Column(("person", "person_id", "user", "user_id", "customer", "customer_id"), "text", True, blank=False),
    "time": Column(("time", "step", "t", "decision"), low=0, whole=True, blank=False),
    "date": Column(("date", "day", "week", "sent_on", "datum"), "date", blank=False),
    "available": Column(("available", "reachable", "availability"), low=0, high=1, whole=True),
    "context": Column(("context", "fitted", "right_context"), low=0, high=1, whole=True),
    "message": Column(("message", "kind", "treatment", "action", "template"), "text", True),
    "propensity": Column(("propensity", "probability", "prob"), low=0, high=1),
    "response": Column(("response", "responded", "purchase", "click", "clicked", "opened"), "number", True, 0, 1, True),
    "group": Column(("group", "segment", "person_type"), "text", blank=False),
    "left": Column(("left", "unsubscribed", "churned", "dropout", "quit"), low=0, high=1, whole=True),
}  # fmt: skip

# The log of what people walk: a response is an amount, and the context the signal seen before the message.
WALKED = CONTRACT | {
    "context": Column(("signal", "context", "seen"), low=-1000, high=1000),
    "response": Column((*CONTRACT["response"].aliases, "steps", "walked", "amount", "minutes"), "number", True, 0, 1e6),
}
# The longest episode of any world, and how many steps of all people fit into memory with all that is reckoned of them.
MOST_STEPS, MOST_CELLS, LONGEST_STEP = 2000, 20_000_000, 365
# Days in a month: between two of its dates, and in the mean.
SHORTEST_MONTH, LONGEST_MONTH, MONTH = 28, 31, 365.25 / 12
WORDS_SHOWN = 3


def in_words(names: list[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - WORDS_SHOWN
    return ", ".join([*names[:WORDS_SHOWN], *([f"{more} more"] if more > 0 else [])])


def by_name(messages: pd.Series) -> pd.Series:
    """Messages by name; `NONE` for rows without one, `GENERIC` for the others where the column is a mere yes or no."""
    text = messages.fillna("").str.strip()
    words = text.str.lower()
    sent, silent = (words.isin(YES_OR_NO[name]) for name in (GENERIC, NONE))
    if sent.any() and (sent | silent).all():
        return text.mask(sent, GENERIC).where(sent, NONE)
    return text.where(~words.isin(SILENT) & ~words.str.fullmatch(NO_MESSAGE), NONE)


def read_table(source: Source, contract: Mapping[str, Column] = CONTRACT, **asked: Unpack[Asked]) -> Table:
    """Reads a log of messages: a row is a person's step, with its message or without.

    Steps without a row count as steps without a message whose response is not known.

    Args:
        source: path of a CSV file, or a DataFrame.
        contract: the columns.
        **asked: ``columns``, ``since`` and ``until``; days only with a ``date`` column.

    Returns:
        The log by person and ``time`` (whole steps from the person's first), ``message`` "none" for steps without one.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    table = read_days(source, contract, _refuse, **asked)
    clock = "date" if "date" in table.frame else "time"
    moments = table.frame[clock]
    table.frame["time"] = _steps(table.frame)
    problems = [*_too_far(table.mapping[clock], moments, table.frame)]
    if problems:
        raise TableError(table.where, problems)
    return dataclasses.replace(table, frame=table.frame.sort_values(["person", "time"]))


def _refuse(problems: Problems) -> None:
    """Names messages alike, and refuses what no log of messages can hold."""
    frame = problems.frame
    if not {"time", "date"} & {*frame}:
        what = "no column for time; name yours with --columns time=NAME (steps) or date=NAME"
        raise TableError(problems.where, [what])
    frame["message"] = by_name(frame["message"])
    sent = frame["message"] != NONE
    rows = frame.assign(clock=frame["time"] if "time" in frame else frame["date"])
    again = rows["clock"].notna() & rows.duplicated(["person", "clock"])
    problems.cells("person", again, "has a row for this time already; keep one")
    if "available" in frame:
        problems.cells("message", sent & (frame["available"] == 0), "was sent to somebody who was unavailable")
    if "left" in frame:
        gone = rows[rows["left"] == 1].groupby("person")["clock"].min()
        what = "is of somebody who left before; rows end with the one that says left"
        problems.cells("response", rows["clock"] > gone.reindex(rows["person"]).to_numpy(), what)
    if not sent.any():
        problems.all_rows("message", "no message was ever sent, so that nothing can be learned of what one does")


def step_days(frame: pd.DataFrame) -> float:
    """Days between steps: the smallest gap between two dates of a person, or a month; 1 where only steps are counted.

    Steps are months where the smallest gap is one, and everybody's dates are the same day of each month or its last.
    """
    if "date" not in frame:
        return 1.0
    dates = frame["date"]
    gaps = frame.sort_values(["person", "date"]).groupby("person")["date"].diff().dt.days
    least = float(gaps[gaps > 0].min()) if (gaps > 0).any() else 1.0
    same = dates.dt.is_month_end.all() or dates.dt.day.groupby(frame["person"]).nunique().max() == 1
    return MONTH if same and SHORTEST_MONTH <= least <= LONGEST_MONTH else least


def _steps(frame: pd.DataFrame) -> pd.Series:
    if "date" in frame:
        days = (frame["date"] - frame.groupby("person")["date"].transform("min")).dt.days
        return (days / step_days(frame)).round().astype(np.int64)
    return (frame["time"] - frame.groupby("person")["time"].transform("min")).astype(np.int64)


def _too_far(column: str, moments: pd.Series, frame: pd.DataFrame) -> Iterator[str]:
    """Why the steps of a log are too many, or too long.

    Args:
        column: the table's own name of its times or dates.
        moments: these.
        frame: the log, with ``time`` in steps.
    """
    far, days = moments[frame["time"] >= MOST_STEPS], step_days(frame)
    dated = "date" in frame
    remedy = "choose days with --since and --until" if dated else "name a column of dates with --columns date=NAME"
    long = f"is {MOST_STEPS} steps or more after this person's first row, longer than a log can be; {remedy}"
    yield from rows_problem(column, far, long)
    people, steps = frame["person"].nunique(), int(frame["time"].max()) + 1
    if far.empty and people * steps > MOST_CELLS:
        most = f"take at most {MOST_CELLS // steps:,} people"
        yield f"{steps:,} steps of {people:,} people are more than the fit can hold; {most}, drawn at random"
    if days > LONGEST_STEP:
        yield f"column {column!r}: a person's rows are at least {days:g} days apart; a step can be a year at most"
