"""Restocking as a decision problem. ``bizgyms.restock.solve`` computes the exact optimum of a small case."""

from __future__ import annotations

from bizgyms.exact import solve_one_of
from bizgyms.reference import Criterion, Solution
from envs_data.parameters import Parameters

__all__ = ["solve"]


def solve(parameters: Parameters, criterion: Criterion = "average", discount: float = 1.0) -> Solution:
    """Solves a restocking case that is small enough.

    Args:
        parameters: an item, or a box of one or two small items.
        criterion: ``average`` reward a day for ever; ``discounted`` return for ever; ``total`` return of an episode.
        discount: discount factor a day, below 1 for ``discounted``.

    Raises:
        TooLargeError: too many states, with their number and the pack that would make it small enough.
        TypeError: parameters of another family.
    """
    return solve_one_of("restock", parameters, criterion=criterion, discount=discount)
