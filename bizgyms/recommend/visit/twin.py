"""The compiled twin of one customer: the same visits as `VisitWorld`, for thousands of customers at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.keys import KeyStream, keyed
from bizgyms.recommend.visit.optimum import block_of, states_of
from bizgyms.recommend.visit.view import VisitView, margin_of
from bizgyms.twin import Outcome, Twin
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
from envs_data.random_bits import NEVER, RANGE, STRIDE, Words, mixed
from envs_data.recommend.visit import VisitLuck, VisitParameters

HALF, LOWER = np.uint64(32), np.uint64(RANGE - 1)
# Satisfaction after a visit: one more, one less, the same; and unchanged for a customer who leaves.
MOVES = (1, -1, 0, 0)
LEAVES = 3
# What turns strides back into visits: the inverse of `STRIDE` among 64-bit numbers.
PER_STRIDE = np.uint64(pow(int(STRIDE), -1, 1 << 64))
NO_KEYS, NOBODY = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.bool_)

_mixed = jit(mixed)


class VisitTwin(Twin[VisitParameters, VisitLuck]):
    """`RecommendVisit` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/RecommendVisit-v0"
    stream_type: ClassVar = KeyStream
    view_type: ClassVar = VisitView
    view: VisitView

    def _allocate(self) -> None:
        p = self.parameters
        satisfaction, shown, repeats = (part.ravel() for part in states_of(p))
        kinds, states = np.arange(len(p.kinds))[:, None], len(shown)
        again = np.where(shown == kinds + 1, np.minimum(repeats + 1, p.boredom), 0)
        levels = np.clip(satisfaction[:, None] + np.array(MOVES), 0, p.levels - 1)
        block = block_of(np.broadcast_to(kinds + 1, again.shape), again, p.boredom)
        # What a visit leads to, by kind * states + state: a look-up costs less than a branch nobody can foresee.
        after = (levels * (states // p.levels) + block[:, :, None]).astype(np.uint32).reshape(-1, len(MOVES))
        leaving = np.broadcast_to(p.leaving()[satisfaction], (len(kinds), states, 2))
        limits = np.concatenate([leaving, p.moving()[kinds, again]], axis=2).reshape(-1, 4)
        clicks = p.clicks()[kinds, satisfaction, again]
        margins = [[margin_of(c, worth) for c in row] for row, worth in zip(clicks, p.worths(), strict=True)]
        paid = np.stack([np.array(margins), clicks], axis=2).reshape(-1, 2)
        self._seen_as = np.stack([satisfaction, shown, repeats], axis=1).astype(np.float32)
        self._first = p.start * (states // p.levels)
        # Where each customer is in the words of their key, visits completed (counted where keys follow each other), and
        # the customer's state.
        self._word = np.zeros(self.num_envs, dtype=np.uint64)
        self._visits = np.zeros(self.num_envs, dtype=np.int64)
        self._state = np.zeros(self.num_envs, dtype=np.uint32)
        tables = (after, limits, paid, self._seen_as)
        self._played = (*tables, self._first, self._weights[0], self._word, self._state)
        self._anyone_left = False

    def _begin(self, rows: Places) -> None:
        self._word[rows] = self._luck.key[rows]
        self._visits[rows] = 0
        self._state[rows] = self._first
        self._observations[rows] = self._seen_as[self._first]

    # Customers leave at any time, so that somebody new comes at nearly every step. With NextStep
    # `_advance` welcomes them in passing, and `_rest` and `_settle` have nothing left to do.

    @property
    def _in_passing(self) -> bool:
        keyed = self._stream is None or isinstance(self._stream, KeyStream)
        return keyed and self.autoreset_mode is AutoresetMode.NEXT_STEP and self._limit is None

    def _fresh_results(self, make: Callable[..., Array]) -> None:
        super()._fresh_results(np.empty)  # `_advance` writes every entry

    def _rest(self) -> Flags:
        if not self._in_passing:
            return super()._rest()
        if self._stream is None:
            self._stream = self._new_stream()
        return self.over.copy()

    def _settle(self, infos: dict[str, Any]) -> None:
        if self._in_passing:
            self._anyone_over = self._anyone_left
        else:
            super()._settle(infos)

    def _memory(self) -> tuple[Array, ...]:
        self._visits[:] = self._taken()
        return self._word, self._visits, self._state

    def _taken(self) -> Ints:
        if self._luck.since.shape[1]:
            return self._visits
        return np.asarray((self._word - self._luck.key) * PER_STRIDE, dtype=np.int64)

    def _advance(self, actions: Array, idle: Flags) -> bool:
        stream = self._stream if self._in_passing else None
        to_come = stream.state if isinstance(stream, KeyStream) else NO_KEYS
        over = self.over if self._in_passing else NOBODY
        if self._luck.since.shape[1]:
            self._find_words(idle)
        self._anyone_left = _advance(actions, idle, self._drawn[:1], self._outcome, to_come, over, *self._played)
        return self._anyone_left

    def _find_words(self, idle: Flags) -> None:
        """Puts customers to where they are in the words of the key in force; those who are idle give way to new ones.

        Outside the kernel, for it is rare: two more arrays to hand over take longer than many a visit.
        """
        keys, later, since = self._drawn
        for redraw in range(since.shape[1]):
            keys = np.where(self._visits >= since[:, redraw], later[:, redraw], keys)
        self._word[:] = keys + self._visits.astype(np.uint64) * STRIDE
        self._visits += 1
        self._visits[idle], since[idle] = 0, NEVER


@keyed
def _advance(
    actions: Ints,
    idle: Flags,
    luck: tuple[Words],
    outcome: Outcome,
    keys_to_come: Words,
    over: Flags,
    after: NDArray[np.uint32],
    limits: Ints,
    paid: Floats,
    seen_as: Rows,
    first: int,
    weight: float,
    words: Words,
    states: NDArray[np.uint32],
) -> bool:
    """One visit of every customer who is not idle; returns whether any left.

    Where there are keys to come, an idle customer gives way to a new one, and ``over`` marks those who have left.
    """
    observations, results, decisions, terminated = outcome
    (keys,) = luck
    rewards, margins, visits, clicks, churned = results[0], results[1], results[2], results[3], results[4]
    in_passing, ended = len(over) > 0, False
    for row in range(len(idle)):
        # Unsigned numbers spare every look-up the question whether it counts from the end.
        world = np.uint64(row)
        if idle[world]:
            if in_passing and len(keys_to_come) > 0:
                keys_to_come[world] += STRIDE
                keys[world] = _mixed(keys_to_come[world])
                words[world], states[world] = keys[world], np.uint32(first)
                terminated[world] = over[world] = False
                for k in range(3):
                    observations[world, k] = seen_as[first, k]
            # Results are not cleared beforehand (see `_fresh_results`), so idle worlds must be written too.
            rewards[world] = margins[world] = visits[world] = clicks[world] = churned[world] = 0.0
            decisions[world] = 0
            continue
        kind, before = np.uint64(actions[world]), np.uint64(states[world])
        words[world] += STRIDE
        word = _mixed(words[world])
        # One random word holds two independent draws of 32 bits: how the visit was, and whether the customer leaves.
        mood, patience = np.int64(word >> HALF), np.int64(word & LOWER)
        place = kind * np.uint64(len(seen_as)) + before
        # Limits rise: below the first the customer leaves dissatisfied, below the second for a reason of their own.
        left = patience < limits[place, 1]
        move = np.uint64(mood >= limits[place, 2]) + np.uint64(mood >= limits[place, 3])
        now = after[place, np.uint64(LEAVES) if left else move]
        rewards[world] = 0.0 + weight * paid[place, 0]
        margins[world], visits[world], clicks[world] = paid[place, 0], 1.0, paid[place, 1]
        churned[world] = np.float64(patience < limits[place, 0])
        decisions[world] = np.int64(kind)
        states[world] = now
        observations[world, 0], observations[world, 1] = seen_as[now, 0], seen_as[now, 1]
        observations[world, 2] = seen_as[now, 2]
        terminated[world] = left
        if in_passing:
            over[world] = left
        ended |= left
    return ended
