"""Which case of recommendation a table belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from envs_data.recommend.clicks import is_clicks
from envs_data.recommend.customers import is_summary
from envs_data.table_reading import read_text
from envs_data.tables import Source


def choose_case(table: Source, columns: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Every table of customers is RecommendLifetime's; what it tells differs.

    Args:
        table: path of a CSV file, or a DataFrame.
        columns: meaning to name in the table, where a name is not recognised.

    Returns:
        The case's name, and why in one clause.

    Raises:
        TableError: a table that cannot be read.
    """
    frame, _ = read_text(table)
    if is_clicks(frame, columns):
        return "RecommendLifetime", "items shown and clicked, so what customers like can be told"
    if is_summary(frame, columns):
        return "RecommendLifetime", "a row a customer, so when customers come back can be told"
    return "RecommendLifetime", "purchases of customers, so when they come back can be told"
