"""What the fits to a log of messages share: how it is read, whether it identifies the lift, and what is printed."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

import pandas as pd

from envs_data.fit_lines import short
from envs_data.fitting import Fitting, World
from envs_data.nudge.other_tables import recognise_log
from envs_data.nudge.reading import CONTRACT, read_table
from envs_data.reading.source import open_table
from envs_data.tables import Column, Table, TableError

LEAST_ROWS = 100
# A share closer to 0 or 1 than this cannot be told from it in a log.
CLOSE = 0.005
NOT_IDENTIFIED = "the lift of messages is not identified"


class Estimated(NamedTuple):
    """An estimate as it is printed.

    Attributes:
        label: what it is called.
        field: its field.
        value: the number.
        stderr: its standard error.
    """

    label: str
    field: str
    value: float
    stderr: float


class LogFit(Fitting[World]):
    """Base of the fits to a log of messages.

    Attributes:
        contract: the columns.
        conclusion: what follows from what was read, with fields of the parameters p.
        asked_for: fields that are printed, and put into the line to type, where they are assumed.
        edges: what it means in words that a field's estimate ran to 0, and to 1.
        missing: why the lift of messages is not identified; None where it is, or where it is known.
    """

    fitted_to = "a log of messages"
    contract: ClassVar[Mapping[str, Column]] = CONTRACT
    conclusion: ClassVar[str]
    asked_for: ClassVar[tuple[str, ...]]
    edges: ClassVar[Mapping[str, tuple[str, ...]]]
    missing: str | None

    def read_table(self) -> Table:
        """The log, long enough and with responses."""
        raw = open_table(self.source)
        recognise_log(raw, self.contract, self.asked.get("columns"))
        table = read_table(raw, self.contract, **self.asked)
        problems = [*self.log_problems(table.frame)]
        if len(table.frame) < LEAST_ROWS or not table.frame["response"].any():
            problems.append(f"{len(table.frame)} rows; at least {LEAST_ROWS} are needed, and some responses among them")
        if problems:
            raise TableError(table.where, problems)
        return table

    def log_problems(self, frame: pd.DataFrame) -> Iterable[str]:
        """Why a case cannot use the log, one sentence for each problem."""
        return ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the fit is not to be trusted, whatever the back-test says."""
        return (NOT_IDENTIFIED,) if self.missing else ()

    def describe_table(self) -> tuple[str, ...]:
        """How many steps of how many people."""
        frame = self.table.frame
        return f"{len(frame):,} steps of {frame['person'].nunique()} people", self.conclusion.format(p=self.parameters)

    @abc.abstractmethod
    def estimates(self) -> Iterable[Sequence[Estimated]]:
        """What is estimated, line by line."""

    def describe_estimates(self) -> Iterator[str]:
        """What is estimated, each with its standard error."""
        for line in self.estimates():
            yield ", ".join(f"{one.label} {one.value:.3g} (+- {one.stderr:.2g})" for one in line)

    def notes(self) -> Iterator[str]:
        """What it means that an estimate ran to 0 or 1."""
        for one in (one for line in self.estimates() for one in line):
            for edge, meaning in enumerate(self.edges.get(one.field, ())):
                if abs(one.value - edge) < CLOSE:
                    yield f"{one.label} ran to {edge}: {meaning} in this table."

    def closing_lines(self) -> Iterator[tuple[str, str]]:
        """Why the lift is not identified, and what is assumed of the fields asked for."""
        if self.missing:
            yield (
                "open",
                f"The lift of messages is not identified: {self.missing}. Until then it is assumed to be zero.",
            )
        names = self.assumed(self.asked_for)
        if names:
            typed = {name: getattr(self.parameters, name) for name in names}
            note = self.origins["worth"].note if "worth" in names else ""
            yield "assumed", f"{'; '.join(f'{name} {short(value)}' for name, value in typed.items())}. {note}".strip()
            yield self.type_line(typed)
