"""Rules a practitioner would know, a module a family: ``RULES`` maps a case's name to its rules and its predictor."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from types import ModuleType

from baselines.agents import Agent, AgentSpec, Kind, Problem
from baselines.rules.named import spec_of_rule
from baselines.rules.occasions import with_occasions
from baselines.rules.timetable import TIMETABLE
from bizgyms.own.rule import Rule
from bizgyms.registry import Case
from envs_data.parameters import Parameters


def rules(problem: Problem) -> list[AgentSpec]:
    """Rules, predictors and planners that can play a problem: the case's own, or those of ``baselines.rules.<family>``.

    Every rule of a case with a clock may be another on fixed occasions (`with_occasions`); the timetable, which needs
    nothing but that clock, comes last.
    """
    case = problem.case
    listed = own_rules(case) if case.has("rules") else getattr(family_module(case), "RULES", {}).get(case.name, ())
    timed = [with_occasions(spec) if spec.kind == Kind.RULE and spec.occasions else spec for spec in listed]
    return [spec for spec in (*timed, TIMETABLE) if spec.fits(problem)]


def own_rules(case: Case) -> Sequence[AgentSpec]:
    """The rules that a case gives itself; a user's functions as specs."""
    return [spec_of_rule(rule) if isinstance(rule, Rule) else rule for rule in case.rules]


def own_agents(case: Case) -> dict[str, Callable[[Parameters], Agent]]:
    """A case's own rules and planners, untuned, for `bizgyms.testing.check_case`: none may beat its reference."""

    def maker(spec: AgentSpec) -> Callable[[Parameters], Agent]:
        return lambda parameters: spec.build(Problem(case, parameters, case.env.view_type(parameters)))

    own = [spec for spec in own_rules(case) if spec.kind in (Kind.RULE, Kind.PLANNER)] if case.has("rules") else []
    return {spec.name: maker(spec) for spec in own}


def family_module(case: Case) -> ModuleType | None:
    """The rules of a case's family; None where it has none."""
    name = f"baselines.rules.{case.family}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.startswith(error.name):
            return None
        raise
