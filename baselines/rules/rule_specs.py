"""How rules are listed: as rows of a ladder, with the settings they are tuned over."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from baselines.agents import Agent, AgentSpec, Finer, Kind, Knowledge, Problem, Setting, Settings
from bizgyms.view import View
from envs_data.parameters import Parameters

Build = Callable[..., Agent]
Lists = Callable[[Problem], Settings]
Fits = Callable[[Problem], bool]
P = TypeVar("P", bound=Parameters)
V = TypeVar("V", bound=View[Any])


def rule(
    name: str,
    build: Build,
    settings: Lists = lambda problem: [{}],
    fits: Fits = lambda problem: True,
    knows: Knowledge = "observations",
    finer: Finer = lambda problem, setting, turn: [],
) -> AgentSpec:
    """A rule's row; see `AgentSpec`."""
    return AgentSpec(name, Kind.RULE, knows, build, settings, fits, finer=finer)


def informed_rule(
    name: str,
    build: Build,
    settings: Lists = lambda problem: [{}],
    fits: Fits = lambda problem: True,
    finer: Finer = lambda problem, setting, turn: [],
) -> AgentSpec:
    """The row of a rule that knows the law of the world."""
    return rule(name, build, settings, fits, "the law of the world", finer)


def planner(
    name: str,
    build: Build,
    settings: Lists = lambda problem: [{}],
    fits: Fits = lambda problem: True,
) -> AgentSpec:
    """The row of an agent that plays or solves the world to decide; see `Kind.PLANNER`."""
    return AgentSpec(name, Kind.PLANNER, "the law of the world", build, settings, fits)


# Turns in which broken numbers are moved; whole ones settle by themselves.
HALVINGS = 4


def around(**steps: float) -> Finer:
    """Settings that differ in one number by a step, halved with every turn; whole numbers by whole steps.

    Whole numbers stay at zero or above, and none is added to a setting that lacks it.
    """

    def finer(problem: Problem, setting: Setting, turn: int) -> Settings:
        return [
            {**setting, name: moved}
            for name, step in steps.items()
            if name in setting and (turn < HALVINGS or isinstance(setting[name], int))
            for moved in _moved(setting[name], step / 2**turn)
        ]

    return finer


def _moved(value: float, step: float) -> Iterator[float]:
    for sign in (-1, 1):
        if isinstance(value, int):
            yield max(value + sign * max(1, round(step)), 0)
        else:
            yield round(value + sign * step, 4)


def has_table(problem: Problem) -> bool:
    """Whether the case can generate the table from which a predictor learns."""
    return problem.case.has("generate")


def predictor(name: str, build: Build) -> AgentSpec:
    """The row of an agent that predicts from the case's table and then decides."""
    return AgentSpec(name, Kind.PREDICT, "the table", build, fits=has_table)


def grid(**values: Iterable[Any]) -> list[dict[str, Any]]:
    """Every combination of values as a setting; the last name varies fastest."""
    return [dict(zip(values, combination, strict=True)) for combination in itertools.product(*values.values())]


def over(**values: Iterable[Any]) -> Lists:
    """A `grid` that is the same for every problem."""
    settings = grid(**values)
    return lambda problem: settings


def parameters_as(kind: type[P], problem: Problem) -> P:
    """The problem's parameters, which are of one kind in each of its family's rules."""
    assert isinstance(problem.parameters, kind)
    return problem.parameters


def view_as(kind: type[V], problem: Problem) -> V:
    """The problem's view, which is of one kind in each of its family's rules."""
    assert isinstance(problem.view, kind)
    return problem.view
