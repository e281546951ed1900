"""The exact optimum of whichever case some parameters belong to: what `solve` of every family does."""

from __future__ import annotations

from typing import Any

from bizgyms.reference import Solution
from bizgyms.registry import cases
from envs_data.parameters import Parameters


def solve_one_of(family: str, parameters: Parameters, **how: Any) -> Solution:
    """Solves a case of a family by the case's own ``solve``.

    Args:
        family: the family, such as ``restock``.
        parameters: parameters of one of its cases.
        **how: what else the case's ``solve`` takes.

    Raises:
        TypeError: parameters of another family, or of a case without an exact optimum.
    """
    solvable = [case for case in cases() if case.has("solve") and f".{family}." in f"{case.entry_point('solve')}"]
    for case in solvable:
        if isinstance(parameters, case.parameters):
            return case.solve(parameters, **how)
    names = " or ".join(case.name for case in solvable)
    raise TypeError(f"solve() takes parameters of {names}, not {type(parameters).__name__}")
