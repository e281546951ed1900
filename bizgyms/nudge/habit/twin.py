"""The compiled twin of one person who habituates: the same steps as `HabitWorld`, for thousands of people at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.nudge.habit.view import HabitView, reward_terms
from bizgyms.twin import Twin
from envs_data.nudge.habit import HabitLuck, HabitParameters
from envs_data.nudge.words import threshold, thresholds

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class HabitTwin(Twin[HabitParameters, HabitLuck]):
    """`NudgeHabit` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/NudgeHabit-v0"
    view_type: ClassVar = HabitView
    view: HabitView

    def _allocate(self) -> None:
        p = self.parameters
        # Steps, habituation and disengagement of every person.
        self._state = np.zeros((3, self.num_envs), dtype=np.int64)
        self._limits = np.array([p.steps, p.levels, p.patience, threshold(p.fades), threshold(p.forgives)])
        self._rights = np.array([0, *(threshold(message.right) for message in p.messages)])
        self._rates, self._answers = p.rates(), thresholds(p.rates())
        self._money = np.array([p.worths(), p.costs()])

    def _begin(self, rows: NDArray[np.intp]) -> None:
        p = self.parameters
        start = np.array([0, p.start_habituation, p.start_disengagement])
        self._state[:, rows] = start[:, None]
        self._observations[rows] = (start[1], start[2], p.steps)

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        luck: HabitLuck = self._luck
        return _advance(
            actions,
            idle,
            luck.fit,
            luck.mood,
            luck.answer,
            self._limits,
            self._rights,
            self._rates,
            self._answers,
            self._money,
            self._weights,
            self._state,
            self._observations,
            self._rewards,
            self._terms,
            self._figures,
            self._decisions,
            self._terminated,
        )


@jit
def _advance(
    actions: Ints,
    idle: NDArray[np.bool_],
    fit: NDArray[np.uint32],
    mood: NDArray[np.uint32],
    answer: NDArray[np.uint32],
    limits: Ints,
    rights: Ints,
    rates: Floats,
    answers: Ints,
    money: Floats,
    weights: Floats,
    state: Ints,
    observations: NDArray[np.float32],
    rewards: Floats,
    terms: Floats,
    figures: Floats,
    decisions: Ints,
    terminated: NDArray[np.bool_],
) -> bool:
    """One step of every person who is not idle; returns whether any episode ended."""
    steps, levels, patience, fades, forgives = limits[0], limits[1], limits[2], limits[3], limits[4]
    drawn = answer.shape[1] > 0
    ended = False
    for world in range(len(idle)):
        if idle[world]:
            continue
        step, habituation, disengagement = state[0, world], state[1, world], state[2, world]
        sent = np.int64(actions[world])
        right = sent > 0 and np.int64(fit[world, step]) < rights[sent]
        lucky = np.int64(mood[world, step])
        row = sent if right else 0
        if sent > 0:
            habituation = min(habituation + 1, levels)
        responded = rates[row, habituation]
        if drawn:
            responded = 1.0 if np.int64(answer[world, step]) < answers[row, habituation] else 0.0
        if right:
            disengagement -= 1 if lucky < forgives and disengagement > 0 else 0
        elif sent > 0:
            disengagement += 1
        else:
            habituation -= 1 if lucky < fades and habituation > 0 else 0

        left = disengagement == patience
        responses, messages = reward_terms(responded, money[0, sent], money[1, sent])
        rewards[world] = 0.0 + weights[0] * responses + weights[1] * messages
        terms[0, world], terms[1, world] = responses, messages
        figures[0, world], figures[1, world] = responded, 1.0 if sent > 0 else 0.0
        figures[2, world], figures[3, world] = 1.0 if sent > 0 and not right else 0.0, 1.0 if left else 0.0
        decisions[world] = sent
        state[0, world], state[1, world], state[2, world] = step + 1, habituation, disengagement
        observations[world, 0], observations[world, 1] = habituation, disengagement
        observations[world, 2] = steps - step - 1
        terminated[world] = left or step + 1 == steps
        ended |= terminated[world]
    return ended
