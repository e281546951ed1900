"""The committed scoreboard: every run of every case as CSV, and a table for the README with how it was made.

Run ``python -m baselines.judge.scoreboard --out DIR [--budget full] [CASE | CASE:SCENARIO | SUITE ...]``: it scores the
default scenario of every case, or what is named, keeps its runs in ``DIR`` so that it can be stopped and gone on with,
and writes ``baselines/scoreboard/<name>.csv`` and ``<name>.md``.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from baselines.judge import scoring
from baselines.judge.board import Board
from baselines.judge.standings import Row
from baselines.judge.suite import FOLDER as SUITES
from baselines.judge.suite import suite_of
from baselines.judge.verdict import LEARNERS
from bizgyms import registry
from envs_data.parameters import write_whole

FOLDER = Path(__file__).parents[1] / "scoreboard"
LIBRARIES = ("bizgyms", "gymnasium", "numpy", "numba", "stable-baselines3", "torch")
COLUMNS = ("case", "scenario", "best rule", "best learner", "captured", "best possible", "verdict")


def read(name: str) -> pd.DataFrame:
    """The committed runs of a suite, or of ``default``: case, scenario, agent, role, training, value and more."""
    return pd.read_csv(FOLDER / f"{name}.csv")


def places(words: Sequence[str]) -> list[tuple[registry.Case, str]]:
    """Case and scenario of each word: a case, ``CASE:SCENARIO``, or a suite; the default of every case for none."""
    found = []
    for word in words or [case.id for case in registry.cases()]:
        if (SUITES / f"{word}.yml").is_file():
            found += [(registry.case(entry.case), entry.scenario) for entry in suite_of(word).entries]
            continue
        name, _, scenario = word.partition(":")
        case = registry.case(name)
        found.append((case, scenario or next(iter(case.scenarios))))
    return found


def runs(case: registry.Case, scenario: str, board: Board) -> pd.DataFrame:
    """A board's runs, with their case and scenario."""
    known = board.runs.assign(case=case.id, scenario=scenario)
    known["training"] = known.groupby("agent").cumcount()
    first = ["case", "scenario", "agent", "role", "training", "value"]
    return known[first + [name for name in known.columns if name not in first]]


def line(case: registry.Case, scenario: str, board: Board) -> str:
    """A board as one row of the table."""
    by_value = sorted((row for row in board.rows if row.value is not None), key=lambda row: row.value or 0.0)
    rule = next((row for row in by_value if row.role == "best rule"), None)
    learner = next((row for row in reversed(by_value) if row.role in LEARNERS), None)
    best = next((row for row in by_value if row.role == "best possible"), None)
    captured = "" if learner is None or learner.captured is None else f"{learner.captured * 100:.0f} %"
    cells = [
        case.name,
        f"`{scenario}`",
        _earns(board, rule),
        _earns(board, learner),
        captured,
        "unknown" if best is None else _earns(board, best),
        board.verdict.replace("\n", " "),
    ]
    return "| " + " | ".join(cells) + " |"


def _earns(board: Board, row: Row | None) -> str:
    return "" if row is None or row.value is None else f"{row.label}: {board.money(row.value)}"


def made_with(budget: str, words: Sequence[str]) -> str:
    """Date, versions and command, for below the table."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    command = " ".join(["python -m baselines.judge.scoreboard --out runs/board", f"--budget {budget}", *words])
    today = datetime.datetime.now(datetime.UTC).date()
    return f"Money a year. Made on {today} with Python {platform.python_version()}, {versions}: `{command}`."


def main(arguments: Sequence[str] | None = None) -> int:
    """Scores, and writes the board."""
    parser = argparse.ArgumentParser(prog="python -m baselines.judge.scoreboard", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="CASE | CASE:SCENARIO | SUITE")
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs; one used before is gone on with")
    parser.add_argument("--budget", default="full")
    parser.add_argument("--name", default="default", help="name of the files")
    given = parser.parse_args(arguments)
    tables, lines = [], [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    for case, scenario in places(given.words):
        board = scoring.score(case, scenario=scenario, budget=given.budget, out=given.out / case.name / scenario)
        tables.append(runs(case, scenario, board))
        lines.append(line(case, scenario, board))
        FOLDER.mkdir(exist_ok=True)
        write_whole(FOLDER / f"{given.name}.csv", pd.concat(tables).to_csv(index=False))
        write_whole(FOLDER / f"{given.name}.md", "\n".join([*lines, "", made_with(given.budget, given.words), ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
