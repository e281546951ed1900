"""Reads a table under a contract: its columns, what they may hold, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pandera.pandas as pandera

from envs_data.parameters import unknown_name
from envs_data.reading.cells import CellReader
from envs_data.reading.dates import one_clock
from envs_data.reading.source import RawTable, Source, open_table
from envs_data.tables import Column, Problems, Table, TableError, rows_problem


def read_columns(
    source: Source,
    contract: Mapping[str, Column],
    columns: Mapping[str, str] | None,
    refuse: Callable[[Problems], None] = lambda problems: None,
) -> Table:
    """Reads a table under a contract and refuses impossible values, all at once.

    Args:
        source: the table.
        contract: column by meaning.
        columns: the user's own mapping, meaning to name in the table.
        refuse: adds what such a table cannot hold to the problems of the frame; it may change the frame.

    Raises:
        TableError: a table that cannot be read, or everything that is wrong with it, with row (header = 1) and column.
    """
    raw = open_table(source)
    mapping = recognise(raw, contract, columns)
    frame, problems, understood = parse(raw, contract, mapping)
    problems_of_table = Problems(frame, mapping, raw.where, [*problems, *check_values(frame, contract, mapping)])
    refuse(problems_of_table)
    problems_of_table.raise_any()
    return Table(frame, mapping, raw.where, understood, raw.options.given())


def recognise(raw: RawTable, contract: Mapping[str, Column], columns: Mapping[str, str] | None) -> dict[str, str]:
    """Finds the contract's columns in a table.

    Args:
        raw: the table.
        contract: column by meaning.
        columns: the user's own mapping, meaning to name in the table; an empty name leaves a meaning without a column.

    Returns:
        Meaning to name in the table, for every column recognised.

    Raises:
        TableError: unknown meanings, names that are not in the table, and missing required columns, all at once.
    """
    given = dict(columns or {})
    names = [str(name) for name in raw.frame.columns]
    problems = [unknown_name("column meaning", meaning, contract) for meaning in given if meaning not in contract]
    problems += [unknown_name("column", name, names) for name in given.values() if name and name not in names]
    twice = sorted(name for name in {*names} if names.count(name) > 1)
    problems += [f"column {name!r} appears {names.count(name)} times" for name in twice]
    taken = {name for meaning, name in given.items() if meaning in contract}
    lower = {name.lower().replace(" ", "_"): name for name in reversed(names) if name not in taken}
    mapping = {}
    for meaning, column in contract.items():
        guess = next((lower[alias] for alias in column.aliases if alias in lower), "")
        name = given.get(meaning, guess)
        if name:
            mapping[meaning] = name
        elif column.required:
            problems.append(
                f"no column for {meaning}; found: {', '.join(names)}; name yours with --columns {meaning}=NAME"
            )
    if problems:
        raise TableError(raw.where, problems)
    return mapping


def parse(
    raw: RawTable, contract: Mapping[str, Column], mapping: Mapping[str, str]
) -> tuple[pd.DataFrame, list[str], tuple[str, ...]]:
    """Turns cells into texts, numbers and dates, in the notation of their file.

    Returns:
        The recognised columns under the contract's names, with unreadable cells missing; the problems found; and what
        was understood of a notation that is not the plain one, as one sentence or none.
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
    understood = (f"Read with {', '.join(dict.fromkeys(facts))}.",) if facts else ()
    return pd.DataFrame({meaning: cells.values for meaning, cells in columns.items()}), problems, understood


def check_values(frame: pd.DataFrame, contract: Mapping[str, Column], mapping: Mapping[str, str]) -> list[str]:
    """Problems of impossible values: out of range, or fractional where whole numbers are needed."""
    numbers = [meaning for meaning in frame.columns if contract[meaning].kind == "number"]
    schema = pandera.DataFrameSchema({meaning: _rules(contract[meaning]) for meaning in numbers})
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        groups = error.failure_cases.groupby(["column", "check"], sort=False)
        return [
            sentence
            for (meaning, what), group in groups
            for sentence in rows_problem(mapping[meaning], group.set_index("index")["failure_case"], what)
        ]
    return []


def _rules(column: Column) -> pandera.Column:
    checks = []
    if column.low > -np.inf:
        checks.append(pandera.Check.ge(column.low, error=f"is less than {column.low:g}"))
    if column.high < np.inf:
        checks.append(pandera.Check.le(column.high, error=f"is more than {column.high:g}"))
    if column.whole:
        checks.append(pandera.Check(lambda values: values % 1 == 0, error="is not a whole number"))
    return pandera.Column(float, checks, nullable=True)
