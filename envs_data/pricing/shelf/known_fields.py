"""Fields a user knows: of the shelf, of all products, or of one product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from envs_data.fits import case_problems
from envs_data.nested_fields import KnownFields, NestedFields
from envs_data.parameters import ParameterError
from envs_data.pricing.shelf.parameters import ShelfParameters, ShelfProduct

# How many of the table's units are one that customers take, such as 64 ounces a carton.
UNIT = "unit"
FIELDS = NestedFields.of("a product", ShelfParameters, ShelfProduct)


def check_known(given: Mapping[str, Any], case: str | None) -> None:
    """Refuses unknown fields, before the table is read.

    Raises:
        ParameterError: unknown fields or case, all at once.
    """
    problems = [*FIELDS.unknown(given, None, (UNIT,))]
    unit = given.get(UNIT, 1)
    if isinstance(unit, bool) or not isinstance(unit, (int, float)) or unit != int(unit) or unit < 1:
        problems.append(f"unit is {unit!r}; it must be a whole number of the table's units, such as 64")
    problems += case_problems(ShelfParameters, case, "a shelf")
    if problems:
        raise ParameterError("known", problems)


def read_known(given: Mapping[str, Any], names: Sequence[str]) -> KnownFields:
    """Sorts what is known by shelf and product.

    Args:
        given: value by name: ``customers`` is of the shelf, ``cost`` of every product, ``cost.tropicana`` of one.
        names: the products.

    Raises:
        ParameterError: unknown products.
    """
    problems = [*FIELDS.unknown(given, names, (UNIT,))]
    if problems:
        raise ParameterError("known", problems)
    return FIELDS.sort(given, names)
