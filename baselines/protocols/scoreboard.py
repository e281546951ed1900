"""Makes the committed scoreboard: every run of every case as CSV, and a table for the README with its command.

Run ``python -m baselines.protocols.scoreboard --out DIR [--budget full] [CASE | CASE:SCENARIO | SUITE ...]``: it
scores the default scenario of every case, or what is named, keeps its runs in ``DIR`` so that it can be stopped and
resumed, and writes ``baselines/scoreboard/<name>.csv`` and ``<name>.md``.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import importlib.metadata
import platform
import re
import shlex
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from baselines.agents import LEARNERS, TRAINED, Kind
from baselines.judge.money import share_taken
from baselines.judge.rows import Row
from baselines.ladder.specs import ladder_of
from baselines.play.budget import BUDGETS
from baselines.protocols import scoring
from baselines.protocols.ceilings import OWN_POLICY
from baselines.protocols.ceilings_table import ceilings
from baselines.protocols.suite import SuiteError, suite_of, suites_known
from baselines.report.board import Board
from baselines.report.shortfall import OPENING
from bizgyms import registry
from envs_data.parameters import unknown_name, write_whole

FOLDER = Path(__file__).parents[1] / "scoreboard"
LIBRARIES = ("bizgyms", "gymnasium", "numpy", "numba", "stable-baselines3", "torch")
STANDINGS = ("case", "scenario", "best rule", "best learner", "captured", "best possible", "verdict")
BEST_KNOWN = ("case", "scenario", "best known policy", "earns", "recipe")
# Characters of a line of text; a row of a table may be longer.
LONGEST = 120
# What stands between these two lines of a file is the table.
MARKS = ("<!-- scoreboard -->", "<!-- end of the scoreboard -->")


@dataclasses.dataclass(frozen=True)
class Place:
    """A scenario to score, for one row of the table.

    Attributes:
        case: the case.
        scenario: the scenario's name.
        episodes: episodes that every agent plays; None for the budget's own number.
        seed: seed of the luck, 0 to 999.
    """

    case: registry.Case
    scenario: str
    episodes: int | None = None
    seed: int = 0


def read(name: str) -> pd.DataFrame:
    """The committed runs of a suite, or of ``default``. Columns: case, scenario, agent, role, training, value and more.

    Raises:
        SuiteError: it has no committed board.
    """
    file = FOLDER / f"{name}.csv"
    if not file.is_file():
        made = f"python -m baselines.protocols.scoreboard {name} --out runs/{name} --name {name} --agents rules,ppo"
        raise SuiteError(f"{name} has no scoreboard to stand beside; make it: {made}")
    return pd.read_csv(file)


def places(words: Sequence[str]) -> list[Place]:
    """The scenarios that words name: a case, ``CASE:SCENARIO``, or a suite; without words the default of every case.

    Raises:
        LookupError: no such case, suite or scenario, with the nearest name.
    """
    found = []
    for word in words or [case.id for case in registry.cases()]:
        if word in suites_known():
            suite = suite_of(word)
            cases = [(registry.case(entry.case), entry.scenario) for entry in suite.entries]
            found += [Place(case, scenario, suite.episodes, suite.seed) for case, scenario in cases]
            continue
        name, _, scenario = word.partition(":")
        case = _case_of(name)
        if scenario and scenario not in case.scenarios:
            raise LookupError(f"{case.id}: {unknown_name('scenario', scenario, case.scenarios)}")
        found.append(Place(case, scenario or next(iter(case.scenarios))))
    return found


def _case_of(name: str) -> registry.Case:
    try:
        return registry.case(name)
    except LookupError:
        known = [*suites_known(), *(case.name for case in registry.cases())]
        raise LookupError(unknown_name("case or suite", name, known)) from None


def runs(place: Place, board: Board) -> pd.DataFrame:
    """A board's runs, with their case and scenario."""
    known = board.runs.assign(case=place.case.id, scenario=place.scenario)
    known["training"] = known.groupby("agent").cumcount()
    first = ["case", "scenario", "agent", "role", "training", "value"]
    return known[first + [name for name in known.columns if name not in first]]


def standing(place: Place, board: Board) -> str:
    """A board as one row of the table: the agents that earn most, and the verdict in a sentence."""
    rule, learner, best = (_best(board, *roles) for roles in ((Kind.BEST_RULE,), LEARNERS, (Kind.BEST_POSSIBLE,)))
    captured = "" if learner is None or learner.captured is None else share_taken(learner.captured)
    cells = [
        place.case.name,
        f"`{place.scenario}`",
        _earns(board, rule),
        _earns(board, learner),
        captured,
        "unknown" if best is None else f"{_money(board, best)} {best.label.removeprefix('best possible ')}",
        _first_sentence(board.verdict),
    ]
    return _cells(cells)


def best_known(place: Place, board: Board) -> str:
    """The best known policy as one row of a table, with its recipe: a command, or its source."""
    best = _best(board, Kind.BEST_POSSIBLE)
    exact = best is not None and best.label.endswith("(exact)")
    found = best if exact else _best(board, Kind.BEST_RULE, Kind.TODAY, Kind.PLANNER, *LEARNERS)
    assert found is not None, f"{place.case.id} has no rule"
    first = [place.case.name, f"`{place.scenario}`"]
    own = ceilings().get((place.case.id, place.scenario), {})
    # Amounts of other episodes do not compare: a suite has its own.
    behind = not exact and place.episodes is None and own.get("recipe", "").startswith(OWN_POLICY)
    if behind and float(own["best_known"].replace(",", "")) > (found.value or 0.0):
        solve = f'`bizgyms.case("{place.case.name}").reference(parameters).policy`'
        return _cells([*first, own["recipe"], _a_period(board, own["best_known"]), solve])
    agent = "rules" if exact else found.agent
    command = f"bizgyms score {place.case.name} --scenario {place.scenario} --agents {shlex.quote(agent)} --budget full"
    trained = f", {found.trainings} trainings of {found.steps:,} steps" if found.role in LEARNERS else ""
    label = "the optimum" if exact else f"{found.label}{trained}"
    return _cells([*first, label, _money(board, found), f"`{command}`"])


def _best(board: Board, *roles: str) -> Row | None:
    rows = [row for row in board.rows if row.role in roles and row.value is not None]
    return max(rows, key=lambda row: row.value or 0.0, default=None)


def _earns(board: Board, row: Row | None) -> str:
    return "" if row is None else f"{row.label}: {_money(board, row)}"


def _money(board: Board, row: Row) -> str:
    assert row.value is not None
    return _a_period(board, board.money(row.value))


def _a_period(board: Board, amount: str) -> str:
    return f"{amount} {board.money.unit}/{board.money.period}"


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=\.) (?=[A-Z])", text.replace("\n", " "), maxsplit=1)[0]


def _wrapped(text: str) -> str:
    return textwrap.fill(text, LONGEST, break_long_words=False, break_on_hyphens=False)


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _table(columns: Sequence[str], lines: Sequence[str]) -> str:
    return "\n".join([_cells(columns), "|---" * len(columns) + "|", *lines])


def made_with(given: argparse.Namespace) -> str:
    """Date, versions and command, for below the table."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    agents = [f"--agents {shlex.quote(given.agents)}"] if given.agents else []
    options = [*given.words, f"--budget {given.budget}", f"--name {given.name}", *agents]
    command = " ".join(["python -m baselines.protocols.scoreboard --out runs/board", *options])
    today = datetime.datetime.now(datetime.UTC).date()
    return _wrapped(
        f"`{command}` makes it again. Made on {today}, with Python {platform.python_version()}, {versions}."
    )


def not_played(found: Sequence[tuple[Place, Board]]) -> Iterator[str]:
    """Lists the learners of the ladder that have no row, and where; empty where all have one."""
    missing: dict[str, list[str]] = {}
    for place, board in found:
        played = {row.agent for row in board.rows}
        for spec in ladder_of(place.case, place.case.scenarios[place.scenario]):
            if spec.kind in TRAINED and spec.name not in played:
                missing.setdefault(spec.name, []).append(place.case.name)
    where = [
        f"{agent} ({'anywhere' if len(cases) == len(found) else ', '.join(dict.fromkeys(cases))})"
        for agent, cases in missing.items()
    ]
    if where:
        yield _wrapped(f"Not played: {'; '.join(where)}.")


def put_into(file: Path, table: str) -> None:
    """Puts the table between a file's two marks.

    Raises:
        ValueError: the file has no marks.
    """
    before, after = around(file)
    write_whole(file, f"{before}{MARKS[0]}\n\n{table}\n\n{MARKS[1]}{after}")


def around(file: Path) -> tuple[str, str]:
    """The text before and after a file's two marks.

    Raises:
        OSError: the file cannot be read.
        ValueError: it has no marks.
    """
    before, _, rest = file.read_text(encoding="utf-8").partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not end:
        raise ValueError(f"{file} has no place for the table: it goes between {MARKS[0]} and {MARKS[1]}")
    return before, after


def main(arguments: Sequence[str] | None = None) -> int:
    """Scores, and writes the board after each case."""
    given = _parser().parse_args(arguments)
    agents = given.agents.split(",") if given.agents else None
    found: list[tuple[Place, Board]] = []
    for place in _checked(given):
        board = scoring.score(
            place.case,
            agents,
            scenario=place.scenario,
            budget=given.budget,
            out=given.out / place.case.name / place.scenario,
            episodes=place.episodes,
            seed=place.seed,
        )
        found.append((place, board))
        write(found, given.name, made_with(given), given.into)
    return 0


def _checked(given: argparse.Namespace) -> list[Place]:
    """The scenarios named. A bad word or file is reported now, not after hours of training."""
    try:
        if given.into is not None:
            around(given.into)
        return places(given.words)
    except (LookupError, OSError, ValueError) as error:
        _parser().error(str(error))


def write(found: Sequence[tuple[Place, Board]], name: str, made: str, into: Path | None = None) -> None:
    """Writes the runs and the tables of boards.

    Args:
        found: the boards with their scenarios, in the order of the rows.
        name: name of the files.
        made: the command that made them, printed below the table.
        into: a file whose marked place gets the table; None for none.
    """
    table = "\n\n".join([_table(STANDINGS, [standing(*one) for one in found]), made, *not_played(found)])
    known = _table(BEST_KNOWN, [best_known(*one) for one in found])
    short = [
        f"- {place.case.name}: {note}" for place, board in found for note in board.notes if note.startswith(OPENING)
    ]
    FOLDER.mkdir(exist_ok=True)
    write_whole(FOLDER / f"{name}.csv", pd.concat([runs(*one) for one in found]).to_csv(index=False))
    write_whole(FOLDER / f"{name}.md", "\n\n".join([table, known, *(["\n".join(short)] if short else [])]) + "\n")
    if into is not None:
        put_into(into, table)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m baselines.protocols.scoreboard", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="CASE | CASE:SCENARIO | SUITE")
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs; an existing one is resumed")
    parser.add_argument("--budget", choices=BUDGETS, default="full")
    parser.add_argument("--agents", help="names or kinds of agents, such as rules,ppo; the whole ladder by default")
    parser.add_argument("--name", default="default", help="name of the files")
    parser.add_argument("--into", type=Path, help="a file, such as README.md: the table goes between its marks")
    return parser


if __name__ == "__main__":
    sys.exit(main())
