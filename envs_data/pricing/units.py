"""Counts of a table as a world holds them: in packages a user names, and in thousands where there are too many."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from envs_data.tables import Table, TableError, rows_problem

# How many of the table's units are one that customers take, such as 64 ounces a carton.
UNIT = "unit"
# Share of the mean units that counting in whole packages may move.
ROUNDED = 0.01
STEPS = (1, 2, 5)
# Fields that count.
COUNTS = ("customers", "start_stock", "delivery")


def unit_problems(given: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the package that the user named; none or one sentence."""
    unit = given.get(UNIT, 1)
    if isinstance(unit, bool) or not isinstance(unit, (int, float)) or not 1 <= unit < math.inf or unit != int(unit):
        yield f"unit is {unit!r}; it must be a whole number of the table's units, such as 64"


def in_units(table: Table, given: Mapping[str, Any]) -> Table:
    """Units and stock in the package that the user named.

    Raises:
        TableError: units that are no multiples of it, unless they are so many that rounding does not matter.
    """
    unit = int(given.get(UNIT, 1))
    if unit == 1:
        return table
    frame, units = table.frame, table.frame["units"]
    whole = (units / unit).round()
    if (whole * unit - units).abs().sum() > ROUNDED * units.sum():
        odd = units[units % unit != 0]
        raise TableError(table.where, rows_problem(table.mapping["units"], odd, f"is no multiple of unit = {unit}"))
    counted = {"units": whole}
    if "stock" in frame:
        left = (frame["stock"] > units).astype(float)
        counted["stock"] = (frame["stock"] / unit).round().clip(lower=whole + left)
    return dataclasses.replace(table, frame=frame.assign(**counted))


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
            f"counts and money in the world are the table's divided by {scale:,}; prices are the table's own."
        )
