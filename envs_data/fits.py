"""The result of a fit: parameters with their origins, draws from their uncertainty, and the back-test."""

from __future__ import annotations

import dataclasses
import os
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from envs_data.parameters import Origin, Parameters, Scenario
from envs_data.tables import Table

WIDTH = 116
# How many worlds a fit draws from its uncertainty, and their seed.
DRAWS, DRAWS_SEED = 50, 20_250_106


def with_known(origins: Mapping[str, Origin], known: Iterable[str]) -> dict[str, Origin]:
    """The origins, with those of the known fields."""
    return {**origins, **{name: Origin("known") for name in known}}


@dataclasses.dataclass(frozen=True)
class BackTest:
    """How a fit to the first four fifths of a table predicts the last.

    Attributes:
        held_out: what was held back, in words, such as "the last 146 days".
        predicted: figure by name, under the fit: ``coverage`` of 80 % bands (a little over .8 for whole numbers),
            ``mean``, and what else the family compares.
        observed: the same figures of what was held back.
        rival: the naive forecast beside it: ``name``, ``coverage``, ``error`` (mean absolute), and the
            fit's ``own_error``.
        problems: why the fit should not be trusted, one clause each; none if it may be used.
        series: the held-out days for a picture: lists of equal length by name.
    """

    held_out: str
    predicted: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    observed: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    rival: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    problems: tuple[str, ...] = ()
    series: Mapping[str, list[Any]] = dataclasses.field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether a verdict may rest on the fit."""
        return not self.problems

    @property
    def verdict(self) -> str:
        """The judgement in words."""
        if self.passed:
            return "Fit to use."
        return f"Do not trust a verdict from this fit: {'; '.join(self.problems)}."

    def sentence(self) -> str:
        """Figures and judgement on one line."""
        if not self.predicted:
            return self.verdict
        figures = (
            f"on {self.held_out}: 80 % bands covered {self.observed['coverage']:.0%}, "
            f"mean {self.observed['mean']:.3g} against {self.predicted['mean']:.3g} predicted"
        )
        rival = f", {self.rival['name']} covered {self.rival['coverage']:.0%}" if self.rival else ""
        return f"{figures}{rival}. {self.verdict}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**dataclasses.asdict(self), "problems": list(self.problems), "verdict": self.verdict}


@dataclasses.dataclass(frozen=True)
class Fit:
    """Parameters estimated from a table, and how far to trust them.

    Attributes:
        parameters: the fitted world.
        origins: where each field comes from.
        draws: values of the fitted fields, drawn from their uncertainty.
        back_test: how well the fit predicts rows it has not seen.
        mapping: meaning to the table's column names.
        lines: label and text of each printed line, such as ``("assumed", "lead_time 1 day")``.
        notes: further sentences on the table and the fit.
        observed: rows of the table the fit rests on.
        today: the rule in use, inferred from the table's decisions: ``rule``, ``setting`` and a ``sentence``; empty if
            it was not inferred.
        would_help: missing columns, and what each would tell: "a column for stock at closing (on_hand)".
        scale: units of the table that one unit of the fitted world stands for.
        table: the table as it was read; None where a case of one's own does not say.
        asked: how the user wanted it read, as far as anything was said: ``columns``, ``since``, ``until``, ``unit`` and
            the ``item``.
    """

    parameters: Parameters
    origins: Mapping[str, Origin]
    draws: tuple[Mapping[str, Any], ...]
    back_test: BackTest
    mapping: Mapping[str, str]
    lines: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    observed: int = 0
    today: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    would_help: tuple[str, ...] = ()
    scale: int = 1
    table: Table | None = dataclasses.field(default=None, compare=False, repr=False)
    asked: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def scenario(self) -> Scenario:
        """The fitted world as a scenario, with everything a report needs to say where it comes from."""
        notes = {
            "summary": [" ".join(line).strip() for line in self.lines],
            "notes": list(self.notes),
            "mapping": dict(self.mapping),
            "back_test": self.back_test.to_dict(),
            "observed": self.observed,
            "would_help": list(self.would_help),
            **({"today": dict(self.today)} if self.today else {}),
            **({"scale": self.scale} if self.scale > 1 else {}),
            **({"asked": asked} if (asked := self._asked()) else {}),
        }
        return Scenario(self.parameters, self.origins, self.draws, notes)

    def _asked(self) -> dict[str, Any]:
        """What the user said of the table, so that a later fit reads it in the same way."""
        read = {} if self.table is None else dict(self.table.read)
        return {**self.asked, **({"read": read} if read else {})}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the scenario file, whole or not at all."""
        self.scenario().save(path)

    def summary(self) -> str:
        """What was read, fitted, known, assumed and checked, ready to print."""
        told = [*self.lines, ("checked", self.back_test.sentence()), *(("note", note) for note in self.notes)]
        return "\n".join(_told(label, text) for label, text in told)


def _told(label: str, text: str) -> str:
    if label == "read":
        return text
    if label == "type":
        return f"         {text}"
    return textwrap.fill(f"{label:<8} {text}", WIDTH, subsequent_indent=" " * 9, break_long_words=False)
