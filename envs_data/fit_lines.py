"""The lines a fit prints: what was read, fitted, known and assumed, and the command to type."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from envs_data.tables import Table

Lines = tuple[tuple[str, str], ...]
"""Label and text of each line."""


def read_line(table: Table, what: str, conclusion: str = "") -> tuple[str, str]:
    """The line on what was read, as which columns, and what follows from it."""
    used = ", ".join(f"{name} -> {meaning}" for meaning, name in table.mapping.items())
    return "read", f"Read {what} as {used}.{'  ' if conclusion else ''}{conclusion}"


def type_line(
    family: str, table: Table, asked: Mapping[str, Any], known: Mapping[str, Any], case: str | None = None
) -> tuple[str, str]:
    """The line on the command that fits the table with the user's own numbers.

    Args:
        family: the family.
        table: the table.
        asked: columns, since and until, as the user gave them.
        known: the numbers to type.
        case: the case, where another would be chosen otherwise.
    """
    typed = {**asked, "known": known, "read": table.read, "case": case}
    return "type", f"your own numbers: {command(family, table.where, **typed)}"


def short(value: object) -> str:
    """A value in at most six digits."""
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def known_line(known: Mapping[str, Any]) -> Lines:
    """The line on what the user knows; none where nothing is known."""
    return (("known", ", ".join(f"{name} {value}" for name, value in known.items())),) if known else ()


def command(
    family: str,
    table: str,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
    read: Mapping[str, str] | None = None,
    case: str | None = None,
) -> str:
    """The command that fits a table.

    Args:
        family: the family.
        table: path of the table; ``table`` where it came as a DataFrame.
        columns: meaning to name in the table.
        known: field to value.
        since: first day to use.
        until: last day to use.
        read: what the user said of the table's notation.
        case: the case; None for the one that is chosen by the table.
    """
    words = ["bizgyms", "fit", family, "table.csv" if table == "table" else table]
    words += _pairs("--read", read or {})
    words += _pairs("--columns", {meaning: str(name) for meaning, name in (columns or {}).items()})
    options = (("--since", since), ("--until", until), ("--case", case))
    words += [word for flag, value in options if value for word in (flag, value)]
    words += _pairs("--known", {name: _typed(value) for name, value in (known or {}).items()})
    return " ".join(shlex.quote(str(word)) for word in [*words, "-o", "mine.json"])


def _pairs(flag: str, values: Mapping[str, str]) -> list[str]:
    return [flag, *(f"{name}={value}" for name, value in values.items())] if values else []


def _typed(value: object) -> str:
    """A known value as people type it."""
    return (
        value if isinstance(value, str) else f"{value:.10g}" if isinstance(value, (int, float)) else json.dumps(value)
    )
