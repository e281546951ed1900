"""How likely a log of messages is. Habituation and disengagement are hidden: each person is a hidden Markov chain."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from envs_data.nudge.habit.parameters import HabitParameters
from envs_data.nudge.table import NONE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
UNKNOWN = -1
ENDED = -1


class Seen(NamedTuple):
    """What a row of a log shows: kind sent (0 none), response, context and left, each 0, 1 or UNKNOWN."""

    kind: int
    response: int
    context: int
    left: int


@dataclasses.dataclass(frozen=True)
class Log:
    """A log by person and step.

    Attributes:
        kinds: names of the kinds of message, best known first.
        seen: the distinct rows.
        code: [people, steps] number of the row seen; ENDED after a person's last.
        leaves: whether the log says who left; otherwise nobody is taken to leave.
    """

    kinds: tuple[str, ...]
    seen: tuple[Seen, ...]
    code: Ints
    leaves: bool

    def until(self, step: int) -> Log:
        """The log of the first steps alone."""
        return dataclasses.replace(self, code=self.code[:, :step])

    def forgetting(self, step: int) -> Log:
        """The log with responses and contexts unknown from a step on: what a prediction may use."""
        blind = tuple(row._replace(response=UNKNOWN, context=UNKNOWN) for row in self.seen)
        later = np.arange(self.code.shape[1])[None, :] >= step
        moved = np.where(later & (self.code != ENDED), self.code + len(self.seen), self.code)
        return dataclasses.replace(self, seen=(*self.seen, *blind), code=moved)


def log_of(frame: pd.DataFrame, kinds: tuple[str, ...] = ()) -> Log:
    """The log of a table that `read_table` read; kinds that are given come first, in their order."""
    found = [kind for kind in frame["message"].unique() if kind not in (NONE, *kinds)]
    names = (*kinds, *sorted(found))
    number = {NONE: 0, **{name: k for k, name in enumerate(names, start=1)}}
    columns = {"kind": frame["message"].map(number).astype(np.int64)}
    for name in ("response", "context", "left"):
        values = frame[name] if name in frame else pd.Series(UNKNOWN, index=frame.index)
        columns[name] = values.fillna(UNKNOWN).astype(np.int64)
    leaves = "left" in frame
    columns["left"] = columns["left"].clip(lower=0)
    columns["context"] = columns["context"].where(columns["kind"] > 0, UNKNOWN)
    rows, codes = np.unique(np.stack(list(columns.values()), axis=1), axis=0, return_inverse=True)
    person = pd.factorize(frame["person"])[0]
    time = frame["time"].to_numpy(dtype=np.int64)
    seen = (*(Seen(*map(int, row)) for row in rows), Seen(0, UNKNOWN, UNKNOWN, 0))
    last = np.zeros(person.max() + 1, dtype=np.int64)
    np.maximum.at(last, person, time)
    code = np.where(np.arange(last.max() + 1)[None, :] <= last[:, None], len(seen) - 1, ENDED)
    code[person, time] = codes.ravel()
    return Log(names, seen, code, leaves)


def transitions(p: HabitParameters, row: Seen, leaves: bool) -> Floats:
    """[states, states] probability to move from state to state and to show this row; who leaves goes nowhere.

    States are habituation * patience + disengagement. A row that says left keeps its probability in the state left
    from, for nothing follows it.
    """
    levels, patience = p.levels + 1, p.patience if leaves else 1
    matrix = np.zeros((levels, patience, levels, patience))
    rates = p.rates()
    for habituation in range(levels):
        if row.kind == 0:
            shown = _shown(p.base, row.response) * (row.left == 0)
            down = max(habituation - 1, 0)
            for calm in range(patience):
                matrix[habituation, calm, down, calm] += shown * p.fades
                matrix[habituation, calm, habituation, calm] += shown * (1 - p.fades)
            continue
        up = min(habituation + 1, p.levels)
        message = p.messages[row.kind - 1]
        right = message.right * _shown(rates[row.kind, up], row.response) * (row.context != 0) * (row.left == 0)
        wrong = (1 - message.right) * _shown(p.base, row.response) * (row.context != 1)
        for calm in range(patience):
            matrix[habituation, calm, up, max(calm - 1, 0)] += right * p.forgives
            matrix[habituation, calm, up, calm] += right * (1 - p.forgives)
            goes = leaves and calm + 1 == p.patience
            if goes == (row.left == 1):
                matrix[habituation, calm, up, calm if goes or not leaves else calm + 1] += wrong
    return matrix.reshape(levels * patience, levels * patience)


def _shown(rate: float, response: int) -> float:
    return 1.0 if response == UNKNOWN else (rate if response else 1.0 - rate)


def filtered(p: HabitParameters, log: Log, since: int = 0) -> tuple[Floats, Floats]:
    """Runs through the log, step by step.

    Args:
        p: the people.
        log: the log.
        since: first step of which responses are predicted.

    Returns:
        [people] log likelihood, and [people, steps - since] probability of a response, given all rows before and that
        the person is there; NaN where they are not.
    """
    matrices, answers, weights = matrices_of(p, log), _answers(p, log), first_states(p, log)
    people, steps = log.code.shape
    total, predicted = np.zeros(people), np.full((people, max(steps - since, 0)), np.nan)
    for step in range(steps):
        for row, who in _groups(log.code[:, step]):
            if step >= since:
                predicted[who, step - since] = (weights[who] @ answers[row]).clip(0, 1)
            moved = weights[who] @ matrices[row]
            mass = np.maximum(moved.sum(axis=1), 1e-300)
            total[who] += np.log(mass)
            weights[who] = moved / mass[:, None]
    return total, predicted


def expected_moves(p: HabitParameters, log: Log) -> Floats:
    """[rows, states, states] how often each row of the log is expected to have moved people from state to state.

    By Fisher's identity the slope of the log likelihood is that of sum(expected moves * log(transitions)).
    """
    matrices = matrices_of(p, log)
    people, steps = log.code.shape
    weights, kept = first_states(p, log), []
    for step in range(steps):
        kept.append(weights)
        weights = weights.copy()
        for row, who in _groups(log.code[:, step]):
            moved = weights[who] @ matrices[row]
            weights[who] = moved / np.maximum(moved.sum(axis=1, keepdims=True), 1e-300)
    counts, ahead = np.zeros_like(matrices), np.ones((people, matrices.shape[1]))
    for step in reversed(range(steps)):
        for row, who in _groups(log.code[:, step]):
            here = ahead[who] @ matrices[row].T
            mass = np.maximum((kept[step][who] * here).sum(axis=1, keepdims=True), 1e-300)
            counts[row] += matrices[row] * (kept[step][who].T @ (ahead[who] / mass))
            ahead[who] = here / mass
    return counts


def matrices_of(p: HabitParameters, log: Log) -> Floats:
    """[rows, states, states] `transitions` of every row of the log."""
    return np.stack([transitions(p, row, log.leaves) for row in log.seen])


def first_states(p: HabitParameters, log: Log) -> Floats:
    """[people, states] 1 in the state in which everybody begins."""
    patience = p.patience if log.leaves else 1
    weights = np.zeros((len(log.code), (p.levels + 1) * patience))
    weights[:, p.start_habituation * patience + min(p.start_disengagement, patience - 1)] = 1.0
    return weights


def _groups(code: Ints) -> list[tuple[int, Ints]]:
    """The people who show each row, those whose log has ended apart."""
    order = np.argsort(code, kind="stable")
    rows, first = np.unique(code[order], return_index=True)
    return [(int(row), who) for row, who in zip(rows, np.split(order, first[1:]), strict=True) if row != ENDED]


def _answers(p: HabitParameters, log: Log) -> Floats:
    """[rows, states] probability of a response to each row's message, whatever it showed."""
    patience = p.patience if log.leaves else 1
    rates = p.rates()
    up = np.minimum(np.arange(p.levels + 1) + 1, p.levels)
    found = []
    for row in log.seen:
        if row.kind == 0:
            answer = np.full(p.levels + 1, p.base)
        else:
            right = p.messages[row.kind - 1].right
            answer = right * rates[row.kind, up] + (1 - right) * p.base
        found.append(np.repeat(answer, patience))
    return np.stack(found)
