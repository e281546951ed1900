"""The README's first screen is what its command prints, and its table what the ceilings say."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

import baselines
from baselines.protocols.ceilings_table import CEILINGS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST = "Would reinforcement learning beat the rule you use today, and by how much? Find out from your own table,"
LONGEST, MOST_LINES = 120, 15
COMMAND = "bizgyms score NudgeActivity --scenario blurred-context --agents rules,policy-iteration"
SCORED = {"scenario": "blurred-context", "say": lambda line: None}
# Rows that need no training.
AT_ONCE = ("best possible", "best rule", "today", "random")


def printed() -> list[str]:
    """The lines of the output that the README shows: the rows of the board and the verdict, wrapped."""
    after = README[README.index(COMMAND) :].split("\n\n", 2)[1]
    return [line.removeprefix("    ") for line in after.split("\n")]


def told(line: str) -> str:
    """A line with single spaces: columns are as wide as the longest row."""
    return " ".join(line.split())


def test_the_first_sentence_and_the_line_to_type() -> None:
    flowing = told(README)
    assert flowing.startswith(f"# bizgyms {FIRST} before you build anything.")
    assert 'pip install -c constraints.txt -e ".[all]" && bizgyms score restock --budget quick' in README
    assert 'pip install -c constraints.txt -e ".[test]" && pytest -n auto' in README


def test_it_has_something_to_gain_and_each_row_earns_more_than_the_one_below() -> None:
    rows = [line for line in printed() if "steps" not in line]
    order = [next(k for k, line in enumerate(rows) if line.startswith(who)) for who in ("policy-iter", *AT_ONCE[1:])]
    assert order == sorted(order)
    assert "below the best rule" in next(line for line in rows if line.startswith("today"))


def test_its_output_fits_a_screen() -> None:
    assert 8 <= len(printed()) <= MOST_LINES
    picture = ROOT / "docs" / "one-month.svg"
    assert "(docs/one-month.svg)" in README
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    assert picture.stat().st_size < 100_000


def test_no_line_is_longer_than_an_editor() -> None:
    long = [line for line in README.split("\n") if len(line) > LONGEST and not line.startswith("|")]
    assert not long


def test_what_needs_no_training_is_printed_as_the_readme_has_it() -> None:
    board = baselines.score("NudgeActivity", ["rules"], **SCORED)
    ours = {told(line) for line in str(board).split("\n")}
    theirs = [told(line) for line in printed() if line.startswith(AT_ONCE)]
    assert len(theirs) == len(AT_ONCE)
    assert set(theirs) <= ours


@pytest.mark.slow
def test_all_of_it_is_printed_as_the_readme_has_it(tmp_path: Path) -> None:
    board = baselines.score("NudgeActivity", ["rules", "policy-iteration"], out=tmp_path, **SCORED)
    rows = str(board).split("\n")[: 2 + len(board.shown())]
    assert told(" ".join(printed())) == told(" ".join([*rows, board.verdict]))


def test_the_ceilings_of_the_table_are_those_computed() -> None:
    with CEILINGS.open(encoding="utf-8", newline="") as file:
        known = {(row["case"].split("/")[1].split("-v")[0], row["scenario"]): row for row in csv.DictReader(file)}
    found = 0
    for line in README.split("\n"):
        if not (row := re.match(r"\| `(\w+)` \|", line)):
            continue
        for scenario, left in re.findall(r"`([\w.-]+)`: [^|]+, (nothing|[\d.]+)(?: %)? left", line):
            ceiling = known[row[1], scenario]
            assert left == ("nothing" if ceiling["ceiling"] == "none" else ceiling["per_cent"])
            found += 1
    assert found >= 8
