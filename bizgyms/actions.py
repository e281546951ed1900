"""The limits of an action space, dimension by dimension, and whether actions keep to them."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from bizgyms.compiled import jit
from envs_data.arrays import Array


def limits(space: spaces.Space[Any]) -> tuple[Array, Array]:
    """Smallest and largest value of each dimension of an action, flattened.

    Raises:
        TypeError: a space without such limits.
    """
    if isinstance(space, spaces.Discrete):
        return np.array([space.start]), np.array([space.start + space.n - 1])
    if isinstance(space, spaces.MultiDiscrete):
        return np.zeros(space.nvec.size, dtype=np.int64), space.nvec.ravel() - 1
    if isinstance(space, spaces.MultiBinary):
        count = int(np.prod(space.shape))
        return np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.int64)
    if isinstance(space, spaces.Box):
        return space.low.ravel(), space.high.ravel()
    raise TypeError(f"{space} is no space this package knows")


@jit
def first_outside(actions: Array, low: Array, high: Array) -> int:
    """The first world with an action outside [low, high], or NaN; -1 if there is none."""
    everything_inside = True
    for k in range(actions.shape[1]):
        column, least, most = actions[:, k], low[k], high[k]
        for world in range(len(column)):
            # Written so that NaN, which compares false with everything, is outside.
            everything_inside &= (least <= column[world]) & (column[world] <= most)
    if everything_inside:
        return -1
    world = 0
    while True:
        for k in range(actions.shape[1]):
            if not low[k] <= actions[world, k] <= high[k]:
                return world
        world += 1
