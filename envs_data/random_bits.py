"""Randomness as whole numbers, so that both engines compare exactly: arrays of 32-bit words, and words of a key.

A 32-bit word costs half as much as a float. Where a life has no end in sight, an array of luck would need a cap on
visits, and most of it would never be read. There each customer has a 64-bit key, and visit n reads the n-th output of
SplitMix64 (Steele, Lea and Flood, 2014) seeded with that key.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from envs_data.arrays import Floats, Ints
from envs_data.chance import random_blocks

Words = NDArray[np.uint64]
"""64-bit words: keys, and what SplitMix64 makes of them."""
HalfWords = NDArray[np.uint32]
"""32-bit words, uniform on 0 to `RANGE` - 1."""
RANGE = 1 << 32
STRIDE, FIRST, SECOND = (np.uint64(c) for c in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
NEVER = np.iinfo(np.int64).max
"""The visit from which a key holds that never does."""
NO_REDRAW = {"later": 0, "since": NEVER}
"""What stands for a key drawn anew, and for its visit, where there is none."""
ONE, A, B, C, HALF = (np.uint64(n) for n in (1, 30, 27, 31, 32))
# A float between 1 and 2 has 52 bits behind those that say so; half a bit keeps it off both.
SPARE, FROM_ONE_TO_TWO, ALMOST_ONE = np.uint64(12), np.uint64(0x3FF << 52), 1 - 2.0**-53


def draw_words(rng: np.random.Generator, worlds: int, columns: int) -> HalfWords:
    """Independent uniform words [worlds, columns], laid out in memory with the worlds side by side.

    Args:
        rng: the source of randomness.
        worlds: number of worlds.
        columns: length of the other axis; 0 draws nothing.
    """
    count = worlds * columns
    if not count:
        return np.empty((worlds, columns), dtype=np.uint32)
    return random_blocks(rng, -(-count // 2)).view(np.uint32)[:count].reshape(columns, worlds).T


def threshold(probability: float) -> int:
    """The bound below which a 32-bit word falls with this probability, to within 1.2e-10."""
    return round(probability * RANGE)


def thresholds(probabilities: Floats) -> Ints:
    """`threshold` of each entry."""
    return np.rint(probabilities * RANGE).astype(np.int64)


def draw_keys(rng: np.random.Generator, worlds: int) -> Words:
    """[worlds] one key for each world."""
    return random_blocks(rng, worlds)


def none_later(worlds: int) -> Words:
    """[worlds, 0] the later keys of luck that was never drawn anew."""
    return np.zeros((worlds, 0), dtype=np.uint64)


def none_since(worlds: int) -> Ints:
    """[worlds, 0] the visits from which those hold."""
    return np.zeros((worlds, 0), dtype=np.int64)


def key_at(key: Any, later: Any, since: Any, visit: Any) -> Any:
    """The key in force at a visit: the last of those drawn anew that hold since then or before, or the first key.

    Args:
        key: the first key.
        later: [redraws] the keys that follow it.
        since: [redraws] the visit from which each of them holds.
        visit: number of the visit, from 0 on.
    """
    for k in range(len(since)):
        if visit >= since[k]:
            key = later[k]
    return key


def words(keys: Words, visits: Words) -> Words:
    """The word of each customer at a visit; its upper and lower halves are independent.

    Args:
        keys: the customers' keys, an array.
        visits: number of the visit, from 0 on, unsigned; an array of the same shape.
    """
    return np.asarray(mixed(keys + (visits + ONE) * STRIDE))


def mixed(state: Any) -> Any:
    """The word of a state, which advances by `STRIDE` from word to word; an array or a single number."""
    word = (state ^ (state >> A)) * FIRST
    word = (word ^ (word >> B)) * SECOND
    return word ^ (word >> C)


def halves(word: int) -> tuple[int, int]:
    """Upper and lower half of a word, each uniform on 0 to 2^32 - 1."""
    return word >> 32, word & (RANGE - 1)


class StepWords(Protocol):
    """Random words for some steps of some worlds: what a case's ``draw_steps`` makes luck of.

    They depend on the world's key and on the number of the step alone, so that luck is the same in whatever pieces it
    is drawn.
    """

    def of_step(self, number: int) -> Words:
        """[number, steps, worlds] so many words a step, independent and uniform."""


def uniforms(words: Words) -> Floats:
    """Numbers between 0 and 1, neither of them included, from the upper 52 bits of words."""
    bits = words >> SPARE
    bits |= FROM_ONE_TO_TWO
    numbers = bits.view(np.float64)
    numbers -= ALMOST_ONE
    return numbers


def normals(words: Words) -> Floats:
    """Standard normal numbers, from the upper 52 bits of words."""
    numbers = uniforms(words)
    return np.asarray(special.ndtri(numbers, out=numbers))
