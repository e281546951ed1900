"""The board: what each agent earns a year, on the same luck."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from baselines.agents import LEARNERS, Kind
from baselines.judge import verdict as verdicts
from baselines.judge.evidence import Evidence
from baselines.judge.money import Money, share_taken
from baselines.judge.own_days import OwnRow
from baselines.judge.rows import Row
from baselines.judge.statistics import Interval, columns
from baselines.report import page
from baselines.report.facts import FORMAT, fields, plain
from baselines.report.insight import Insight
from baselines.report.own_days import Replay
from baselines.report.plain_text import aligned
from baselines.report.sample_episode import SampleEpisode
from baselines.runs.code import code
from baselines.runs.results import Results
from envs_data.parameters import Scenario, write_whole
from envs_data.written_tables import write_table

SHOWN_LAST = (Kind.BEST_RULE, Kind.TODAY, Kind.RANDOM)


# Characters of a label that a printed row has room for.
WIDEST = 48


@dataclasses.dataclass(frozen=True)
class Board:
    """The result of `score`.

    Attributes:
        title: case, scenario and what was played, in words.
        evidence: the rows, and all else that the verdict rests on.
        steps_per_year: decisions in a year of the business; in an episode where its length is unknown.
        results: the table of results: a row a run, with its returns and its learning curve.
        notes: what a reader should know: seeds, errors, assumptions.
        folder: where the run file is; None when it was kept in memory.
        scenario: the scenario with the origin of its fields.
        episode: one episode of some of the agents, side by side on the same luck.
        own: what the agents earned on the user's own last days; None where these were not played.
        insight: what is behind the best learner's row; None where nothing learned.
        runs: one row a run. Columns: agent, label, role, seed (of the training; empty for what does not learn), value
            (mean return of an episode), evaluation_error (its standard error), episodes, steps (decisions of a
            training, or of tuning) and seconds.
    """

    title: str
    evidence: Evidence
    steps_per_year: float
    results: Results = dataclasses.field(default_factory=Results)
    notes: Sequence[str] = ()
    folder: Path | None = None
    scenario: Scenario | None = None
    episode: SampleEpisode | None = None
    insight: Insight | None = None
    own: Replay | None = None
    runs: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)

    @property
    def rows(self) -> Sequence[Row]:
        """One an agent."""
        return self.evidence.rows

    @property
    def ceiling(self) -> Interval | None:
        """What anything could gain over the best rule a year; None where it is unknown."""
        return self.evidence.ceiling

    @property
    def ceiling_sentence(self) -> str:
        """The same in words."""
        return verdicts.ceiling_sentence(self.evidence)

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        return verdicts.verdict(self.evidence)

    @property
    def money(self) -> Money:
        """Writes amounts."""
        return self.evidence.money

    def curves(self) -> pd.DataFrame:
        """Learning curves: a row a look at a training. Columns: agent, seed, steps, value (mean return of an episode).

        As a picture they are in the report, and beside it in ``curves.svg``.
        """
        return self.results.curves()

    @property
    def table(self) -> pd.DataFrame:
        """One row an agent; money a year, as in `money`.

        Columns: those of `baselines.judge.rows.Row`, an interval with _low and _high (95 %), and the business figures;
        where own days were played also own_value, own_over_today and own_over_rule (with _low and _high).
        """
        rows = [row.cells() for row in self.rows]
        if self.own is not None:
            rows = [{**cells, **_own_cells(self._own(row))} for cells, row in zip(rows, self.rows, strict=True)]
        return pd.DataFrame(rows)

    def __str__(self) -> str:
        own = [] if self.own is None else ["", str(self.own), ""]
        return "\n".join([self.title, *self._lines(), *self._asides(), *own, self.verdict])

    def _lines(self) -> list[str]:
        """The rows as they are printed; with a column more where own days were played."""
        cells = (self.line(row) for row in self.shown())
        lines = [self._head(), *([_in_brief(label), *others] for label, *others in cells)]
        if self.own is None:
            return aligned(lines, (0, 2, 4))
        beside = [f"{self.own.title} (95 %)", *(self.own.cell(self._own(row)) for row in self.shown())]
        return aligned([[*line[:3], cell, *line[3:]] for line, cell in zip(lines, beside, strict=True)], (0, 2, 3, 5))

    def _own(self, row: Row) -> OwnRow | None:
        """What an agent earned on the user's own last days, where they were played."""
        return None if self.own is None else self.own.of(row.agent, row.role)

    def to_json(self) -> str:
        """Title, verdict, ceiling and rows (as in `table`) as one line of JSON; what is not known is null."""
        rows = json.loads(self.table.to_json(orient="records"))
        ceiling = None if self.ceiling is None else dataclasses.asdict(self.ceiling)
        known = {"title": self.title, "verdict": self.verdict, "ceiling": ceiling}
        known |= {"unit": self.money.unit, "period": self.money.period}
        folder = None if self.folder is None else str(self.folder)
        if self.own is not None:
            known["own_days"] = self.own.facts()
        return json.dumps({**known, "rows": rows, "notes": list(self.notes), "folder": folder})

    def to_html(self) -> str:
        """The report: one page that needs nothing beside it, neither files nor a network."""
        return page.html(self.facts())

    def save(self, folder: Path) -> None:
        """Writes ``board.txt``, ``board.csv``, ``runs.csv``, the replay and the report, each whole or not at all."""
        write_whole(folder / "board.txt", f"{self}\n")
        write_table(folder / "board.csv", self.table)
        write_table(folder / "runs.csv", self.runs)
        if self.own is not None:
            self.own.save(folder)
        page.write(folder, self.facts())

    def facts(self) -> dict[str, Any]:
        """The board as plain JSON, from which the report is made."""
        scenario = self.scenario
        return {
            "format": FORMAT,
            "title": self.title,
            "verdict": self.verdict,
            "ceiling_sentence": self.ceiling_sentence,
            "ceiling": plain(self.ceiling),
            "money": plain(self.money),
            "steps_per_year": self.steps_per_year,
            "evidence": plain(dataclasses.replace(self.evidence, rows=())),
            "rows": [self._facts(row) for row in self.shown()],
            "notes": list(self.notes),
            "fields": [] if scenario is None else fields(scenario),
            "fit": {} if scenario is None else plain(scenario.notes),
            "episode": plain(self.episode),
            "insight": plain(self.insight),
            "own": None if self.own is None else self.own.facts(),
            "code": code(),
        }

    def _facts(self, row: Row) -> dict[str, Any]:
        facts = plain(row)
        told = facts.pop("knows")  # the file's word for it, which older boards have too
        return {**facts, "told": told, "cells": self.line(row)}

    def shown(self) -> list[Row]:
        """Best possible first, then all agents by value, and the three fixed points last."""
        trained = any(row.role in LEARNERS or row.role == Kind.YOURS for row in self.rows)
        top = [row for row in self.rows if row.role == Kind.BEST_POSSIBLE]
        hidden = (Kind.BEST_POSSIBLE, *SHOWN_LAST, *((Kind.RULE,) if trained else ()))
        middle = [row for row in self.rows if row.role not in hidden]
        middle.sort(key=lambda row: float("-inf") if row.value is None else row.value, reverse=True)
        last = [row for role in SHOWN_LAST for row in self.rows if row.role == role]
        return [*top, *middle, *last]

    def _head(self) -> list[str]:
        return ["", f"{self.money.unit}/{self.money.period}", "over today (95 %)", "captured", "told"]

    def line(self, row: Row) -> list[str]:
        """A row as it is printed: label, value, gain over today, captured, what it knows."""
        if row.value is None:
            return [_label(row), "-", "", "", row.note]
        captured = "no ceiling" if self.ceiling and self.ceiling.low <= 0 else "-"
        if row.role != Kind.RANDOM and row.captured is not None:
            captured = share_taken(row.captured)
        return [_label(row), self.money(row.value), self._over_today(row), captured, row.knows]

    def _over_today(self, row: Row) -> str:
        gain = row.over_today
        if gain is None or row.role == Kind.RANDOM:
            return ""
        if row.role == Kind.TODAY:
            return self.money(0)
        signed = f"{'+' if gain.value >= 0 else ''}{self.money(gain.value)}"
        return f"{signed} ({self.money.range(gain)})" if row.trainings > 1 else signed

    def _asides(self) -> list[str]:
        rows = [row for row in self.rows if row.value is not None]
        asides = [f"{row.label}: {row.note}" for row in rows if row.note]
        labels = [_label(row) for row in self.shown() if row.value is not None]
        asides += [f"In full: {label}." for label in labels if label != _in_brief(label)]
        hidden = len(self.rows) - len(self.shown())
        if hidden:
            asides.append(f"{hidden} more {'rule' if hidden == 1 else 'rules'}: see the table.")
        if any(row.role == Kind.YOURS for row in self.rows):
            asides.append("Agents of yours: one training each, no statement about the algorithm.")
        return [*asides, *self.notes]


def _in_brief(label: str) -> str:
    """A label that leaves room for a row's numbers: as many settings as fit, then dots."""
    if len(label) <= WIDEST:
        return label
    kept, _, _ = label[: WIDEST - 4].rpartition(",")
    return f"{kept or label[: WIDEST - 4]}, ..."


def _label(row: Row) -> str:
    if row.role in (Kind.TODAY, Kind.BEST_RULE):
        return f"{row.role}: {row.label}"
    if row.role == Kind.PLANNER and not row.label.startswith(Kind.PLANNER):
        return f"{Kind.PLANNER}: {row.label}"
    return f"{row.label}, {row.trainings} trainings" if row.role in LEARNERS and row.trainings else row.label


def _own_cells(row: OwnRow | None) -> dict[str, object]:
    over_today, over_rule = (None, None) if row is None else (row.over_today, row.over_rule)
    ends = {**columns("own_over_today", over_today), **columns("own_over_rule", over_rule)}
    return {"own_value": None if row is None else row.value, **ends}
