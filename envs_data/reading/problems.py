"""What is wrong with a table: sentences that name row, column and remedy."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

# A problem found in more rows than this is reported by its first ones and a count.
ROWS_SHOWN = 5


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


def rows_problem(column: str, cells: pd.Series, what: str) -> list[str]:
    """One problem found in several rows: the first `ROWS_SHOWN` of them, each a sentence, and how many more."""
    shown = [f"row {row}, column {column!r}: {cell(value)} {what}" for row, value in cells.head(ROWS_SHOWN).items()]
    more = len(cells) - len(shown)
    return [*shown, f"column {column!r}: ... and {more} more rows like these"] if more > 0 else shown


def cell(value: object) -> str:
    """A cell as a message quotes it."""
    if isinstance(value, pd.Timestamp):
        return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"  # strftime refuses years before 1
    if pd.isna(value) or str(value).strip() == "":  # type: ignore[call-overload]  # a cell is a scalar
        return "the cell"
    return f"{value:g}" if isinstance(value, float) else repr(value)
