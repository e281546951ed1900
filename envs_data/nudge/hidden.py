"""People as hidden Markov chains: the likelihood of their log, and forecasts of their next responses."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Protocol, Self

import numpy as np
import pandas as pd

from envs_data.arrays import Floats, Ints

UNKNOWN = -1
ENDED = -1
LEAST = 1e-300


class Shown:
    """Who shows which row when.

    Args:
        code: [people, steps] number of the row shown; `ENDED` after a person's last.

    Attributes:
        groups: for each step, the rows shown and the people who show them; without those whose log has ended.
    """

    def __init__(self, code: Ints) -> None:
        self.code = code
        self.groups = [_groups(column) for column in code.T]


class ShownRow(Protocol):
    """A row of a log, as far as its response goes."""

    @property
    def response(self) -> int:
        """0, 1 or `UNKNOWN`."""


class CodedLog:
    """Base of a log by person and step, a frozen dataclass in which each row is a number.

    Attributes:
        code: [people, steps] number of the row shown; `ENDED` after a person's last.
    """

    code: Ints

    @functools.cached_property
    def shown(self) -> Shown:
        """Who showed which row when."""
        return Shown(self.code)

    def until(self, step: int) -> Self:
        """The log of the first steps alone."""
        return dataclasses.replace(self, code=self.code[:, :step])  # type: ignore[type-var]  # a dataclass, see above


def responses_of(rows: Sequence[ShownRow], code: Ints) -> Floats:
    """[people, steps] responses of a log; NaN if unknown or after a person's last row.

    Args:
        rows: the distinct rows.
        code: [people, steps] number of the row shown; `ENDED` after a person's last.
    """
    responses = np.array([np.nan if row.response == UNKNOWN else row.response for row in rows])
    return np.where(code == ENDED, np.nan, responses[code])


def codes_of(frame: pd.DataFrame, codes: Ints, silent: int, steps: int) -> Ints:
    """[people, steps] the rows' numbers by person and step.

    Args:
        frame: the log, with ``person`` and ``time``.
        codes: [rows] number of each row.
        silent: number of a step without a row; after a person's last row it is `ENDED`.
        steps: length of the log.
    """
    person, time = pd.factorize(frame["person"])[0], frame["time"].to_numpy(dtype=np.int64)
    last = np.zeros(person.max() + 1, dtype=np.int64)
    np.maximum.at(last, person, time)
    code = np.where(np.arange(steps)[None, :] <= last[:, None], silent, ENDED)
    code[person, time] = codes
    return code


def _groups(code: Ints) -> list[tuple[int, Ints]]:
    order = np.argsort(code, kind="stable")
    rows, first = np.unique(code[order], return_index=True)
    return [(int(row), who) for row, who in zip(rows, np.split(order, first[1:]), strict=True) if row != ENDED]


def filtered(matrices: Floats, answers: Floats, first: Floats, shown: Shown, since: int = 0) -> tuple[Floats, Floats]:
    """Runs through a log, step by step.

    Args:
        matrices: [rows, states, states] probability to move from state to state and to show this row.
        answers: [rows, states] probability of a response to each row's message, whatever the row shows.
        first: [people, states] where people begin.
        shown: who shows which row when.
        since: first step of which responses are predicted.

    Returns:
        [people] log likelihood, and [people, steps - since] probability of a response, given all rows before and that
        the person is there; NaN where they are not.
    """
    weights, (people, steps) = first.copy(), shown.code.shape
    total, predicted = np.zeros(people), np.full((people, max(steps - since, 0)), np.nan)
    for step, groups in enumerate(shown.groups):
        for row, who in groups:
            if step >= since:
                predicted[who, step - since] = (weights[who] @ answers[row]).clip(0, 1)
            moved = weights[who] @ matrices[row]
            mass = np.maximum(moved.sum(axis=1), LEAST)
            total[who] += np.log(mass)
            weights[who] = moved / mass[:, None]
    return total, predicted


def expected_moves(matrices: Floats, first: Floats, shown: Shown) -> Floats:
    """[rows, states, states] how often each row of the log is expected to have moved people from state to state.

    By Fisher's identity the slope of the log likelihood is that of sum(expected moves * log(transitions)).
    """
    people, steps = shown.code.shape
    weights, kept = first.copy(), []
    for groups in shown.groups:
        kept.append(weights)
        weights = weights.copy()
        for row, who in groups:
            moved = weights[who] @ matrices[row]
            weights[who] = moved / np.maximum(moved.sum(axis=1, keepdims=True), LEAST)
    counts, ahead = np.zeros_like(matrices), np.ones((people, matrices.shape[1]))
    for step in reversed(range(steps)):
        for row, who in shown.groups[step]:
            here = ahead[who] @ matrices[row].T
            mass = np.maximum((kept[step][who] * here).sum(axis=1, keepdims=True), LEAST)
            counts[row] += matrices[row] * (kept[step][who].T @ (ahead[who] / mass))
            ahead[who] = here / mass
    return counts
