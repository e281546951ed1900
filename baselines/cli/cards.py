"""Cases, scenarios and published numbers as text."""

from __future__ import annotations

import inspect
import io
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from baselines.agents import problem_of
from baselines.protocols.ceilings_table import ceilings
from baselines.rules import rules
from bizgyms.registry import Case
from envs_data.parameters import Origin, Parameters, Scenario

WIDTH = 116
OPTIONAL = ("twin", "draw", "reference", "fit", "generate", "rules")


def overview(case: Case) -> str:
    """A case in `bizgyms list`: id, decision, observation, reference, and its scenarios with their ceilings."""
    problem = problem_of(case, next(iter(case.scenarios.values())))
    view = problem.view
    summary = (inspect.getdoc(case.env) or "").split("\n", 1)[0]
    kinds = sorted({row["kind"] for (id, _), row in ceilings().items() if id == case.id})
    reference = (", ".join(kinds) or "yes") if case.has("reference") else "none"
    missing = [part for part in OPTIONAL if not case.has(part) and not (part == "rules" and rules(problem))]
    there = [part for part in OPTIONAL if part not in missing]
    return "\n".join(
        [
            case.id,
            f"  {summary}",
            f"  decides {view.action_space}, sees {len(view.features)} numbers; reference: {reference}",
            f"  has {', '.join(there) or 'no optional part'}{'; without ' if missing else ''}{', '.join(missing)}",
            *(f"  {line}" for line in _scenarios(case)),
        ]
    )


def _scenarios(case: Case) -> list[str]:
    """A case's scenarios, with what could be gained where that is known."""
    known = any(id == case.id for id, _ in ceilings())
    head = "scenarios, with what could be gained over the best rule a year:" if known else "scenarios:"
    return [head, *(f"  {name}{_ceiling(case, name)}" for name in case.scenarios)]


def _ceiling(case: Case, scenario: str) -> str:
    row = ceilings().get((case.id, scenario))
    if not row:
        return ""
    best = f"; best known: {row['best_known']} a year by {row['recipe']}" if row.get("best_known") else ""
    return f"  {row['ceiling']} {row['unit']} ({row['per_cent']} %, {row['kind']}{best})"


def card(case: Case) -> str:
    """The model card: the environment's docstring, and what could be gained in each scenario."""
    gains = "\n".join(_scenarios(case))
    return f"# {case.id}\n\n{inspect.getdoc(case.env) or ''}\n\n## Scenarios\n{gains}\n"


def fields(scenario: Scenario) -> str:
    """Every field of a scenario with value, unit, allowed values, origin and meaning."""
    table = Table(title=f"Fields of the scenario ({scenario.parameters.label()})", title_justify="left")
    for name in ("field", "value", "unit", "allowed", "origin", "meaning"):
        table.add_column(name)
    values = scenario.parameters.to_dict()
    for name, measured in scenario.parameters.quantities().items():
        held = getattr(scenario.parameters, name)
        nested = [entry for entry in held if isinstance(entry, Parameters)] if isinstance(held, tuple) else []
        value = f"{len(nested)}, below" if nested else _short(values[name])
        origin = _origin(scenario.origins.get(name, Origin("preset")))
        table.add_row(name, value, measured.unit, "" if nested else measured.range(), origin, measured.meaning)
        for row in _rows_of(nested, scenario):
            table.add_row(*row)
    return _text(table)


def _rows_of(entries: Sequence[Parameters], scenario: Scenario) -> list[list[str]]:
    """Fields of nested parameters, such as a box's items: one value where all agree, else one for each in order."""
    rows = []
    for name, measured in (entries[0].quantities() if entries else {}).items():
        own = [entry.to_dict()[name] for entry in entries]
        same = all(value == own[0] for value in own)
        names = [name, *(f"{name}.{entry.to_dict().get('name')}" for entry in entries)]
        found = dict.fromkeys(scenario.origins[key].kind for key in names if key in scenario.origins)
        origin = _origin(scenario.origins[name]) if name in scenario.origins else ", ".join(found) or "preset"
        value = _short(own[0]) if same else "; ".join(_short(entry) for entry in own)
        rows.append([f"  {name}", value, measured.unit, measured.range(), origin, measured.meaning])
    return rows


def _origin(origin: Origin) -> str:
    error = f" (+- {_short(origin.stderr)})" if origin.stderr is not None else ""
    return f"{origin.kind}{error}"


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        shown = [_short(entry) for entry in value[:12]]
        return f"[{', '.join(shown)}{', ...' if len(value) > len(shown) else ''}]"
    return str(value)


def published(rows: Sequence[Mapping[str, Any]]) -> str:
    """Published numbers beside ours."""
    table = Table()
    for name in ("source", "what"):
        table.add_column(name)
    for name in ("published", "ours", "difference"):
        table.add_column(name, justify="right")
    table.add_column("")
    for row in rows:
        numbers = [_digits(row[name]) for name in ("published", "ours", "difference")]
        table.add_row(str(row["source"]), str(row["what"]), *numbers, "" if row["ok"] else "differs")
    return _text(table)


def _digits(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _text(table: Table) -> str:
    """A table as plain text, the same on a terminal and in a file."""
    console = Console(file=io.StringIO(), width=WIDTH, markup=False, highlight=False)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().rstrip()
