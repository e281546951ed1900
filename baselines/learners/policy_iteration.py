"""Policy iteration by simulation: the best rule, and where it pays another decision near its own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from baselines.agents import Agent, Problem
from baselines.batching import repeated
from baselines.learners import small_network
from baselines.learners.advantages import Trials
from baselines.learners.algorithms import hyperparameters
from baselines.learners.alternatives import Alternatives
from baselines.learners.saved_learner import Arrays, Header, SavedLearner
from baselines.learners.warm_start import first_rule
from baselines.rules import rules
from baselines.transitions import played_out
from bizgyms.luck import draw_of
from bizgyms.masks import possible
from envs_data.arrays import Array, Floats, Ints, Mask, Rows

# Worlds in which states are met, states tried at once, and most steps from one such moment to the next.
WORLDS, STATES, APART = 512, 64, 10
# Share of decisions that are any alternative, so that states beside the policy's own are met too.
EXPLORED = 0.1
# Parts of a training, each with a fit on all that was tried so far.
PARTS = 4
# Episodes on which gates are compared, at least and at most, and the share of all steps that is meant for it.
EPISODES, MOST_EPISODES, GATES = 500, 4_000, 0.1
# Shares of deviations that gates let through, the surest first.
OPEN = (1.0, 0.7, 0.4, 0.2)
# A network over hundreds of features learns little from thousands of states.
MOST_FEATURES = 100


class PolicyIteration(SavedLearner):
    """A rule corrected by simulation, in the manner of Deep Controlled Learning (Temizoz and others, EJOR 2025).

    In states met while playing, every alternative near the rule's decision is tried on the same futures, with the rule
    deciding afterwards. A network learns, over all states, which alternative gains most; it sees what the rule sees, so
    that what is hidden is averaged over. A gate, chosen on luck of its own, leaves the rule alone where the network is
    not sure.

    Args:
        problem: what it learns.
        rule: name of the rule it begins at; empty for the case's first one, untuned.
        tuned: the setting of that rule.

    Attributes:
        network: the arrays of the network (`small_network`), and the gate: the least lead of an alternative's score
            over that of the rule's decision.

    Raises:
        LookupError: no such rule.
    """

    def __init__(self, problem: Problem, rule: str = "", tuned: Mapping[str, Any] | None = None) -> None:
        super().__init__(problem)
        self.rule = _rule(problem, rule, tuned or {})
        self.alternatives = Alternatives(problem)
        inputs = len(problem.view.features) + len(problem.view.action_range()[0])
        self.network: dict[str, Array] = small_network.unlearned(inputs, self.alternatives.count)
        self.network["gate"] = np.array(np.inf)
        self.hyperparameters = hyperparameters("policy_iteration", problem.case.id)

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] the rule's decisions, or the alternatives that pass the gate."""
        decided = self.rule.act(observations, mask)
        if np.isinf(self.network["gate"]):
            return decided
        best, lead = self._preferred(self._inputs(observations, decided))
        return self.alternatives.of(decided, np.where(lead > self.network["gate"], best, 0), mask)

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Tries alternatives until the steps are spent, and fits the network in between.

        Args:
            envs: makes training environments of the case, which can be branched.
            steps: environment steps, all worlds and futures together; no more are taken than ``most_steps``.
            seed: seed of luck, exploration and first weights.
        """
        rng = np.random.default_rng(seed)
        twin = envs(WORLDS, autoreset_mode="SameStep").unwrapped
        rows, infos = twin.reset(seed=seed)
        known = self.hyperparameters
        steps = min(steps, known["most_steps"])
        trials = Trials(self.rule, self.alternatives, known["futures"], known["horizon"])
        inputs, gains, episodes = [], [], EPISODES
        for part in range(PARTS):
            while trials.steps < steps * (part + 1) / PARTS:
                for _ in range(rng.integers(1, APART + 1)):
                    rows, *_, infos = twin.step(self._explored(rows, possible(infos), rng))
                    trials.steps += WORLDS
                chosen = np.sort(rng.choice(WORLDS, STATES, replace=False))
                mask = possible(infos)
                mask = None if mask is None else mask[chosen]
                decided = self.rule.act(rows[chosen], mask)
                inputs.append(self._inputs(rows[chosen], decided))
                gains.append(trials.advantages(twin, chosen, decided, mask, rng))
            self._fit(np.concatenate(inputs), np.concatenate(gains), int(rng.integers(2**31)))
            played = self._choose_gate(envs, np.concatenate(inputs), episodes, int(rng.integers(2**31)))
            trials.steps += played
            # Short episodes cost little, and gains are small beside their luck.
            episodes = int(np.clip(episodes * GATES * steps / PARTS / played, EPISODES, MOST_EPISODES))
            if self.watch is not None:
                self.watch(trials.steps)

    def _inputs(self, observations: Rows, decided: Array) -> Rows:
        """[worlds, inputs] what the network sees: what is observed, and what the rule decides."""
        seen = self.problem.view.normalized(observations)
        return np.concatenate([seen, decided.reshape(len(decided), -1)], axis=1).astype(np.float32)

    def _preferred(self, inputs: Rows) -> tuple[Ints, Rows]:
        """[worlds] the alternative of which most is predicted, and how much more than of the rule's decision."""
        gains = small_network.predicted(self.network, inputs)
        gains -= gains[:, :1]
        best = gains.argmax(axis=1)
        return best, np.take_along_axis(gains, best[:, None], axis=1)[:, 0]

    def _explored(self, rows: Rows, mask: Mask, rng: np.random.Generator) -> Array:
        numbers = rng.integers(self.alternatives.count, size=len(rows))
        return self.alternatives.of(self.act(rows, mask), np.where(rng.random(len(rows)) < EXPLORED, numbers, 0), mask)

    def _fit(self, inputs: Rows, gains: Floats, seed: int) -> None:
        self.network = {**small_network.fitted(inputs, gains, seed), "gate": self.network["gate"]}

    def _choose_gate(self, envs: Callable[..., Any], inputs: Rows, episodes: int, seed: int) -> int:
        """Takes the gate that earns most, if it earns more than the rule by a standard error; returns the steps."""
        best, leads = self._preferred(inputs)
        leads = leads[best > 0]
        gates = [np.inf, *(float(np.quantile(leads, 1 - share)) - 1e-6 for share in OPEN if len(leads))]
        luck = draw_of(self.problem.case)(self.problem.parameters, np.random.default_rng(seed), episodes)
        twin = envs(episodes * len(gates), autoreset_mode="Disabled").unwrapped
        start = twin.reset(options={"luck": repeated(luck, len(gates))})
        decide = functools.partial(self._gated, gates=np.repeat(gates, episodes))
        returns, steps = played_out(twin, decide, start)
        gained = returns.reshape(len(gates), episodes) - returns[:episodes]
        error = gained.std(axis=1, ddof=1) / np.sqrt(episodes)
        chosen = int(gained.mean(axis=1).argmax())
        self.network["gate"] = np.array(gates[chosen] if gained[chosen].mean() > error[chosen] else np.inf)
        return steps

    def _gated(self, observations: Rows, mask: Mask, gates: Floats) -> Array:
        """[worlds, ...] decisions with a gate for each world."""
        decided = self.rule.act(observations, mask)
        best, lead = self._preferred(self._inputs(observations, decided))
        return self.alternatives.of(decided, np.where(lead > gates, best, 0), mask)

    def _learned(self) -> tuple[Header, Arrays]:
        return {"algorithm": "policy_iteration"}, self.network

    def _become(self, header: Header, arrays: Arrays) -> None:
        self.network = dict(arrays)


def _rule(problem: Problem, name: str, setting: Mapping[str, Any]) -> Agent:
    if not name:
        return first_rule(problem)
    found = next((spec for spec in rules(problem) if spec.name == name), None)
    if found is None:
        raise LookupError(f"{name} is no rule of {problem.case.id}")
    return found.build(problem, **setting)


def can_branch(problem: Problem) -> bool:
    """Whether worlds of a case can be played on from the middle, and a network can read what is observed."""
    case = problem.case
    branches = case.has("twin") and getattr(case.twin, "branches", False) and case.has("redraw")
    return branches and len(problem.view.features) <= MOST_FEATURES
