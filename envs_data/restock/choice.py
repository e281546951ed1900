"""Which case of restocking a table belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from envs_data.restock.reading import CONTRACT
from envs_data.table_reading import parse, read_text, recognise
from envs_data.tables import Source


def choose_case(table: Source, columns: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Several items are a box, one is an item.

    Args:
        table: path of a CSV file, or a DataFrame.
        columns: meaning to name in the table, where a name is not recognised.

    Returns:
        The case's name, and why in one clause.

    Raises:
        TableError: a table whose columns cannot be recognised.
    """
    raw, where = read_text(table)
    mapping = recognise(raw, CONTRACT, columns, where)
    if "item" not in mapping:
        return "RestockItem", "no column for the item, so one item"
    frame, _ = parse(raw, {"item": CONTRACT["item"]}, {"item": mapping["item"]})
    count = frame["item"].nunique()
    if count > 1:
        return "RestockBox", f"{count} items in column {mapping['item']}"
    return "RestockItem", f"one item in column {mapping['item']}"
