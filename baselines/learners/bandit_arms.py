"""What a bandit chooses among: the settings of a rule, or actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.agents import Agent, Problem
from baselines.rules import rules

Arm = Mapping[str, Any]
Build = Callable[..., Agent]
MOST_ARMS = 24
FAR = 1e9


class Constant:
    """Decides the same always; where that is impossible, the possible action nearest to it.

    Args:
        problem: what it plays.
        action: the action, or [worlds] one for each world.
    """

    def __init__(self, problem: Problem, action: int | NDArray[np.int64]) -> None:
        self._problem = problem
        self._action = np.asarray(action)
        self._first = int(problem.view.action_range()[0][0])

    @classmethod
    def joined(cls, agents: Sequence[Constant], owner: NDArray[np.intp]) -> Constant:
        """One for [worlds], whose row i is decided as ``agents[owner[i]]`` would."""
        return cls(agents[0]._problem, np.array([int(agent._action) for agent in agents])[owner])

    def act(self, observations: NDArray[np.float32], mask: NDArray[np.bool_] | None = None) -> NDArray[Any]:
        """[worlds] the action."""
        wanted = np.broadcast_to(self._action, len(observations))
        if mask is None:
            return wanted.copy()
        distance = np.abs(np.arange(mask.shape[1]) + self._first - wanted[:, None])
        return np.asarray(self._first + np.where(mask, distance, FAR).argmin(axis=1))


def action_arms(problem: Problem) -> list[Arm]:
    """One arm an action of a ``Discrete`` space."""
    low, high = (int(end[0]) for end in problem.view.action_range())
    return [{"action": action} for action in range(low, high + 1)]


def rule_arms(problem: Problem) -> tuple[list[Arm], Build]:
    """Up to 24 of the settings that the case's first rule with any is tuned over, and what makes an agent of one."""
    rule = next(spec for spec in rules(problem) if len(spec.settings(problem)) > 1)
    settings: Sequence[Arm] = rule.settings(problem)
    if len(settings) > MOST_ARMS:
        settings = [settings[round(k)] for k in np.linspace(0, len(settings) - 1, MOST_ARMS)]
    return list(settings), rule.build


def has_settings(problem: Problem) -> bool:
    """Whether a rule of the case has settings to choose from."""
    return any(len(spec.settings(problem)) > 1 for spec in rules(problem))


def has_actions(problem: Problem) -> bool:
    """Whether a case has single actions to choose from."""
    return isinstance(problem.view.action_space, spaces.Discrete)
