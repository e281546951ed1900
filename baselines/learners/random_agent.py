"""The random agent, the zero of every scale."""

from __future__ import annotations

import numpy as np
from gymnasium import spaces

from baselines.agents import Problem
from envs_data.arrays import Array, Mask, Rows


class Random:
    """Takes every possible action with the same probability.

    Args:
        problem: what it plays.
        seed: seed of its choices.
    """

    def __init__(self, problem: Problem, seed: int = 0) -> None:
        self._space = problem.view.action_space
        self._low, self._high = problem.view.action_range()
        self._rng = np.random.default_rng(seed)

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] actions, each dimension drawn alone."""
        shape = (len(observations), *(self._space.shape or ()))
        if isinstance(self._space, spaces.Box):
            drawn: Array = self._rng.uniform(self._low, self._high, size=(len(observations), len(self._low)))
            return drawn.astype(self._space.dtype).reshape(shape)
        counts = self._high - self._low + 1
        if mask is None:
            mask = np.ones((len(observations), int(counts.sum())), dtype=np.bool_)
        # The largest of as many uniform numbers as there are possible actions is as likely to be any of them.
        keys = np.where(mask, self._rng.random(mask.shape), -1.0)
        ends = np.cumsum(counts)
        columns = [keys[:, end - count : end].argmax(axis=1) for end, count in zip(ends, counts, strict=True)]
        chosen: Array = (np.stack(columns, axis=1) + self._low).reshape(shape)
        return chosen
