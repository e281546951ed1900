"""What a practitioner would know, a module a family: ``RULES`` maps a case's name to its rules and its predictor."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from baselines.agents import Agent, Problem, Rung
from bizgyms.registry import Case
from envs_data.parameters import Parameters

if TYPE_CHECKING:
    from baselines.judge.verdict import Evidence


def rules(problem: Problem) -> list[Rung]:
    """Rules and predictors that can play a problem: the case's own, or those of ``baselines.rules.<family>``."""
    found: Sequence[Rung] = problem.case.rules if problem.case.has("rules") else _of_family(problem)
    return [rung for rung in found if rung.fits(problem)]


def own_agents(case: Case) -> dict[str, Callable[[Parameters], Agent]]:
    """Rules that a case brings along, untuned, for `bizgyms.testing.check_case`: nobody may beat its reference."""

    def maker(rung: Rung) -> Callable[[Parameters], Agent]:
        return lambda parameters: rung.build(Problem(case, parameters, case.env.view_type(parameters)))

    return {rung.name: maker(rung) for rung in case.rules if rung.kind == "rule"} if case.has("rules") else {}


def remarks(problem: Problem, evidence: Evidence) -> list[str]:
    """What a family says of its own about a board: ``remarks`` of ``baselines.rules.<family>``, where there is one."""
    module = None if problem.case.has("rules") else _family_module(problem)
    found: list[str] = module.remarks(evidence) if module is not None and hasattr(module, "remarks") else []
    return found


def _of_family(problem: Problem) -> Sequence[Rung]:
    module = _family_module(problem)
    found: Sequence[Rung] = () if module is None else module.RULES.get(problem.case.name, ())
    return found


def _family_module(problem: Problem) -> ModuleType | None:
    """The family's rules; None where it has none."""
    name = f"baselines.rules.{problem.case.family}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.startswith(error.name):
            return None
        raise
