"""The likelihood of a log of many people's messages: their responses show the mood, the load is hidden."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
import pandas as pd

from envs_data.arrays import Floats, Ints
from envs_data.nudge import hidden
from envs_data.nudge.budget.chains import chain_of
from envs_data.nudge.budget.parameters import BudgetParameters
from envs_data.nudge.estimation import Model
from envs_data.nudge.hidden import UNKNOWN, CodedLog, codes_of, responses_of
from envs_data.nudge.reading import NONE

MOODS = ("stays", "returns", "lifts", "wakes", "hurts")
OF_TYPE = {"burden": (*MOODS, "recovers", "tires"), "dosage": MOODS, "rest": MOODS, "memory": ()}
HALF_LIVES = "half_lives"


class Row(NamedTuple):
    """What a row of a log shows: whether a message was sent (0 or 1), and the response (0, 1 or UNKNOWN)."""

    message: int
    response: int


ROWS = tuple(Row(message, response) for message in (0, 1) for response in (0, 1, UNKNOWN))


@dataclasses.dataclass(frozen=True)
class Log(CodedLog):
    """A log of one type of people.

    Attributes:
        name: the type's.
        code: [people, steps] number of the row of `ROWS`; ENDED after a person's last.
    """

    name: str
    code: Ints

    def responses(self) -> Floats:
        """[people, steps] responses; NaN if unknown or after a person's last row."""
        return responses_of(ROWS, self.code)


def logs_of(frame: pd.DataFrame) -> list[Log]:
    """The logs of all types of people in a table that `read_table` read: one where it has no column ``group``."""
    parts = frame.groupby("group", sort=False) if "group" in frame else [("everybody", frame)]
    steps = int(frame["time"].max()) + 1
    return [Log(str(name), _codes(part, steps)) for name, part in parts]


def _codes(frame: pd.DataFrame, steps: int) -> Ints:
    """[people, steps] rows of `ROWS`; a step without a row is one without message whose response is not known."""
    sent = (frame["message"] != NONE).to_numpy()
    answer = frame["response"].fillna(2).to_numpy(dtype=np.int64)
    return codes_of(frame, len(ROWS) // 2 * sent + answer, ROWS.index(Row(0, UNKNOWN)), steps)


def joint_moves(p: BudgetParameters) -> Floats:
    """[2, 2, states, states] chance to move from state to state and to be engaged or not: by message and response."""
    chain = chain_of(p, p.types[0])
    states, responds = len(chain.engaged), chain.engaged[chain.after]
    moves = np.zeros((2, 2, states, states))
    here = np.arange(states)
    for message in (0, 1):
        for outcome in range(chain.after.shape[2]):
            reached, chance = chain.after[:, message, outcome], chain.chance[:, message, outcome]
            yes = chance * responds[:, message, outcome]
            np.add.at(moves[message, 1], (here, reached), yes)
            np.add.at(moves[message, 0], (here, reached), chance - yes)
    return moves


def matrices_of(p: BudgetParameters) -> Floats:
    """[rows, states, states] probability to move from state to state and to show each row of `ROWS`."""
    moves = joint_moves(p)
    return np.concatenate([moves, moves.sum(axis=1, keepdims=True)], axis=1).reshape(len(ROWS), *moves.shape[2:])


@dataclasses.dataclass(frozen=True)
class TypeModel(Model[BudgetParameters]):
    """One type of people; what is estimated are fields of the type, or half-lives and their numbers."""

    log: Log

    def start(self) -> Floats:
        """[names] the values to begin with."""
        kind = self.begin.types[0]
        return np.array([getattr(kind, f) if k is None else self.begin.half_lives[k] for f, k in self.names])

    def theta(self, values: Floats) -> Floats:
        """[names] log odds of probabilities, logarithms of half-lives."""
        return np.log(values) if self.begin.mechanism == "memory" else super().theta(values)

    def values(self, theta: Floats) -> Floats:
        """[names] probabilities, or half-lives."""
        return np.exp(theta) if self.begin.mechanism == "memory" else super().values(theta)

    def parameters(self, theta: Floats) -> BudgetParameters:
        """The people."""
        values = self.values(theta).tolist()
        if self.begin.mechanism == "memory":
            half_lives = list(self.begin.half_lives)
            for (_, number), value in zip(self.names, values, strict=True):
                half_lives[number or 0] = min(max(value, 0.1), 1000.0)
            return dataclasses.replace(self.begin, half_lives=tuple(half_lives))
        changes = {field: value for (field, _), value in zip(self.names, values, strict=True)}
        return dataclasses.replace(self.begin, types=(dataclasses.replace(self.begin.types[0], **changes),))

    def matrices(self, theta: Floats) -> Floats:
        """[rows, states, states] `matrices_of`."""
        return matrices_of(self.parameters(theta))

    def first(self) -> Floats:
        """[people, states] where everybody begins."""
        chain = chain_of(self.begin, self.begin.types[0])
        return np.tile(np.eye(len(chain.engaged))[chain.start], (len(self.log.code), 1))


def predicted(p: BudgetParameters, log: Log, since: int = 0) -> Floats:
    """[people, steps - since] probability of a response, given all rows before; NaN where a person is not there."""
    matrices = matrices_of(p)
    chance = np.repeat(joint_moves(p)[:, 1].sum(axis=2), len(ROWS) // 2, axis=0)
    return hidden.filtered(matrices, chance, TypeModel(p, log, ()).first(), log.shown, since)[1]
