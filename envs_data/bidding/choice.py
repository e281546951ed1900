"""Which case of bidding a table belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from envs_data.bidding.reading import CONTRACT
from envs_data.table_reading import read_text, recognise
from envs_data.tables import Source


def choose_case(table: Source, columns: Mapping[str, str] | None = None) -> tuple[str, str]:
    """A log of impressions is a campaign.

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
    return "BiddingCampaign", f"impressions with bids in column {mapping['bid']}"
