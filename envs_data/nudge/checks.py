"""What fitted people must reproduce of their log: responses by rest, number of messages, weekday, person and time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from envs_data.arrays import Flags, Floats, Ints
from envs_data.posterior_checks import (
    REPLICAS,
    Check,
    by_group,
    chance,
    fifths,
    levels_of,
    problems,
    spread_of,
)
from envs_data.reading.missing_days import WEEKDAYS

DRIFT_MATTERS, PEOPLE_MATTER = 0.15, 0.5
# Steps of rest from which a class begins, and its name.
RESTS = (1, 2, 3, 4, 8)
NAMES = (
    *("right after another", "after a step of rest", "after 2 steps of rest"),
    *("after 3 to 6 steps of rest", "after a longer rest"),
)
HABIT = "how fast people get used to messages and forget them is off, and so is when to send the next"
ALIKE = "so nobody is sent what suits them, and what a message brings on average hides on whom it is wasted"


def of_log(
    sent: Ints,
    shown: Floats,
    mean: Floats,
    variance: Floats | None = None,
    weekday: Ints | None = None,
    alike: bool = True,
) -> list[str]:
    """What fitted people cannot reproduce, one clause each.

    Args:
        sent: [people, steps] 0 without a message, else its kind.
        shown: [people, steps] responses; NaN if unknown or where the person is not there.
        mean: [people, steps] expected responses, given all earlier ones.
        variance: [people, steps] by chance alone; None for yes-or-no responses.
        weekday: [people, steps] Monday 0; None where steps are no days.
        alike: whether fitted people differ by chance alone, independently from step to step.
    """
    known = np.isfinite(shown) & np.isfinite(mean)
    if not known.any():
        return []
    expected, rng, shape = np.clip(mean[known], 0, None), chance(), (REPLICAS, int(known.sum()))
    if variance is None:
        drawn = (rng.random(shape) < expected).astype(np.float64)
    else:
        drawn = expected + np.sqrt(variance[known]) * rng.standard_normal(shape)
    person, step = np.nonzero(known)
    days = None if weekday is None else weekday[known]
    found = [*_of_messages(sent, known, expected), *_of_time(step, days, expected)]
    found += [*_of_people(person, expected)] if alike else []
    return problems(shown[known], drawn, found)


def _of_messages(sent: Ints, known: Flags, expected: Floats) -> Iterator[Check]:
    rest, before = _histories(sent > 0)
    now, rest, before = sent[known] > 0, rest[known], before[known]
    classes = np.where(rest > 0, np.searchsorted(RESTS, rest, side="right") - 1, -1)
    for group, what in ((now, "to a message"), (~now, "without a message")):
        yield from by_group(
            np.where(group, classes, -1), NAMES, expected,
            f"{{part}} {{off}} is responded {what} than expected: {HABIT}",
        )  # fmt: skip
    if now.sum() > len(NAMES):
        level, counts = levels_of(before[now] + 1, 5)
        number = np.full(len(now), -1)
        number[now] = level
        yield from by_group(
            number, counts, expected,
            f"to a person's messages {{part}} {{off}} is responded than expected: {HABIT}",
        )  # fmt: skip


def _histories(sent: Flags) -> tuple[Ints, Ints]:
    """[people, steps] steps since the last message before each, 0 where there was none; and how many there were."""
    steps = np.arange(sent.shape[1])
    last = np.maximum.accumulate(np.where(sent, steps, -1), axis=1)
    last = np.hstack([np.full((len(sent), 1), -1), last[:, :-1]])
    return np.where(last >= 0, steps - last, 0).astype(np.int64), np.cumsum(sent, axis=1, dtype=np.int64) - sent


def _of_time(step: Ints, weekday: Ints | None, expected: Floats) -> Iterator[Check]:
    if weekday is not None:
        yield from by_group(
            weekday, WEEKDAYS, expected,
            "on {part} {off} is responded than expected: messages cannot follow the day",
        )  # fmt: skip
    yield from by_group(
        *fifths(step), expected,
        "in {part} of the log {off} is responded than expected: people change, and the past is not what comes",
        DRIFT_MATTERS,
    )  # fmt: skip


def _of_people(person: Ints, expected: Floats) -> Iterator[Check]:
    yield from spread_of(
        person, expected,
        f"people differ {{times}} times as much as those of the fitted world, {ALIKE}", PEOPLE_MATTER,
    )  # fmt: skip


def weekdays_of(frame: pd.DataFrame, shape: Sequence[int], step_days: float) -> Ints | None:
    """[people, steps] weekday of each step, Monday 0; where steps are not dated the first is a Monday.

    Args:
        frame: the log, with ``person``, ``time`` and perhaps ``date``.
        shape: people and steps.
        step_days: days from step to step; weekdays are those of single days alone.
    """
    if step_days != 1.0:
        return None
    first = np.zeros(shape[0], dtype=np.int64)
    if "date" in frame:
        at_first = frame["date"] - pd.to_timedelta(frame["time"], unit="D")
        first[pd.factorize(frame["person"])[0]] = at_first.dt.day_of_week.to_numpy()
    return np.asarray((first[:, None] + np.arange(shape[1])) % 7)
