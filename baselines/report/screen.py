"""The rows of a screen, as text, table and page."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table

from baselines.judge.money import Money, per_cent, percentage
from baselines.judge.statistics import Interval, columns
from baselines.report.page import templates
from baselines.report.plain_text import printed
from envs_data.parameters import write_whole
from envs_data.written_tables import write_table

REASONS_SHOWN = 3
SHOWN = 25
TEXT, CSV, PAGE = "screen.txt", "screen.csv", "screen.html"
HEAD = ("item", "today a year", "tuning gives", "left to gain (95 %)", "of today", "best possible", "best rule")
LEFT_OUT = (
    "A screen leaves out: learners; predict-then-decide; the full tuning of rules (a few settings of each on few "
    "episodes, then the leading rule's), so that a little of what is left may be tuning; what the table leaves open; "
    "break-evens. Where the best possible is a bound, less may be there to be had. Score one item for a verdict."
)


@dataclasses.dataclass(frozen=True)
class ScreenRow:
    """One item. Values are money a year.

    Attributes:
        name: the item.
        path: its scenario file.
        case: its case's id.
        unit: the unit of money.
        today: what today's rule earns.
        today_label: today's rule.
        best_rule: what the best rule earns, today's included.
        best_label: the best rule.
        tuning: the best rule's gain over today's.
        left: what the best possible earns beyond the best rule; None where that is unknown.
        kind: ``exact`` or ``bound``; empty where the best possible is unknown.
        method: how the best possible was computed.
        distrust: whether the fitted world failed its back-test.
        assumed: fields neither fitted nor known.
        seconds: duration of the screening.
    """

    name: str
    path: Path
    case: str
    unit: str
    today: float
    today_label: str
    best_rule: float
    best_label: str
    tuning: Interval
    left: Interval | None
    kind: str
    method: str
    distrust: bool
    assumed: tuple[str, ...]
    seconds: float

    @classmethod
    def from_facts(cls, name: str, path: Path, case: str, facts: Mapping[str, Any]) -> ScreenRow:
        """A row from the facts in the run file."""
        left = None if facts["left"] is None else Interval(*facts["left"])
        given = {**facts, "tuning": Interval(*facts["tuning"]), "left": left, "assumed": tuple(facts["assumed"])}
        return cls(name=name, path=path, case=case, **given)

    def is_worth(self, worth: float) -> bool:
        """Whether as much as is asked for may be left to gain; without such an amount, whether anything is."""
        return self.left is not None and (self.left.low > 0 if worth == 0 else self.left.high >= worth)


@dataclasses.dataclass(frozen=True)
class Screen:
    """The result of `screen`.

    Attributes:
        folder: the folder of scenario files.
        rows: one an item, by what is left to gain; one unit of money after the other.
        not_fitted: items that could not be fitted, with the reason.
        not_screened: items that could not be screened, with the reason.
        episodes: episodes that every agent played.
        worth: the least gain a year worth the effort in an item; 0 for any.
        out: where the run file is; None when it was kept in memory.
    """

    folder: Path
    rows: Sequence[ScreenRow]
    not_fitted: Mapping[str, str]
    not_screened: Mapping[str, str]
    episodes: int
    worth: float = 0.0
    out: Path | None = None

    @property
    def title(self) -> str:
        """What was screened."""
        items = "item" if len(self.rows) == 1 else "items"
        count = f"{len(self.rows):,} {items} of {self.folder}"
        return f"{count} screened by rules, {self.episodes:,} episodes each, the same luck for everyone"

    @property
    def table(self) -> pd.DataFrame:
        """One row an item; money a year.

        Columns: item, left (with _low and _high, 95 %), tuning (likewise), today, best_rule, best_possible, unit, kind,
        method, today_label, best_label, distrust, assumed, case, file, seconds, reason (why there are no numbers).
        """
        rows = [_cells(row) for row in self.rows]
        for reasons in (self.not_screened, self.not_fitted):
            rows += [{"item": name, "reason": reason} for name, reason in reasons.items()]
        return pd.DataFrame(rows)

    @property
    def totals(self) -> list[str]:
        """What all items together could gain, a sentence for each unit of money."""
        units = dict.fromkeys(row.unit for row in self.rows)
        return [self._total([row for row in self.rows if row.unit == unit]) for unit in units]

    def _total(self, rows: Sequence[ScreenRow]) -> str:
        money = money_of(rows)
        left = {kind: [row.left.value for row in rows if row.left and row.kind == kind] for kind in ("exact", "bound")}
        most, bounds = sum(left["exact"]) + sum(left["bound"]), len(left["bound"])
        share = per_cent(most, sum(row.today for row in rows))
        items = f"All {len(rows):,} items" if len(rows) > 1 else "The item"
        said = f"{items}: tuning the rules gives {money.a_year(sum(row.tuning.value for row in rows))}"
        only = f" ({money(sum(left['bound']))} of it in {bounds:,} items with a bound)" if bounds else ""
        return f"{said}; nothing can gain more than {money.a_year(most)}{share} beyond the best rules{only}."

    @property
    def sentences(self) -> list[str]:
        """What a reader should know beside the rows."""
        worth = [row for row in self.rows if row.is_worth(self.worth)]
        asked = f"{self.worth:,.10g} or more a year" if self.worth else "something"
        said = [f"{len(worth):,} of {len(self.rows):,} items may have {asked} left to gain for a learner."]
        unfit = sum(row.distrust for row in self.rows)
        if unfit:
            said.append(f"{unfit:,} (marked !) rest on a fit that does not predict the end of its own rows well.")
        return [*self.totals, *said, LEFT_OUT]

    @property
    def cells(self) -> list[tuple[str, ...]]:
        """The rows as they are printed."""
        money = {unit: money_of([row for row in self.rows if row.unit == unit]) for unit in {r.unit for r in self.rows}}
        return [_printed(row, money[row.unit]) for row in self.rows]

    def __str__(self) -> str:
        table = Table(*HEAD, box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for column in table.columns[1:5]:
            column.justify = "right"
        for cells in self.cells[:SHOWN]:
            table.add_row(*cells)
        more = [f"... and {len(self.rows) - SHOWN:,} more with less: see {CSV}"] if len(self.rows) > SHOWN else []
        text = printed(table, *more, *self.sentences, *self._without())
        return "\n".join([self.title, *(line.rstrip() for line in text.split("\n"))])

    def _without(self) -> list[str]:
        lines = []
        for what, reasons in (("screened", self.not_screened), ("fitted", self.not_fitted)):
            if reasons:
                lines += [f"{len(reasons):,} items could not be {what}:", *grouped(reasons)]
        return lines

    def to_html(self) -> str:
        """One page that needs nothing beside it."""
        most = max((row.left.value for row in self.rows if row.left), default=0.0)
        bars = [max(0.0, row.left.value) / most * 100 if row.left and most > 0 else 0.0 for row in self.rows]
        reasons = {**self.not_screened, **self.not_fitted}
        return (
            templates()
            .get_template("screen.html.j2")
            .render(title=self.title, head=HEAD, rows=self.cells, bars=bars, sentences=self.sentences, reasons=reasons)
        )

    def save(self, folder: Path) -> None:
        """Writes text, table and page, each whole or not at all."""
        write_whole(folder / TEXT, f"{self}\n")
        write_table(folder / CSV, self.table)
        write_whole(folder / PAGE, self.to_html())


def money_of(rows: Sequence[ScreenRow]) -> Money:
    """How amounts of these rows are written: with cents where they are small."""
    return Money.beside(rows[0].unit, max(abs(row.best_rule) for row in rows))


def _printed(row: ScreenRow, money: Money) -> tuple[str, ...]:
    name = f"{row.name} !" if row.distrust else row.name
    known = (name, f"{money(row.today)} {row.unit}", money(row.tuning.value))
    if row.left is None:
        return (*known, "not known", "", "", row.best_label)
    left = f"{money(row.left.value)} ({money.range(row.left)})" if row.left.low > 0 else "no ceiling"
    share = f"{percentage(row.left.value / row.today)} %" if row.today and row.left.low > 0 else ""
    return (*known, left, share, row.kind, row.best_label)


def _cells(row: ScreenRow) -> dict[str, object]:
    cells: dict[str, object] = {"item": row.name, **columns("left", row.left), **columns("tuning", row.tuning)}
    possible = row.best_rule + row.left.value if row.left else None
    cells |= {"today": row.today, "best_rule": row.best_rule, "best_possible": possible, "unit": row.unit}
    cells |= {"kind": row.kind, "method": row.method, "today_label": row.today_label, "best_label": row.best_label}
    cells |= {"distrust": row.distrust, "assumed": " ".join(row.assumed), "case": row.case, "file": str(row.path)}
    return {**cells, "seconds": round(row.seconds, 3), "reason": ""}


def grouped(reasons: Mapping[str, str]) -> list[str]:
    """The most frequent reasons with their items, and how many more there are."""
    by_reason: dict[str, list[str]] = {}
    for item, reason in reasons.items():
        by_reason.setdefault(reason, []).append(item)
    most = sorted(by_reason.items(), key=lambda pair: -len(pair[1]))
    lines = []
    for reason, items in most[:REASONS_SHOWN]:
        named = items[0] if len(items) == 1 else f"{items[0]} and {len(items) - 1:,} more"
        lines.append(f"  {named}: {reason}")
    more = sum(len(items) for _, items in most[REASONS_SHOWN:])
    return [*lines, f"  {more:,} more for other reasons"] if more else lines
