"""Writes ``docs/evidence.md`` from the rows of ``docs/evidence/``: ``python -m benchmarks.evidence page``."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from baselines.judge import statistics
from baselines.judge.money import Money
from baselines.judge.statistics import Interval
from benchmarks import result_rows
from benchmarks.outside_page import families, outside, replays
from benchmarks.rules_page import missing_rules
from envs_data.arrays import Floats

Rows = list[dict[str, str]]
HOME = Path(__file__).parents[1] / "docs"
# Units a day of a usual table; thinner ones are shown beside it.
USUAL = 8.0
CHANGES = ("same law", "level doubled", "weekdays turned")

HEAD = """# How far a verdict can be trusted

Made by `python -m benchmarks.evidence`, which also makes the rows in `docs/evidence/`; no number in its tables
is typed by hand.

Shops are drawn from hidden parameters, three of each kind; small ones, so that every value is exact. A lift is what a
training gains over the best rule, in money a year. The first two rows come from whole boards with the tabular learner
of the package, on a known world and on one fitted to a table of a year (of two where there is a season); the next from
a compiled copy of it in which every state is a cell of its own (`benchmarks.quick_learner`), cheap enough for the
repetitions.
"""

ABOUT = """
## What is measured

- **First interval.** In each repetition ten trainings and the best rule play the same 4,000 episodes, as on a full
  board; the interval is the judge's own (`baselines.judge.statistics.crossed_interval`: spread of the trainings and
  error of the episodes they share), its ends rounded outward as the board prints them (`baselines.judge.money`: whole
  units where the best rule earns 500 a year or more, else hundredths). What counts is the interval as it is printed,
  for that is what is read. The truth is the mean lift of all 290 trainings of the world, each valued exactly.
- **What changed.** An earlier form of the interval knew the spread of trainings alone, was rounded to the nearest
  figure when printed, and covered 89.3 % (measured on exact values, before any rounding). Most of what it missed was
  next to nothing in size: shops where nearly all trainings end in the same policy and a few do not. Since then the
  error of the shared episodes is part of it, as it always was of the test behind the verdict; rounding never takes
  away from it; an interval without any width is printed one figure wide to both sides; and a learner's best moment is
  chosen among twice as many, on ten times as many episodes, so that fewer trainings end ruined. Trainings here also
  take four times as many days as they did, a fifth of those of a full board.
- **Second interval.** The best of some settings in the fitted world against a habit, both valued exactly in the 50
  worlds the fit allows and in the true one. Where the best setting decides as the habit does, every world gives no
  gain at all and there is nothing to cover; such tables were counted as covered before, and are left out now. The 50
  draws were random, the same for every table, and happened to spread a seventh too far in a fit of one number; now
  each comes from its own slice of the law. Season and market days are in.
- **Verdicts of tables.** The first time these rows were made, one verdict of 32 had the wrong sign: a shop fitted as
  one in which nothing is to be gained was called "not worth it", and in the true shop the learner, no better by design,
  earned .04 % more than the rule tuned to the fit. Since then such a verdict is given only where the table leaves no
  gain open. All rows were made again since, with the draws of a fit as they are now.
- **Not in it.** The second interval's own error of evaluation by simulation, and learners other than the tabular one.
"""

RARE = """
Where nearly all trainings end in the same policy, ten of them often show no spread at all, and the interval leaves out
the few that end otherwise. No interval of ten trainings can allow for what happens in one of a hundred. The judge keeps
the best moment of each training, chosen on luck of its own, so that what is left out is small.
"""


def rows_of(part: str) -> Rows:
    """The rows of a part that are done."""
    return result_rows.known(HOME / "evidence" / f"{part}.csv")


@dataclasses.dataclass(frozen=True)
class World:
    """The trainings of one world, in money a year.

    Attributes:
        name: the world.
        rule: what its best rule earns, exactly.
        ceiling: what the best possible earns beyond it, exactly.
        lifts: [repetitions, trainings] gains over the best rule, exactly.
        played: [repetitions, trainings] the same on the luck that the ten of a repetition and the rule share.
        errors: [repetitions] standard errors over that luck of the ten's mean gain.
    """

    name: str
    rule: float
    ceiling: float
    lifts: Floats
    played: Floats
    errors: Floats

    @classmethod
    def from_row(cls, row: dict[str, str]) -> World:
        """Out of what was kept."""
        year = float(row["episodes_a_year"])
        exact, played, errors = (_figures(row[name]) * year for name in ("lifts", "played", "errors"))
        ten = (len(errors), -1)
        rule, ceiling = float(row["rule_value"]) * year, float(row["ceiling"]) * year
        return cls(row["world"], rule, ceiling, exact.reshape(ten), played.reshape(ten), errors)

    @property
    def truths(self) -> Floats:
        """[repetitions] the learner's true lift, as independent of each repetition as if its ten were not in it.

        The truth is the mean of all trainings, a repetition's ten among them, which brings it nearer by a known factor.
        """
        means, nearer = self.lifts.mean(axis=1), np.sqrt(1 - 1 / len(self.lifts))
        return np.asarray(means + (self.lifts.mean() - means) / nearer)

    def intervals(self) -> list[Interval]:
        """First intervals as the judge computes them."""
        return [statistics.crossed_interval(ten, error) for ten, error in zip(self.played, self.errors, strict=True)]

    def printed(self) -> list[Interval]:
        """First intervals as the judge prints them."""
        return [Money.beside("", self.rule).outward(one) for one in self.intervals()]

    def of_trainings(self) -> list[Interval]:
        """Student's t of the exact lifts: what the spread of trainings alone says."""
        return [statistics.mean_interval(ten) for ten in self.lifts]

    def hits(self, intervals: Sequence[Interval]) -> int:
        """How many intervals cover the truth."""
        close = 1e-9 * (1 + float(np.abs(self.lifts).max()))
        pairs = zip(intervals, self.truths, strict=True)
        return sum(one.low - close <= truth <= one.high + close for one, truth in pairs)


def _figures(written: str) -> Floats:
    return np.array(written.split(), dtype=np.float64)


def _worlds() -> list[World]:
    return [World.from_row(row) for row in rows_of("trainings")]


def kind_of(name: str) -> str:
    """A shop's kind."""
    return name.rsplit(" ", 1)[0]


def text() -> str:
    """The page."""
    found = ["| question | asked for | measured | |", "|---|---|---|---|"]
    found += [*_signs("verdicts", "in a known world"), *_signs("tables", "from the table of a hidden world")]
    found += [*_first(), *_second(), *_back_tests()]
    others = [
        outside(rows_of("outside")),
        families(rows_of("outside_families")),
        replays(rows_of("replay")),
        missing_rules(rows_of("rules")),
    ]
    pieces = [HEAD, "\n".join(found), *others, ABOUT, *_by_kind(), *_tails()]
    return "\n\n".join(piece.strip() for piece in pieces if piece) + "\n"


def write() -> None:
    """Writes the page."""
    (HOME / "evidence.md").write_text(text(), encoding="utf-8")


def _line(question: str, asked: str, measured: str, met: bool) -> str:
    return f"| {question} | {asked} | {measured} | {'met' if met else '**missed**'} |"


def _signs(part: str, where: str) -> list[str]:
    rows = [row for row in rows_of(part) if row["lift"] != "nan"]
    if not rows:
        return []
    lifts = [float(row["lift"]) for row in rows]
    signs = {"worth it": 1, "not worth it": -1, "cannot tell yet": 0}
    wrong = sum(signs[row["said"]] * lift < 0 for row, lift in zip(rows, lifts, strict=True))
    said = ", ".join(f"{count} {word}" for word, count in Counter(row["said"] for row in rows).items())
    measured = f"{wrong} of {len(rows)} ({said}; the true lift is positive in {sum(lift > 0 for lift in lifts)})"
    return [_line(f"full verdict {where}: wrong sign", f"0 of {len(rows)}", measured, wrong == 0)]


def _first() -> list[str]:
    """Coverage of the first interval as it is printed; beside it unrounded, and of trainings' spread alone."""
    found = _worlds()
    if not found:
        return []
    of = sum(len(one.lifts) for one in found)
    printed = sum(one.hits(one.printed()) for one in found)
    whole, trainings = (
        sum(one.hits(one.intervals()) for one in found),
        sum(one.hits(one.of_trainings()) for one in found),
    )
    measured = f"{printed / of:.1%} ({printed:,} of {of:,} repetitions of ten trainings, {len(found)} worlds)"
    question = "first interval, as it is printed, covers the learner's true lift"
    return [
        _line(question, "93 to 97 %", measured, 0.93 <= printed / of <= 0.97),
        f"| the same before its ends are rounded | | {whole / of:.1%} ({whole:,} of {of:,}) | for comparison |",
        f"| trainings' spread alone, exact values, not rounded | | {trainings / of:.1%} ({trainings:,} of {of:,}) | "
        "for comparison |",
    ]


def _second() -> list[str]:
    """Coverage of the second interval over the tables whose fit advises another rule than today's."""
    rows = rows_of("draws")
    if not rows:
        return []
    tested = [row for row in rows if row["differs"] == "1"]
    hits = sum(int(row["covered"]) for row in tested)
    measured = f"{hits / len(tested):.1%} ({hits} of {len(tested)} tables)"
    question = "second interval covers the tuned rule's true gain over today's"
    all_hits = hits + len(rows) - len(tested)
    alike = f"{all_hits / len(rows):.1%} ({all_hits} of {len(rows)})"
    return [
        _line(question, "90 to 98 %", measured, 0.90 <= hits / len(tested) <= 0.98),
        f"| the same with the tables whose tuned rule is today's | | {alike} | for comparison |",
    ]


def _back_tests() -> list[str]:
    """The back-test of a usual table, and for comparison of thin ones, in which few units tell little."""
    rows, found = rows_of("back-test"), []
    for mean in sorted({row["mean"] for row in rows}, key=float, reverse=True):
        mine = [row for row in rows if row["mean"] == mean]
        for change in CHANGES:
            passed = sum(int(row[change]) for row in mine)
            right = passed if change == "same law" else len(mine) - passed
            verb = "accepts" if change == "same law" else "refuses"
            question = f"back-test {verb} a table of {float(mean):g} units a day, {change}"
            measured, enough = f"{right} of {len(mine)}", right >= 0.9 * len(mine)
            usual = float(mean) >= USUAL
            found.append(
                _line(question, f"{0.9 * len(mine):.0f} of {len(mine)}", measured, enough)
                if usual
                else f"| {question} | | {measured} | thin, for comparison |"
            )
    return found


def _by_kind() -> list[str]:
    found, draws = _worlds(), [row for row in rows_of("draws") if row["differs"] == "1"]
    lines = [
        "## By kind of shop",
        "| kind | ceiling | mean lift | spread of a training | first interval covers | not rounded | its width | "
        "second covers |\n|---|---|---|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(kind_of(one.name) for one in found):
        mine = [one for one in found if kind_of(one.name) == kind]
        second = [int(row["covered"]) for row in draws if kind_of(row["table"]) == kind]
        lines[-1] += _kind_line(kind, mine, second)
    return lines if found else []


def _kind_line(kind: str, worlds: Sequence[World], second: Sequence[int]) -> str:
    of = sum(len(one.lifts) for one in worlds)
    printed, whole = (sum(one.hits(found(one)) for one in worlds) for found in (World.printed, World.intervals))
    widths = [interval.high - interval.low for one in worlds for interval in one.printed()]
    spreads, lifts = [one.lifts.std() for one in worlds], [one.lifts.mean() for one in worlds]
    figures = (np.mean([one.ceiling for one in worlds]), np.mean(lifts), np.mean(spreads))
    numbers = " | ".join(f"{figure + 0.0:.1f}" for figure in figures)
    first = f"{printed / of:.0%} ({printed} of {of}) | {whole / of:.0%} | {np.median(widths):.1f}"
    return f"\n| {kind} | {numbers} | {first} | {sum(second)} of {len(second)} |"


def _tails() -> list[str]:
    found = sorted(_worlds(), key=lambda one: one.hits(one.printed()) / len(one.lifts))
    if not found:
        return []
    worst = "\n".join(_tail(one) for one in found[:6])
    return [
        "## Where the first interval covers least",
        f"| world | covers | mean lift | median | worst training |\n|---|---|---|---|---|\n{worst}",
        RARE,
    ]


def _tail(one: World) -> str:
    share, lifts = one.hits(one.printed()) / len(one.lifts), one.lifts
    return f"| {one.name} | {share:.0%} | {lifts.mean():.2f} | {np.median(lifts):.2f} | {lifts.min():.2f} |"
