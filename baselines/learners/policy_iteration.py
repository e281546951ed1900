"""Policy iteration by simulation: the best rule, and where it pays another decision near its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from baselines.agents import Agent, Problem
from baselines.batching import repeated
from baselines.learners import small_network
from baselines.learners.advantages import Trials
from baselines.learners.algorithms import hyperparameters
from baselines.learners.alternatives import Alternatives
from baselines.learners.corrected_rule import CorrectedRule
from baselines.learners.saved_learner import Arrays, Header, SavedLearner
from baselines.learners.warm_start import first_rule
from baselines.rules import rules
from baselines.transitions import played_out
from bizgyms.luck import draw_of
from bizgyms.masks import possible
from envs_data.arrays import Array, Floats, Mask, Rows

# Worlds in which states are met, states tried at once, and most steps from one such moment to the next.
WORLDS, STATES, APART = 512, 128, 10
# Share of decisions that are any alternative, so that states beside the policy's own are met too.
EXPLORED = 0.1
# Episodes on which gates are compared, at least and at most, and the share of all steps that is meant for it.
EPISODES, MOST_EPISODES, GATES = 200, 4_000, 0.15
# Episodes that are played to see how long one is.
LOOKED_AT = 20
# Shares of deviations that gates let through, the surest first.
OPEN = (1.0, 0.7, 0.4, 0.2)
# A network over hundreds of features learns little from thousands of states.
MOST_FEATURES = 100


class PolicyIteration(SavedLearner):
    """A rule corrected by simulation, in the manner of Deep Controlled Learning (Temizoz and others, EJOR 2025).

    In states met while playing, every alternative near the rule's decision is tried on the same futures, with the rule
    deciding afterwards, and in a second round what was learned in the first. A network learns, over all states, which
    alternative gains most; it sees what the rule sees, so that what is hidden is averaged over. A gate, chosen on luck
    of its own, leaves the rule alone where the network is not sure.

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

    @property
    def policy(self) -> CorrectedRule:
        """The rule with the corrections learned so far."""
        return CorrectedRule(self.problem, self.rule, self.alternatives, self.network, self.network["gate"])

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] the rule's decisions, or the alternatives that pass the gate."""
        return self.policy.act(observations, mask)

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Tries alternatives until the steps are spent; at the end of each round a network is fitted to all so far.

        Args:
            envs: makes training environments of the case, which can be branched.
            steps: environment steps, all worlds and futures together.
            seed: seed of luck, exploration and first weights.
        """
        rng = np.random.default_rng(seed)
        known, states = self.hyperparameters, _States(self, envs, seed)
        trials = Trials(self.rule, self.alternatives, known["futures"], known["horizon"])
        rounds = known["rounds"]
        # Short episodes cost little, and gains are small beside their luck.
        meant = GATES * steps / rounds / (1 + len(OPEN)) / self._length(envs, seed)
        episodes = int(np.clip(meant, EPISODES, MOST_EPISODES))
        for number in range(rounds):
            if number:
                trials = dataclasses.replace(trials, rule=self.policy)
            while trials.steps < steps * (number + 1) / rounds:
                trials.steps += states.try_more(trials, rng)
            inputs = np.concatenate(states.inputs)
            self._fit(inputs, np.concatenate(states.gains), int(rng.integers(2**31)))
            trials.steps += self._choose_gate(envs, inputs, episodes, int(rng.integers(2**31)))
            if self.watch is not None:
                self.watch(trials.steps)

    def _length(self, envs: Callable[..., Any], seed: int) -> float:
        """Mean steps of an episode under the rule."""
        twin = envs(LOOKED_AT, autoreset_mode="Disabled").unwrapped
        return played_out(twin, self.rule.act, twin.reset(seed=seed))[1] / LOOKED_AT

    def _fit(self, inputs: Rows, gains: Floats, seed: int) -> None:
        self.network = {**small_network.fitted(inputs, gains, seed), "gate": self.network["gate"]}

    def _choose_gate(self, envs: Callable[..., Any], inputs: Rows, episodes: int, seed: int) -> int:
        """Takes the gate that earns most, if it earns more than the rule by a standard error; returns the steps."""
        best, leads = self.policy.preferred(inputs)
        leads = leads[best > 0]
        gates = [np.inf, *(float(np.quantile(leads, 1 - share)) - 1e-6 for share in OPEN if len(leads))]
        luck = draw_of(self.problem.case)(self.problem.parameters, np.random.default_rng(seed), episodes)
        twin = envs(episodes * len(gates), autoreset_mode="Disabled").unwrapped
        start = twin.reset(options={"luck": repeated(luck, len(gates))})
        gated = dataclasses.replace(self.policy, gate=np.repeat(gates, episodes))
        returns, steps = played_out(twin, gated.act, start)
        gained = returns.reshape(len(gates), episodes) - returns[:episodes]
        error = gained.std(axis=1, ddof=1) / np.sqrt(episodes)
        chosen = int(gained.mean(axis=1).argmax())
        self.network["gate"] = np.array(gates[chosen] if gained[chosen].mean() > error[chosen] else np.inf)
        return steps

    def _learned(self) -> tuple[Header, Arrays]:
        return {"algorithm": "policy_iteration"}, self.network

    def _become(self, header: Header, arrays: Arrays) -> None:
        self.network = dict(arrays)


class _States:
    """Worlds in which states are met, and what was tried in them.

    Args:
        learner: whose policy plays there.
        envs: makes them.
        seed: seed of their luck.

    Attributes:
        inputs: what the network sees of the states, an array for each moment.
        gains: what each alternative gains there.
    """

    def __init__(self, learner: PolicyIteration, envs: Callable[..., Any], seed: int) -> None:
        self._learner = learner
        self._twin = envs(WORLDS, autoreset_mode="SameStep").unwrapped
        self._rows: Rows
        self._infos: Mapping[str, Any]
        self._rows, self._infos = self._twin.reset(seed=seed)
        self.inputs: list[Rows] = []
        self.gains: list[Floats] = []

    def try_more(self, trials: Trials, rng: np.random.Generator) -> int:
        """Plays on to another moment and tries the alternatives of some states there; returns the steps played on."""
        turns = int(rng.integers(1, APART + 1))
        for _ in range(turns):
            self._rows, *_, self._infos = self._twin.step(self._explored(rng))
        chosen = np.sort(rng.choice(WORLDS, STATES, replace=False))
        rows, mask = self._rows[chosen], self._mask()
        mask = None if mask is None else mask[chosen]
        decided = self._learner.rule.act(rows, mask)
        self.inputs.append(self._learner.policy.inputs(rows, decided))
        self.gains.append(trials.advantages(self._twin, chosen, decided, mask, rng))
        return turns * WORLDS

    def _mask(self) -> Mask:
        mask: Mask = possible(self._infos)
        return mask

    def _explored(self, rng: np.random.Generator) -> Array:
        """[worlds, ...] the policy's decisions, and here and there any alternative."""
        alternatives = self._learner.alternatives
        numbers = np.where(rng.random(WORLDS) < EXPLORED, rng.integers(alternatives.count, size=WORLDS), 0)
        return alternatives.of(self._learner.act(self._rows, self._mask()), numbers, self._mask())


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
