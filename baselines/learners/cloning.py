"""Behaviour cloning: a network that decides as another agent did. torch is imported when learning begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium import spaces

from baselines.agents import Agent, Problem
from baselines.learners.deep import DeepLearner, sb3_env
from baselines.learners.saved_learner import look_turns
from baselines.learners.warm_start import demonstration
from envs_data.arrays import Array, Rows

# At most so many decisions are logged, in so many worlds.
MOST_LOGGED, WORLDS = 100_000, 64
EPOCHS, BATCH, RATE = 10, 512, 1e-3


class Cloning(DeepLearner):
    """A stable-baselines3 PPO policy taught to decide as a rule does, or as the decisions logged in a table.

    The weights are those that make the decisions most likely (maximum likelihood, Adam). The result is a whole PPO
    model (``model``), which may be trained further by reward.

    Args:
        problem: what is played.
        teacher: the agent to imitate; None for the case's first rule, untuned.
        logged: [steps, features] observations in natural units and [steps, ...] decisions made on them, such as those
            of a table; the teacher is not asked then.
    """

    def __init__(
        self, problem: Problem, teacher: Agent | None = None, logged: tuple[Rows, Array] | None = None
    ) -> None:
        super().__init__(problem, "ppo")
        self._teacher = teacher
        self._logged = logged

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Logs the teacher's decisions, then learns them.

        Args:
            envs: makes environments of the case.
            steps: decisions that may be logged.
            seed: seed of luck, first weights and order.
        """
        rows, actions = self._logged or self._demonstrated(envs, steps, seed)
        scale = demonstration(self.problem, envs, seed).reward_scale
        model = self.unlearned(sb3_env(envs, self.hyperparameters["n_envs"], scale), seed)
        self._take(model)
        teach(model.policy, self.problem.view.normalized(rows), actions, seed, self.watch)

    def _demonstrated(self, envs: Callable[..., Any], steps: int, seed: int) -> tuple[Rows, Array]:
        turns = max(1, min(steps, MOST_LOGGED) // WORLDS)
        shown = demonstration(self.problem, envs, seed, self._teacher, WORLDS, turns)
        return shown.observations, shown.actions


def teach(policy: Any, rows: Rows, actions: Array, seed: int, watch: Callable[[int], None] | None = None) -> None:
    """Makes decisions the most likely ones of an actor-critic policy of stable-baselines3.

    Args:
        policy: the policy; changed.
        rows: [steps, features] what was observed, as the policy sees it.
        actions: [steps, ...] what was decided.
        seed: seed of the order in which it is shown.
        watch: called now and then with the number of decisions learned from so far.
    """
    import torch

    rng = np.random.default_rng(seed)
    optimizer = torch.optim.Adam(policy.parameters(), lr=RATE)
    seen, decided = torch.as_tensor(rows), torch.as_tensor(np.asarray(actions))
    if isinstance(policy.action_space, spaces.MultiBinary):
        decided = decided.float()  # torch's Bernoulli likelihood takes real numbers
    batches = max(1, len(rows) // BATCH)
    looks = look_turns(EPOCHS * batches)
    turn = 0
    for _ in range(EPOCHS):
        for chosen in np.array_split(rng.permutation(len(rows)), batches):
            policy.set_training_mode(True)
            _, likelihood, _ = policy.evaluate_actions(seen[chosen], decided[chosen])
            optimizer.zero_grad()
            (-likelihood.mean()).backward()
            optimizer.step()
            policy.set_training_mode(False)
            turn += 1
            if turn in looks and watch is not None:
                watch(len(rows) * turn // (EPOCHS * batches))
