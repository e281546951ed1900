"""The exact optimum of a recommendation case."""

from __future__ import annotations

from bizgyms.recommend.satisfaction.optimum import solve as solve_satisfaction
from bizgyms.recommend.visit.optimum import solve as solve_visit
from bizgyms.reference import Solution
from envs_data.parameters import Parameters
from envs_data.recommend.satisfaction import SatisfactionParameters
from envs_data.recommend.visit import VisitParameters


def solve(parameters: Parameters) -> Solution:
    """Solves a recommendation case that is small enough.

    Args:
        parameters: a customer who comes back, or does not; a user between clickbait and wholesome items (exact but for
            a grid).

    Raises:
        TypeError: parameters of another case.
    """
    if isinstance(parameters, VisitParameters):
        return solve_visit(parameters)
    if isinstance(parameters, SatisfactionParameters):
        return solve_satisfaction(parameters)
    raise TypeError(
        f"solve() takes parameters of RecommendVisit or RecommendSatisfaction, not {type(parameters).__name__}"
    )
