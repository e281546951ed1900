"""How a table is laid out: wide tables are turned, and lines without an amount are counted."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from envs_data.reading.numbers import both_readings, is_blank
from envs_data.reading.source import RawTable
from envs_data.tables import Column, Grain, TableError

# Parts of names of columns that hold no amount.
CALENDAR = "year month week weekday day dow hour quarter season holiday time jahr monat woche stunde"
IDENTITY = "id no nr number transaction order invoice receipt ticket line basket customer bon beleg index"
COVARIATES = "temperature temp weather rain humidity price cost discount promo promotion open school visitors customers"
CELLS_LOOKED_AT = 50
NAMES_SHOWN = 4


def name_of(meaning: str, contract: Mapping[str, Column], columns: Mapping[str, str], names: Iterable[str]) -> str:
    """The table's own name of a meaning: the user's, or the first that is recognised; empty where there is none."""
    if meaning in columns:
        return columns[meaning]
    taken = {*columns.values()}
    lower = {name.lower().replace(" ", "_"): name for name in reversed([*names]) if name not in taken}
    return next((lower[alias] for alias in contract[meaning].aliases if alias in lower), "")


def laid_out(
    raw: RawTable, contract: Mapping[str, Column], grain: Grain, columns: Mapping[str, str] | None
) -> RawTable:
    """A table with a column for the amount: a wide one is turned, and the lines of one without amounts are counted.

    Args:
        raw: the table.
        contract: column by meaning.
        grain: what a row is to become.
        columns: the user's own mapping, meaning to name in the table.

    Raises:
        TableError: columns that may be things, or amounts under another name.
    """
    given, names = dict(columns or {}), [str(name) for name in raw.frame.columns]
    own = {meaning: name_of(meaning, contract, given, names) for meaning in contract}
    if own[grain.amount] or not own.get("date") or len({*names}) < len(names):
        return raw
    wanted = raw.options.rows
    free = [name for name in names if name not in own.values() and _is_number(raw.frame[name])]
    open_names = [name for name in free if not _words(name) & {*CALENDAR.split(), *IDENTITY.split()}]
    if wanted == "lines" or (not open_names and wanted is None and own.get(grain.thing)):
        one = contract[grain.amount].aliases[0]
        return dataclasses.replace(raw, frame=raw.frame.assign(**{one: 1}), counted=True)
    if own.get(grain.thing) or (len(open_names) < 2 and wanted != "wide"):
        return raw
    doubtful = [name for name in open_names if _words(name) & {*COVARIATES.split()}]
    if doubtful and wanted is None:
        raise TableError(raw.where, [_question(names, doubtful, open_names)])
    return _turned(raw, own["date"], [name for name in open_names if name not in doubtful], grain, contract)


def _question(names: list[str], doubtful: list[str], open_names: list[str]) -> str:
    things = [name for name in open_names if name not in doubtful]
    ask = "name it with --columns units=NAME"
    wide = f", or say --read rows=wide if each of {_listed(things)} is an item" if len(things) > 1 else ""
    return f"no column for units; found: {', '.join(names)}; {ask}{wide}"


def _listed(names: list[str]) -> str:
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _words(name: str) -> set[str]:
    """The words of a column's name, in lower case."""
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return {*re.split(r"[\W_]+", parts.lower())}


def _is_number(column: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(column):
        return True
    texts = [text for text in column.dropna().astype(str).unique()[:CELLS_LOOKED_AT] if not is_blank(text)]
    return bool(texts) and all(not np.isnan(both_readings(text)).all() for text in texts)


def _turned(raw: RawTable, date: str, things: list[str], grain: Grain, contract: Mapping[str, Column]) -> RawTable:
    """A row for each cell of the columns that are things."""
    thing, amount = contract[grain.thing].aliases[0], contract[grain.amount].aliases[0]
    rows = raw.frame[[date, *things]].melt(date, things, thing, amount, ignore_index=False)
    blank = rows[amount].isna() | rows[amount].astype(str).map(is_blank)
    facts = (*raw.facts, f"a column for each {grain.thing} ({_listed(things)})")
    return dataclasses.replace(raw, frame=rows[~blank].sort_index(kind="stable"), facts=facts)
