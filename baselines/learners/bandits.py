"""Bandits: choices learned from their earnings, without looking at the state."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from baselines.agents import Agent, Problem
from baselines.learners.bandit_arms import WORLDS, ArmLearner, Build, Constant, Pulled, action_arms, rule_arms
from baselines.learners.saved_learner import LOOKS, Place, read, write
from baselines.learners.strategies import UCB1, Earned, EpsilonGreedy, Strategy, ThompsonBeta, ThompsonNormal
from baselines.transitions import played_out, transitions
from envs_data.arrays import Array, Floats, Mask, Rows


class Bandit(ArmLearner):
    """A bandit over the settings of a rule, or over actions.

    An arm that is a setting is pulled for a whole episode; an arm that is an action is pulled for a step, and what it
    does to later steps is not seen: that is how bandits are used on messages and prices. Each world of a batch has an
    arm of its own.

    Args:
        problem: what it plays.
        arms: keyword arguments of ``build``, one dict an arm.
        build: makes an agent of an arm.
        strategy: how arms are chosen.

    Attributes:
        earned: earnings of the arms.
    """

    def __init__(self, problem: Problem, arms: Sequence[Mapping[str, Any]], build: Build, strategy: Strategy) -> None:
        super().__init__(problem, arms, build)
        self._strategy = strategy
        self.earned = Earned(len(self.arms))

    @property
    def chosen(self) -> int:
        """The arm with the largest expected earnings; the first before learning."""
        return int(np.argmax(self.earned.means)) if self.earned.pulls else 0

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] decisions of the chosen arm."""
        return self._agents[self.chosen].act(observations, mask)

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Pulls arms, a batch of worlds at a time, until the steps are spent.

        Args:
            envs: makes training environments of the case.
            steps: environment steps, all worlds together.
            seed: seed of luck and sampling.
        """
        rng = np.random.default_rng(seed)
        pull = (_Steps if self._build is Constant else _Episodes)(envs, seed)
        log: list[Pulled] = []
        spent, rewards, due = 0, 0.0, steps / LOOKS
        while spent < steps:
            arm, propensity = self._strategy.choose(self.earned, WORLDS, rng)
            earned, used = pull(self._played(arm))
            self.earned.add(arm, earned)
            log.append((arm, earned, propensity))
            spent += used
            rewards += float(earned.sum())
            if self.watch is not None and spent >= due:
                self.watch(spent)
                due += steps / LOOKS
        self._log(log, spent)
        self.earned_while_learning = rewards / spent

    @property
    def regret(self) -> float | None:
        """The cost of learning a year: expected earnings of the chosen arm less actual earnings; None before."""
        if self.pulls is None:
            return None
        lost = self.earned.means[self.chosen] - self.pulls.earned.mean()
        years = self.pulls.steps / len(self.pulls.earned) / self.problem.view.steps_per_year
        return float(lost / years)

    def save(self, file: Place) -> None:
        """Writes arms and their earnings as JSON.

        Args:
            file: a path, or a binary file open for writing.
        """
        about = {"case": self.problem.case.id, "arms": self.arms, "earned": self.earned.to_dict()}
        write(file, json.dumps(about).encode())

    def restore(self, file: Place) -> None:
        """Becomes the bandit that `save` wrote, and acts exactly as it did.

        Args:
            file: a path, or a binary file open for reading.

        Raises:
            ValueError: another case's bandit.
        """
        try:
            about = json.loads(read(file))
            self._check(about)
            arms, earned = about["arms"], Earned.from_dict(about["earned"])
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"not a bandit that bizgyms saved ({error})") from None
        self._begin(arms)
        self.earned = earned


class _Episodes:
    """A pull is an episode, from its first step to its last."""

    def __init__(self, envs: Callable[..., Any], seed: int) -> None:
        self._twin = envs(WORLDS, autoreset_mode="Disabled").unwrapped
        self._seed: int | None = seed

    def __call__(self, agent: Agent) -> tuple[Floats, int]:
        """[worlds] returns, and the steps of all."""
        start, self._seed = self._twin.reset(seed=self._seed), None
        return played_out(self._twin, agent.act, start)


class _Steps:
    """A pull is a step; episodes follow one another."""

    def __init__(self, envs: Callable[..., Any], seed: int) -> None:
        twin = envs(WORLDS, autoreset_mode="SameStep").unwrapped
        self._steps = transitions(twin, self._decide, twin.reset(seed=seed))

    def __call__(self, agent: Agent) -> tuple[Floats, int]:
        """[worlds] rewards, and the steps of all."""
        self._decide_by = agent.act
        return np.array(next(self._steps).rewards), WORLDS

    def _decide(self, rows: Rows, mask: Mask) -> Array:
        return self._decide_by(rows, mask)


def settings_bandit(problem: Problem, strategy: Strategy) -> Bandit:
    """A bandit over the settings of the case's first rule that has any."""
    return Bandit(problem, *rule_arms(problem), strategy)


def actions_bandit(problem: Problem, strategy: Strategy) -> Bandit:
    """A bandit over actions, each judged by what it earns at once."""
    return Bandit(problem, action_arms(problem), Constant, strategy)


thompson = functools.partial(settings_bandit, strategy=ThompsonNormal())
epsilon_greedy = functools.partial(settings_bandit, strategy=EpsilonGreedy())
ucb1 = functools.partial(settings_bandit, strategy=UCB1())
thompson_actions = functools.partial(actions_bandit, strategy=ThompsonNormal())
thompson_beta_actions = functools.partial(actions_bandit, strategy=ThompsonBeta())
epsilon_greedy_actions = functools.partial(actions_bandit, strategy=EpsilonGreedy())
ucb1_actions = functools.partial(actions_bandit, strategy=UCB1())
