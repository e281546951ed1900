"""How a table is laid out: wide tables are turned, and lines without an amount are counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from envs_data.reading.dates import read_dates
from envs_data.reading.numbers import both_readings, is_blank
from envs_data.reading.source import RawTable
from envs_data.tables import MOST_NAMES, Column, Grain, TableError, listed, plain_name

# Parts of names of columns that hold no amount.
CALENDAR = "year month week weekday day dow hour quarter season holiday time jahr monat woche stunde"
IDENTITY = "id no nr number transaction order invoice receipt ticket line basket customer bon beleg index"
COVARIATES = (
    "temperature temp weather rain humidity price cost discount promo promotion open school visitors customers "
    "total sum amount revenue turnover money value sales sold umsatz verkauf"
)
CELLS_LOOKED_AT = 50
# Columns named by dates that make a table of one row a thing.
LEAST_DATES = 7
# Columns of numbers that make a table of one column a thing without asking: of two, one may be something else.
LEAST_THINGS = 3


def name_of(meaning: str, contract: Mapping[str, Column], columns: Mapping[str, str], names: Iterable[str]) -> str:
    """The table's own name of a meaning: the user's, or the first that is recognised; empty where there is none."""
    if meaning in columns:
        return columns[meaning]
    taken = {*columns.values()}
    by_plain = {plain_name(name): name for name in reversed([*names]) if name not in taken}
    return next((by_plain[alias] for alias in contract[meaning].aliases if alias in by_plain), "")


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
    wanted, thing, date = raw.options.rows, own[grain.thing], own["date"]
    if own[grain.amount] or len({*names}) < len(names):
        return raw
    if not date:
        read = read_dates(pd.Series(names)).times.notna()
        dates = [name for name, is_date in zip(names, read, strict=True) if is_date]
        return _dates_turned(raw, dates, grain, contract) if len(dates) >= LEAST_DATES else raw
    if wanted == "lines":
        return _counted(raw, grain, contract)
    needed = [meaning for meaning, column in contract.items() if column.required]
    if any(not own[meaning] for meaning in needed if meaning not in (grain.amount, grain.thing)):
        return raw
    free = [name for name in names if name not in own.values() and _is_number(raw.frame[name])]
    amounts = [name for name in free if not _words(name) & {*CALENDAR.split(), *IDENTITY.split()}]
    things = [name for name in amounts if not _words(name) & {*COVARIATES.split()}]
    sure = len(things) == len(amounts) >= LEAST_THINGS and min(raw.frame[name].nunique() for name in things) > 1
    if thing and not amounts and wanted is None:
        return _counted(raw, grain, contract)
    if not thing and len(things) > 1 and (wanted == "wide" or sure):
        return _turned(raw, [date], things, grain, contract)
    raise TableError(raw.where, [_question(names, [] if thing else things, grain)])


def _question(names: list[str], things: list[str], grain: Grain) -> str:
    """What a table without a column for the amount may be."""
    ask = f"name it with --columns {grain.amount}=NAME, or count the rows with --read rows=lines"
    wide = f", or say --read rows=wide if each of {listed(things)} is an item" if len(things) > 1 else ""
    return f"no column for {grain.amount}; found: {listed(names, MOST_NAMES)}; {ask}{wide}"


def _words(name: str) -> set[str]:
    """The words of a column's name, in lower case."""
    return {*plain_name(name).split("_")}


def _is_number(column: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(column):
        return True
    texts = [text for text in column.dropna().astype(str).unique()[:CELLS_LOOKED_AT] if not is_blank(text)]
    return bool(texts) and all(not np.isnan(both_readings(text)).all() for text in texts)


def _counted(raw: RawTable, grain: Grain, contract: Mapping[str, Column]) -> RawTable:
    one = contract[grain.amount].aliases[0]
    return dataclasses.replace(raw, frame=raw.frame.assign(**{one: 1}), counted=True)


def _turned(
    raw: RawTable, kept: list[str], things: list[str], grain: Grain, contract: Mapping[str, Column], by: str = ""
) -> RawTable:
    """A row for each cell of some columns, which are things, or what else they are named by."""
    names, amount = by or contract[grain.thing].aliases[0], contract[grain.amount].aliases[0]
    rows = raw.frame[[*kept, *things]].melt(kept, things, names, amount, ignore_index=False)
    blank = rows[amount].isna() | rows[amount].astype(str).map(is_blank)
    facts = (*raw.facts, f"a column for each {by or grain.thing} ({listed(things)})")
    return dataclasses.replace(raw, frame=rows[~blank].sort_index(kind="stable"), facts=facts)


def _dates_turned(raw: RawTable, dates: list[str], grain: Grain, contract: Mapping[str, Column]) -> RawTable:
    kept = [str(name) for name in raw.frame if name not in dates]
    return _turned(raw, kept, dates, grain, contract, "date")
