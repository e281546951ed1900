"""PPO that scores items instead of naming them: a catalogue is too long to try every slate."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from baselines.agents import Problem
from baselines.learners.deep import DeepLearner
from baselines.learners.saved_learner import Place
from bizgyms.recommend.lifetime.scores import ScoreTwin, ScoreView
from bizgyms.recommend.lifetime.view import Objective
from envs_data.arrays import Ints, Mask, Rows
from envs_data.recommend.lifetime import LifetimeParameters

BLOCK = "RecommendLifetime by scores"


class ScoreLearner:
    """PPO over weights of the known properties of items.

    Args:
        problem: what it learns.
        objective: its reward while it learns: ``margin``, ``clicks``, ``time`` or ``purchases``.

    Attributes:
        watch: called now and then while learning, with the steps taken so far.

    Raises:
        MissingDependencyError: stable-baselines3 or torch is not installed.
    """

    def __init__(self, problem: Problem, objective: Objective = "margin") -> None:
        assert isinstance(problem.parameters, LifetimeParameters)
        self.objective = objective
        self._view = ScoreView(problem.parameters)
        self._learner = DeepLearner(dataclasses.replace(problem, view=self._view), "ppo", BLOCK)

    @property
    def watch(self) -> Callable[[int], None] | None:
        """Called now and then while learning, with the steps taken so far."""
        return self._learner.watch

    @watch.setter
    def watch(self, watch: Callable[[int], None] | None) -> None:
        self._learner.watch = watch

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Learns; see `DeepLearner.learn`. The worlds are those of the problem, played by scores."""
        own = functools.partial(ScoreTwin, scenario=self._view.parameters, objective=self.objective)
        self._learner.learn(own, steps, seed)

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items."""
        weights = np.clip(self._learner.act(observations), -1.0, 1.0)
        return self._view.slates(weights, observations)

    def save(self, file: Place) -> None:
        """See `DeepLearner.save`."""
        self._learner.save(file)

    def restore(self, file: Place) -> None:
        """See `DeepLearner.restore`."""
        self._learner.restore(file)
