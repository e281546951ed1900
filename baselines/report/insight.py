"""What is behind the best learner's row, in numbers and in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# Depth of the tree that stands in for the learner.
TREE_DEPTH = 3


@dataclasses.dataclass(frozen=True)
class Insight:
    """What is behind the best learner's row.

    Attributes:
        learner: its label.
        curves: for each learner its name, and for each of its trainings [2][moments] decisions taken and value a year.
        rule: value a year of the best rule on the episodes of the curves.
        gains: [2][bins] middle of a bin and share of the episodes: the learner's gain over the best rule, a year.
        features: names of the two features that explain most of its decisions.
        edges: for each of them the edges between bins.
        maps: for each agent its role, label and [bins][bins] mean decision; None where it never came.
        tree: the depth-3 tree that comes nearest to it, in words; empty where a decision is more than one number.
        tree_value: what the tree earns a year on the evaluation luck; None without a tree.
        value: what the learner that the tree imitates earns.
        unseen: share of its decisions that today's rule never makes; None without a rule of today.
        moved: each business figure with its value today and the learner's, the largest change first.
    """

    learner: str
    curves: Sequence[tuple[str, Sequence[Sequence[Sequence[float]]]]]
    rule: float | None
    gains: Sequence[Sequence[float]]
    features: Sequence[str] = ()
    edges: Sequence[Sequence[float]] = ()
    maps: Sequence[tuple[str, str, Sequence[Sequence[float | None]]]] = ()
    tree: str = ""
    tree_value: float | None = None
    value: float | None = None
    unseen: float | None = None
    moved: Sequence[tuple[str, float, float]] = ()


def sentences(found: Mapping[str, Any], amount: Callable[[float], str]) -> list[str]:
    """Sentences on what the pictures do not show.

    Args:
        found: an `Insight` as JSON.
        amount: writes money a year with its unit.
    """
    said = []
    if found["unseen"] is not None:
        said.append(f"{found['unseen'] * 100:.0f} % of its decisions are ones that today's rule never makes.")
    if found["tree_value"] is not None:
        said.append(
            f"A tree of depth {TREE_DEPTH} in its place earns {amount(found['tree_value'])}, "
            f"where it earns {amount(found['value'])}."
        )
    return said
