"""The exact optimum of a restocking case by dynamic programming."""

from __future__ import annotations

from bizgyms.reference import Criterion, Solution
from bizgyms.restock.box.optimum import solve as solve_box
from bizgyms.restock.item.optimum import solve as solve_item
from envs_data.parameters import Parameters
from envs_data.restock.box import BoxParameters
from envs_data.restock.item import ItemParameters


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
    if isinstance(parameters, ItemParameters):
        return solve_item(parameters, criterion, discount)
    if isinstance(parameters, BoxParameters):
        return solve_box(parameters, criterion, discount)
    raise TypeError(f"solve() takes restocking parameters, not {type(parameters).__name__}")
