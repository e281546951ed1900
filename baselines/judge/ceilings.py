"""What could be gained at most in every shipped scenario: makes ``baselines/ceilings.csv``.

Run ``python -m baselines.judge.ceilings [CASE ...]`` after a change of rules, scenarios or references; rows of cases
that are not named stay as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd

from baselines.cli.cards import CEILINGS
from baselines.judge.board import Board
from baselines.judge.scoring import score
from baselines.judge.verdict import percentage
from bizgyms import registry
from envs_data.parameters import write_whole

COLUMNS = ["case", "scenario", "kind", "ceiling", "per_cent", "unit", "best_rule"]


def row(case: registry.Case, scenario: str) -> dict[Hashable, Any]:
    """One scenario's ceiling over its best tuned rule, money a year."""
    board = score(case, agents=["rules"], scenario=scenario, say=lambda line: None)
    table = board.table
    best = table[table.role == "best rule"].iloc[0]
    return {
        "case": case.id,
        "scenario": scenario,
        "kind": _kind(board),
        "ceiling": "none" if board.ceiling is None or board.ceiling.low <= 0 else board.money(board.ceiling.value),
        "per_cent": percentage(board.ceiling.value / best.value) if board.ceiling else "",
        "unit": board.money.unit,
        "best_rule": best.label,
    }


def _kind(board: Board) -> str:
    possible = [str(label) for label in board.table[board.table.role == "best possible"].label]
    return "exact" if possible and "exact" in possible[0] else "bound"


def main(names: Sequence[str]) -> None:
    """Computes the rows of the named cases, or of all, and writes them after each scenario."""
    chosen = [registry.case(name) for name in names] or registry.cases()
    ids = {case.id for case in chosen}
    known = (
        pd.read_csv(CEILINGS, dtype=str, keep_default_na=False) if CEILINGS.exists() else pd.DataFrame(columns=COLUMNS)
    )
    rows = [old for old in known.to_dict("records") if old["case"] not in ids]
    for case in chosen:
        for scenario in case.scenarios:
            rows.append(row(case, scenario))
            write_whole(CEILINGS, pd.DataFrame(rows, columns=COLUMNS).to_csv(index=False))


if __name__ == "__main__":
    main(sys.argv[1:])
