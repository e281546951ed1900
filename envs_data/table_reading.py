"""Reads a table under a contract: its columns, what they may hold, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pandera

from envs_data.parameters import unknown_name
from envs_data.tables import Column, Excerpt, Problems, Source, Table, TableError, rows_problem

# Date notations besides ISO 8601, tried in this order.
DATE_FORMATS = ("ISO8601", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
HEADER_ROWS = 1


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
    raw, where = read_text(source)
    mapping = recognise(raw, contract, columns, where)
    frame, problems = parse(raw, contract, mapping)
    problems_of_table = Problems(frame, mapping, where, [*problems, *check_values(frame, contract, mapping)])
    refuse(problems_of_table)
    problems_of_table.raise_any()
    return Table(frame, mapping, where)


def read_text(source: Source) -> tuple[pd.DataFrame, str]:
    """A CSV file as text cells, or a DataFrame as it is, its index the row in the file (header = 1).

    Args:
        source: path of a CSV file (comma, semicolon or tab; UTF-8), a DataFrame, or an excerpt.

    Returns:
        The frame, and what to call it in messages.

    Raises:
        TableError: no such file, not UTF-8, not a CSV, or empty.
    """
    if isinstance(source, Excerpt):
        return source.frame, source.where
    if isinstance(source, pd.DataFrame):
        named = source.index.name is not None or isinstance(source.index, pd.DatetimeIndex)
        frame, where = source.reset_index() if named else source.copy(), "table"
    else:
        frame, where = _read_csv(Path(source)), str(source)
    frame.columns = frame.columns.map(lambda name: str(name).strip())
    frame.index = pd.RangeIndex(HEADER_ROWS + 1, HEADER_ROWS + 1 + len(frame))
    if frame.empty:
        raise TableError(where, ["it has a header and no rows" if len(frame.columns) else "it is empty"])
    return frame, where


def _read_csv(path: Path) -> pd.DataFrame:
    text = _decoded(path)
    header = text.split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    try:
        return pd.read_csv(path, sep=separator, dtype=str, encoding="utf-8-sig", skip_blank_lines=False)
    except pd.errors.ParserError as error:
        reason = str(error).removeprefix("Error tokenizing data. C error: ").strip()
        raise TableError(str(path), [f"it is not a CSV table: {reason}"]) from None


def _decoded(path: Path) -> str:
    where = str(path)
    try:
        content = path.read_bytes()
        if b"\0" in content:
            raise TableError(where, ["it is not a CSV file (binary content); export it as CSV in UTF-8"])
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise TableError(where, ["no such file"]) from None
    except IsADirectoryError:
        raise TableError(where, ["it is a folder, not a CSV file"]) from None
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise TableError(where, [f"row {row}: not UTF-8 text; save the table as CSV in UTF-8"]) from None
    if not text.strip():
        raise TableError(where, ["it is empty"])
    return text


def recognise(
    frame: pd.DataFrame, contract: Mapping[str, Column], columns: Mapping[str, str] | None, where: str
) -> dict[str, str]:
    """Finds the contract's columns in a table.

    Args:
        frame: the table.
        contract: column by meaning.
        columns: the user's own mapping, meaning to name in the table.
        where: the table's name, for messages.

    Returns:
        Meaning to name in the table, for every column recognised.

    Raises:
        TableError: unknown meanings, names that are not in the table, and missing required columns, all at once.
    """
    given = dict(columns or {})
    names = [str(name) for name in frame.columns]
    problems = [unknown_name("column meaning", meaning, contract) for meaning in given if meaning not in contract]
    problems += [unknown_name("column", name, names) for name in given.values() if name not in names]
    twice = sorted(name for name in {*names} if names.count(name) > 1)
    problems += [f"column {name!r} appears {names.count(name)} times" for name in twice]
    taken = {name for meaning, name in given.items() if meaning in contract}
    lower = {name.lower().replace(" ", "_"): name for name in reversed(names) if name not in taken}
    mapping = {}
    for meaning, column in contract.items():
        guess = next((lower[alias] for alias in column.aliases if alias in lower), None)
        if meaning in given or guess is not None:
            mapping[meaning] = given.get(meaning, guess or "")
        elif column.required:
            problems.append(
                f"no column for {meaning}; found: {', '.join(names)}; name yours with --columns {meaning}=NAME"
            )
    if problems:
        raise TableError(where, problems)
    return mapping


def parse(
    frame: pd.DataFrame, contract: Mapping[str, Column], mapping: Mapping[str, str]
) -> tuple[pd.DataFrame, list[str]]:
    """Turns text into dates and numbers.

    Returns:
        The recognised columns under the contract's names, with unreadable cells missing, and the problems found.
    """
    problems: list[str] = []
    parsed = {}
    for meaning, name in mapping.items():
        column, raw = contract[meaning], frame[name]
        blank = raw.isna() | (raw.astype(str).str.strip() == "")
        values = _read_as(column.kind, raw.where(~blank))
        unreadable = values.isna() & ~blank
        wanted = {"date": "an unambiguous date such as 2025-01-06", "number": "a number", "text": "a text"}[column.kind]
        problems += rows_problem(name, raw[unreadable], f"is not {wanted}")
        if not column.blank:
            problems += rows_problem(name, raw[blank], "is empty; leave the row out if nothing is known of it")
        parsed[meaning] = values
    return pd.DataFrame(parsed, index=frame.index), problems


def _read_as(kind: str, raw: pd.Series) -> pd.Series:
    if kind == "text":
        return raw.astype(str).str.strip().where(raw.notna())
    if kind == "number":
        return pd.to_numeric(raw, errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)
    return _dates(raw)


def _dates(raw: pd.Series) -> pd.Series:
    """Dates in the notation that reads most cells; none where day/month and month/day read equally many."""
    if pd.api.types.is_datetime64_any_dtype(raw):
        return _days(raw)
    text = raw.map(lambda value: str(value).strip(), na_action="ignore")
    tried = {style: _days(pd.to_datetime(text, format=style, errors="coerce")) for style in DATE_FORMATS}
    counts = {style: int(values.notna().sum()) for style, values in tried.items()}
    best = max(counts, key=lambda style: counts[style])
    if best == "%d/%m/%Y" and counts[best] == counts["%m/%d/%Y"] and not tried[best].equals(tried["%m/%d/%Y"]):
        return tried[best].where(pd.Series(False, index=raw.index))
    return tried[best]


def _days(values: pd.Series) -> pd.Series:
    if getattr(values.dt, "tz", None) is not None:
        values = values.dt.tz_localize(None)
    days: pd.Series = values.dt.normalize().astype("datetime64[s]")
    return days


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
