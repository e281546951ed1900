"""Luck that is one key a world: where worlds end at any time, blocks of it would cost more than playing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numpy as np

from bizgyms.compiled import jit
from bizgyms.luck import LuckStream
from envs_data.arrays import Places
from envs_data.random_bits import NEVER, STRIDE, Words, draw_keys, mixed

P = ParamSpec("P")
R = TypeVar("R")


def keyed(kernel: Callable[P, R]) -> Callable[P, R]:
    """`jit` for a kernel that finds words: they run over the edge of 64 bits, of which plain Python would warn."""
    compiled = jit(kernel)
    return np.errstate(over="ignore")(kernel) if compiled is kernel else compiled


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
        self.state[rows] += STRIDE
        luck.key[rows] = mixed(self.state[rows])
        return luck
