"""What a field of parameters measures: its unit, meaning and range."""

from __future__ import annotations

import dataclasses
import math
import sys
from typing import Any

from envs_data.parameters.native import shown

LARGEST = sys.float_info.max


@dataclasses.dataclass(frozen=True)
class Quantity:
    """What a field measures.

    Attributes:
        unit: the unit, in words.
        meaning: what the number says about the business.
        low: smallest value allowed (inclusive).
        high: largest value allowed (inclusive).
        choices: the words allowed, for a field that is a word.
        lengths: the numbers of entries allowed, for a field that is a list.
    """

    unit: str
    meaning: str
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    lengths: tuple[int, ...] = ()

    def problem(self, name: str, value: object) -> str | None:
        """Says what is wrong with ``value`` for the field ``name``, or returns None."""
        if isinstance(value, tuple):
            return self._list_problem(name, value)
        if self.choices:
            return None if value in self.choices else self._choice_problem(name, value)
        if isinstance(value, str):
            return None
        return self._number_problem(name, value)

    def _choice_problem(self, name: str, value: object) -> str:
        return f"{name} is {shown(value)}; it must be one of {', '.join(self.choices)}"

    def _list_problem(self, name: str, value: tuple[object, ...]) -> str | None:
        if self.lengths and len(value) not in self.lengths:
            wanted = " or ".join(str(n) for n in self.lengths)
            return f"{name} has {len(value)} entries; it must have {wanted}{self.in_brackets()}"
        return self._entry_problem(name, value)

    def _entry_problem(self, name: str, entry: object) -> str | None:
        if isinstance(entry, tuple):
            return next((p for i, e in enumerate(entry) if (p := self._entry_problem(f"{name}[{i}]", e))), None)
        return self._number_problem(name, entry)

    def _number_problem(self, name: str, value: object) -> str | None:
        # A whole number may be beyond all floats, which math.isfinite does not take.
        if isinstance(value, (int, float)) and max(self.low, -LARGEST) <= value <= min(self.high, LARGEST):
            return None
        return f"{name} is {shown(value)}; it must be {self.range()}{self.in_brackets()}"

    def in_brackets(self) -> str:
        """The unit behind a number, where there is one."""
        return f" ({self.unit})" if self.unit else ""

    def nearest(self, value: Any) -> Any:
        """The allowed value nearest to a number, or to each of a list; words as they are."""
        if isinstance(value, (list, tuple)):
            return type(value)(self.nearest(entry) for entry in value)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
            return value
        return type(value)(min(max(value, self.low), self.high))

    def kept(self, name: str, value: Any, bound: Any) -> list[str]:
        """A sentence on an estimate that was out of range and is kept at its bound; none where it is not."""
        said = f"{name} ({self.meaning})"
        if isinstance(value, list):
            told = f"{said} came out beyond what a world can hold in places, and is kept {self.range()}."
            return [] if value == bound else [told]
        if not isinstance(value, (int, float)) or value == bound or math.isnan(value):
            return []
        side = "most" if value > bound else "least"
        return [
            f"{said} came out at {value:.4g}, and {bound:.6g} is the {side} that a world can hold: it is kept there."
        ]

    def range(self) -> str:
        """The values allowed, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if math.isinf(self.low) and math.isinf(self.high):
            return "a finite number"
        if math.isinf(self.high):
            return f"at least {self.low:g}"
        return f"between {self.low:g} and {self.high:g}"


def quantity(
    default: Any,
    unit: str,
    meaning: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    choices: tuple[str, ...] = (),
    lengths: tuple[int, ...] = (),
    later: bool = False,
) -> Any:
    """A dataclass field that carries its `Quantity`.

    Returns Any, as ``dataclasses.field`` does for the type checker: the annotation of the field is its type. A field
    that came ``later`` than scenarios were frozen has a default that leaves worlds as they were before.
    """
    metadata = {"quantity": Quantity(unit, meaning, low, high, choices, lengths), "later": later}
    return dataclasses.field(default=default, metadata=metadata)


def nested(kind: type[Any], default: tuple[Any, ...], unit: str, meaning: str, lengths: tuple[int, ...] = ()) -> Any:
    """A dataclass field that holds a tuple of parameters of one kind, typed as `quantity` is.

    Args:
        kind: the parameters' class.
        default: the entries if none are given.
        unit: the unit, in words.
        meaning: what the entries are.
        lengths: the numbers of entries allowed.
    """
    metadata = {"quantity": Quantity(unit, meaning, lengths=lengths), "nested": kind}
    return dataclasses.field(default=default, metadata=metadata)
