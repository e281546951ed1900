"""The result of a replay, as it is printed and saved."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from baselines.agents import Kind
from baselines.judge.money import share_taken
from baselines.judge.own_days import HINDSIGHT, OwnDays, OwnRow, surprise
from baselines.judge.statistics import Interval, columns
from baselines.report.facts import plain
from baselines.report.plain_text import aligned
from envs_data.written_tables import write_table

FILE = "replay.csv"
JUDGED = (
    "What is judged is the procedure, fitted and tuned on the first part of your table, not the policy tuned on "
    "everything."
)


@dataclasses.dataclass(frozen=True)
class Replay(OwnDays):
    """What agents would have earned on a user's own last days."""

    @property
    def table(self) -> pd.DataFrame:
        """One row an agent; money a year.

        Columns: agent, label, role, value, expected (in the world fitted to the first part), over_today, over_rule
        (each with _low and _high, 95 %), hindsight_share, and spread (standard deviation of the value over the ways in
        which what is unknown was filled).
        """
        return pd.DataFrame([_cells(row) for row in self.rows])

    def __str__(self) -> str:
        money = self.money
        head = [self.title, f"{money.unit}/{money.period}", "over today (95 %)", "expected", "of hindsight"]
        shown = 5 if any(row.share is not None for row in self.rows) else 4
        lines = aligned([line[:shown] for line in [head, *(self._line(row) for row in self.rows)]])
        return "\n".join([*lines, *self.remarks()])

    def _line(self, row: OwnRow) -> list[str]:
        share = "" if row.share is None else share_taken(row.share, "below today")
        label = f"{row.role}: {row.label}" if row.role in (Kind.TODAY, Kind.BEST_RULE) else row.label
        expected = "" if row.expected is None else self.money(row.expected)
        return [label, self.money(row.value), self.cell(row), expected, share]

    def cell(self, row: OwnRow | None) -> str:
        """An agent's gain over today's rule with its interval, as a board prints it."""
        if row is None or row.over_today is None:
            return ""
        if row.role == Kind.TODAY:
            return self.money(0)
        gain: Interval = row.over_today
        return f"{'+' if gain.value >= 0 else ''}{self.money(gain.value)} ({self.money.range(gain)})"

    def remarks(self) -> Iterator[str]:
        """What these days are, and what is judged."""
        yield f"{self.days} days, {self.first} to {self.last}, as they came: {self.unknown}."
        spread = max((row.spread for row in self.rows), default=0.0)
        if self.money(spread) != self.money(0):
            moved = self.money.at_most(spread)
            yield f"What is unknown of them moves a value by {moved} (standard deviation); the intervals hold it."
        yield JUDGED
        yield "expected: what the world fitted to the first part promised of these days."
        yield from surprise(self)
        if any(row.role == HINDSIGHT for row in self.rows):
            yield f"hindsight knows {self.knows} beforehand, which nobody can; beside a board it is the best possible."
        yield from self.notes

    def facts(self) -> dict[str, Any]:
        """Plain JSON for the report."""
        rows = [{**plain(row), "cells": self._line(row)} for row in self.rows]
        return {**plain(self), "rows": rows, "title": self.title, "remarks": list(self.remarks())}

    def save(self, folder: Path) -> None:
        """Writes ``replay.csv``, whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        write_table(folder / FILE, self.table)


def _cells(row: OwnRow) -> dict[str, object]:
    known: dict[str, object] = {"agent": row.agent, "label": row.label, "role": row.role}
    known |= {"value": row.value, "expected": row.expected}
    known |= {**columns("over_today", row.over_today), **columns("over_rule", row.over_rule)}
    return {**known, "hindsight_share": row.share, "spread": row.spread}
