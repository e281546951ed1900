"""Luck found from keys: where episodes end at any time, drawing whole ones would cost more than playing them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np

from bizgyms.compiled import jit
from bizgyms.luck import LuckStream, room_for, span
from envs_data.arrays import Array, Ints, Places
from envs_data.random_bits import NEVER, ONE, STRIDE, StepWords, Words, draw_keys, mixed

P = ParamSpec("P")
R = TypeVar("R")
# Steps that are drawn at once, of all worlds together: fewer worlds look further ahead, so that a call is worth it, and
# more worlds less far, so that less is drawn for episodes that end.
AT_ONCE = 1 << 16
# How many times as far ahead where worlds live in step, so that little is thrown away.
MOST_AHEAD = 4


def keyed(kernel: Callable[P, R]) -> Callable[P, R]:
    """`jit` for a kernel that finds words: they run over the edge of 64 bits, of which plain Python would warn."""
    found = jit(kernel)
    return np.errstate(over="ignore")(kernel) if found is kernel else found


class KeyStream(LuckStream):
    """Hands every world its key, episode after episode.

    World w has a key of its own, drawn from ``SeedSequence(seed)``; word e of that is the key of its episode e. So what
    a world meets depends on the seed, its number and its episode alone.

    Args:
        draw: ``draw(rng, worlds) -> luck`` of the case, a named tuple of keys.
        num_envs: number of worlds.
        seed: the seed.

    Attributes:
        state: [worlds] what the next episode's key is found from, after a `STRIDE`.
    """

    def __init__(self, draw: Any, num_envs: int, seed: int) -> None:
        super().__init__(draw, num_envs, seed)
        self.state: Words = draw_keys(np.random.default_rng(np.random.SeedSequence(seed)), num_envs)

    def fill(self, luck: Any, rows: Places) -> Any:
        """Writes the keys of the next episode of some worlds; makes the luck where there is none yet."""
        if luck is None:
            luck = self._draw(np.random.default_rng(0), self._num_envs)
        luck.since[rows] = NEVER
        luck.key[rows] = self._next_keys(rows)
        return luck

    def _next_keys(self, rows: Places) -> Words:
        self.state[rows] += STRIDE
        return np.asarray(mixed(self.state[rows]))


class KeyedWords(NamedTuple):
    """`StepWords` of worlds that have a key each: steps follow each other in the words of the key.

    Attributes:
        keys: [worlds] the key of each world's episode.
        first: [worlds] number of the first step, from 0 on.
        steps: how many steps.
    """

    keys: Words
    first: Ints
    steps: int

    def of_step(self, number: int) -> Words:
        """[number, steps, worlds] so many words a step."""
        found = np.empty((number, self.steps, len(self.keys)), dtype=np.uint64)
        _find(self.keys, self.first, found)
        return found


class StepStream(KeyStream):
    """Draws every world's luck a few steps ahead, from the key of its episode.

    A short episode costs no more luck than it needs, and what a step brings depends on the seed, the world, its episode
    and the number of the step alone: not on how far ahead it was drawn, nor on where other episodes ended.

    Args:
        draw: ``draw(rng, worlds) -> luck`` of the case.
        draw_steps: ``draw_steps(words) -> luck`` of some steps.
        num_envs: number of worlds.
        seed: the seed.
    """

    def __init__(self, draw: Any, draw_steps: Callable[[StepWords], Any], num_envs: int, seed: int) -> None:
        super().__init__(draw, num_envs, seed)
        self._draw_steps = draw_steps
        self._example = draw(np.random.default_rng(0), 2)
        self._longest = max(array.shape[1] for array in self._example)
        # Steps that are drawn at once where episodes begin all the time, and where none has begun since the last time.
        self._least = min(max(2, math.isqrt(AT_ONCE // num_envs)), self._longest)
        self._most = MOST_AHEAD * self._least
        # The key of each world's episode and of the next one, whose first steps are drawn for many worlds at once.
        self._keys, self._coming = np.zeros((2, num_envs), dtype=np.uint64)
        opening = (array[:, : self._least + 1] for array in self._example)
        self._openings = room_for(type(self._example)(*opening), num_envs)
        # Whose luck comes from here, and whose next episode has been opened.
        self._ours, self._opened = np.zeros((2, num_envs), dtype=np.bool_)
        # Steps that every world can take before more luck is drawn, and how many are drawn then.
        self._left, self._next = 0, self._least
        self._worlds, self._nothing = np.arange(num_envs), np.zeros(num_envs, dtype=np.int64)

    def fill(self, luck: Any, rows: Places) -> Any:
        """Begins the next episode of some worlds; see `LuckStream.fill`."""
        if luck is None:
            luck = room_for(self._example, self._num_envs)
        if not self._opened[rows].all():
            self._open(np.flatnonzero(~self._opened))  # all at once, for others will end as early
        self._keys[rows] = self._coming[rows]
        self._ours[rows], self._opened[rows] = True, False
        _put(luck, rows, self._nothing[: len(rows)], self._openings, rows)
        if len(rows) == np.count_nonzero(self._ours):
            self._left, self._next = self._least, self._most
        else:
            self._left, self._next = min(self._left, self._least), self._least
        return luck

    def keep_ahead(self, luck: Any, taken: Callable[[], Ints]) -> None:
        """See `LuckStream.keep_ahead`. The longer no episode begins, the further ahead luck is drawn."""
        if not self._left:
            rows = np.flatnonzero(self._ours)
            first = taken()[rows] + 1  # what is seen of the next step belongs to it
            self._write(luck, rows, first, min(self._next, self._longest - int(first.min(initial=self._longest))))
            self._open(np.flatnonzero(self._ours & ~self._opened))
            self._left, self._next = self._next, self._most
        self._left -= 1

    def complete(self, luck: Any, rows: Places) -> None:
        """See `LuckStream.complete`."""
        rows = rows[self._ours[rows]]
        self._write(luck, rows, np.zeros(len(rows), dtype=np.int64), self._longest)

    def leave(self, rows: Places) -> None:
        """See `LuckStream.leave`."""
        self._ours[rows] = False

    def _open(self, rows: Places) -> None:
        """Draws the first steps of the next episode of some worlds."""
        if len(rows):
            self._coming[rows] = self._next_keys(rows)
            self._opened[rows] = True
            self._draw_into(self._openings, rows, self._coming, self._nothing[: len(rows)], self._least + 1)

    def _write(self, luck: Any, rows: Places, first: Ints, count: int) -> None:
        """Draws so many steps of the episodes under way, as far as these go."""
        if len(rows) and count > 0:
            self._draw_into(luck, rows, self._keys, first, count)

    def _draw_into(self, luck: Any, rows: Places, keys: Words, first: Ints, count: int) -> None:
        drawn = self._draw_steps(KeyedWords(keys[rows], first, count))
        _put(luck, rows, first, drawn, self._worlds[: len(rows)])


def _put(luck: Any, rows: Places, first: Ints, new: Any, out_of: Places) -> None:
    """Writes the luck of some steps, those behind the last one left out.

    Args:
        luck: the luck to write into.
        rows: where.
        first: [rows] the number of each one's first step.
        new: the luck to be written.
        out_of: [rows] where it stands there.
    """
    into, start = span(rows), int(first[0]) if len(first) else 0
    together = isinstance(into, slice) and bool((first == start).all())
    of = span(out_of) if together else out_of
    together &= isinstance(of, slice)
    for kept, steps in zip(luck, new, strict=True):
        if together:
            part = steps[of, : max(kept.shape[1] - start, 0)]
            kept[into, start : start + part.shape[1]] = part
        elif steps.size:
            _put_singly(kept, rows, first, steps, out_of)


_mixed = jit(mixed)


@keyed
def _find(keys: Words, first: Ints, found: Words) -> None:
    """Finds `KeyedWords`."""
    number = np.uint64(len(found))
    for step in range(found.shape[1]):
        for n in range(len(found)):
            # Words are counted from 1 on: the key itself is none.
            before = np.uint64(step) * number + np.uint64(n) + ONE
            for k in range(len(keys)):
                found[n, step, k] = _mixed(keys[k] + (np.uint64(first[k]) * number + before) * STRIDE)


@jit
def _put_singly(kept: Array, rows: Places, first: Ints, new: Array, out_of: Places) -> None:
    # Step by step, as luck lies in memory.
    for step in range(new.shape[1]):
        for k in range(len(rows)):
            if first[k] + step < kept.shape[1]:
                kept[rows[k], first[k] + step] = new[out_of[k], step]
