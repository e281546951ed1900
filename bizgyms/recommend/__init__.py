"""Recommendation as a decision problem. ``bizgyms.recommend.solve`` computes the exact optimum of a small case."""

from __future__ import annotations

from bizgyms.exact import solve_one_of
from bizgyms.reference import Solution
from envs_data.parameters import Parameters

__all__ = ["solve"]


def solve(parameters: Parameters) -> Solution:
    """Solves a recommendation case that is small enough.

    Args:
        parameters: a customer who may come back; a user between clickbait and wholesome items (exact but for a grid).

    Raises:
        TypeError: parameters of another case.
    """
    return solve_one_of("recommend", parameters)
