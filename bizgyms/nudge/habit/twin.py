"""The compiled twin of one person who habituates: the same steps as `HabitWorld`, for thousands of people at once."""

from __future__ import annotations

import itertools
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.nudge.habit.view import HabitView, reward_terms
from bizgyms.twin import Twin
from envs_data.nudge.habit import HabitLuck, HabitParameters
from envs_data.nudge.words import RANGE, threshold, thresholds

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
OUTCOMES = 3


class HabitTwin(Twin[HabitParameters, HabitLuck]):
    """`NudgeHabit` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/NudgeHabit-v0"
    view_type: ClassVar = HabitView
    view: HabitView

    def _allocate(self) -> None:
        p = self.parameters
        kinds, states = 1 + len(p.messages), (p.levels + 1) * (p.patience + 1)
        # A state is habituation * (patience + 1) + disengagement. What a step leads to, by decision, state and
        # outcome: a look-up costs less than a branch nobody can foresee.
        self._after = np.zeros((kinds, states, OUTCOMES), dtype=np.uint32)
        self._row = np.zeros((kinds, states, OUTCOMES), dtype=np.uint32)
        for kind, habituation, calm in itertools.product(range(kinds), range(p.levels + 1), range(p.patience)):
            state = habituation * (p.patience + 1) + calm
            self._after[kind, state], self._row[kind, state] = _outcomes(p, kind, habituation, calm)
        rights = [message.right for message in p.messages]
        self._limits = np.array(
            [(threshold(p.fades), RANGE), *((threshold(right * p.forgives), threshold(right)) for right in rights)]
        )
        self._rates, self._answers = p.rates().ravel(), thresholds(p.rates()).ravel()
        self._money = np.array([p.worths(), p.costs()])
        self._ends = np.array([p.steps, p.patience])
        # Habituation and disengagement of every state, as they are observed.
        self._levels = np.stack(np.divmod(np.arange(states), p.patience + 1), axis=1).astype(np.float32)
        # Steps, and state, of every person.
        self._state = np.zeros((2, self.num_envs), dtype=np.uint32)

    def _begin(self, rows: NDArray[np.intp]) -> None:
        p = self.parameters
        self._state[0, rows] = 0
        self._state[1, rows] = p.start_habituation * (p.patience + 1) + p.start_disengagement
        self._observations[rows] = (p.start_habituation, p.start_disengagement, p.steps)

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        luck: HabitLuck = self._luck
        return _advance(
            actions,
            idle,
            luck.fate,
            luck.answer,
            self._after,
            self._row,
            self._limits,
            self._rates,
            self._answers,
            self._money,
            self._ends,
            self._levels,
            self._weights,
            self._state,
            self._observations,
            self._rewards,
            self._terms,
            self._figures,
            self._decisions,
            self._terminated,
        )


def _outcomes(p: HabitParameters, kind: int, habituation: int, calm: int) -> tuple[list[int], list[int]]:
    """States a step leads to, and places in the table of rates: for each outcome, the third after a wrong message."""
    levels, width = p.levels + 1, p.patience + 1
    if kind == 0:
        states = [max(habituation - 1, 0) * width + calm, habituation * width + calm]
        return [*states, states[1]], [habituation] * OUTCOMES
    up = min(habituation + 1, p.levels)
    right = kind * levels + up
    return [up * width + max(calm - 1, 0), up * width + calm, up * width + calm + 1], [right, right, up]


@jit
def _advance(
    actions: Ints,
    idle: NDArray[np.bool_],
    fate: NDArray[np.uint32],
    answer: NDArray[np.uint32],
    after: NDArray[np.uint32],
    row: NDArray[np.uint32],
    limits: Ints,
    rates: Floats,
    answers: Ints,
    money: Floats,
    ends: Ints,
    levels: NDArray[np.float32],
    weights: Floats,
    state: NDArray[np.uint32],
    observations: NDArray[np.float32],
    rewards: Floats,
    terms: Floats,
    figures: Floats,
    decisions: Ints,
    terminated: NDArray[np.bool_],
) -> bool:
    """One step of every person who is not idle; returns whether any episode ended."""
    steps, patience = ends[0], ends[1]
    drawn = answer.shape[1] > 0
    ended = False
    for world in range(len(idle)):
        if idle[world]:
            continue
        # Unsigned numbers spare every look-up the question whether it counts from the end.
        step, before, sent = state[0, world], state[1, world], np.uint32(actions[world])
        word = np.int64(fate[world, step])
        outcome = np.uint32(word >= limits[sent, 0]) + np.uint32(word >= limits[sent, 1])
        now, place = after[sent, before, outcome], row[sent, before, outcome]
        responded = np.float64(np.int64(answer[world, step]) < answers[place]) if drawn else rates[place]
        left = levels[now, 1] == patience
        over = left | (np.int64(step) + 1 == steps)
        message = np.int64(sent > 0)
        responses, messages = reward_terms(responded, money[0, sent], money[1, sent])
        rewards[world] = 0.0 + weights[0] * responses + weights[1] * messages
        terms[0, world], terms[1, world] = responses, messages
        figures[0, world], figures[1, world] = responded, message
        figures[2, world], figures[3, world] = message * np.int64(outcome == 2), left
        decisions[world] = sent
        state[0, world], state[1, world] = step + 1, now
        observations[world, 0], observations[world, 1] = levels[now, 0], levels[now, 1]
        observations[world, 2] = steps - np.int64(step) - 1
        terminated[world] = over
        ended |= over
    return ended
