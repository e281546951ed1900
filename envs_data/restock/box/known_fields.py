"""What a user knows of a box: fields of the box, of all items, or of one item."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from envs_data.parameters import Origin, ParameterError, unknown_name
from envs_data.restock.box.parameters import BoxItem, BoxParameters

# Words people use: days from order to delivery where they never change, and price less cost.
LEAD_TIME, MARGIN = "lead_time", "margin"
# Pairs of words for one thing.
SAME = ((LEAD_TIME, "lead_times"), (MARGIN, "cost"))


@dataclasses.dataclass(frozen=True)
class Known:
    """What the user knows.

    Attributes:
        box: fields of the box.
        items: by item, its fields; what is known of all items is there for each.
    """

    box: Mapping[str, Any]
    items: Mapping[str, Mapping[str, Any]]

    def anywhere(self, name: str) -> bool:
        """Whether a field is known, not as zero, of the box or any item."""
        return bool(self.box.get(name)) or any(fields.get(name) for fields in self.items.values())


def read_known(given: Mapping[str, Any], items: Sequence[str]) -> Known:
    """Sorts what is known.

    Args:
        given: value by name: ``capacity`` is of the box, ``price`` of every item, ``price.milk`` of one.
        items: the items' names.

    Raises:
        ParameterError: unknown fields and items, and two words for one thing, all at once.
    """
    of_box = [name for name in BoxParameters.quantities() if name != "items"]
    of_item = [*(name for name in BoxItem.quantities() if name != "name"), LEAD_TIME, MARGIN]
    problems = [*_unknown(given, of_box, of_item, items)]
    box = {name: value for name, value in given.items() if name in of_box}
    common = {name: value for name, value in given.items() if name in of_item}
    known = Known(box, {item: {**common, **_own(given, item)} for item in items})
    for item, fields in known.items.items():
        problems += [f"{a} and {b} of {item} are both given; they say the same" for a, b in SAME if {a, b} <= {*fields}]
    if problems:
        raise ParameterError("known", dict.fromkeys(problems))
    return Known(known.box, {item: _plain_words(fields) for item, fields in known.items.items()})


def _own(given: Mapping[str, Any], item: str) -> dict[str, Any]:
    pairs = ((name.partition("."), value) for name, value in given.items())
    return {field: value for (field, _, whose), value in pairs if whose == item}


def _unknown(given: Mapping[str, Any], box: list[str], item: list[str], items: Sequence[str]) -> Iterable[str]:
    for name in given:
        field, dot, whose = name.partition(".")
        if dot and field not in item:
            yield unknown_name("field of an item", field, item)
        elif dot and whose not in items:
            yield f"{name}: {unknown_name('item', whose, items)}"
        elif not dot and field not in (*box, *item):
            yield unknown_name("field", field, [*box, *item])


def _plain_words(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A lead time as the list that `BoxItem` has."""
    plain = {name: value for name, value in fields.items() if name != LEAD_TIME}
    if LEAD_TIME in fields:
        plain["lead_times"] = [fields[LEAD_TIME]]
    if "lead_times" in plain:
        plain.setdefault("lead_time_probabilities", [])
    return plain


def merged(origins: Mapping[str, Mapping[str, Origin]]) -> dict[str, Origin]:
    """Origins of the items' fields: under the field's name where all agree, else under ``field.ITEM`` for each.

    Args:
        origins: by item, the origin of each of its fields.
    """
    found: dict[str, Origin] = {}
    fields = dict.fromkeys(field for own in origins.values() for field in own)
    for field in fields:
        own = {item: of[field] for item, of in origins.items() if field in of}
        first = next(iter(own.values()))
        if len(own) == len(origins) and all(origin == first for origin in own.values()):
            found[field] = first
        else:
            found |= {f"{field}.{item}": origin for item, origin in own.items()}
    return found
