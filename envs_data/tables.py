"""Reading a table under a contract: which columns there are, what they may hold, and everything that is wrong."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pandera.pandas as pandera

from envs_data.parameters import unknown_name

# A problem found in more rows than this is told by its first ones and a count.
ROWS_SHOWN = 5
# Date notations besides ISO 8601, tried in this order.
DATE_FORMATS = ("ISO8601", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
HEADER_ROWS = 1


class TableError(ValueError):
    """A table that cannot be read. Holds every problem found, one sentence each.

    Attributes:
        where: the file, or "table".
        problems: what is wrong, in which row and column, and what would be right. Row 1 is the header.
    """

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))

    def __reduce__(self) -> tuple[type[TableError], tuple[str, tuple[str, ...]]]:
        return type(self), (self.where, self.problems)


@dataclasses.dataclass(frozen=True)
class Column:
    """What a column of a contract means.

    Attributes:
        aliases: names it is recognised by, best first, in lower case.
        kind: how its text is read.
        required: whether a table without it cannot be used.
        low: smallest value allowed.
        high: largest value allowed.
        whole: whether the values must be whole numbers.
        blank: whether cells may be empty.
    """

    aliases: tuple[str, ...]
    kind: Literal["date", "number", "text"] = "number"
    required: bool = False
    low: float = -np.inf
    high: float = np.inf
    whole: bool = False
    blank: bool = True


@dataclasses.dataclass(frozen=True)
class Table:
    """A table read under a contract.

    Attributes:
        frame: the recognised columns under the contract's names; index: row in the file, header = 1.
        mapping: contract's name to the table's own.
        where: the file, or "table".
        notes: what a reader should know, one sentence each.
    """

    frame: pd.DataFrame
    mapping: Mapping[str, str]
    where: str
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Excerpt:
    """Some rows of a table that was read already; `read_text` takes it for a table of its own.

    Attributes:
        frame: the rows; index: row in the file, header = 1.
        where: the table's name.
    """

    frame: pd.DataFrame
    where: str


def read_text(source: str | os.PathLike[str] | pd.DataFrame | Excerpt) -> tuple[pd.DataFrame, str]:
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
        TableError: unknown meanings, names the table has not, and required columns not found, all at once.
    """
    given = dict(columns or {})
    found = [str(name) for name in frame.columns]
    problems = [unknown_name("column meaning", meaning, contract) for meaning in given if meaning not in contract]
    problems += [unknown_name("column", name, found) for name in given.values() if name not in found]
    problems += [
        f"column {name!r} appears {found.count(name)} times" for name in sorted({*found}) if found.count(name) > 1
    ]
    taken = {name for meaning, name in given.items() if meaning in contract}
    lower = {name.lower().replace(" ", "_"): name for name in reversed(found) if name not in taken}
    mapping = {}
    for meaning, column in contract.items():
        guess = next((lower[alias] for alias in column.aliases if alias in lower), None)
        if meaning in given or guess is not None:
            mapping[meaning] = given.get(meaning, guess or "")
        elif column.required:
            problems.append(
                f"no column for {meaning}; found: {', '.join(found)}; name yours with --columns {meaning}=NAME"
            )
    if problems:
        raise TableError(where, problems)
    return mapping


def parse(
    frame: pd.DataFrame, contract: Mapping[str, Column], mapping: Mapping[str, str]
) -> tuple[pd.DataFrame, list[str]]:
    """Turns text into dates and numbers.

    Returns:
        The recognised columns under the contract's names, unreadable cells missing, and the problems found.
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
    """Dates in the notation that reads most cells; day/month and month/day that read equally many read none."""
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
    """Problems of values that could be read but cannot be: out of range, or fractional where whole."""
    numbers = [meaning for meaning in frame.columns if contract[meaning].kind == "number"]
    schema = pandera.DataFrameSchema({meaning: _rules(contract[meaning]) for meaning in numbers})
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        found = error.failure_cases
        groups = found.groupby(["column", "check"], sort=False)
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


def rows_problem(column: str, cells: pd.Series, what: str) -> list[str]:
    """One problem found in several rows: the first `ROWS_SHOWN` of them, each a sentence, and how many more."""
    shown = [f"row {row}, column {column!r}: {_cell(value)} {what}" for row, value in cells.head(ROWS_SHOWN).items()]
    more = len(cells) - len(shown)
    return [*shown, f"column {column!r}: ... and {more} more rows like these"] if more > 0 else shown


def _cell(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"  # strftime refuses years before 1
    if pd.isna(value) or str(value).strip() == "":  # type: ignore[call-overload]  # a cell is a scalar
        return "the cell"
    return f"{value:g}" if isinstance(value, float) else repr(value)
