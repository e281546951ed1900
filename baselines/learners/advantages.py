"""What alternatives earn more than a rule's decision, on the same futures of the same state."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from baselines.agents import Agent
from baselines.learners.alternatives import Alternatives
from baselines.transitions import Decide, Start, transitions
from envs_data.arrays import Array, Flags, Floats, Mask, Places

PLAYED_AT_ONCE = 20_000
# Steps after which worlds that have met again are left out, and the share of worlds that makes it worth the copying.
LOOKED_AT, WORTH_COPYING = (1, 3, 6, 10, 20, 40, 80), 0.3


@dataclasses.dataclass
class Trials:
    """Alternatives tried by simulation.

    All meet all futures. To drop the worst after some of them (sequential halving) finds the best one sooner; but what
    is left has had good luck, and a network that learns from it takes luck for an advantage. Worlds that are alike
    again earn the same from there on, and are played no further.

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
        return np.concatenate(
            [self._gains(twin, rows[part], decided[part], None if mask is None else mask[part], rng) for part in parts]
        )

    def _gains(self, twin: Any, rows: Places, decided: Array, mask: Mask, rng: np.random.Generator) -> Floats:
        """[states, alternatives] mean over futures."""
        shape = (len(rows), self.futures, self.alternatives.count)
        state, future, number = (axis.ravel() for axis in np.indices(shape))
        drawn = twin.branch(np.repeat(rows, self.futures), rng=rng)
        group = state * self.futures + future
        first = self.alternatives.of(decided[state], number, None if mask is None else mask[state])
        return np.asarray(self._played(drawn.branch(group), first).reshape(shape).mean(axis=1))

    def _played(self, worlds: Any, first: Array) -> Floats:
        """[worlds] what a first decision earns more than the one of number 0 of the same future, the rule's after it.

        Args:
            worlds: those of a future side by side, the one of number 0 in front.
            first: [worlds, ...] the decisions.
        """
        gains, places = np.zeros(len(first)), np.arange(len(first))
        fronts = places - places % self.alternatives.count
        earned = np.zeros(len(first))
        start: Start = worlds.observations(), {}
        decide = _first_then(first, self.rule)
        for step in range(self.horizon):
            moved = next(transitions(worlds, decide, start), None)
            if moved is None:
                break
            earned += moved.rewards
            self.steps += int(moved.running.sum())
            start = moved.following, moved.infos
            if step + 1 in LOOKED_AT:
                left = self._apart(worlds, fronts)
                if not left.any():
                    break
                if left.sum() < (1 - WORTH_COPYING) * len(left):
                    gains[places] = earned - earned[fronts]
                    worlds, start, earned, places, fronts = _only(left, worlds, start, earned, places, fronts)
        gains[places] = earned - earned[fronts]
        return gains

    def _apart(self, worlds: Any, fronts: Places) -> Flags:
        """[worlds] which differ from the one in front of theirs, or are in front of one that does."""
        apart = np.zeros(len(fronts), dtype=np.bool_)
        for array in worlds.kept():
            apart |= (array != array[..., fronts]).reshape(-1, len(fronts)).any(axis=0)
        apart[fronts[apart]] = True
        return apart


def _first_then(first: Array, rule: Agent) -> Decide:
    """Decides once as given, and as a rule does from then on."""
    waiting = [first]
    return lambda rows, mask: waiting.pop() if waiting else rule.act(rows, mask)


def _only(
    left: Flags, worlds: Any, start: Start, earned: Floats, places: Places, fronts: Places
) -> tuple[Any, Start, Floats, Places, Places]:
    """All of these for some of the worlds."""
    rows, infos = start
    chosen = np.flatnonzero(left)
    seat = np.cumsum(left) - 1
    kept = {"action_mask": infos["action_mask"][chosen]} if "action_mask" in infos else {}
    return worlds.branch(chosen), (rows[chosen], kept), earned[chosen], places[chosen], seat[fronts[chosen]]
