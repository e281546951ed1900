"""What could be gained at most in every shipped scenario: makes ``baselines/ceilings.csv``.

Run ``python -m baselines.judge.ceilings [CASE | CASE:SCENARIO ...]`` after a change of rules, scenarios or references;
rows that are not named stay as they are. Where a bound is more than a tenth above the best rule the whole ladder
plays too, and the best of it is kept beside the bound with its recipe.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from baselines.cli.cards import CEILINGS
from baselines.judge.board import Board
from baselines.judge.money import percentage
from baselines.judge.scoring import score
from bizgyms import registry
from envs_data.parameters import write_whole

COLUMNS = ["case", "scenario", "kind", "ceiling", "per_cent", "unit", "best_rule", "best_known", "recipe"]
# A bound further above the best rule than this share of it is called loose.
LOOSE = 0.1


def row(case: registry.Case, scenario: str) -> dict[str, Any]:
    """One scenario's ceiling over its best tuned rule, money a year, and the best known policy under a loose bound."""
    with tempfile.TemporaryDirectory() as folder:
        board = _board(case, scenario, folder, ["rules"])
        best = board.table[board.table.role == "best rule"].iloc[0]
        loose = _kind(board) == "bound" and (board.ceiling is None or board.ceiling.value > LOOSE * abs(best.value))
        known = _best_known(_board(case, scenario, folder, None)) if loose else {}
    return {
        "case": case.id,
        "scenario": scenario,
        "kind": _kind(board),
        "ceiling": "none" if board.ceiling is None or board.ceiling.low <= 0 else board.money(board.ceiling.value),
        "per_cent": percentage(board.ceiling.value / best.value) if board.ceiling else "",
        "unit": board.money.unit,
        "best_rule": best.label,
        **known,
    }


def _board(case: registry.Case, scenario: str, folder: str, agents: list[str] | None) -> Board:
    return score(case, agents=agents, scenario=scenario, out=folder, say=lambda line: None)


def _best_known(board: Board) -> dict[str, str]:
    """Value a year and recipe of the best policy on a board."""
    table = board.table[board.table.role != "best possible"]
    best = table.sort_values("value").iloc[-1]
    recipe = best.label
    if best.trainings > 1:
        recipe = f"{best.label}, mean of {best.trainings} trainings of {best.steps:,.0f} steps"
    return {"best_known": board.money(best.value), "recipe": recipe}


def _kind(board: Board) -> str:
    possible = [str(label) for label in board.table[board.table.role == "best possible"].label]
    return "exact" if possible and "exact" in possible[0] else "bound"


def main(names: Sequence[str]) -> None:
    """Computes the rows named, or all, and writes each as soon as it is there.

    Args:
        names: cases, or one of a case's scenarios as ``CASE:SCENARIO``.
    """
    for name in names or [case.id for case in registry.cases()]:
        word, _, scenario = name.partition(":")
        case = registry.case(word)
        for chosen in [scenario] if scenario else case.scenarios:
            write(row(case, chosen))


def write(new: Mapping[str, Any]) -> None:
    """Puts a row into the file, where it was or where the registry has it; the rows of others stay as they are."""
    known: dict[tuple[str, str], Mapping[str, Any]] = {}
    if CEILINGS.exists():
        frame = pd.read_csv(CEILINGS, dtype=str, keep_default_na=False)
        known = {(str(old["case"]), str(old["scenario"])): old for old in frame.to_dict("records")}  # type: ignore[misc]  # columns are names
    known[new["case"], new["scenario"]] = new
    order = [(case.id, scenario) for case in registry.cases() for scenario in case.scenarios]
    blank = dict.fromkeys(COLUMNS, "")
    rows = [
        {**blank, **known[key]}
        for key in sorted(known, key=lambda key: order.index(key) if key in order else len(order))
    ]
    write_whole(CEILINGS, pd.DataFrame(rows, columns=COLUMNS).to_csv(index=False))


if __name__ == "__main__":
    main(sys.argv[1:])
