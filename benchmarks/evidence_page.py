"""Writes ``docs/evidence.md`` from the rows of ``docs/evidence/``: ``python -m benchmarks.evidence page``."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baselines.judge import statistics

Rows = list[dict[str, str]]
Floats = NDArray[np.float64]
HOME = Path(__file__).parents[1] / "docs"
TRAININGS = 10
# A tenth of a per cent of the rule's value.
NEXT_TO_NOTHING = 0.001
CHANGES = ("same law", "level doubled", "weekdays turned")

HEAD = """# How far a verdict can be trusted

Made by `python -m benchmarks.evidence`, which also makes the rows in `docs/evidence/`; no number here is typed by hand.

Shops are drawn from hidden parameters, three of each kind; small ones, so that every value is exact. A lift is what a
training gains over the best rule, in money an episode. The first two rows come from whole boards with the tabular
learner of the package; the third from a compiled copy of it in which every state is a cell of its own
(`benchmarks.quick_learner`), cheap enough for the repetitions.
"""


def rows_of(part: str) -> Rows:
    """The rows of a part that are done."""
    path = HOME / "evidence" / f"{part}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lifts_of(row: dict[str, str]) -> Floats:
    """[repetitions, ten trainings] lifts of a world."""
    lifts = np.array(row["lifts"].split(), dtype=np.float64)
    return lifts[: len(lifts) // TRAININGS * TRAININGS].reshape(-1, TRAININGS)


def covered(lifts: Floats, near: float = 0.0) -> int:
    """In how many repetitions the first interval covers the true lift.

    The truth is the mean of all trainings, a repetition's ten among them, which brings it nearer by a known factor.

    Args:
        lifts: [repetitions, trainings].
        near: how far beside the interval the truth may lie.
    """
    nearer, close = np.sqrt(1 - 1 / len(lifts)), near + 1e-9 * (1 + float(np.abs(lifts).max()))
    found = [statistics.mean_interval(sample) for sample in lifts]
    means = lifts.mean(axis=1)
    truths = means + (lifts.mean() - means) / nearer
    return sum(one.low - close <= truth <= one.high + close for one, truth in zip(found, truths, strict=True))


def kind_of(name: str) -> str:
    """A shop's kind."""
    return name.rsplit(" ", 1)[0]


def write() -> None:
    """Writes the page."""
    found = ["| question | asked for | measured | |", "|---|---|---|---|"]
    found += [*_signs("verdicts", "in a known world"), *_signs("tables", "from a year's table of a hidden world")]
    found += [*_first(), *_second(), *_back_tests()]
    pieces = [HEAD, "\n".join(found), *_limits(), *_by_kind(), *_tails()]
    (HOME / "evidence.md").write_text("\n\n".join(piece.strip() for piece in pieces) + "\n", encoding="utf-8")


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
    """Coverage of the first interval, strictly and with a truth that lies beside it by next to nothing let pass."""
    rows = [(lifts_of(row), NEXT_TO_NOTHING * abs(float(row["rule_value"]))) for row in rows_of("trainings")]
    if not rows:
        return []
    of = sum(len(lifts) for lifts, _ in rows)
    strict, near = sum(covered(lifts) for lifts, _ in rows), sum(covered(lifts, near) for lifts, near in rows)
    measured = f"{strict / of:.1%} ({strict:,} of {of:,} repetitions of ten trainings, {len(rows)} worlds)"
    question = "first interval covers the learner's true lift"
    beside = f"the same, a truth beside it by up to {NEXT_TO_NOTHING:.1%} of the rule's value let pass"
    return [
        _line(question, "93 to 97 %", measured, 0.93 <= strict / of <= 0.97),
        f"| {beside} | | {near / of:.1%} ({near:,} of {of:,}) | for comparison |",
    ]


def _second() -> list[str]:
    rows = rows_of("draws")
    if not rows:
        return []
    hits = sum(int(row["covered"]) for row in rows)
    measured = f"{hits / len(rows):.1%} ({hits} of {len(rows)} tables)"
    question = "second interval covers the tuned rule's true gain over today's"
    return [_line(question, "90 to 98 %", measured, 0.90 <= hits / len(rows) <= 0.98)]


def _back_tests() -> list[str]:
    rows, found = rows_of("back-test"), []
    for mean in sorted({row["mean"] for row in rows}, key=float, reverse=True):
        mine = [row for row in rows if row["mean"] == mean]
        for change in CHANGES:
            passed = sum(int(row[change]) for row in mine)
            right = passed if change == "same law" else len(mine) - passed
            verb = "accepts" if change == "same law" else "refuses"
            question = f"back-test {verb} a table of {float(mean):g} units a day, {change}"
            found.append(_line(question, f"{0.9 * len(mine):.0f} of {len(mine)}", f"{right} of {len(mine)}",
                               right >= 0.9 * len(mine)))  # fmt: skip
    return found


def _limits() -> list[str]:
    """What the rows do not show."""
    said = []
    for part, where in (("verdicts", "known worlds"), ("tables", "tables")):
        rows = rows_of(part)
        old = sum(row["kept"] == "last" for row in rows)
        if old:
            said.append(
                f"- Verdicts of {where}: {old} of the {len(rows)} rows were made while a training still ended as it "
                "ended; since then its best moment is kept. They are not measured anew yet."
            )
    said.append("- Intervals are of exact values: the error of evaluation by simulation is not part of them.")
    return ["## What this does not show", "\n".join(said)]


def _by_kind() -> list[str]:
    rows, draws = rows_of("trainings"), rows_of("draws")
    lines = [
        "## By kind of shop",
        "| kind | ceiling | mean lift | spread of a training | first interval covers | its width | second covers |\n"
        "|---|---|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(kind_of(row["world"]) for row in rows):
        mine = [row for row in rows if kind_of(row["world"]) == kind]
        second = [int(row["covered"]) for row in draws if kind_of(row["table"]) == kind]
        lines[-1] += _kind_line(kind, mine, second)
    return lines if rows else []


def _kind_line(kind: str, rows: Rows, second: Sequence[int]) -> str:
    lifts = [lifts_of(row) for row in rows]
    hits, of = sum(covered(one) for one in lifts), sum(len(one) for one in lifts)
    widths = [interval.high - interval.low for one in lifts for interval in map(statistics.mean_interval, one)]
    figures = (np.mean([float(row["ceiling"]) for row in rows]), np.mean(lifts), np.mean([one.std() for one in lifts]))
    told = f"{sum(second)} of {len(second)}" if second else "not measured"
    numbers = " | ".join(f"{figure + 0.0:.1f}" for figure in figures)
    return f"\n| {kind} | {numbers} | {hits / of:.0%} ({hits} of {of}) | {np.median(widths):.1f} | {told} |"


def _tails() -> list[str]:
    rows = [(row["world"], lifts_of(row)) for row in rows_of("trainings")]
    if not rows:
        return []
    shares = sorted(((covered(lifts) / len(lifts), name, lifts) for name, lifts in rows), key=lambda one: one[:2])
    worst = "\n".join(
        f"| {name} | {share:.0%} | {lifts.mean():.2f} | {np.median(lifts):.2f} | {lifts.min():.2f} |"
        for share, name, lifts in shares[:6]
    )
    return [
        "## Where the first interval covers least",
        "| world | covers | mean lift | median | worst training |\n|---|---|---|---|---|\n" + worst,
        "Where nearly all trainings end in the same policy, ten of them often show no spread at all, and the interval "
        "leaves out the few that end otherwise. No interval of ten trainings can allow for what happens in one of a "
        "hundred. The judge keeps the best moment of each training, chosen on luck of its own, so that what is left "
        "out is small.",
    ]
