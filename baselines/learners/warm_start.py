"""The start of learning: the case's first rule, untuned, and a log of its play."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from baselines.agents import Agent, Problem
from baselines.learners.random_agent import Random
from baselines.rules import rules
from baselines.transitions import transitions
from envs_data.arrays import Array, Floats, Rows


class Demonstration(NamedTuple):
    """Logged play of an agent, step after step, the worlds of a step side by side.

    Attributes:
        observations: [steps * worlds, features] in natural units.
        actions: [steps * worlds, ...] its decisions.
        rewards: [steps * worlds].
    """

    observations: Rows
    actions: Array
    rewards: Floats

    @property
    def reward_scale(self) -> float:
        """A constant that makes rewards of order one: one over their root mean square.

        Networks learn badly from millions or thousandths.
        """
        squares = float(np.mean(np.square(self.rewards)))
        return 1.0 / float(np.sqrt(squares)) if squares > 0 else 1.0


def first_rule(problem: Problem, seed: int = 0) -> Agent:
    """The case's first rule, untuned; random actions where it has none."""
    rule = next(iter(rules(problem)), None)
    return Random(problem, seed) if rule is None else rule.build(problem, **rule.settings(problem)[0])


def demonstration(
    problem: Problem, envs: Callable[..., Any], seed: int, agent: Agent | None = None, worlds: int = 64, steps: int = 50
) -> Demonstration:
    """Plays the case's first rule, or another agent.

    Args:
        problem: what is played.
        envs: makes training environments.
        seed: seed of their luck.
        agent: the agent; None for the first rule.
        worlds: number of worlds.
        steps: steps played in each.
    """
    twin = envs(worlds, autoreset_mode="SameStep").unwrapped
    decide = (first_rule(problem, seed) if agent is None else agent).act
    played = list(itertools.islice(transitions(twin, decide, twin.reset(seed=seed)), steps))
    observations, actions, rewards = (
        np.concatenate([getattr(one, name) for one in played]) for name in ("observations", "actions", "rewards")
    )
    return Demonstration(observations, actions, rewards)
