"""The compiled twin of one user between clickbait and wholesome items, thousands at once."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.recommend.satisfaction.view import (
    FIRST_CANDIDATE,
    SatisfactionView,
    clickbait_of,
    minutes,
    moved,
    satisfaction,
)
from bizgyms.twin import Outcome, Twin
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
from envs_data.recommend.satisfaction import SatisfactionLuck, SatisfactionParameters


class SatisfactionTwin(Twin[SatisfactionParameters, SatisfactionLuck]):
    """`RecommendSatisfaction` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/RecommendSatisfaction-v0"
    view_type: ClassVar = SatisfactionView
    view: SatisfactionView

    def _allocate(self) -> None:
        p = self.parameters
        laws = np.array([p.sensitivity, p.memory, p.kale, p.clickbait])
        self._step = np.zeros(self.num_envs, dtype=np.int64)
        # Exposure and satisfaction.
        self._state = np.zeros((2, self.num_envs))
        self._played = (laws, self._weights[0], self._step, self._state)

    def _begin(self, rows: Places) -> None:
        self._step[rows] = 0
        p, luck = self.parameters, self._luck
        _begin(rows, luck.start, luck.items, p.sensitivity, self._state, self._observations)
        self._observations[rows, FIRST_CANDIDATE - 1] = p.steps

    def _memory(self) -> tuple[Array, ...]:
        return self._step, self._state

    def _taken(self) -> Ints:
        return self._step

    def _advance(self, actions: Array, idle: Flags) -> bool:
        return _advance(actions, idle, self._drawn, self._outcome, *self._played)


@jit
def _begin(
    rows: Places,
    start: Floats,
    items: NDArray[np.uint16],
    sensitivity: float,
    state: Floats,
    observations: Rows,
) -> None:
    """Puts some users to their first candidates."""
    for world in rows:
        state[0, world], state[1, world] = start[world], satisfaction(start[world], sensitivity)
        observations[world, 0], observations[world, 1] = state[1, world], state[0, world]
        for k in range(items.shape[2]):
            observations[world, FIRST_CANDIDATE + k] = clickbait_of(items[world, 0, k])


@jit
def _advance(
    actions: Ints,
    idle: Flags,
    luck: SatisfactionLuck,
    outcome: Outcome,
    laws: Floats,
    weight: float,
    step: Ints,
    state: Floats,
) -> bool:
    """One item of every user who is not idle; returns whether any episode ended."""
    observations, results, decisions, terminated = outcome
    _, items, wobble, hold = luck
    steps, candidates = items.shape[1], items.shape[2]
    sensitivity, memory, kale, clickbait = laws[0], laws[1], laws[2], laws[3]
    ended = False
    for world in range(len(idle)):
        if idle[world]:
            continue
        now, exposure, satisfied = step[world], state[0, world], state[1, world]
        item = clickbait_of(items[world, now, actions[world]])
        # At the satisfaction the user came with; exposure moves only afterwards.
        held = minutes(satisfied, item, kale, clickbait, hold[world, now])
        exposure = moved(exposure, item, memory, wobble[world, now])
        results[0, world], results[1, world] = 0.0 + weight * held, held
        results[2, world], results[3, world], results[4, world] = 1, item, satisfied
        decisions[world] = actions[world]
        # Kept for the next step, so that the logistic function is computed only once a step.
        satisfied = satisfaction(exposure, sensitivity)
        now += 1
        step[world], state[0, world], state[1, world] = now, exposure, satisfied
        observations[world, 0], observations[world, 1], observations[world, 2] = satisfied, exposure, steps - now
        for k in range(candidates):
            observations[world, FIRST_CANDIDATE + k] = clickbait_of(items[world, now, k]) if now < steps else 0.0
        terminated[world] = now == steps
        ended |= terminated[world]
    return ended
