"""Fields of a scenario and published numbers as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table

from baselines.report.facts import short
from baselines.report.plain_text import printed
from envs_data.parameters import Origin, Parameters, Scenario


def fields(scenario: Scenario) -> str:
    """Every field of a scenario with value, unit, allowed values, origin and meaning."""
    title = f"Fields of the scenario ({scenario.parameters.label()})"
    table = Table("field", "value", "unit", "allowed", "origin", "meaning", title=title, title_justify="left")
    for row in _rows(scenario):
        table.add_row(*row)
    return printed(table)


def _rows(scenario: Scenario) -> Iterator[list[str]]:
    values = scenario.parameters.to_dict()
    for name, measured in scenario.parameters.quantities().items():
        held = getattr(scenario.parameters, name)
        nested = [entry for entry in held if isinstance(entry, Parameters)] if isinstance(held, tuple) else []
        value = f"{len(nested)}, below" if nested else short(values[name], "[]")
        origin = _origin(scenario.origins.get(name, Origin("preset")))
        yield [name, value, measured.unit, "" if nested else measured.range(), origin, measured.meaning]
        yield from _rows_of(nested, scenario)


def _rows_of(entries: Sequence[Parameters], scenario: Scenario) -> Iterator[list[str]]:
    """Fields of nested parameters, such as a box's items: one value where all agree, else one for each in order."""
    for name, measured in (entries[0].quantities() if entries else {}).items():
        own = [entry.to_dict()[name] for entry in entries]
        names = [name, *(f"{name}.{entry.to_dict().get('name')}" for entry in entries)]
        kinds = dict.fromkeys(scenario.origins[key].kind for key in names if key in scenario.origins)
        origin = _origin(scenario.origins[name]) if name in scenario.origins else ", ".join(kinds) or "preset"
        shown = own[:1] if all(value == own[0] for value in own) else own
        value = "; ".join(short(entry, "[]") for entry in shown)
        yield [f"  {name}", value, measured.unit, measured.range(), origin, measured.meaning]


def _origin(origin: Origin) -> str:
    error = f" (+- {short(origin.stderr)})" if origin.stderr is not None else ""
    return f"{origin.kind}{error}"


def published(rows: Sequence[Mapping[str, Any]]) -> str:
    """Published numbers beside ours."""
    numbers = ("published", "ours", "difference")
    table = Table("source", "what")
    for name in numbers:
        table.add_column(name, justify="right")
    table.add_column("")
    for row in rows:
        shown = [f"{row[name]:.9g}" if isinstance(row[name], float) else str(row[name]) for name in numbers]
        table.add_row(str(row["source"]), str(row["what"]), *shown, "" if row["ok"] else "differs")
    return printed(table)
