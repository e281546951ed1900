"""What is seen of a problem before anything is learned: the case's first rule, untuned, at work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.agents import Agent, Problem
from baselines.learners.random_agent import Random
from baselines.rules import rules


class Seen(NamedTuple):
    """Some play that was watched, step after step, the worlds of a step side by side.

    Attributes:
        observations: [steps * worlds, features] in natural units.
        actions: [steps * worlds, ...] what was decided.
        rewards: [steps * worlds].
    """

    observations: NDArray[np.float32]
    actions: NDArray[Any]
    rewards: NDArray[np.float64]


def guide(problem: Problem, seed: int = 0) -> Agent:
    """The case's first rule, untuned; random actions where it has none."""
    rule = next(iter(rules(problem)), None)
    return Random(problem, seed) if rule is None else rule.build(problem, **rule.settings(problem)[0])


def watch(problem: Problem, envs: Callable[..., Any], agent: Agent, worlds: int, steps: int, seed: int) -> Seen:
    """Watches an agent.

    Args:
        problem: what it plays.
        envs: makes training environments.
        agent: who decides.
        worlds: number of worlds.
        steps: steps played in each.
        seed: seed of their luck.
    """
    twin = envs(worlds, autoreset_mode="SameStep").unwrapped
    rows, _ = twin.reset(seed=seed)
    observations, actions, earned = [], [], []
    for _ in range(steps):
        observations.append(rows.copy())
        actions.append(agent.act(rows, twin.action_masks() if twin.view.masked else None))
        rows, rewards, *_ = twin.step(actions[-1])
        earned.append(np.array(rewards, dtype=np.float64))
    return Seen(np.concatenate(observations), np.concatenate(actions), np.concatenate(earned))
