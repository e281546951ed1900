"""The exact optimum of a pricing case by dynamic programming."""

from __future__ import annotations

from bizgyms.pricing.season.optimum import solve as solve_season
from bizgyms.reference import Solution
from envs_data.parameters import Parameters
from envs_data.pricing.season import SeasonParameters


def solve(parameters: Parameters) -> Solution:
    """Solves a pricing case whose demand is known; the criterion is the total return of an episode.

    Args:
        parameters: a season.

    Raises:
        ValueError: demand is hidden, so that there is only a bound.
        TypeError: parameters of another family.
    """
    if isinstance(parameters, SeasonParameters):
        return solve_season(parameters)
    raise TypeError(f"solve() takes pricing parameters, not {type(parameters).__name__}")
