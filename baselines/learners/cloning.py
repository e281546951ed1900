"""Behaviour cloning: a network that decides as somebody else did. Needs torch; it is imported when learning begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.agents import Agent, Problem
from baselines.learners.deep import LOOKS, DeepLearner, first_look, sb3_env
from baselines.learners.warm_start import guide, watch
from envs_data.arrays import Rows

# Of what may be spent: at most so many decisions are watched, in so many worlds.
MOST_WATCHED, WORLDS = 100_000, 64
EPOCHS, BATCH, RATE = 10, 512, 1e-3


class Cloning(DeepLearner):
    """A stable-baselines3 PPO policy taught to decide as a rule does, or as somebody did in a table.

    The weights are those that make the decisions most likely (maximum likelihood, Adam). What comes out is a whole
    PPO model (``model``), from which training by reward may go on.

    Args:
        problem: what is played.
        teacher: who decides; the case's first rule, untuned, where nobody is named.
        logged: [steps, features] observations in natural units and [steps, ...] decisions made on them, such as those
            of a table; nobody is watched then.
    """

    def __init__(
        self, problem: Problem, teacher: Agent | None = None, logged: tuple[Rows, NDArray[Any]] | None = None
    ) -> None:
        super().__init__(problem, "ppo")
        self._teacher = teacher
        self._logged = logged

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Watches, then learns what it saw.

        Args:
            envs: makes environments of the case.
            steps: decisions it may watch.
            seed: seed of luck, first weights and order.
        """
        rows, actions = self._logged or self._watched(envs, steps, seed)
        look = first_look(self.problem, envs, seed)
        model = self.built(sb3_env(envs, self.hyperparameters["n_envs"], look.reward_scale), seed)
        self._take(model)
        teach(model.policy, self.problem.view.normalized(rows), actions, seed, self.watch)

    def _watched(self, envs: Callable[..., Any], steps: int, seed: int) -> tuple[Rows, NDArray[Any]]:
        teacher = guide(self.problem, seed) if self._teacher is None else self._teacher
        turns = max(1, min(steps, MOST_WATCHED) // WORLDS)
        seen = watch(self.problem, envs, teacher, WORLDS, turns, seed)
        return seen.observations, seen.actions


def teach(
    policy: Any, rows: Rows, actions: NDArray[Any], seed: int, watch: Callable[[int], None] | None = None
) -> None:
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
        decided = decided.float()  # the likelihood of yes and no is one of real numbers
    batches = max(1, len(rows) // BATCH)
    looks = {round(EPOCHS * batches * (k + 1) / LOOKS) for k in range(LOOKS)}
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


def cloned_rule(problem: Problem) -> Cloning:
    """A clone of the case's first rule, untuned."""
    return Cloning(problem)
