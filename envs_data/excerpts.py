"""A table of many things, such as items, split into one table each."""

from __future__ import annotations

from collections.abc import Mapping

from envs_data.parameters import unknown_name
from envs_data.reading.source import RawTable, Source, open_table
from envs_data.tables import TableError, rows_problem


def excerpts(source: Source, each: str, columns: Mapping[str, str] | None = None) -> dict[str, RawTable]:
    """The rows of each value of a column, by value, in the order of first appearance.

    Args:
        source: path of a CSV file, or a DataFrame.
        each: the column, by its name in the table or by its meaning in ``columns``; several with commas between them.
        columns: meaning to name in the table.

    Raises:
        TableError: a table that cannot be read, no such column, or rows without a value.
    """
    raw = open_table(source)
    parts = {"": raw}
    for name in [each] if each in raw.frame else each.split(","):
        parts = {
            f"{before} {value}".strip(): part
            for before, whole in parts.items()
            for value, part in _split(whole, name.strip(), columns).items()
        }
    return parts


def _split(raw: RawTable, each: str, columns: Mapping[str, str] | None) -> dict[str, RawTable]:
    """The rows of each value of one column."""
    frame, where = raw.frame, raw.where
    names = [str(name) for name in frame.columns]
    column = each if each in names else (columns or {}).get(each, each)
    if column not in names:
        raise TableError(where, [f"--each: {unknown_name('column', each, names)}"])
    if names.count(column) > 1:
        raise TableError(where, [f"column {column!r} appears {names.count(column)} times"])
    values = frame[column].astype(str).str.strip().where(frame[column].notna(), "")
    blank = frame[column][values == ""]
    if not blank.empty:
        problems = rows_problem(column, blank, "is empty; leave the row out if nobody knows whose it is")
        raise TableError(where, problems)
    return raw.split(column, values)
