"""Worlds that begin on different days. Needs stable-baselines3; import it where a learner is built."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bizgyms.sb3 import VecEnv
from envs_data.arrays import Array, Rows

LONGEST = 1_000


class StaggeredVecEnv(VecEnv):
    """A twin whose worlds are not all on the same day.

    Worlds that begin together stay together where episodes have a fixed length: each batch of a learner would then
    come from a few days of one season alone, and the next from the days after.
    """

    def spread(self, policy: Callable[[Rows], Array], seed: int) -> None:
        """From the next `reset` on, begins training with worlds spread evenly over an episode.

        Args:
            policy: decides until then: normalised observations to actions.
            seed: decides which world is on which day.
        """
        self._policy = policy
        self._rng = np.random.default_rng(seed)

    def reset(self) -> Rows:
        """Begins an episode in every world, and after `spread` plays the worlds to different days."""
        rows = super().reset()
        if not hasattr(self, "_policy"):
            return rows
        longest = self._play_out(rows)
        rows = super().reset()
        begins = self._rng.integers(0, longest, size=self.num_envs)
        for step in range(longest):
            rows, _ = self.twin.reset(options={"reset_mask": begins == step})
            rows = self.twin.step(self._policy(rows))[0]
        return rows

    def _play_out(self, rows: Rows) -> int:
        """Steps of the first world's episode."""
        for step in range(1, LONGEST):
            rows, _, terminated, truncated, _ = self.twin.step(self._policy(rows))
            if terminated[0] or truncated[0]:
                return step
        return LONGEST
