"""Nudging as a decision problem.

``bizgyms.nudge.solve`` computes the exact optimum of a small case, ``bizgyms.nudge.PerPerson`` shows `NudgeBudget`
person by person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizgyms.exact import solve_one_of
from bizgyms.reference import Solution
from envs_data.parameters import Parameters

if TYPE_CHECKING:
    from bizgyms.nudge.budget.people import PerPerson as PerPerson

__all__ = ["PerPerson", "solve"]


def solve(parameters: Parameters) -> Solution:
    """Solves an episode of a nudging case that is small enough.

    Args:
        parameters: a person who habituates; one nudged to walk (exact but for a grid); people without a binding cap.

    Raises:
        TooLargeError: a binding cap couples all people: only a bound is known.
        TypeError: parameters of another family.
    """
    return solve_one_of("nudge", parameters)


def __getattr__(name: str) -> object:
    """Loads the wrapper, and simpy with it, on first use."""
    if name == "PerPerson":
        from bizgyms.nudge.budget.people import PerPerson

        return PerPerson
    raise AttributeError(f"module 'bizgyms.nudge' has no attribute {name!r}")
