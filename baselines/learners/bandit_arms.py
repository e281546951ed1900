"""The arms of a bandit: the settings of a rule, or actions; and what bandits over arms share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from baselines.agents import Agent, Problem
from baselines.batching import JoinedByFields, batched
from baselines.learners.saved_learner import SavedLearner
from baselines.rules import rules
from envs_data.arrays import Array, Floats, Ints, Mask, Places, Rows

Arm = Mapping[str, Any]
Build = Callable[..., Agent]
Pulled = tuple[Ints, Floats, Floats]
WORLDS = 128
MOST_ARMS = 24
FAR = 1e9


@dataclasses.dataclass(frozen=True)
class Pulls:
    """The log of a bandit, as a business would have it on file.

    Attributes:
        arm: [pulls] which arm.
        earned: [pulls] its earnings: the return of an episode, or the reward of a step.
        propensity: [pulls] probability with which that arm was pulled.
        steps: steps of all pulls together.
    """

    arm: Ints
    earned: Floats
    propensity: Floats
    steps: int


class ArmLearner(SavedLearner):
    """A learner that chooses among arms, in each world of a batch its own.

    Args:
        problem: what it plays.
        arms: keyword arguments of ``build``, one dict an arm.
        build: makes an agent of an arm.

    Attributes:
        arms: the arms.
        pulls: the log of learning; None before.
    """

    def __init__(self, problem: Problem, arms: Sequence[Arm], build: Build) -> None:
        super().__init__(problem)
        self._build = build
        self.pulls: Pulls | None = None
        self._begin(arms)

    def _begin(self, arms: Sequence[Arm]) -> None:
        self.arms = [dict(arm) for arm in arms]
        self._agents = [self._build(self.problem, **arm) for arm in self.arms]

    def _played(self, arm: Places) -> Agent:
        """The agent whose row i is decided by the arm of world i."""
        return batched(self._agents, arm)

    def _log(self, log: Sequence[Pulled], steps: int) -> None:
        """Keeps the log: arms, earnings and propensities, a batch of pulls at a time."""
        arm, earned, propensity = (np.concatenate(column) for column in zip(*log, strict=True))
        self.pulls = Pulls(arm, earned, propensity, steps)


@dataclasses.dataclass(frozen=True)
class Constant(JoinedByFields):
    """Always decides the same; where that is impossible, the possible action nearest to it.

    Attributes:
        problem: what it plays.
        action: the action; [worlds] where several are joined.
    """

    stacked: ClassVar = ("action",)
    problem: Problem
    action: int | Ints

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds] the action."""
        wanted = np.broadcast_to(self.action, len(observations))
        if mask is None:
            return wanted.copy()
        first = int(self.problem.view.action_range()[0][0])
        distance = np.abs(np.arange(mask.shape[1]) + first - wanted[:, None])
        return np.asarray(first + np.where(mask, distance, FAR).argmin(axis=1))


def action_arms(problem: Problem) -> list[Arm]:
    """One arm an action of a ``Discrete`` space."""
    low, high = (int(end[0]) for end in problem.view.action_range())
    return [{"action": action} for action in range(low, high + 1)]


def rule_arms(problem: Problem) -> tuple[list[Arm], Build]:
    """Up to 24 settings of the case's first rule that has any, and the function that builds an agent of one."""
    rule = next(spec for spec in rules(problem) if len(spec.settings(problem)) > 1)
    settings: Sequence[Arm] = rule.settings(problem)
    if len(settings) > MOST_ARMS:
        settings = [settings[round(k)] for k in np.linspace(0, len(settings) - 1, MOST_ARMS)]
    return list(settings), rule.build


def has_settings(problem: Problem) -> bool:
    """Whether a rule of the case has settings to choose from."""
    return any(len(spec.settings(problem)) > 1 for spec in rules(problem))
