"""Reads a table under a contract: its columns, what they may hold, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from envs_data.parameters import unknown_name, unknown_names
from envs_data.reading.cells import CellReader
from envs_data.reading.dates import one_clock
from envs_data.reading.layout import laid_out, name_of
from envs_data.reading.rows import Rows
from envs_data.reading.source import RawTable, Source, open_table
from envs_data.tables import (
    LARGEST,
    MOST_NAMES,
    Column,
    Grain,
    Problems,
    Table,
    TableError,
    listed,
    rows_problem,
    zero_propensities,
)

# Amounts are compared in parts of this size, up to so many of them.
FINEST, MOST_PARTS = 1e-3, 2.0**53
# From this share of fractions on, amounts are measured, not counted.
MEASURED = 0.05
# A unit is fine where usual amounts are at most so many of it, and coarse where they are fewer than dozens.
COUNTED_WELL, DOZENS = 200, 24


def read_columns(
    source: Source,
    contract: Mapping[str, Column],
    columns: Mapping[str, str] | None,
    refuse: Callable[[Problems], None] = lambda problems: None,
    select: Callable[[pd.DataFrame, str], pd.DataFrame] = lambda frame, where: frame,
    grain: Grain | None = None,
    unit: float = 1.0,
) -> Table:
    """Reads a table under a contract and refuses impossible values, all at once.

    Args:
        source: the table.
        contract: column by meaning.
        columns: the user's own mapping, meaning to name in the table; an empty name leaves a meaning out.
        refuse: adds what such a table cannot hold to the problems of the frame; it may change the frame.
        select: chooses rows, given all and what the table is called.
        grain: what a row is to become; None where rows stay as they are.
        unit: how much of the table's unit counts as one.

    Raises:
        TableError: a table that cannot be read, or everything that is wrong with it, with row (header = 1) and column.
    """
    raw, mapping = open_and_recognise(source, contract, columns, grain)
    frame, found, understood = parse(raw, contract, mapping)
    frame = select(frame, raw.where)
    problems, notes = Problems(frame, mapping, raw.where, found), list[str]()
    if grain is not None:
        # Sums of cells that no business writes would overflow.
        if (frame.select_dtypes("number").abs() > LARGEST).any(axis=None):
            problems.found += check_values(frame, contract, mapping)
        rows = Rows(frame, mapping, contract, grain, raw, select)
        rows.settle(problems)
        frame, notes, understood = in_units(rows.frame, contract, unit), rows.notes, [*understood, *rows.facts]
    problems.frame = frame
    problems.found += check_values(frame, contract, mapping)
    refuse(problems)
    problems.raise_any()
    facts = (f"Read with {', '.join(dict.fromkeys(understood))}.",) if understood else ()
    return Table(problems.frame, mapping, raw.where, (*facts, *notes), raw.options.given())


def open_and_recognise(
    source: Source, contract: Mapping[str, Column], columns: Mapping[str, str] | None, grain: Grain | None = None
) -> tuple[RawTable, dict[str, str]]:
    """A table laid out in rows, and the contract's columns in it."""
    raw = open_table(source)
    raw = raw if grain is None else laid_out(raw, contract, grain, columns)
    return raw, recognise(raw, contract, columns)


def in_units(frame: pd.DataFrame, contract: Mapping[str, Column], unit: float) -> pd.DataFrame:
    """Amounts in whole units, rounded, and prices for one of them.

    Args:
        frame: the rows.
        contract: which columns are amounts and prices.
        unit: how much of the table's unit counts as one.
    """
    if unit == 1:
        return frame
    measured = {str(name): contract[str(name)].measure for name in frame}
    amounts = {name: (frame[name] / unit).round() for name, measure in measured.items() if measure == "amount"}
    prices = {name: frame[name] * unit for name, measure in measured.items() if measure == "price"}
    return frame.assign(**amounts, **prices)


def recognise(raw: RawTable, contract: Mapping[str, Column], columns: Mapping[str, str] | None) -> dict[str, str]:
    """Finds the contract's columns in a table.

    Args:
        raw: the table.
        contract: column by meaning.
        columns: the user's own mapping, meaning to name in the table; an empty name leaves a meaning out.

    Returns:
        Meaning to name in the table, for every column recognised.

    Raises:
        TableError: unknown meanings, names that are not in the table, and missing required columns, all at once.
    """
    given = dict(columns or {})
    names = [str(name) for name in raw.frame.columns]
    problems = [unknown_name("column meaning", meaning, contract) for meaning in given if meaning not in contract]
    problems += unknown_names("column", [name for name in given.values() if name and name not in names], names)
    twice = sorted(name for name in {*names} if names.count(name) > 1)
    problems += [f"column {name!r} appears {names.count(name)} times" for name in twice]
    meant = {meaning: name for meaning, name in given.items() if meaning in contract}
    own = {meaning: name_of(meaning, contract, meant, names) for meaning in contract}
    missing = [meaning for meaning, column in contract.items() if column.required and not own[meaning]]
    if missing:
        typed = " ".join(f"{meaning}=NAME" for meaning in missing)
        found = f"no column for {' and '.join(missing)}; found: {listed(names, MOST_NAMES)}"
        problems.append(f"{found}; name yours with --columns {typed}")
    if problems:
        raise TableError(raw.where, problems)
    return {meaning: name for meaning, name in own.items() if name}


def parse(
    raw: RawTable, contract: Mapping[str, Column], mapping: Mapping[str, str]
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Turns cells into texts, numbers and dates, in the notation of their file.

    Returns:
        The recognised columns under the contract's names, with unreadable cells missing; the problems found; and what
        was understood of a notation that is not the plain one.
    """
    reader = CellReader(raw, [name for meaning, name in mapping.items() if contract[meaning].kind == "number"])
    columns = {meaning: reader.read(name, contract[meaning].kind) for meaning, name in mapping.items()}
    problems = reader.problems()
    for meaning, cells in columns.items():
        problems += cells.problems
        if not contract[meaning].blank:
            blank = raw.frame[mapping[meaning]][cells.blank]
            problems += rows_problem(mapping[meaning], blank, "is empty; leave the row out if nothing is known of it")
    zones = {zone for cells in columns.values() for zone in cells.zones}
    if len(zones) > 1 and not problems and ("" in zones or not one_clock([*zones])):
        named = " and ".join(mapping[meaning] for meaning, cells in columns.items() if cells.zones)
        problems.append(f"columns {named} are in different time zones; write all times in one")
    facts = [*raw.facts, *reader.facts(), *(fact for cells in columns.values() for fact in cells.facts)]
    return pd.DataFrame({meaning: cells.values for meaning, cells in columns.items()}), problems, facts


def check_values(frame: pd.DataFrame, contract: Mapping[str, Column], mapping: Mapping[str, str]) -> list[str]:
    """Problems of impossible values: out of range, or fractional where whole numbers are needed."""
    problems = zero_propensities(frame, mapping)
    for name, values in frame.items():
        column = contract[str(name)]
        if column.kind != "number":
            continue
        own = mapping[str(name)]
        problems += rows_problem(own, values[values < column.low], f"is less than {column.low:g}")
        problems += rows_problem(own, values[values > column.high], f"is more than {column.high:g}")
        broken = values[values.notna() & (values % 1 != 0)] if column.whole else values[:0]
        problems += rows_problem(own, broken, "is not a whole number")
        if column.measure == "amount" and len(broken) > MEASURED * values.count() and (values > 0).any():
            counted = f"--known unit={suggested_unit(values):g}"
            problems.append(f"column {own!r}: if it holds kilos or money, say how much counts as one unit: {counted}")
    return problems


def suggested_unit(values: pd.Series) -> float:
    """The largest unit of which all amounts are multiples, or a round one of which there are some dozens.

    Args:
        values: amounts, not all of them whole.
    """
    usual = float(values[values > 0].median())
    sizes = values.dropna().abs().to_numpy()
    fine = sizes.max() < MOST_PARTS * FINEST
    common = float(np.gcd.reduce(np.round(sizes / FINEST).astype(np.int64))) * FINEST if fine else 0.0
    if common * COUNTED_WELL >= usual:
        return common
    power = 10.0 ** np.floor(np.log10(usual / DOZENS))
    return float(power * next(step for step in (5, 2, 1) if step * power <= usual / DOZENS))
