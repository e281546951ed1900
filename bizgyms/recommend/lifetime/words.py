"""The pieces of a customer's luck, as kernels find them."""

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
    return _mixed(key + (np.uint64(number) + ONE) * STRIDE)


@inline
def piece(found: Any, part: int) -> np.int64:
    """A piece of the word it is in, from 0 to 65,535; pieces are counted over neighbouring words."""
    return np.int64((found >> (PIECE * np.uint64(part % IN_A_WORD))) & LOW)
