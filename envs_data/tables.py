"""Tables, the contracts of their columns, and everything that is wrong with one."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypedDict

import pandas as pd

# Numbers beyond this are no business figures: floats no longer count one by one, and sums of squares overflow.
LARGEST = 1e15
# A problem of more rows than this is shown by the first ones and a count.
ROWS_SHOWN = 5
# So many names of columns are listed in a message.
MOST_NAMES = 15


class TableError(ValueError):
    """A table that cannot be read. Holds every problem found, one sentence each.

    Attributes:
        where: the file, or "table".
        problems: what is wrong, in which row and column, and what would be right. Row 1 is the header.
    """

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(dict.fromkeys(sorted(problems, key=_row)))
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))

    def __reduce__(self) -> tuple[type[TableError], tuple[str, tuple[str, ...]]]:
        return type(self), (self.where, self.problems)


def plain_name(name: object) -> str:
    """A column's name in lower case with _ between its words: ``UnitPrice`` and ``Unit Price`` are ``unit_price``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", str(name))
    return re.sub(r"[\W_]+", "_", spaced).strip("_").lower()


def listed(names: Iterable[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    names = [*names]
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def _row(problem: str) -> float:
    """The row that a problem is in; those of no single row come last."""
    found = re.match(r"row (\d+)", problem)
    return float(found[1]) if found else math.inf


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
        adds: what several rows of one day and thing come to: their ``sum``, their ``mean`` weighted by the amount,
            their ``max``, or the ``last`` of them.
        measure: ``amount`` for a number of the table's units, ``price`` for money a unit; else empty.
    """

    aliases: tuple[str, ...]
    kind: Literal["date", "time", "number", "text"] = "number"
    required: bool = False
    low: float = -LARGEST
    high: float = LARGEST
    whole: bool = False
    blank: bool = True
    adds: Literal["sum", "mean", "max", "last"] = "last"
    measure: Literal["", "amount", "price"] = ""


@dataclasses.dataclass(frozen=True)
class Grain:
    """What a row of a table of sales stands for: the amount of one thing in one period.

    Attributes:
        thing: meaning of the column that tells things apart.
        stores: whether rows of several stores may stand side by side.
        longest: longest period of the world that is fitted: ``day`` where it decides every day, else ``month``.
        fills: whether a day without a row may be one on which nothing was sold.
        amount: meaning of the column that is added up; a table without it has a row for each unit.
    """

    thing: str
    stores: bool = False
    longest: Literal["day", "month"] = "month"
    fills: bool = False
    amount: str = "units"


@dataclasses.dataclass(frozen=True)
class Table:
    """A table read under a contract.

    Attributes:
        frame: the recognised columns under the contract's names; index: row in the file, header = 1.
        mapping: contract's name to the table's own.
        where: the file, or "table".
        notes: remarks for the reader, one sentence each.
        read: what the user said of the notation.
    """

    frame: pd.DataFrame
    mapping: Mapping[str, str]
    where: str
    notes: tuple[str, ...] = ()
    read: Mapping[str, str] = dataclasses.field(default_factory=dict)


class Asked(TypedDict, total=False):
    """How a user wants a table read.

    Attributes:
        columns: meaning to name in the table, where a name is not recognised.
        since: first day to use, as YYYY-MM-DD; None for the table's first day.
        until: last day to use.
        unit_size: how much of the table's unit the world counts as one, such as .25 for quarters of a kilo.
    """

    columns: Mapping[str, str] | None
    since: str | None
    until: str | None
    unit_size: float


class Problems:
    """Collects the problems of a table that was read.

    Args:
        frame: the table, under the contract's names.
        mapping: contract's name to the table's own.
        where: the file, or "table".
        found: the problems so far.

    Attributes:
        found: all problems, one sentence each.
    """

    def __init__(self, frame: pd.DataFrame, mapping: Mapping[str, str], where: str, found: Iterable[str] = ()) -> None:
        self.frame, self.mapping, self.where = frame, mapping, where
        self.found = [*found]

    def cells(self, column: str, wrong: pd.Series, what: str) -> None:
        """Adds the cells of a column in the wrong rows."""
        self.found += rows_problem(self.mapping[column], self.frame[column][wrong], what)

    def all_rows(self, column: str, what: str, rows: pd.DataFrame | None = None) -> None:
        """Adds a problem of a column in all rows, or in those given."""
        index = (self.frame if rows is None else rows).index
        self.found.append(f"rows {index[0]} to {index[-1]}, column {self.mapping[column]!r}: {what}")

    def raise_any(self) -> None:
        """Raises a `TableError` with all problems, where there are any."""
        if self.found:
            raise TableError(self.where, self.found)


def rows_problem(column: str, cells: pd.Series, what: str) -> list[str]:
    """One problem in several rows: a sentence for each of the first `ROWS_SHOWN`, and how many more there are."""
    shown = [f"row {row}, column {column!r}: {_cell(value)} {what}" for row, value in cells.head(ROWS_SHOWN).items()]
    more = len(cells) - len(shown)
    return [*shown, f"column {column!r}: ... and {more} more rows like these"] if more > 0 else shown


def zero_propensities(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """The cells that say that what was done could not happen; none in a table without propensities."""
    if "propensity" not in frame:
        return []
    impossible = frame["propensity"][frame["propensity"] == 0]
    return rows_problem(mapping["propensity"], impossible, "is the probability of what was done, so it cannot be 0")


def _cell(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"  # strftime refuses years before 1
    if pd.isna(value) or str(value).strip() == "":  # type: ignore[call-overload]  # a cell is a scalar
        return "the cell"
    return f"{value:g}" if isinstance(value, float) else repr(value)
