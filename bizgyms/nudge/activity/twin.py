"""The compiled twin of one person nudged to walk: the same steps as `ActivityWorld`, for thousands at once."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import inline, jit, luck_of_now, neighbours
from bizgyms.nudge.activity.view import ActivityView, reward_terms
from bizgyms.twin import Outcome, Twin
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
from envs_data.nudge.activity import ActivityLuck, ActivityParameters


class ActivityTwin(Twin[ActivityParameters, ActivityLuck]):
    """`NudgeActivity` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/NudgeActivity-v0"
    view_type: ClassVar = ActivityView
    memory_order: ClassVar = "F"
    view: ActivityView

    def _allocate(self) -> None:
        p = self.parameters
        self._step = np.zeros(self.num_envs, dtype=np.int64)
        # Habituation and disengagement of every person.
        self._state = np.zeros((2, self.num_envs))
        laws = (p.fades, p.rises, p.forgives, p.annoys, p.leaves, p.dispersion)
        money = (p.base, p.generic, p.tailored, *self._weights.tolist())
        room = np.zeros(self.num_envs, dtype=np.int8), np.zeros(self.num_envs)
        self._played = (laws, money, self._step, self._state, room)

    def _begin(self, rows: Places) -> None:
        p, luck = self.parameters, self._luck
        self._step[rows] = 0
        self._state[0, rows], self._state[1, rows] = p.start_habituation, p.start_disengagement
        self._observations[rows] = p.start_habituation, p.start_disengagement, 0.0, p.steps
        self._observations[rows, 2] = luck.seen[rows, 0]

    def _memory(self) -> tuple[Array, ...]:
        return self._step, self._state

    def _taken(self) -> Ints:
        return self._step

    def _advance(self, actions: Array, idle: Flags) -> bool:
        return _advance(actions, idle, self._drawn, self._outcome, *self._played)


@inline
def _around(mean: float, dispersion: float, wobble: float) -> float:
    return mean + dispersion * wobble * min(mean, 1.0 - mean)


@jit
def _advance(
    actions: Ints,
    idle: Flags,
    luck: ActivityLuck,
    outcome: Outcome,
    laws: tuple[float, ...],
    money: tuple[float, ...],
    step: Ints,
    state: Floats,
    room: tuple[NDArray[np.int8], Floats],
) -> bool:
    """One step of every person who is not idle; returns whether any episode ended.

    Neighbours who are not idle are played together, so that the processor takes several at once, whatever their steps.
    """
    observations, results, decisions, terminated = outcome
    context, seen, wobble = luck
    now, later = luck_of_now(context, step, 0, room[0]), luck_of_now(seen, step, 1, room[1])
    ended = False
    low, worlds = np.uint64(0), np.uint64(len(idle))
    while low < worlds:
        high = neighbours(low, worlds, idle, idle)
        if not idle[low]:
            _live(low, high, actions, now, wobble, step, laws, money, state, results)
            _observe(low, high, later, seen.shape[1] - 1, state, results[5], step, observations, terminated)
            for world in range(low, high):
                decisions[world] = actions[world]
            for world in range(low, high):
                ended |= terminated[world]
        low = high
    return ended


@jit
def _live(
    low: np.uint64,
    high: np.uint64,
    actions: Ints,
    context: NDArray[np.int8],
    wobble: Floats,
    step: Ints,
    laws: tuple[float, ...],
    money: tuple[float, ...],
    state: Floats,
    results: Floats,
) -> None:
    """A step with or without a message, and its reward."""
    fades, rises, forgives, annoys, leaves, dispersion = laws
    base, generic, tailored, weight_0, weight_1 = money
    for world in range(low, high):
        habituation, disengagement, sent = state[0, world], state[1, world], actions[world]
        generally, messaged = sent == 1, sent > 0
        # `|` and `&` instead of `or` and `and`: both sides are cheap, and no branch is needed.
        right = generally | (sent - 2 == context[world])
        habituation = min(1.0, habituation + rises) if messaged else fades * habituation
        moved = forgives * disengagement if right else min(1.0, disengagement + annoys)
        disengagement = moved if messaged else disengagement
        walked = 1.0
        # Skipped entirely without dispersion, so that the plain model is reproduced exactly.
        if dispersion > 0:
            wobbles = wobble[world, np.uint64(step[world])]
            habituation = _around(habituation, dispersion, wobbles[0])
            disengagement = _around(moved, dispersion, wobbles[1]) if messaged else disengagement
            walked = 1.0 + dispersion * wobbles[2]
        gain = (generic if generally else tailored) if right else 0.0
        # At the habituation after the message: steps are walked once it has arrived.
        own, nudged = reward_terms(base, gain, habituation, walked)
        state[0, world], state[1, world] = habituation, disengagement
        results[0, world] = 0.0 + weight_0 * own + weight_1 * nudged
        results[1, world], results[2, world] = own, nudged
        results[3, world], results[4, world] = messaged, messaged & (not right)
        results[5, world] = disengagement >= leaves


@jit
def _observe(
    low: np.uint64,
    high: np.uint64,
    signal: Floats,
    steps: int,
    state: Floats,
    left: Floats,
    step: Ints,
    observations: Rows,
    terminated: Flags,
) -> None:
    """Habituation, disengagement, what is seen of the next context, and the steps left."""
    first, second, third, fourth = observations[:, 0], observations[:, 1], observations[:, 2], observations[:, 3]
    for world in range(low, high):
        step[world] += 1
    for world in range(low, high):
        first[world], second[world] = state[0, world], state[1, world]
        third[world], fourth[world] = signal[world], steps - step[world]
    for world in range(low, high):
        terminated[world] = (step[world] == steps) | (left[world] > 0)
