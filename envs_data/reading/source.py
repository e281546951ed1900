"""From a file to text cells: encodings, separators, spreadsheets; what was noticed on the way is said."""

from __future__ import annotations

import csv
import dataclasses
import io
import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from envs_data.reading.binary_files import read_parquet, read_spreadsheet
from envs_data.reading.dates import read_dates
from envs_data.reading.numbers import Notation, notation
from envs_data.reading.options import SEPARATORS, ReadOptions
from envs_data.tables import TableError

HEADER_ROWS = 1
SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
PARQUET = (".parquet", ".pq")
# Byte order marks, the longer ones first.
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
NAMES = {"utf-16": "UTF-16", "cp1252": "Windows-1252"}
LINES_LOOKED_AT = 100
# How Excel says what stands between cells, in a line before the header.
SAID = re.compile(r"\"?sep=(?P<mark>[,;\t|])\"?", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class ReadAs:
    """A table, with what the user says of its notation.

    Attributes:
        table: path of a file, or a DataFrame.
        read: option to value: see `ReadOptions`.
    """

    table: str | os.PathLike[str] | pd.DataFrame
    read: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class RawTable:
    """Cells as they stand in a file.

    Attributes:
        frame: texts, or what a spreadsheet or DataFrame holds; index: row in the file, header = 1.
        where: the file, or "table".
        options: what the user said of the notation.
        facts: what was noticed, such as "Windows-1252 text".
        excerpt: for the rows of one thing, the table they are from.
        counted: whether a column of ones was added, so that rows are counted.
    """

    frame: pd.DataFrame
    where: str
    options: ReadOptions = dataclasses.field(default_factory=ReadOptions)
    facts: tuple[str, ...] = ()
    excerpt: Excerpt | None = None
    counted: bool = False

    def split(self, column: str, by: pd.Series) -> dict[str, RawTable]:
        """The rows of each value as a table of its own, all in the notation of the whole.

        Args:
            column: the column whose values they are.
            by: for each row the table it goes to.
        """
        whole = self if self.excerpt is not None else self._with_dates()
        assert whole.excerpt is not None
        dated = {name: rows for name, rows in whole.frame.items() if pd.api.types.is_datetime64_any_dtype(rows)}
        days = {str(name): np.unique(rows.to_numpy().astype("datetime64[D]")) for name, rows in dated.items()}
        whole = dataclasses.replace(whole, excerpt=dataclasses.replace(whole.excerpt, by=column, days=days))
        parts = whole.frame.groupby(by, sort=False)
        return {str(value): dataclasses.replace(whole, frame=rows) for value, rows in parts}

    def _with_dates(self) -> RawTable:
        """The table with its dates read, which take most of the time and are the same for all excerpts.

        Digits alone may be a name as well, and zones are looked at later: such columns stay texts.
        """
        settled = {str(name): column_notation(self.frame[name]) for name in self.frame}
        texts = {name: self.frame[name].astype(str).str.strip().where(self.frame[name].notna()) for name in settled}
        read = {name: read_dates(texts[name], found.dates) for name, found in settled.items() if found.dates}
        plain = {name: dates for name, dates in read.items() if not dates.zones and not dates.sample.isdigit()}
        frame = self.frame.assign(**{name: dates.times for name, dates in plain.items()})
        facts = [dates.fact for dates in plain.values() if dates.fact]
        return dataclasses.replace(self, frame=frame, facts=(*self.facts, *facts), excerpt=Excerpt("", settled, {}))


@dataclasses.dataclass(frozen=True, eq=False)
class Excerpt:
    """What the rows of one thing owe to the table they are from.

    Attributes:
        by: the column that tells things apart.
        settled: the notation of each column.
        days: by column of dates, the days that have a row in the whole table.
    """

    by: str
    settled: Mapping[str, ColumnNotation]
    days: Mapping[str, NDArray[np.datetime64]]


@dataclasses.dataclass(frozen=True)
class ColumnNotation:
    """How the cells of a column are written.

    Attributes:
        numbers: what they say of the decimal mark.
        dates: notation of its dates; None where it holds none, or may be read in two ways.
    """

    numbers: Notation
    dates: str | None


def column_notation(column: pd.Series) -> ColumnNotation:
    """How a column of texts is written."""
    texts = column.dropna().astype(str).drop_duplicates()
    dates = read_dates(texts)
    plain = dates.style is not None and dates.rival is None and not dates.others and dates.times.notna().all()
    return ColumnNotation(notation(texts), dates.style.name if plain and dates.style else None)


Source = str | os.PathLike[str] | pd.DataFrame | ReadAs | RawTable
"""Where a table comes from: a path, a DataFrame, either with options, or cells that were read already."""


def open_table(source: Source) -> RawTable:
    """A table's cells, its index the row in the file (header = 1).

    Args:
        source: path of a text file, spreadsheet or Parquet file; a DataFrame; or one of these with options.

    Raises:
        TableError: no such file, no table, or empty.
        ParameterError: unknown options.
    """
    if isinstance(source, RawTable):
        return source
    table, options = (source.table, ReadOptions.of(source.read)) if isinstance(source, ReadAs) else (source, None)
    options = options or ReadOptions()
    if isinstance(table, pd.DataFrame):
        named = table.index.name is not None or isinstance(table.index, pd.DatetimeIndex)
        frame, where, before, facts = table.reset_index() if named else table.copy(), "table", 0, list[str]()
    else:
        where = str(table)
        frame, before, facts = _read_file(Path(table), options)
    frame.columns = frame.columns.map(lambda name: str(name).strip())
    first = HEADER_ROWS + 1 + before
    frame.index = pd.RangeIndex(first, first + len(frame))
    frame = frame[~frame.isna().all(axis=1)]
    if frame.empty:
        raise TableError(where, ["it has a header and no rows" if len(frame.columns) else "it is empty"])
    return RawTable(frame, where, options, tuple(facts))


def _read_file(path: Path, options: ReadOptions) -> tuple[pd.DataFrame, int, list[str]]:
    """A file's cells, lines before the header, and what was noticed."""
    if path.is_dir():
        raise TableError(str(path), ["it is a folder, not a table"])
    if not path.exists():
        raise TableError(str(path), ["no such file"])
    if path.suffix.lower() in SPREADSHEETS:
        frame, facts = read_spreadsheet(path, options)
        return frame, 0, facts
    if path.suffix.lower() in PARQUET:
        return read_parquet(path), 0, []
    return _read_delimited(path, options)


def _read_delimited(path: Path, options: ReadOptions) -> tuple[pd.DataFrame, int, list[str]]:
    text, facts = _decoded(path, options.encoding)
    start, separator = _layout(text, options)
    if separator != ",":
        name = next(name for name, mark in SEPARATORS.items() if mark == separator)
        facts.append(f"a {name} between cells")
    if start:
        facts.append(f"{start} {'line' if start == 1 else 'lines'} before the header left out")
    lines = text.split("\n", start)[start] if start else text
    try:
        frame = pd.read_csv(
            io.StringIO(lines), sep=separator, dtype=str, keep_default_na=False, na_values=[""], skip_blank_lines=False
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise TableError(str(path), [_torn(str(error), start, separator)]) from None
    return _without_index(frame, str(path), start, separator), start, facts


def _torn(error: str, start: int, separator: str) -> str:
    """Why a text cannot be taken apart into cells, with the row where a reader names its line."""
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", error)
    if found:
        wanted, line, saw = map(int, found.groups())
        return _too_long(line + start, saw, wanted, separator)
    return f"it is not a CSV table: {error.removeprefix('Error tokenizing data. C error: ').strip()}"


def _too_long(row: int, cells: int, wanted: int, separator: str) -> str:
    """What is said of a row with more cells than the header."""
    mark = next(name for name, mark in SEPARATORS.items() if mark == separator)
    return f"row {row} has {cells} cells, and the header {wanted}; put quotes around a cell with a {mark} in it"


def _without_index(frame: pd.DataFrame, where: str, start: int, separator: str) -> pd.DataFrame:
    """The cells under their names, where every row has more of them than the header, as with a mark at its end.

    pandas takes the first cells for an index then.
    """
    if isinstance(frame.index, pd.RangeIndex):
        return frame
    names, cells = frame.columns, frame.reset_index()
    more = cells.iloc[:, len(names) :].notna().any(axis=1).to_numpy()
    if more.any():
        row = int(more.argmax()) + HEADER_ROWS + 1 + start
        raise TableError(where, [_too_long(row, cells.shape[1], len(names), separator)])
    return cells.iloc[:, : len(names)].set_axis(names, axis=1)


def _decoded(path: Path, encoding: str | None) -> tuple[str, list[str]]:
    """A file's text; UTF-8 unless it cannot be, else what Windows writes."""
    where, content = str(path), path.read_bytes()
    marked = next((name for mark, name in MARKS if content.startswith(mark)), None)
    if marked is None and encoding is None and b"\0" in content:
        raise TableError(where, ["it is not a CSV file (binary content); export it as CSV in UTF-8"])
    try:
        for attempt in [encoding] if encoding else [marked] if marked else ["utf-8", "cp1252"]:
            try:
                text = content.decode(attempt)
            except UnicodeDecodeError as error:
                wrong = error
                continue
            facts = [f"{NAMES[attempt]} text"] if attempt in NAMES else []
            break
        else:
            row = content[: wrong.start].count(b"\n") + 1
            raise TableError(where, [f"row {row}: not {encoding or 'UTF-8'} text; save the table as CSV in UTF-8"])
    except LookupError:
        raise TableError(where, [f"--read encoding={encoding}: no such encoding; try utf-8 or cp1252"]) from None
    if not text.strip():
        raise TableError(where, ["it is empty"])
    return text.replace("\r\n", "\n").replace("\r", "\n"), facts


def _layout(text: str, options: ReadOptions) -> tuple[int, str]:
    """Lines before the header, and what stands between cells: the mark that gives most lines equally many cells."""
    lines = text.split("\n", LINES_LOOKED_AT)[:LINES_LOOKED_AT]
    said = SAID.fullmatch(lines[0])
    if said:
        return 1, said["mark"]
    marks = [SEPARATORS[options.separator]] if options.separator else list(SEPARATORS.values())
    rows = {mark: [*csv.reader(lines, delimiter=mark)] for mark in marks}
    scores = {mark: _agreement([*map(len, found)]) for mark, found in rows.items()}
    separator = max(marks, key=lambda mark: scores[mark])
    usual = scores[separator][1]
    return _header(rows[separator], usual) if usual > 1 else 0, separator


def _header(rows: list[list[str]], usual: int) -> int:
    """The first line with the usual number of cells, or before it one that lacks only the marks at their ends."""
    first = next((k for k, row in enumerate(rows) if len(row) == usual), 0)
    full = usual - min((_empty_at_end(row) for row in rows if len(row) == usual), default=0)
    return first - (first > 0 and 1 < full <= len(rows[first - 1]) < usual)


def _empty_at_end(row: list[str]) -> int:
    """How many cells at the end of a row say nothing."""
    return next((k for k, text in enumerate(reversed(row)) if text.strip()), len(row))


def _agreement(widths: list[int]) -> tuple[float, int]:
    """How many lines have the usual number of cells, if that is more than one, and that number."""
    counted = Counter(width for width in widths if width > 1)
    if not counted:
        return 0.0, 1
    usual, times = max(counted.items(), key=lambda pair: (pair[1], pair[0]))
    return times / max(1, sum(width > 0 for width in widths)), usual
