"""Nudging as a decision problem.

``bizgyms.nudge.solve`` computes the exact optimum of a small case, ``bizgyms.nudge.PerPerson`` shows `NudgeBudget`
person by person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bizgyms.nudge.budget.people import PerPerson as PerPerson
    from bizgyms.nudge.exact import solve as solve

__all__ = ["PerPerson", "solve"]


def __getattr__(name: str) -> object:
    """Loads the solver, and scipy with it, on first use; and so the wrapper."""
    if name == "solve":
        from bizgyms.nudge.exact import solve

        return solve
    if name == "PerPerson":
        from bizgyms.nudge.budget.people import PerPerson

        return PerPerson
    raise AttributeError(f"module 'bizgyms.nudge' has no attribute {name!r}")
