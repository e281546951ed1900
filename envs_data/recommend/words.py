"""Chance of an open-ended life: a 64-bit key a customer, and from it a word for every visit there may ever be.

An array of luck would need a cap on visits, and nearly all of it would never be read. Here visit n of a customer meets
the n-th output of SplitMix64 (Steele, Lea and Flood, 2014) seeded with the customer's key. Only whole numbers are
involved, so both engines find the same word.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Ints
from envs_data.chance import random_blocks

Words = NDArray[np.uint64]
RANGE = 1 << 32
STRIDE, FIRST, SECOND = (np.uint64(c) for c in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
ONE, A, B, C, HALF = (np.uint64(n) for n in (1, 30, 27, 31, 32))


def draw_keys(rng: np.random.Generator, worlds: int) -> Words:
    """[worlds] a key each."""
    return random_blocks(rng, worlds)


def words(keys: Words, visits: Words) -> Words:
    """The word each customer meets at a visit; its upper and lower half are independent.

    Args:
        keys: keys of customers, an array.
        visits: which visit, from 0 on, as unsigned numbers; an array of the same shape.
    """
    found: Words = mixed(keys + (visits + ONE) * STRIDE)
    return found


def mixed(state: Any) -> Any:
    """The word of a state, which moves on by `STRIDE` with every word; an array or a single number."""
    found = (state ^ (state >> A)) * FIRST
    found = (found ^ (found >> B)) * SECOND
    return found ^ (found >> C)


def halves(word: int) -> tuple[int, int]:
    """Upper and lower half of a word, each uniform on 0 to 2^32 - 1."""
    return word >> 32, word & (RANGE - 1)


def thresholds(probabilities: NDArray[np.float64]) -> Ints:
    """What half a word must be below to say yes with each probability, to within 1.2e-10."""
    return np.rint(probabilities * RANGE).astype(np.int64)
