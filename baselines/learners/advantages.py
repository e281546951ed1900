"""What alternatives earn more than a rule's decision, on the same futures of the same state."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from baselines.agents import Agent
from baselines.learners.alternatives import Alternatives
from baselines.transitions import transitions
from envs_data.arrays import Array, Floats, Mask, Places

PLAYED_AT_ONCE = 20_000


@dataclasses.dataclass
class Trials:
    """Alternatives tried by simulation.

    All meet all futures. To drop the worst after some of them (sequential halving) finds the best one sooner; but what
    is left has had good luck, and a network that learns from it takes luck for an advantage.

    Attributes:
        rule: decides after the first decision.
        alternatives: what is tried.
        futures: futures of a state.
        horizon: steps played, the same for all.
        steps: steps played so far, all worlds together.
    """

    rule: Agent
    alternatives: Alternatives
    futures: int
    horizon: int
    steps: int = 0

    def advantages(self, twin: Any, rows: Places, decided: Array, mask: Mask, rng: np.random.Generator) -> Floats:
        """[states, alternatives] mean return less that of the rule's own decision, which is number 0.

        Args:
            twin: worlds in mid-episode.
            rows: [states] which of them are tried.
            decided: [states, ...] the rule's decisions there.
            mask: [states, actions] what is possible, where the case has masks.
            rng: draws the futures.
        """
        at_once = max(1, PLAYED_AT_ONCE // (self.futures * self.alternatives.count))
        parts = [slice(first, first + at_once) for first in range(0, len(rows), at_once)]
        means = [
            self._returns(twin, rows[part], decided[part], None if mask is None else mask[part], rng) for part in parts
        ]
        found = np.concatenate(means)
        return found - found[:, :1]

    def _returns(self, twin: Any, rows: Places, decided: Array, mask: Mask, rng: np.random.Generator) -> Floats:
        """[states, alternatives] mean return over futures."""
        shape = (len(rows), self.futures, self.alternatives.count)
        state, future, number = (axis.ravel() for axis in np.indices(shape))
        drawn = twin.branch(np.repeat(rows, self.futures), rng=rng)
        tried = drawn.branch(state * self.futures + future)
        first = self.alternatives.of(decided[state], number, None if mask is None else mask[state])
        return np.asarray(self._played(tried, first).reshape(shape).mean(axis=1))

    def _played(self, worlds: Any, first: Array) -> Floats:
        """[worlds] returns of a first decision, the rule's after it."""
        running = ~worlds.over
        rows, returns, *_, infos = worlds.step(first)
        self.steps += int(running.sum())
        for step, moved in enumerate(transitions(worlds, self.rule.act, (rows, infos))):
            returns = returns + moved.rewards
            self.steps += int(moved.running.sum())
            if step + 2 >= self.horizon:
                break
        return np.asarray(returns)
