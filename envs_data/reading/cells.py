"""Columns of cells as texts, numbers and moments, in the notation of their file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from envs_data.reading.dates import Dates, one_clock, read_dates
from envs_data.reading.numbers import Mark, Notation, both_readings, flag, is_blank, merged, notation, number
from envs_data.reading.source import ColumnNotation, RawTable
from envs_data.tables import rows_problem

Kind = Literal["date", "time", "number", "text"]
WANTED = {"date": "a date such as 2025-01-06", "time": "a time such as 2025-01-06 13:45:10", "number": "a number"}


@dataclasses.dataclass(frozen=True)
class Cells:
    """A column that was read.

    Attributes:
        values: texts, numbers or moments; missing where a cell is empty or cannot be read.
        blank: which cells are empty.
        problems: what is wrong.
        facts: what was understood beyond plain notation.
        zones: time zones that its cells name; one empty text where none does.
    """

    values: pd.Series
    blank: pd.Series
    problems: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


class CellReader:
    """Reads the columns of a table.

    Args:
        raw: the table.
        numbers: names of its columns that hold numbers.
    """

    def __init__(self, raw: RawTable, numbers: Iterable[str]) -> None:
        self._raw = raw
        self._numbers = [name for name in numbers if not _is_numeric(raw.frame[name])]

    def problems(self) -> list[str]:
        """Why the decimal mark of a column cannot be told."""
        return [problem for name in self._numbers for problem in self._open_mark(name)]

    def facts(self) -> list[str]:
        """What was understood of the numbers."""
        return ["a decimal comma"] if any(self._mark(name) == "comma" for name in self._numbers) else []

    def read(self, name: str, kind: Kind) -> Cells:
        """A column.

        Args:
            name: the table's own name of it.
            kind: what it holds.
        """
        column = self._raw.frame[name]
        if kind == "text":
            return _texts(column)
        if kind == "number":
            return self._read_numbers(name, column)
        return self._read_moments(name, column, kind)

    def _settled(self, name: str) -> ColumnNotation | None:
        """The notation of an excerpt's column in the whole table."""
        return self._raw.excerpt.settled.get(name) if self._raw.excerpt is not None else None

    def _seen(self, name: str) -> Notation:
        """What a column says of its decimal mark."""
        settled = self._settled(name)
        if settled is not None:
            return settled.numbers
        return notation(str(text) for text in self._raw.frame[name].dropna().unique())

    def _mark(self, name: str) -> Mark | None:
        """A column's decimal mark: its own cells decide, then the user, then what other columns say; else None.

        Another column only ever tells that a mark separates thousands: 1.040 beside 3,50 is 1040, but beside 3.50 it
        may be 1.04, or come from another program.
        """
        own = self._seen(name)
        if own.point and own.comma:
            return None
        if own.point or own.comma:
            return "point" if own.point else "comma"
        chosen = self._raw.options.decimal
        if chosen is not None or not own.either:
            return "comma" if chosen == "comma" else "point"
        others = merged(self._seen(other) for other in self._numbers)
        if bool(others.point) == bool(others.comma):
            return None
        mark: Mark = "point" if others.point else "comma"
        return mark if ("." in own.either) == (mark == "comma") else None

    def _open_mark(self, name: str) -> list[str]:
        """The question that a column leaves open, or its contradiction; none or one sentence."""
        own = self._seen(name)
        if self._mark(name) is not None:
            return []
        if own.point and own.comma:
            said = f"{self._place(name, own.comma)} has a decimal comma, and {own.point!r} a decimal point"
            return [f"{said}; write all numbers of a column in one notation"]
        point, comma = both_readings(own.either)
        said = f"{self._place(name, own.either)} may be {point:,.10g} or {comma:,.10g}"
        return [f"{said}; say which: --read decimal=point or --read decimal=comma"]

    def _place(self, name: str, text: str) -> str:
        """The first cell of a column that holds a text."""
        rows = self._raw.frame.index[self._raw.frame[name].astype(str) == text]
        return f"row {rows[0]}, column {name!r}: {text!r}" if len(rows) else f"column {name!r}: {text!r}"

    def _read_numbers(self, name: str, column: pd.Series) -> Cells:
        if _is_numeric(column):
            values = column.astype(float).replace([np.inf, -np.inf], np.nan)
            return Cells(
                values, column.isna(), tuple(rows_problem(name, column[values.isna() & column.notna()], _no("number")))
            )
        texts = column.astype(str).where(column.notna())
        by_text = _numbers_of(texts, self._mark(name) or "point")
        blank = _blank(texts)
        values = texts.map(by_text).astype(float)
        return Cells(values, blank, tuple(rows_problem(name, column[values.isna() & ~blank], _no("number"))))

    def _read_moments(self, name: str, column: pd.Series, kind: Kind) -> Cells:
        if pd.api.types.is_datetime64_any_dtype(column):
            local = column.dt.tz_localize(None) if getattr(column.dt, "tz", None) is not None else column
            return Cells(_rounded(local, kind), column.isna())
        texts = column.astype(str).str.strip().where(column.notna())
        blank = _blank(texts)
        settled = self._settled(name)
        found = read_dates(texts.where(~blank), self._raw.options.dates or (settled.dates if settled else None))
        values = _rounded(found.times, kind)
        problems = _date_problems(name, column, found)
        if not problems:
            problems = rows_problem(name, column[values.isna() & ~blank], _no(kind))
        facts = (found.fact,) if found.fact else ()
        return Cells(values, blank, tuple(problems), facts, found.zones or ("",) if kind == "time" else ())


def _no(kind: str) -> str:
    return f"is not {WANTED[kind]}"


def _is_numeric(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column))


def _texts(column: pd.Series) -> Cells:
    texts = column.astype(str).str.strip().where(column.notna())
    blank = texts.isna() | texts.eq("")
    return Cells(texts.where(~blank), blank)


def _blank(texts: pd.Series) -> pd.Series:
    """Which cells say nothing; each distinct text is looked at once."""
    empty = [text for text in texts.dropna().unique() if is_blank(text)]
    return texts.isna() | texts.isin(empty)


def _numbers_of(texts: pd.Series, mark: Mark) -> Mapping[str, float]:
    """Each distinct text as a number; a column of yes and no as 1 and 0."""
    distinct = [str(text) for text in texts.dropna().unique()]
    words = [text for text in distinct if not is_blank(text)]
    flags = {text: flag(text) for text in words}
    if words and not np.isnan(list(flags.values())).any():
        return flags
    return {text: number(text, mark) for text in words}


def _rounded(times: pd.Series, kind: Kind) -> pd.Series:
    if kind == "time":
        return times
    days: pd.Series = times.dt.normalize().astype("datetime64[s]")
    return days


def _date_problems(name: str, column: pd.Series, found: Dates) -> list[str]:
    """Why a column of dates cannot be read as it stands."""
    if found.style is None:
        return _only_years(name, column.dropna())
    if found.rival is not None:
        said = f"column {name!r}: {found.sample} may be {found.style.words} or {found.rival.words}"
        return [f"{said}; say which: --read dates={found.style.name} or --read dates={found.rival.name}"]
    usual = f"most rows are {found.style.words} ({found.sample})"
    problems = []
    for style, text in found.others:
        row = column.index[column.astype(str).str.strip() == text][0]
        problems.append(
            f"row {row}, column {name!r}: {text!r} is {style.words}, and {usual}; write all dates in one notation"
        )
    if "" in found.zones:
        problems += _unlike_most(name, column)
    elif not one_clock(found.zones):
        named = ", ".join(found.zones[:4])
        problems.append(f"column {name!r}: its times are in several time zones ({named}); write all times in one")
    return problems


def _only_years(name: str, known: pd.Series) -> list[str]:
    """Years alone, of which a day has to be written out; none or one sentence."""
    years = known.astype(str).str.strip()
    if years.empty or not years.str.fullmatch(r"(?:19|20)\d\d").all():
        return []
    first = years.iloc[0]
    return [f"column {name!r}: it holds years ({first}), and a date has a day; write one, such as {first}-12-31"]


def _unlike_most(name: str, column: pd.Series) -> list[str]:
    """The rows with a time zone where most have none, or without where most have one."""
    known = column[column.notna()]
    zoned = known.astype(str).str.contains(r"(?:Z|UTC|[+-]\d{2}:?\d{2})\s*$", case=False)
    few = known[zoned] if zoned.mean() <= 0.5 else known[~zoned]
    has, others = ("a", "have none") if zoned.mean() <= 0.5 else ("no", "have one")
    return rows_problem(name, few, f"has {has} time zone, and most rows {others}; write all times alike")
