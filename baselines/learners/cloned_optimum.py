"""The reference's own policy, held by a network: how much of what is possible a network of this size can decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from baselines.agents import Agent, Problem
from baselines.learners.cloning import MOST_LOGGED, WORLDS, teach
from baselines.learners.deep import DeepLearner, sb3_env
from baselines.learners.warm_start import demonstration
from envs_data.arrays import Array, Mask, Rows

# Turns of showing and learning; in all but the first the network plays, and the teacher says what it would have done.
TURNS = 3


class ClonedOptimum(DeepLearner):
    """PPO's network taught the reference's policy (DAgger: Ross, Gordon and Bagnell 2011).

    What it earns says what is lost because a network decides; the rest of a learner's distance is lost in learning.
    It is no candidate: nobody who has the reference needs a network.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem, "ppo")

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Learns the teacher's decisions where the teacher goes, and then where the network itself goes.

        Args:
            envs: makes environments of the case.
            steps: decisions that may be logged.
            seed: seed of luck, first weights and order.

        Raises:
            LookupError: the reference is a bound without a policy.
        """
        teacher = best_possible(self.problem)
        long = max(1, min(steps, MOST_LOGGED) // WORLDS // TURNS)
        scale = demonstration(self.problem, envs, seed, teacher).reward_scale
        model = self.unlearned(sb3_env(envs, self.hyperparameters["n_envs"], scale), seed)
        rows: list[Rows] = []
        labels: list[Array] = []
        for turn in range(TURNS):
            pupil = _Corrected(self if turn else teacher, teacher)
            rows.append(demonstration(self.problem, envs, seed + turn, pupil, WORLDS, long).observations)
            labels += pupil.said
            self._take(model)
            last = turn == TURNS - 1
            seen = self.problem.view.normalized(np.concatenate(rows))
            teach(model.policy, seen, np.concatenate(labels), seed, self.watch if last else None)


class _Corrected:
    """An agent beside which a teacher says what it would decide."""

    def __init__(self, agent: Agent, teacher: Agent) -> None:
        self._agent, self._teacher = agent, teacher
        self.said: list[Array] = []

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        self.said.append(np.asarray(self._teacher.act(observations, mask)))
        return self._agent.act(observations, mask)


def best_possible(problem: Problem) -> Agent:
    """The reference's own policy.

    Raises:
        LookupError: the reference is a bound without a policy.
    """
    policy: Agent | None = problem.case.reference(problem.parameters).policy
    if policy is None:
        raise LookupError(f"the reference of {problem.case.id} is a bound: it has no policy of its own")
    return policy
