"""What is behind the best learner's row, in numbers and in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
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
        moments: a few states in which it departs most from the best rule: the state in words, the worlds that stand for
            it, and for each decision who takes it, and what it earns more than the best rule's until the episode ends,
            with an interval.
        predicted: [2][tenths] what its value function predicts of the rest of an episode, and what play brings.
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
    moments: Sequence[Mapping[str, Any]] = ()
    predicted: Sequence[Sequence[float]] = ((), ())
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
    said.extend(_predicted(*found.get("predicted", ((), ()))))
    return said


def _predicted(predicted: Sequence[float], simulated: Sequence[float]) -> Iterator[str]:
    if not predicted:
        return
    mean, brought = sum(predicted) / len(predicted), sum(simulated) / len(simulated)
    off = sum(abs(one - other) for one, other in zip(predicted, simulated, strict=True)) / len(predicted)
    yield (
        f"Its value function predicts {mean:,.4g} of the rest of an episode, discounted as it learns, where play "
        f"brings {brought:,.4g}; over tenths of its predictions it is off by {off:,.3g} in the mean."
    )
