"""The part of ``docs/evidence.md`` on rules that a board may lack, from the rows of `benchmarks.rules`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from baselines.ladder.current_rule import label

Row = Mapping[str, str]

HEAD = """
## Rules that a board may lack

Made by `python -m benchmarks.rules`: a search far wider than a board's, by CMA-ES over the numbers of every rule and of
mixtures of rules, of which a calendar or an observed bar chooses. What it finds is scored on luck that nothing was
tuned on, an episode. A finding counts if it beats the board's best rule by more than the larger of a tenth of the
ceiling and three paired standard errors.

| case | scenario | seconds | best rule of the board | ceiling | found more | standard error | counts |
|---|---|---|---|---|---|---|---|
"""


def missing_rules(rows: Sequence[Row]) -> str:
    """The part, or nothing where nothing was searched."""
    if not rows:
        return ""
    counted = [row for row in rows if row["counts"] == "1"]
    said = [f"- {_name(row)}: {said_of(json.loads(row['found']))}" for row in counted]
    whole = "\n".join(["What counts:\n", *said]) if said else "No finding counts."
    return HEAD + "\n".join(_line(row) for row in rows) + f"\n\n{whole}\n"


def _name(row: Row) -> str:
    return f"{_case(row)} `{row['scenario']}`"


def _case(row: Row) -> str:
    return row["case"].removeprefix("bizgyms/").rpartition("-v")[0]


def _line(row: Row) -> str:
    cells = [_case(row), f"`{row['scenario']}`", row["seconds"], said_of(json.loads(row["best_rule"])), row["ceiling"]]
    return f"| {' | '.join([*cells, row['gain'], row['error'], 'yes' if row['counts'] == '1' else 'no'])} |"


def said_of(recipe: Mapping[str, Any]) -> str:
    """A recipe in words."""
    if "rule" in recipe:
        return label(recipe["rule"], recipe["setting"])
    when = recipe["when"]
    if "every" in when:
        where = f"for {when['times']} of every {when['every']} steps from step {when['phase']} on"
    else:
        where = f"while {when['feature']} <= {when['bar']:.4g}"
    return f"({said_of(recipe['usual'])}), {where} ({said_of(recipe['other'])})"
