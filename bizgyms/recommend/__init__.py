"""Recommendation as a decision problem.

``bizgyms.recommend.solve`` computes the exact optimum of a small case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bizgyms.recommend.exact import solve as solve

__all__ = ["solve"]


def __getattr__(name: str) -> object:
    """Loads the solver, and scipy with it, on first use."""
    if name == "solve":
        from bizgyms.recommend.exact import solve

        return solve
    raise AttributeError(f"module 'bizgyms.recommend' has no attribute {name!r}")
