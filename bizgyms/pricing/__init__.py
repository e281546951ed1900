"""Pricing as a decision problem. ``bizgyms.pricing.solve`` computes the exact optimum of a small case."""

from __future__ import annotations

from bizgyms.exact import solve_one_of
from bizgyms.reference import Solution
from envs_data.parameters import Parameters

__all__ = ["solve"]


def solve(parameters: Parameters) -> Solution:
    """Solves a pricing case whose demand is known; the criterion is the total return of an episode.

    Args:
        parameters: a season, or a small shelf.

    Raises:
        ValueError: demand is hidden, so that there is only a bound.
        TooLargeError: too many states, with their number.
        TypeError: parameters of another family.
    """
    return solve_one_of("pricing", parameters)
