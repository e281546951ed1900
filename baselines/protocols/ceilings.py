"""Computes what could be gained at most in every shipped scenario: makes ``baselines/ceilings.csv``.

Run ``python -m baselines.protocols.ceilings [CASE | CASE:SCENARIO ...]`` after a change of rules, scenarios or
references; rows that are not named stay as they are. Beside a bound the best of the planners and the policy behind it
is kept with its recipe where it beats the rules; where none does, and the bound is more than a tenth above the best
rule, the whole ladder plays, and the best of it is kept.
"""

from __future__ import annotations

import inspect
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from baselines.agents import Kind, problem_of
from baselines.judge.money import percentage
from baselines.judge.time_scale import time_scale
from baselines.play import seeds
from baselines.play.budget import BUDGETS
from baselines.play.rollout import play
from baselines.protocols.ceilings_table import CEILINGS
from baselines.protocols.scoring import score
from baselines.report.board import Board
from bizgyms import registry
from envs_data.parameters import write_whole

COLUMNS = ["case", "scenario", "kind", "ceiling", "per_cent", "unit", "best_rule", "best_known", "recipe"]
# A bound further above the best rule than this share of it is called loose.
LOOSE = 0.1
# How the recipe of a bound's own policy begins.
OWN_POLICY = "the policy behind the bound"


def row(case: registry.Case, scenario: str) -> dict[str, Any]:
    """One scenario's ceiling over its best tuned rule, money a year, and the best known policy under a loose bound."""
    with tempfile.TemporaryDirectory() as folder:
        board = _board(case, scenario, folder, ["rules", "planners"])
        best = board.table[board.table.role == Kind.BEST_RULE].iloc[0]
        known = _looking_ahead(case, scenario, board, best.value) if _kind(board) == "bound" else {}
        loose = _kind(board) == "bound" and (board.ceiling is None or board.ceiling.value > LOOSE * abs(best.value))
        if loose and not known:
            known = _best_known(_board(case, scenario, folder, None))
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


def _looking_ahead(case: registry.Case, scenario: str, board: Board, rule: float) -> dict[str, str]:
    """Value a year and recipe of the best planner or the policy behind a bound; empty where a rule earns as much."""
    planners = board.table[board.table.role == Kind.PLANNER].dropna(subset="value")
    found = [*zip(planners.value.tolist(), planners.label.tolist(), strict=True)]
    problem = problem_of(case, case.scenarios[scenario])
    policy = case.reference(problem.parameters).policy
    if policy is not None:
        played = play(problem, policy, BUDGETS["full"].episodes, seeds.evaluation(0), "reference")
        what, *_ = inspect.cleandoc(type(policy).__doc__ or "").splitlines()
        recipe = f"{OWN_POLICY}: {what[:1].lower()}{what[1:].rstrip('.')}"
        found.append((played.mean * time_scale(problem, [played]).episodes, recipe))
    # Of equals the planner, which a board can play.
    value, recipe = max(found, key=lambda one: one[0], default=(rule, ""))
    return {"best_known": board.money(value), "recipe": recipe} if value > rule else {}


def _best_known(board: Board) -> dict[str, str]:
    """Value a year and recipe of the best policy on a board."""
    table = board.table[board.table.role != Kind.BEST_POSSIBLE]
    best = table.sort_values("value").iloc[-1]
    recipe = best.label
    if best.trainings > 1:
        recipe = f"{best.label}, mean of {best.trainings} trainings of {best.steps:,.0f} steps"
    return {"best_known": board.money(best.value), "recipe": recipe}


def _kind(board: Board) -> str:
    possible = [str(label) for label in board.table[board.table.role == Kind.BEST_POSSIBLE].label]
    return "exact" if possible and "exact" in possible[0] else "bound"


def main(names: Sequence[str]) -> None:
    """Computes the rows named, or all, and writes each as soon as it is done.

    Args:
        names: cases, or one of a case's scenarios as ``CASE:SCENARIO``.
    """
    for name in names or [case.id for case in registry.cases()]:
        word, _, scenario = name.partition(":")
        case = registry.case(word)
        for chosen in [scenario] if scenario else case.scenarios:
            write(row(case, chosen))


def write(new: Mapping[str, Any]) -> None:
    """Puts a row into the file, in the order of the registry; all other rows stay as they are."""
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
