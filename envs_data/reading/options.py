"""What a user may say of a table's notation, where a guess would be wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from envs_data.parameters import ParameterError, unknown_name
from envs_data.reading.dates import STYLES

CHOICES: Mapping[str, tuple[str, ...]] = {
    "decimal": ("point", "comma"),
    "dates": tuple(style.name for style in STYLES),
    "separator": ("comma", "semicolon", "tab", "pipe"),
    "rows": ("days", "lines", "wide"),
    "every": ("day", "week", "month"),
    "missing": ("zero", "closed"),
}
OPEN = ("encoding", "sheet", "store")
"""Options that take any text."""
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


@dataclasses.dataclass(frozen=True)
class ReadOptions:
    """How a table is to be read; None where the table itself shall tell.

    Attributes:
        decimal: ``point`` or ``comma``.
        dates: notation of dates, such as ``dmy``.
        separator: what stands between cells: ``comma``, ``semicolon``, ``tab`` or ``pipe``.
        encoding: encoding of a text file, such as ``utf-8`` or ``cp1252``.
        sheet: sheet of a spreadsheet.
        rows: what a row is: ``days`` (one of a thing and period), ``lines`` (of an order, to be added up) or ``wide``
            (a column for each thing).
        every: period that a row, or what its rows add up to, covers: ``day``, ``week`` or ``month``.
        missing: what a day without a row was: ``zero`` (nothing was sold) or ``closed`` (not observed).
        store: the store to use, or ``sum`` for all together.
    """

    decimal: str | None = None
    dates: str | None = None
    separator: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    rows: str | None = None
    every: str | None = None
    missing: str | None = None
    store: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> ReadOptions:
        """Options by name.

        Raises:
            ParameterError: unknown names or values, all at once, with the nearest that exist.
        """
        given = dict(given or {})
        known = [*CHOICES, *OPEN]
        problems = [unknown_name("option", name, known) for name in given if name not in known]
        problems += [
            f"{name}: {unknown_name('value', str(value), CHOICES[name])}"
            for name, value in given.items()
            if name in CHOICES and value not in CHOICES[name]
        ]
        if problems:
            raise ParameterError("--read", problems)
        return cls(**{name: str(value) for name, value in given.items()})

    def given(self) -> dict[str, str]:
        """The options that the user set."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value is not None}
