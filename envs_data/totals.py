"""Tables of totals, such as campaigns with their sends and clicks, where a family needs single events."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from envs_data.reading.cells import CellReader
from envs_data.reading.source import RawTable
from envs_data.table_reading import recognise
from envs_data.tables import Column, plain_name

NAMES = """
    sends sent delivered deliveries recipients emails opens opened unique_opens clicks clicked unique_clicks
    impressions impr imps views conversions purchases orders unsubscribes unsubscribed bounces cost spend amount_spent
    revenue
"""
COUNTED = frozenset(NAMES.split())
LEAST_COLUMNS = 2


def totals_of(raw: RawTable) -> list[str]:
    """Columns that hold totals, where there are several; a column of 0 and 1 is none."""
    names = [str(name) for name in raw.frame if plain_name(name) in COUNTED]
    reader = CellReader(raw, names)
    totals = [name for name in dict.fromkeys(names) if names.count(name) == 1 and _is_total(reader, name)]
    return totals if len(totals) >= LEAST_COLUMNS else []


def _is_total(reader: CellReader, name: str) -> bool:
    return bool(reader.read(name, "number").values.max() > 1)


def recognise_any(raw: RawTable, contract: Mapping[str, Column], columns: Mapping[str, str] | None) -> dict[str, str]:
    """The columns of a contract that a table has, where it may lack required ones."""
    optional = {meaning: dataclasses.replace(column, required=False) for meaning, column in contract.items()}
    return recognise(raw, optional, columns)
