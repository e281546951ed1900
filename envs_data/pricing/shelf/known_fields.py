"""What a user knows of a shelf: its own fields, fields of all products, or of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from envs_data.fits import case_problems
from envs_data.parameters import ParameterError, unknown_name
from envs_data.pricing.shelf.parameters import ShelfParameters, ShelfProduct

# How many of the table's units are one that customers take, such as 64 ounces a carton.
UNIT = "unit"


@dataclasses.dataclass(frozen=True)
class Known:
    """What the user knows.

    Attributes:
        shelf: fields of the shelf.
        products: by product, its fields; what is known of all products is there for each.
        unit: units of the table in one that is sold.
    """

    shelf: Mapping[str, Any]
    products: Mapping[str, Mapping[str, Any]]
    unit: int


def check_known(given: Mapping[str, Any], case: str | None) -> None:
    """Refuses unknown fields, before the table is read.

    Raises:
        ParameterError: unknown fields or case, all at once.
    """
    problems = [*_unknown(given)]
    unit = given.get(UNIT, 1)
    if isinstance(unit, bool) or not isinstance(unit, (int, float)) or unit != int(unit) or unit < 1:
        problems.append(f"unit is {unit!r}; it must be a whole number of the table's units, such as 64")
    problems += case_problems(ShelfParameters, case, "a shelf")
    if problems:
        raise ParameterError("known", problems)


def _fields() -> tuple[list[str], list[str]]:
    shelf = [name for name in ShelfParameters.quantities() if name != "products"]
    return shelf, [name for name in ShelfProduct.quantities() if name != "name"]


def _unknown(given: Mapping[str, Any]) -> Iterable[str]:
    shelf, product = _fields()
    for name in given:
        field, dot, _ = name.partition(".")
        known = product if dot else [*shelf, *product, UNIT]
        if field not in known:
            yield unknown_name("field of a product" if dot else "field", field, known)


def read_known(given: Mapping[str, Any], names: Sequence[str]) -> Known:
    """Sorts what is known.

    Args:
        given: value by name: ``customers`` is of the shelf, ``cost`` of every product, ``cost.tropicana`` of one.
        names: the products.

    Raises:
        ParameterError: unknown products, and impossible values.
    """
    shelf, product = _fields()
    pairs = [(*name.partition("."), value) for name, value in given.items()]
    problems = [
        f"{field}.{whose}: {unknown_name('product', whose, names)}"
        for field, dot, whose, _ in pairs
        if dot and whose not in names
    ]
    if problems:
        raise ParameterError("known", problems)
    common = {name: value for name, value in given.items() if name in product}
    own = {name: {field: value for field, _, whose, value in pairs if whose == name} for name in names}
    of_shelf = {name: value for name, value in given.items() if name in shelf}
    return Known(of_shelf, {name: {**common, **own[name]} for name in names}, int(given.get(UNIT, 1)))
