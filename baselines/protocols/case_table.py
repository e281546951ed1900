"""The committed table of shipped cases: what each decides and sees, so that listing them loads no case.

Run ``python -m baselines.protocols.case_table`` after a change of a case's docstring, view, scenarios or rules.
"""

from __future__ import annotations

import csv
import inspect
from functools import cache
from pathlib import Path

from bizgyms.catalogue import CASES
from bizgyms.registry import Case
from envs_data.parameters import write_whole

TABLE = Path(__file__).parents[1] / "cases.csv"
About = dict[str, str]


def about(case: Case) -> About:
    """Columns case, summary, decides (its action space), sees (number of features), rules and scenarios of a case."""
    return _table()[case.id] if case in CASES and case.id in _table() else described(case)


@cache
def _table() -> dict[str, About]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["case"]: row for row in csv.DictReader(file)}


def described(case: Case) -> About:
    """The same from the case itself, which takes a second."""
    from baselines.agents import problem_of
    from baselines.rules import rules

    problem = problem_of(case, next(iter(case.scenarios.values())))
    return {
        "case": case.id,
        "summary": (inspect.getdoc(case.env) or "").split("\n", 1)[0],
        "decides": str(problem.view.action_space),
        "sees": str(len(problem.view.features)),
        "rules": "yes" if case.has("rules") or rules(problem) else "no",
        "scenarios": " ".join(case.scenarios),
    }


def main() -> None:
    """Writes the table."""
    import pandas as pd

    write_whole(TABLE, pd.DataFrame([described(case) for case in CASES]).to_csv(index=False))


if __name__ == "__main__":
    main()
