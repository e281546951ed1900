"""Rules as users write them: functions of an observation by name, alone or with settings to be tuned over."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from baselines.agents import Agent, AgentError, AgentSpec, Kind, Problem
from bizgyms.own.rule import Function, Rule
from envs_data.arrays import Array, Mask, Rows


class NamedAgent:
    """A rule that reads an observation by name.

    Args:
        problem: what it plays.
        function: ``function(observation) -> action``, where ``observation`` is a dict of feature name to number in
            natural units, such as ``{"on_hand": 12.0, "weekday": 0.0}``. In a story of the user's own a decision may
            also be a word, or a dict or tuple of parts, as the process gets it.
        name: what it is called in messages.
    """

    def __init__(self, problem: Problem, function: Callable[[dict[str, float]], Any], name: str) -> None:
        self._view = problem.view
        self._features = [feature.name for feature in problem.view.features]
        self._function = function
        self._name = name

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """The rule's answers, world by world."""
        return np.array([self._answer(row) for row in observations.tolist()])

    def _answer(self, row: list[float]) -> Any:
        observation = dict(zip(self._features, row, strict=True))
        try:
            said = self._function(observation)
        except KeyError as error:
            known = ", ".join(self._features)
            raise AgentError(f"agent {self._name!r} asked for {error}; an observation has {known}") from None
        try:
            return self._view.action_of(said, observation)
        except (TypeError, ValueError) as error:
            raise AgentError(f"agent {self._name!r} decided {said!r} on {observation}: {error}") from None


@dataclasses.dataclass(frozen=True)
class Builder:
    """Builds the agent of a function; equal to another of the same function, as processes compare them."""

    function: Function

    @property
    def __signature__(self) -> inspect.Signature:
        """The settings are the function's arguments with a default, by which they are typed."""
        own = inspect.signature(self.function).parameters.values()
        first = inspect.Parameter("problem", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return inspect.Signature([first, *(one for one in own if one.default is not one.empty)])

    def __call__(self, problem: Problem, **setting: Any) -> Agent:
        """The agent with a setting."""
        return NamedAgent(problem, functools.partial(self.function, **setting), self.function.__name__)


def spec_of_rule(rule: Rule) -> AgentSpec:
    """The row of the ladder of a user's rule; the first setting is the function's own defaults."""

    def settings(problem: Problem) -> list[Mapping[str, Any]]:
        return list(rule.settings())

    return AgentSpec(rule.name, Kind.RULE, "observations", Builder(rule.function), settings=settings, occasions=False)
