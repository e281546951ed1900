"""How likely a log of messages is. Habituation and disengagement are hidden: each person is a hidden Markov chain."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd

from envs_data.arrays import Floats, Ints
from envs_data.nudge import hidden
from envs_data.nudge.estimation import Model
from envs_data.nudge.habit.parameters import HabitParameters
from envs_data.nudge.hidden import UNKNOWN, CodedLog, codes_of, responses_of
from envs_data.nudge.reading import NONE

T = TypeVar("T", float, Floats)


class Row(NamedTuple):
    """What a row of a log shows: kind sent (0 none), response, context and left, each 0, 1 or UNKNOWN."""

    kind: int
    response: int
    context: int
    left: int


@dataclasses.dataclass(frozen=True)
class Log(CodedLog):
    """A log by person and step.

    Attributes:
        kinds: names of the kinds of message, best known first.
        rows: the distinct rows.
        code: [people, steps] number of the row seen; ENDED after a person's last.
        leaves: whether the log says who left; otherwise nobody is assumed to leave.
    """

    kinds: tuple[str, ...]
    rows: tuple[Row, ...]
    code: Ints
    leaves: bool

    def responses(self) -> Floats:
        """[people, steps] responses; NaN if unknown or after a person's last row."""
        return responses_of(self.rows, self.code)


def log_of(frame: pd.DataFrame, kinds: tuple[str, ...] = ()) -> Log:
    """The log of a table that `read_table` read; kinds that are given come first, in their order."""
    others = [kind for kind in frame["message"].unique() if kind not in (NONE, *kinds)]
    names = (*kinds, *sorted(others))
    number = {NONE: 0, **{name: k for k, name in enumerate(names, start=1)}}
    columns = {"kind": frame["message"].map(number).astype(np.int64)}
    for name in ("response", "context", "left"):
        values = frame[name] if name in frame else pd.Series(UNKNOWN, index=frame.index)
        columns[name] = values.fillna(UNKNOWN).astype(np.int64)
    leaves = "left" in frame
    columns["left"] = columns["left"].clip(lower=0)
    columns["context"] = columns["context"].where(columns["kind"] > 0, UNKNOWN)
    rows, codes = np.unique(np.stack(list(columns.values()), axis=1), axis=0, return_inverse=True)
    seen = (*(Row(*map(int, row)) for row in rows), Row(0, UNKNOWN, UNKNOWN, 0))
    code = codes_of(frame, codes.ravel(), len(seen) - 1, int(frame["time"].max()) + 1)
    return Log(names, seen, code, leaves)


def transitions(p: HabitParameters, row: Row, leaves: bool) -> Floats:
    """[states, states] probability to move from state to state and to show this row; people who leave stay put.

    States are habituation * patience + disengagement. A row that says left keeps its probability in the state left
    from, for nothing follows it.
    """
    levels, patience = p.levels + 1, p.patience if leaves else 1
    matrix = np.zeros((levels, patience, levels, patience))
    habituation, calm = np.arange(levels)[:, None], np.arange(patience)
    if row.kind == 0:
        shown = _shown(p.base, row.response) * (row.left == 0)
        matrix[habituation, calm, np.maximum(habituation - 1, 0), calm] += shown * p.fades
        matrix[habituation, calm, habituation, calm] += shown * (1 - p.fades)
        return matrix.reshape(levels * patience, -1)
    up, message = np.minimum(habituation + 1, p.levels), p.messages[row.kind - 1]
    right = message.right * _shown(p.rates()[row.kind, up], row.response) * (row.context != 0) * (row.left == 0)
    wrong = (1 - message.right) * _shown(p.base, row.response) * (row.context != 1)
    matrix[habituation, calm, up, np.maximum(calm - 1, 0)] += right * p.forgives
    matrix[habituation, calm, up, calm] += right * (1 - p.forgives)
    if not leaves or row.left == 1:
        matrix[habituation, patience - 1, up, patience - 1] += wrong * (row.left == leaves)
    else:
        matrix[habituation, calm[:-1], up, calm[1:]] += wrong
    return matrix.reshape(levels * patience, -1)


def _shown(rate: T, response: int) -> T | float:
    return 1.0 if response == UNKNOWN else (rate if response else 1.0 - rate)


def filtered(p: HabitParameters, log: Log, since: int = 0) -> tuple[Floats, Floats]:
    """`hidden.filtered` of people who habituate."""
    return hidden.filtered(matrices_of(p, log), _answers(p, log), first_states(p, log), log.shown, since)


@dataclasses.dataclass(frozen=True)
class HabitModel(Model[HabitParameters]):
    """People who habituate; what is estimated is (field, number of the kind or None)."""

    log: Log

    def start(self) -> Floats:
        """[names] the values to begin with."""
        return np.array([getattr(self.begin if k is None else self.begin.messages[k], name) for name, k in self.names])

    def parameters(self, theta: Floats) -> HabitParameters:
        """The people."""
        shares = self.values(theta).tolist()
        changes = {field: share for (field, kind), share in zip(self.names, shares, strict=True) if kind is None}
        messages = list(self.begin.messages)
        for (field, kind), share in zip(self.names, shares, strict=True):
            if kind is not None:
                messages[kind] = dataclasses.replace(messages[kind], **{field: share})
        return dataclasses.replace(self.begin, messages=tuple(messages), **changes)

    def matrices(self, theta: Floats) -> Floats:
        """[rows, states, states] `transitions` of every row."""
        return matrices_of(self.parameters(theta), self.log)

    def first(self) -> Floats:
        """[people, states] where everybody begins."""
        return first_states(self.begin, self.log)


def matrices_of(p: HabitParameters, log: Log) -> Floats:
    """[rows, states, states] `transitions` of every row of the log."""
    return np.stack([transitions(p, row, log.leaves) for row in log.rows])


def first_states(p: HabitParameters, log: Log) -> Floats:
    """[people, states] 1 in the state in which everybody begins."""
    patience = p.patience if log.leaves else 1
    weights = np.zeros((len(log.code), (p.levels + 1) * patience))
    weights[:, p.start_habituation * patience + min(p.start_disengagement, patience - 1)] = 1.0
    return weights


def _answers(p: HabitParameters, log: Log) -> Floats:
    """[rows, states] probability of a response to each row's message, whatever it showed."""
    patience = p.patience if log.leaves else 1
    rates = p.rates()
    up = np.minimum(np.arange(p.levels + 1) + 1, p.levels)
    answers = []
    for row in log.rows:
        if row.kind == 0:
            answer = np.full(p.levels + 1, p.base)
        else:
            right = p.messages[row.kind - 1].right
            answer = right * rates[row.kind, up] + (1 - right) * p.base
        answers.append(np.repeat(answer, patience))
    return np.stack(answers)
