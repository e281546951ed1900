"""Bandits: choices learned from what they earned, without looking at the state."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.agents import Agent, Problem
from baselines.batching import side_by_side
from baselines.learners.bandit_arms import Build, Constant, action_arms, rule_arms
from baselines.learners.files import Place, read, write
from baselines.learners.strategies import UCB1, Earned, EpsilonGreedy, Strategy, ThompsonBeta, ThompsonNormal
from envs_data.arrays import Floats

WORLDS = 128
# Times a bandit is looked at while it learns.
LOOKS = 12


@dataclasses.dataclass(frozen=True)
class Pulls:
    """The log of a bandit: what a business would have on file.

    Attributes:
        arm: [pulls] which arm.
        earned: [pulls] what it earned: the return of an episode, or the reward of a step.
        propensity: [pulls] probability with which that arm was pulled.
        steps: steps of all pulls together.
    """

    arm: NDArray[np.int64]
    earned: Floats
    propensity: Floats
    steps: int


class Bandit:
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
        earned: what the arms earned.
        pulls: the log of learning; None before.
        earned_while_learning: mean reward a step while learning; None before.
        watch: called now and then while learning, with the steps taken so far.
    """

    def __init__(self, problem: Problem, arms: Sequence[Mapping[str, Any]], build: Build, strategy: Strategy) -> None:
        self.problem = problem
        self._build = build
        self._strategy = strategy
        self.pulls: Pulls | None = None
        self.earned_while_learning: float | None = None
        self.watch: Callable[[int], None] | None = None
        self._begin(arms)

    def _begin(self, arms: Sequence[Mapping[str, Any]]) -> None:
        self.arms = [dict(arm) for arm in arms]
        self._agents = [self._build(self.problem, **arm) for arm in self.arms]
        self.earned = Earned(len(self.arms))

    @property
    def chosen(self) -> int:
        """The arm with the largest expected earnings; the first before learning."""
        return int(np.argmax(self.earned.means)) if self.earned.pulls else 0

    def act(self, observations: NDArray[np.float32], mask: NDArray[np.bool_] | None = None) -> NDArray[Any]:
        """[worlds, ...] what the chosen arm does."""
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
        log: list[tuple[NDArray[np.int64], Floats, Floats]] = []
        spent, rewards, due = 0, 0.0, steps / LOOKS
        while spent < steps:
            arm, propensity = self._strategy.choose(self.earned, WORLDS, rng)
            earned, used = pull(side_by_side(self._agents, arm))
            self.earned.add(arm, earned)
            log.append((arm, earned, propensity))
            spent += used
            rewards += float(earned.sum())
            if self.watch is not None and spent >= due:
                self.watch(spent)
                due += steps / LOOKS
        arms, returns, propensities = (np.concatenate(column) for column in zip(*log, strict=True))
        self.pulls = Pulls(arms, returns, propensities, spent)
        self.earned_while_learning = rewards / spent

    @property
    def regret(self) -> float | None:
        """What learning cost a year: expected earnings of the chosen arm less what was earned; None before."""
        if self.pulls is None:
            return None
        lost = self.earned.means[self.chosen] - self.pulls.earned.mean()
        years = self.pulls.steps / len(self.pulls.earned) / self.problem.view.steps_per_year
        return float(lost / years)

    def save(self, file: Place) -> None:
        """Writes arms and what they earned as JSON.

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
        about = json.loads(read(file))
        if about["case"] != self.problem.case.id:
            raise ValueError(f"an agent of {about['case']}, not of {self.problem.case.id}")
        self._begin(about["arms"])
        self.earned = Earned.from_dict(about["earned"])


class _Episodes:
    """A pull is an episode, from its first step to its last."""

    def __init__(self, envs: Callable[..., Any], seed: int) -> None:
        self._twin = envs(WORLDS, autoreset_mode="Disabled").unwrapped
        self._seed: int | None = seed

    def __call__(self, agent: Agent) -> tuple[Floats, int]:
        """[worlds] returns, and the steps of all."""
        rows, _ = self._twin.reset(seed=self._seed)
        self._seed = None
        earned = np.zeros(WORLDS)
        steps = 0
        while not self._twin.over.all():
            masks = self._twin.action_masks() if self._twin.view.masked else None
            steps += int((~self._twin.over).sum())
            rows, rewards, *_ = self._twin.step(agent.act(rows, masks))
            earned += rewards
        return earned, steps


class _Steps:
    """A pull is a step; episodes follow one another."""

    def __init__(self, envs: Callable[..., Any], seed: int) -> None:
        self._twin = envs(WORLDS, autoreset_mode="SameStep").unwrapped
        self._rows, _ = self._twin.reset(seed=seed)

    def __call__(self, agent: Agent) -> tuple[Floats, int]:
        """[worlds] rewards, and the steps of all."""
        masks = self._twin.action_masks() if self._twin.view.masked else None
        self._rows, rewards, *_ = self._twin.step(agent.act(self._rows, masks))
        return np.array(rewards, dtype=np.float64), WORLDS


def thompson(problem: Problem) -> Bandit:
    """Thompson sampling over the settings of the case's first rule that has any."""
    return _over_settings(problem, ThompsonNormal())


def epsilon_greedy(problem: Problem) -> Bandit:
    """Epsilon-greedy over the settings of the case's first rule that has any."""
    return _over_settings(problem, EpsilonGreedy())


def ucb1(problem: Problem) -> Bandit:
    """UCB1 over the settings of the case's first rule that has any."""
    return _over_settings(problem, UCB1())


def thompson_actions(problem: Problem) -> Bandit:
    """Thompson sampling over actions, each judged by what it earns at once."""
    return Bandit(problem, action_arms(problem), Constant, ThompsonNormal())


def thompson_beta_actions(problem: Problem) -> Bandit:
    """Thompson sampling over actions, earnings taken for shares of successes."""
    return Bandit(problem, action_arms(problem), Constant, ThompsonBeta())


def epsilon_greedy_actions(problem: Problem) -> Bandit:
    """Epsilon-greedy over actions, each judged by what it earns at once."""
    return Bandit(problem, action_arms(problem), Constant, EpsilonGreedy())


def ucb1_actions(problem: Problem) -> Bandit:
    """UCB1 over actions, each judged by what it earns at once."""
    return Bandit(problem, action_arms(problem), Constant, UCB1())


def _over_settings(problem: Problem, strategy: Strategy) -> Bandit:
    arms, build = rule_arms(problem)
    return Bandit(problem, arms, build, strategy)
