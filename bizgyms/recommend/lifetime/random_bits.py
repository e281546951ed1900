"""A customer's random bits, as kernels read them from a key."""

from __future__ import annotations

from typing import Any

import numpy as np

from bizgyms.compiled import inline
from envs_data.random_bits import STRIDE, mixed
from envs_data.recommend.lifetime.laws import RANGE
from envs_data.recommend.lifetime.luck import BITS, IN_A_WORD

ONE, PIECE, LOW = np.uint64(1), np.uint64(BITS), np.uint64(RANGE - 1)
_mixed = inline(mixed)


@inline
def word(key: Any, number: int) -> Any:
    """A word of a key: four pieces."""
    # Counted from 1, as in SplitMix64: the first word is already one stride away from the key.
    return _mixed(key + (np.uint64(number) + ONE) * STRIDE)


@inline
def piece(found: Any, part: int) -> np.int64:
    """One piece of a word, from 0 to 65,535; pieces are numbered across consecutive words."""
    return np.int64((found >> (PIECE * np.uint64(part % IN_A_WORD))) & LOW)
