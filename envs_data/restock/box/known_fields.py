"""Fields a user knows: of the box, of all items, or of one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from envs_data.nested_fields import KnownFields, NestedFields
from envs_data.parameters import Origin, ParameterError
from envs_data.restock.box.parameters import BoxItem, BoxParameters

# Names users write: a fixed lead time in days, and price less cost.
LEAD_TIME, MARGIN = "lead_time", "margin"
# Pairs of names for the same thing.
SAME = ((LEAD_TIME, "lead_times"), (MARGIN, "cost"))
FIELDS = NestedFields.of("an item", BoxParameters, BoxItem, (LEAD_TIME, MARGIN))


def read_known(given: Mapping[str, Any], items: Sequence[str]) -> KnownFields:
    """Sorts what is known by box and item.

    Args:
        given: value by name: ``capacity`` is of the box, ``price`` of every item, ``price.milk`` of one.
        items: the items' names.

    Raises:
        ParameterError: unknown fields and items, and two words for one thing, all at once.
    """
    problems = [*FIELDS.unknown(given, items)]
    known = FIELDS.sort(given, items)
    for item, fields in known.parts.items():
        problems += [
            f"{a} and {b} of {item} are both given and say the same; leave one out"
            for a, b in SAME
            if {a, b} <= {*fields}
        ]
    if problems:
        raise ParameterError("known", dict.fromkeys(problems))
    return KnownFields(known.whole, {item: _plain_words(fields) for item, fields in known.parts.items()})


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
    by_name: dict[str, Origin] = {}
    fields = dict.fromkeys(field for own in origins.values() for field in own)
    for field in fields:
        own = {item: of[field] for item, of in origins.items() if field in of}
        first = next(iter(own.values()))
        if len(own) == len(origins) and all(origin == first for origin in own.values()):
            by_name[field] = first
        else:
            by_name |= {f"{field}.{item}": origin for item, origin in own.items()}
    return by_name
