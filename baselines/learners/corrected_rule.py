"""The rule's decision, or another one near it where a network predicts that it earns more."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from baselines.agents import Agent, Problem
from baselines.learners import small_network
from baselines.learners.alternatives import Alternatives
from envs_data.arrays import Array, Floats, Ints, Mask, Rows


@dataclasses.dataclass(frozen=True)
class CorrectedRule:
    """Decides as a rule does, unless an alternative is predicted to earn more by at least the gate.

    Attributes:
        problem: what it plays.
        rule: the rule.
        alternatives: the decisions near the rule's.
        network: arrays of the network (`small_network`).
        gate: least lead of an alternative's prediction over that of the rule's decision; [worlds] where they differ.
    """

    problem: Problem
    rule: Agent
    alternatives: Alternatives
    network: Mapping[str, Array]
    gate: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] the rule's decisions, or the alternatives that pass the gate."""
        decided = self.rule.act(observations, mask)
        if np.isinf(self.gate).all():
            return decided
        return self.alternatives.of(decided, self.chosen(observations, decided), mask)

    def chosen(self, observations: Rows, decided: Array) -> Ints:
        """[worlds] numbers of the alternatives taken to the rule's decisions; 0 for the decision itself."""
        best, lead = self.preferred(self.inputs(observations, decided))
        return np.where(lead > self.gate, best, 0)

    def inputs(self, observations: Rows, decided: Array) -> Rows:
        """[worlds, inputs] what the network sees: what is observed, and what the rule decides."""
        seen = self.problem.view.normalized(observations)
        return np.concatenate([seen, decided.reshape(len(decided), -1)], axis=1).astype(np.float32)

    def preferred(self, inputs: Rows) -> tuple[Ints, Rows]:
        """[worlds] the alternative of which most is predicted, and how much more than of the rule's decision."""
        gains = small_network.predicted(self.network, inputs)
        best = gains.argmax(axis=1)
        return best, np.take_along_axis(gains, best[:, None], axis=1)[:, 0] - gains[:, 0]
