"""The compiled twin of one person nudged to walk: the same steps as `ActivityWorld`, for thousands at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import inline, jit
from bizgyms.nudge.activity.view import ActivityView, reward_terms
from bizgyms.twin import Twin
from envs_data.nudge.activity import ActivityLuck, ActivityParameters

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class ActivityTwin(Twin[ActivityParameters, ActivityLuck]):
    """`NudgeActivity` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/NudgeActivity-v0"
    view_type: ClassVar = ActivityView
    view: ActivityView

    def _allocate(self) -> None:
        p = self.parameters
        self._step = np.zeros(self.num_envs, dtype=np.int64)
        # Habituation and disengagement of every person.
        self._state = np.zeros((2, self.num_envs))
        self._laws = np.array([p.fades, p.rises, p.forgives, p.annoys, p.leaves, p.dispersion, p.base])
        self._gains = np.array([0.0, p.generic, p.tailored, p.tailored])

    def _begin(self, rows: NDArray[np.intp]) -> None:
        p, luck = self.parameters, self._luck
        self._step[rows] = 0
        self._state[0, rows], self._state[1, rows] = p.start_habituation, p.start_disengagement
        self._observations[rows, :2] = p.start_habituation, p.start_disengagement
        self._observations[rows, 2] = luck.seen[rows, 0]
        self._observations[rows, 3] = p.steps

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        luck: ActivityLuck = self._luck
        return _advance(
            actions,
            idle,
            luck.context,
            luck.seen,
            luck.wobble,
            self._laws,
            self._gains,
            self._weights,
            self._step,
            self._state,
            self._observations,
            self._rewards,
            self._terms,
            self._figures,
            self._decisions,
            self._terminated,
        )


@inline
def _around(mean: float, dispersion: float, wobble: float) -> float:
    return mean + dispersion * wobble * min(mean, 1.0 - mean)


@jit
def _advance(
    actions: Ints,
    idle: NDArray[np.bool_],
    context: NDArray[np.int8],
    seen: Floats,
    wobble: Floats,
    laws: Floats,
    gains: Floats,
    weights: Floats,
    steps: Ints,
    state: Floats,
    observations: NDArray[np.float32],
    rewards: Floats,
    terms: Floats,
    figures: Floats,
    decisions: Ints,
    terminated: NDArray[np.bool_],
) -> bool:
    """One step of every person who is not idle; returns whether any episode ended."""
    fades, rises, forgives, annoys, leaves, dispersion, base = (
        laws[0], laws[1], laws[2], laws[3], laws[4], laws[5], laws[6]
    )  # fmt: skip
    last = context.shape[1] - 1
    ended = False
    for world in range(len(idle)):
        if idle[world]:
            continue
        step, habituation, disengagement = steps[world], state[0, world], state[1, world]
        sent = np.int64(actions[world])
        right = sent == 1 or sent - 2 == context[world, step]
        walked = 1.0
        if sent == 0:
            habituation = fades * habituation
        else:
            habituation = min(1.0, habituation + rises)
            disengagement = forgives * disengagement if right else min(1.0, disengagement + annoys)
        if dispersion > 0:
            habituation = _around(habituation, dispersion, wobble[world, step, 0])
            if sent > 0:
                disengagement = _around(disengagement, dispersion, wobble[world, step, 1])
            walked = 1.0 + dispersion * wobble[world, step, 2]

        own, nudged = reward_terms(base, gains[sent] if right else 0.0, habituation, walked)
        step += 1
        left = disengagement >= leaves
        rewards[world] = 0.0 + weights[0] * own + weights[1] * nudged
        terms[0, world], terms[1, world] = own, nudged
        figures[0, world] = 1.0 if sent > 0 else 0.0
        figures[1, world] = 1.0 if sent > 0 and not right else 0.0
        figures[2, world] = 1.0 if left else 0.0
        decisions[world] = sent
        steps[world], state[0, world], state[1, world] = step, habituation, disengagement
        observations[world, 0], observations[world, 1] = habituation, disengagement
        observations[world, 2], observations[world, 3] = seen[world, step], last - step
        terminated[world] = left or step == last
        ended |= terminated[world]
    return ended
