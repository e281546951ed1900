"""Which case of pricing a table belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from envs_data.pricing.reading import CONTRACT, is_choices
from envs_data.table_reading import parse, read_text, recognise
from envs_data.tables import Source


def choose_case(table: Source, columns: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Several products, or a log of visits, are a shelf; one product is a season.

    Args:
        table: path of a CSV file, or a DataFrame.
        columns: meaning to name in the table, where a name is not recognised.

    Returns:
        The case's name, and why in one clause.

    Raises:
        TableError: a table whose columns cannot be recognised.
    """
    raw, where = read_text(table)
    if is_choices(raw, columns):
        return "PricingShelf", "a column says what each visitor chose"
    mapping = recognise(raw, CONTRACT, columns, where)
    if "product" not in mapping:
        return "PricingSeason", "no column for the product, so one product"
    frame, _ = parse(raw, {"product": CONTRACT["product"]}, {"product": mapping["product"]})
    count = frame["product"].nunique()
    if count > 1:
        return "PricingShelf", f"{count} products in column {mapping['product']}"
    return "PricingSeason", f"one product in column {mapping['product']}"
