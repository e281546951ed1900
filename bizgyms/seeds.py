"""Seeds as people give them: whole numbers of Python or NumPy, one for all worlds or a list of one a world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium.utils import seeding

from bizgyms.luck import LuckStream, room_for
from envs_data.arrays import Places
from envs_data.parameters import ParameterError

OneSeed = int | np.integer[Any] | None


def plain_seed(seed: OneSeed) -> int | None:
    """A seed as Gymnasium takes it, which refuses NumPy's whole numbers; what is no whole number is left to it."""
    return int(seed) if isinstance(seed, np.integer) else seed


def seed_of_each(seeds: Sequence[OneSeed], worlds: int) -> list[int | None]:
    """The seeds of a list, one a world.

    Raises:
        ParameterError: more or fewer than worlds.
    """
    if len(seeds) != worlds:
        raise ParameterError("seed", [f"a list of {len(seeds)} seeds; it must have one a world: {worlds}"])
    return [plain_seed(seed) for seed in seeds]


class SeedOfEach(LuckStream):
    """Hands every world the luck that an environment of its own meets when it is reset with the world's seed.

    Args:
        draw: ``draw(rng, worlds) -> luck``.
        seeds: [worlds] the seeds; None for one from the system.
    """

    def __init__(self, draw: Callable[[np.random.Generator, int], Any], seeds: Sequence[int | None]) -> None:
        super().__init__(draw, len(seeds), 0)
        self._rngs = [seeding.np_random(seed)[0] for seed in seeds]

    def fill(self, luck: Any, rows: Places) -> Any:
        """Writes the next episode's luck of some worlds."""
        for row in rows:
            fresh = self._draw(self._rngs[row], 1)
            luck = room_for(fresh, len(self._rngs)) if luck is None else luck
            for kept, new in zip(luck, fresh, strict=True):
                kept[row] = new[0]
        return luck
