"""A message about a table, and everything it tells the table's owner to do; the examples of each trade are beside."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from tests.envs_data.shapes import sold

Change = Callable[[pd.DataFrame], pd.DataFrame]
DAYS = pd.date_range("2024-01-01", periods=28)


class Instead(str):
    """What is typed in place of the line, where the message is about the line."""


class As(str):
    """Name of the file that the table is written to, where the message is about the file."""


def write(frame: pd.DataFrame, path: Path) -> None:
    """Writes a table as its file's name says."""
    if path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_csv(path, index=False)


@dataclasses.dataclass(frozen=True)
class Example:
    """A message, and its remedies.

    Attributes:
        family: the family.
        table: makes the table.
        says: part of the message.
        remedies: what is printed of each remedy, and what is done: words typed behind the line, or in place of it, a
            change of the table, both of them, or the file that it is written to.
        line: what is typed behind the table's name.
        then: the next question, where one must follow.
        file: name of the table's file.
        write: how it is written.
        limits: numbers of the code that are lower, by name, so that a table beyond them stays small.
    """

    family: str
    table: Callable[[], pd.DataFrame]
    says: str
    remedies: Mapping[str, str | Change | tuple[Change, str]]
    line: str = ""
    then: str = ""
    file: str = "table.csv"
    write: Callable[[pd.DataFrame, Path], None] = write
    limits: Mapping[str, int] = dataclasses.field(default_factory=dict)


def as_printed(*lines: str) -> dict[str, str]:
    """Remedies that are typed as they are printed."""
    return {line: line for line in lines}


def cell(column: str, row: int, value: object) -> Change:
    """Writes a cell anew; the row is that of the frame."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        cells = frame[column].astype(object)
        cells.iloc[row] = value
        return frame.assign(**{column: cells})

    return change


def column(name: str, values: object) -> Change:
    """Writes a column anew; a function makes it of the frame."""
    return lambda frame: frame.assign(**{name: values(frame) if callable(values) else values})


def without(row: int) -> Change:
    """Leaves a row out; the row is that of the frame."""
    return lambda frame: frame.drop(frame.index[row])


def renamed(**names: str) -> Change:
    """Renames columns."""
    return lambda frame: frame.rename(columns=names)


def changed(table: Callable[[], pd.DataFrame], *changes: Change) -> Callable[[], pd.DataFrame]:
    """A table with some changes."""
    return lambda: functools.reduce(lambda frame, change: change(frame), changes, table())


def bread() -> pd.DataFrame:
    """Four weeks of one item."""
    return pd.DataFrame({"date": DAYS.strftime("%Y-%m-%d"), "units": sold(5.0, len(DAYS))})


def gaps() -> pd.DataFrame:
    """Days without a row."""
    return bread().drop([3, 8, 16])


def shop(*items: str) -> pd.DataFrame:
    """Four weeks of several items."""
    parts = [bread().assign(item=name, units=sold(4.0 + k, len(DAYS), k)) for k, name in enumerate(items)]
    return pd.concat(parts, ignore_index=True)


def two_items() -> pd.DataFrame:
    """Milk and bread."""
    return shop("milk", "bread")


def two_stores() -> pd.DataFrame:
    """Bread in two stores, whose names have spaces."""
    north = bread().assign(**{"Store Name": "North Side"})
    return pd.concat([north, bread().assign(**{"Store Name": "Ann's", "units": sold(7.0, len(DAYS), 3)})])


def counted(low: int, high: int, rows: int) -> np.ndarray:
    """[rows] whole numbers between two."""
    return np.random.default_rng(rows).integers(low, high, rows)


def refused(family: str, table: Callable[[], pd.DataFrame], **changes: tuple[str, Change]) -> dict[str, Example]:
    """Examples of cells that cannot be, where the place says all there is to do, by their name.

    Args:
        family: the family.
        table: makes a table that is read.
        changes: by name what is said, and what is done to the table before.
    """
    return {
        name.replace("_", " "): Example(family, changed(table, change), says, {})
        for name, (says, change) in changes.items()
    }
