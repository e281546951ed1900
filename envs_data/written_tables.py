"""Tables as CSV files that a spreadsheet can open without running what stands in them."""

from __future__ import annotations

import os

import pandas as pd

from envs_data.parameters import write_whole

# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
QUOTE = "'"


def write_table(path: str | os.PathLike[str], frame: pd.DataFrame) -> None:
    """Writes a table whole or not at all; texts that a spreadsheet would run get a leading quote."""
    texts = frame.select_dtypes(exclude=["number", "bool"]).columns
    write_whole(path, frame.assign(**{name: frame[name].map(as_text) for name in texts}).to_csv(index=False))


def as_text(cell: object) -> object:
    """A cell, with a leading quote where it is a text that a spreadsheet would run."""
    return QUOTE + cell if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def as_meant(cell: str) -> str:
    """Undoes `as_text`."""
    return cell[len(QUOTE) :] if cell.startswith(tuple(QUOTE + mark for mark in FORMULA)) else cell
