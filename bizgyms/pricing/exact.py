"""The exact optimum of a pricing case by dynamic programming."""

from __future__ import annotations

from bizgyms.pricing.season.optimum import solve as solve_season
from bizgyms.pricing.shelf.exact import solve as solve_shelf
from bizgyms.reference import Solution
from envs_data.parameters import Parameters
from envs_data.pricing.season import SeasonParameters
from envs_data.pricing.shelf import ShelfParameters


def solve(parameters: Parameters) -> Solution:
    """Solves a pricing case whose demand is known; the criterion is the total return of an episode.

    Args:
        parameters: a season, or a small shelf.

    Raises:
        ValueError: demand is hidden, so that there is only a bound.
        TooLargeError: too many states, with their number.
        TypeError: parameters of another family.
    """
    if isinstance(parameters, SeasonParameters):
        return solve_season(parameters)
    if isinstance(parameters, ShelfParameters):
        return solve_shelf(parameters)
    raise TypeError(f"solve() takes pricing parameters, not {type(parameters).__name__}")
