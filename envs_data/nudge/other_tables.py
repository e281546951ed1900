"""Tables that are no log of messages: experiments with one row a person, and totals of campaigns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from envs_data.nudge.reading import NONE, by_name
from envs_data.reading.source import RawTable
from envs_data.table_reading import check_values, parse, recognise
from envs_data.tables import Column, TableError
from envs_data.totals import recognise_any, totals_of

LEAST_ROWS = 20
# Two-sided 95 % of a normal.
WIDE = 1.96
LOG = "log a row for each person and step: person, date, message (or none), propensity, response"
CANNOT = (
    "It cannot tell how people get used to messages, tire of them and leave, which decides when to send the next; for "
    f"that, {LOG}"
)


def recognise_log(raw: RawTable, contract: Mapping[str, Column], columns: Mapping[str, str] | None) -> dict[str, str]:
    """The columns of a log of messages, as `recognise` finds them.

    Raises:
        TableError: as `recognise`; and a table of totals, or with one row a person, with what it can tell.
    """
    mapping = recognise_any(raw, contract, columns)
    totals = totals_of(raw)
    if "person" not in mapping and totals:
        told = (
            f"a row holds totals ({', '.join(totals)}), not one person's step. They tell how one campaign went beside"
        )
        raise TableError(raw.where, [f"{told} another, and not what a message does to a person; for that, {LOG}"])
    if _is_one_shot(raw, mapping):
        raise TableError(raw.where, [_what_one_shot_tells(raw, contract, mapping)])
    return recognise(raw, contract, columns)


def _is_one_shot(raw: RawTable, mapping: Mapping[str, str]) -> bool:
    """Whether a table has messages and responses, and one row a person."""
    if not {"message", "response"} <= {*mapping} or len(raw.frame) < LEAST_ROWS:
        return False
    if "person" in mapping:
        return bool(raw.frame[mapping["person"]].nunique() == len(raw.frame))
    return not {"time", "date"} & {*mapping}


def _what_one_shot_tells(raw: RawTable, contract: Mapping[str, Column], mapping: Mapping[str, str]) -> str:
    """What such a table tells, and what it cannot."""
    used = {meaning: name for meaning, name in mapping.items() if meaning in ("message", "response", "propensity")}
    frame, problems, _ = parse(raw, contract, used)
    sound = not [*problems, *check_values(frame, contract, used)]
    lifts = [*_lifts(frame.assign(message=by_name(frame["message"])))] if sound else []
    told = "a row is a person, with one message or none, and one outcome"
    if lifts:
        return f"{told}. That tells what one message adds: {'; '.join(lifts)}. {CANNOT}"
    needs = "the probability of what was done (a column propensity, such as 0.5) and people without a message"
    return f"{told}. With {needs} it tells what one message adds. {CANNOT}"


def _lifts(frame: pd.DataFrame) -> Iterator[str]:
    """What each message adds, weighted by propensity, with its 95 % interval; none where it is not identified."""
    chance = frame["propensity"] if "propensity" in frame else pd.Series(np.nan, index=frame.index)
    known = frame[frame["response"].notna()]
    if not (chance[known.index].gt(0) & chance[known.index].lt(1)).all():
        return
    arms = {str(name): _mean(rows["response"], chance[rows.index]) for name, rows in known.groupby("message")}
    if NONE not in arms or min(known["message"].value_counts()) < LEAST_ROWS:
        return
    base, variance = arms.pop(NONE)
    for name, (mean, own) in arms.items():
        lift, half = mean - base, WIDE * np.sqrt(own + variance)
        yield f"{name} {lift:+.3g} responses a person (95 %: {lift - half:+.3g} to {lift + half:+.3g})"


def _mean(response: pd.Series, chance: pd.Series) -> tuple[float, float]:
    """Mean response had everybody been treated so, and its variance (Hajek 1971)."""
    weight = 1 / chance
    mean = float((weight * response).sum() / weight.sum())
    return mean, float((weight**2 * (response - mean) ** 2).sum() / weight.sum() ** 2)
