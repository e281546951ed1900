"""The per-person view: one policy that scores a person serves any number of people."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from numpy.typing import NDArray

from bizgyms.nudge.budget.view import BudgetView
from envs_data.arrays import Mask, Rows

Score = Callable[[Rows], NDArray[np.floating[Any]]]
FEATURES = ("mood", "load", "reached", "type", "mean mood", "mean load", "messages left a person", "time left")


class PerPerson(gymnasium.Wrapper[Rows, Rows, Rows, Any], RecordConstructorArgs):
    """`NudgeBudget` person by person: a row of features for each, and a score for each.

    The observation is [people, 8], what `BudgetView.persons` says of each, from 0 to 1. The action is [people]
    scores from -1 to 1; messages go to the largest scores above 0 of people who can be reached, within the cap.

    Args:
        env: a `NudgeBudget`, not normalised.

    Raises:
        TypeError: another environment, or a normalised one.
    """

    def __init__(self, env: gymnasium.Env[Rows, Any]) -> None:
        view = getattr(env.unwrapped, "view", None)
        if not isinstance(view, BudgetView):
            raise TypeError(f"{env.unwrapped} is not NudgeBudget: only there are people to look at one by one")
        if env.observation_space != view.observation_space(False):
            raise TypeError("the environment is normalised; PerPerson scales by itself: make it with normalize=False")
        RecordConstructorArgs.__init__(self)
        gymnasium.Wrapper.__init__(self, env)
        self.view = view
        self.observation_space = spaces.Box(0.0, 1.0, (view.people, len(FEATURES)), dtype=np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (view.people,), dtype=np.float32)
        self._row = np.zeros((1, len(view.features)), dtype=np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Rows, dict[str, Any]]:
        """Starts an episode; see `bizgyms.env.BusinessEnv.reset`."""
        row, info = self.env.reset(seed=seed, options=options)
        return self._seen(row), info

    def step(self, action: Rows) -> tuple[Rows, Any, bool, bool, dict[str, Any]]:
        """Messages the people with the best scores; see `bizgyms.env.BusinessEnv.step`."""
        chosen = self.view.choose(np.asarray(action)[np.newaxis], self._row)[0]
        row, reward, terminated, truncated, info = self.env.step(chosen)
        return self._seen(row), reward, terminated, truncated, info

    def _seen(self, row: Rows) -> Rows:
        self._row = row[np.newaxis]
        return np.asarray(self.view.persons(self._row)[0])


@dataclasses.dataclass(frozen=True)
class ByPerson:
    """A score for one person as an agent for all.

    Attributes:
        view: the people's.
        score: ``score([persons, 8]) -> [persons]``; messages go to the largest above 0.
    """

    view: BudgetView
    score: Score

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int8]:
        """Decides for [worlds, features] observations."""
        rows = self.view.persons(observations)
        scores = np.asarray(self.score(rows.reshape(-1, rows.shape[2]))).reshape(rows.shape[:2])
        return self.view.choose(scores, observations)
