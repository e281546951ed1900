"""Counts of a table as a world holds them: in dozens or thousands where there are too many."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

STEPS = (1, 2, 5)
# Fields that count.
COUNTS = ("customers", "start_stock", "delivery")


def scale_for(count: float, most: float) -> int:
    """The least of 1, 2, 5, 10, 20, ... units that one unit of the world must stand for.

    Args:
        count: what the world would hold.
        most: what it can hold.
    """
    exponent = max(math.floor(math.log10(max(count / most, 1.0))), 0)
    tried = (int(step * 10**power) for power in (exponent, exponent + 1) for step in STEPS)
    return next(scale for scale in tried if count <= most * scale)


def in_the_world(known: Mapping[str, Any], scale: int) -> dict[str, Any]:
    """Known counts, given in the table's units, as the world counts them."""
    counted = [name for name in COUNTS if is_number(known.get(name))] if scale > 1 else []
    return {**known, **{name: _of_world(name, known[name] / scale) for name in counted}}


def _of_world(name: str, count: float) -> float:
    """A count of the world: customers may be a fraction, stock is whole, and none only where there was none."""
    return count if name == "customers" else max(round(count), min(math.ceil(count), 1))


def is_number(value: object) -> bool:
    """Whether a known value is a number."""
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def scale_note(scale: int) -> Iterator[str]:
    """What a scale means; none or one sentence."""
    if scale > 1:
        yield (
            f"One customer of the fitted world stands for {scale:,} units of the table, of which there are too many: "
            f"counts in the world are the table's divided by {scale:,}; prices, and what a board says, are the table's."
        )
