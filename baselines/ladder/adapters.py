"""Makes an agent of a model, an object that predicts, a plain function, or a rule in a file."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium import spaces

from baselines.agents import Agent, AgentError, Problem
from envs_data.arrays import Array, Mask, Rows


def as_agent(problem: Problem, thing: object, name: str) -> Agent:
    """An agent over batches of observations in natural units.

    Args:
        problem: what it plays.
        thing: anything with ``act``; a stable-baselines3 model; anything with ``predict``; a function of one
            observation or of a batch.
        name: what it is called in messages.

    Raises:
        AgentError: it is none of these, or expects other observations.
    """
    if hasattr(thing, "act"):
        return thing
    if hasattr(thing, "predict") and hasattr(thing, "policy"):
        return ModelAgent(problem, thing, name)
    if hasattr(thing, "predict"):
        return FunctionAgent(problem, thing.predict, name)
    if callable(thing):
        return FunctionAgent(problem, thing, name)
    raise AgentError(
        f"agent {name!r} is a {type(thing).__name__}; it must have act(observations, mask) or predict(observations), "
        "or be a function of one observation or of a batch"
    )


class ModelAgent:
    """A stable-baselines3 model, deterministic, with its VecNormalize where it was trained with one.

    Args:
        problem: what it plays.
        model: the model. One trained on normalised observations (``normalize=True``) is shown normalised ones.
        name: what it is called in messages.

    Raises:
        AgentError: its observation space is neither the case's natural nor its normalised one, or its actions differ.
    """

    def __init__(self, problem: Problem, model: Any, name: str) -> None:
        self._view = problem.view
        self._model = model
        self._normalized = _wants_normalized(problem, model.observation_space, name)
        if model.action_space != problem.view.action_space:
            raise AgentError(
                f"agent {name!r} decides {model.action_space}; {problem.case.id} in this scenario "
                f"needs {problem.view.action_space}"
            )
        self._statistics = model.get_vec_normalize_env() if hasattr(model, "get_vec_normalize_env") else None
        self._masked = "action_masks" in inspect.signature(model.predict).parameters

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """The model's greedy actions."""
        seen: Any = self._view.normalized(observations) if self._normalized else observations
        if self._statistics is not None:
            seen = self._statistics.normalize_obs(seen)
        extra = {"action_masks": mask} if self._masked and mask is not None else {}
        return np.asarray(self._model.predict(seen, deterministic=True, **extra)[0])


def _wants_normalized(problem: Problem, space: spaces.Space[Any], name: str) -> bool:
    natural, normalized = (problem.view.observation_space(normalize) for normalize in (False, True))
    if space == natural:
        return False
    if space == normalized:
        return True
    names = ", ".join(feature.name for feature in problem.view.features)
    raise AgentError(
        f"agent {name!r} was trained on observations {space}; {problem.case.id} in this scenario has {natural} "
        f"({names}), or {normalized} with normalize=True. Train it on the same scenario."
    )


class FunctionAgent:
    """A plain function of a batch of observations, or of one; tried on the first batch.

    Args:
        problem: what it plays.
        function: ``function([worlds, features]) -> [worlds, ...]`` or ``function([features]) -> action``.
        name: what it is called in messages.
    """

    def __init__(self, problem: Problem, function: Callable[[Any], Any], name: str) -> None:
        self._problem = problem
        self._function = function
        self._name = name
        self._batched: bool | None = None

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """The function's answers."""
        if self._batched is None:
            self._batched = self._takes_batches(observations)
        if self._batched:
            return np.asarray(_answer(self._function(observations)))
        return np.array([np.asarray(_answer(self._function(row))) for row in observations])

    def _takes_batches(self, observations: Rows) -> bool:
        # One row more than there are features: a function that indexes features as rows cannot answer by accident.
        worlds = observations.shape[1] + 1
        single = self._problem.view.action_space.shape or ()
        batch = _shape(self._function, np.resize(observations, (worlds, observations.shape[1])))
        if batch == (worlds, *single):
            return True
        one = _shape(self._function, observations[0])
        if one == single:
            return False
        raise AgentError(
            f"agent {self._name!r} is no function of a batch ({worlds} observations gave {_described(batch)}, not "
            f"shape {(worlds, *single)}), and none of one observation (it gave {_described(one)}, not shape {single})"
        )


def _answer(given: Any) -> Any:
    """The actions out of ``predict``'s (actions, state) pair."""
    return given[0] if isinstance(given, tuple) and len(given) == 2 and given[1] is None else given


def _shape(function: Callable[[Any], Any], argument: Rows) -> tuple[int, ...] | Exception:
    try:
        return np.asarray(_answer(function(argument.copy()))).shape
    except Exception as error:
        return error


def _described(result: tuple[int, ...] | Exception) -> str:
    return f"{type(result).__name__} ({result})" if isinstance(result, Exception) else f"shape {result}"
