"""What a practitioner would know, a module a family: ``RULES`` maps a case's name to its rules and its predictor."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from baselines.agents import Problem, Rung


def rules(problem: Problem) -> list[Rung]:
    """Rules and predictors that can play a problem: the case's own, or those of ``baselines.rules.<family>``."""
    found: Sequence[Rung] = problem.case.rules if problem.case.has("rules") else _of_family(problem)
    return [rung for rung in found if rung.fits(problem)]


def _of_family(problem: Problem) -> Sequence[Rung]:
    name = f"baselines.rules.{problem.case.family}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.startswith(error.name):
            return ()
        raise
    found: Sequence[Rung] = module.RULES.get(problem.case.name, ())
    return found
