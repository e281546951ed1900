"""What a fit hands over: parameters with their origins, draws of what the table leaves open, and its back-test."""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import textwrap
from collections.abc import Mapping
from typing import Any

from envs_data.parameters import Origin, Parameters, Scenario

WIDTH = 116


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
        problems: why the fit is not to be trusted, one clause each; none when it may be used.
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
    """Parameters learnt from a table, and how far to trust them.

    Attributes:
        parameters: the fitted world.
        origins: where each field comes from.
        draws: changes of the fitted fields, drawn from what the table leaves open.
        back_test: how the fit predicts what it has not seen.
        mapping: meaning to the table's column names.
        lines: what to tell the user, label and text, such as ``("assumed", "lead_time 1 day")``.
        notes: further sentences on the table and the fit.
        observed: rows of the table the fit rests on.
        today: the rule in use, as somebody read it off the table's decisions: ``rule``, ``setting`` and a ``sentence``;
            empty where nobody did.
        would_help: columns the table has not, and what each would tell: "a column for stock at closing (on_hand)".
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
        }
        return Scenario(self.parameters, self.origins, self.draws, notes)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the scenario file, whole or not at all."""
        self.scenario().save(path)

    def summary(self) -> str:
        """What was read, fitted, known, assumed and checked, ready to print."""
        told = [*self.lines, ("checked", self.back_test.sentence()), *(("note", note) for note in self.notes)]
        return "\n".join(_told(label, text) for label, text in told)


def command(
    family: str,
    table: str,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
) -> str:
    """The command that fits a table.

    Args:
        family: the family.
        table: path of the table; ``table`` where it came as a DataFrame.
        columns: meaning to name in the table.
        known: field to value.
        since: first day to use.
        until: last day to use.
    """
    words = ["bizgyms", "fit", family, "table.csv" if table == "table" else table]
    words += _pairs("--columns", {meaning: str(name) for meaning, name in (columns or {}).items()})
    words += [word for flag, day in (("--since", since), ("--until", until)) if day for word in (flag, day)]
    words += _pairs("--known", {name: _typed(value) for name, value in (known or {}).items()})
    return " ".join(shlex.quote(str(word)) for word in [*words, "-o", "mine.json"])


def _pairs(flag: str, values: Mapping[str, str]) -> list[str]:
    return [flag, *(f"{name}={value}" for name, value in values.items())] if values else []


def _typed(value: object) -> str:
    """A known value as people type it."""
    return (
        value if isinstance(value, str) else f"{value:.10g}" if isinstance(value, (int, float)) else json.dumps(value)
    )


def _told(label: str, text: str) -> str:
    if label == "read":
        return text
    if label == "type":
        return f"         {text}"
    return textwrap.fill(f"{label:<8} {text}", WIDTH, subsequent_indent=" " * 9, break_long_words=False)
