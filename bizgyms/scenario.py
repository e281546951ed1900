"""From what users call a scenario (a name, a dict, a path, parameters, changes of one) to checked parameters."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bizgyms.case import Case
from envs_data.parameters import ParameterError, Parameters, Scenario, native, read_scenario_file, unknown_name

ScenarioLike = str | os.PathLike[str] | Mapping[str, Any] | Parameters | Scenario | None

BASE = "scenario"
"""The key by which a dict or a file says which scenario its fields change."""
SOON_WRITTEN = 30
"""Values of at most so many characters are repeated in the remedy of an error."""


def load(case: Case, scenario: ScenarioLike) -> Scenario:
    """Finds a scenario with the origin of its fields.

    Args:
        case: the case it must belong to.
        scenario: None for the case's default; a scenario's name; the path of a scenario file; a dict as
            ``to_dict`` gives it or as a scenario file holds it; ``{"scenario": "corner-shop", "lead_time": 3}``, which
            is another scenario with some fields changed; parameters; a fit's ``scenario()``.

    Raises:
        ParameterError: unknown names, another case's scenario, impossible values, a dict of some fields that does not
            say which scenario they change: all at once.
    """
    if scenario is None:
        return Scenario(next(iter(case.scenarios.values())))
    if isinstance(scenario, Parameters):
        scenario = Scenario(scenario)
    if isinstance(scenario, Scenario):
        if not isinstance(scenario.parameters, case.parameters):
            raise ParameterError("scenario", [f"{type(scenario.parameters).__name__} is not of case {case.id}"])
        return scenario
    if isinstance(scenario, Mapping):
        return _from_dict(case, scenario)
    if isinstance(scenario, str) and scenario in case.scenarios:
        return Scenario(case.scenarios[scenario])
    if isinstance(scenario, (str, os.PathLike)):
        return _from_path(case, scenario)
    raise ParameterError("scenario", [f"{str(scenario)[:40]} is neither a name, a path, a dict nor parameters"])


def resolve(case: Case, scenario: ScenarioLike) -> Parameters:
    """Like `load`, but returns only the parameters."""
    return load(case, scenario).parameters


def changed(scenario: ScenarioLike, changes: Mapping[str, Any]) -> ScenarioLike:
    """A scenario with some fields changed, as a dict that `load` takes; the scenario itself where none is."""
    return {BASE: scenario, **changes} if changes else scenario


def as_json(scenario: Any) -> Any:
    """A scenario in a form that JSON holds, for ``spec.to_json``."""
    if isinstance(scenario, (Parameters, Scenario)):
        return scenario.to_dict()
    if isinstance(scenario, Mapping):
        return {name: as_json(value) for name, value in scenario.items()}
    return os.fspath(scenario) if isinstance(scenario, os.PathLike) else native(scenario)


def _from_dict(case: Case, values: Mapping[str, Any]) -> Scenario:
    if BASE in values:
        return _with_changes(case, values)
    if "case" in values:
        return _from_file(case, values)
    return Scenario(_complete(case, values))


def _with_changes(case: Case, values: Mapping[str, Any]) -> Scenario:
    named = values.get("case", case.id)
    if not case.is_called(str(named)):
        raise ParameterError("scenario", [f"it is a scenario of {named!r}, not of {case.id!r}"])
    changes = {name: value for name, value in values.items() if name not in (BASE, "case", "$schema")}
    return load(case, values[BASE]).changed(changes)


def _complete(case: Case, values: Mapping[str, Any]) -> Parameters:
    """The parameters of a dict that gives every field, but for those that came later than dicts were kept."""
    fields = dataclasses.fields(case.parameters)
    absent = [f.name for f in fields if f.name not in values and not f.metadata.get("later")]
    name, default = next(iter(case.scenarios.items()))
    problems: list[str] = []
    try:
        parameters = case.parameters.from_dict({**default.to_dict(), **values} if absent else values)
    except ParameterError as error:
        problems += error.problems
    if absent:
        given = {f.name: values[f.name] for f in fields if f.name in values}
        problems.append(_remedy(name, given or {absent[0]: getattr(default, absent[0])}, len(fields)))
    if problems:
        raise ParameterError(case.id, problems)
    return parameters


def _remedy(base: str, changes: Mapping[str, Any], fields: int) -> str:
    """What to write instead of a dict of some fields: the two spellings that name the scenario they change."""
    plain = {name: as_json(value) for name, value in changes.items()}
    short = {name: value for name, value in plain.items() if len(repr(value)) <= SOON_WRITTEN}
    shown = dict(itertools.islice((short or dict.fromkeys(plain, ...)).items(), 2))
    arguments = ", ".join(f"{name}={_written(value)}" for name, value in shown.items())
    entries = ", ".join(f"{name!r}: {_written(value)}" for name, value in shown.items())
    return (
        f"a dict of some of the {fields} fields must name the scenario that they change; "
        f"write scenario={base!r}, {arguments} or scenario={{'scenario': {base!r}, {entries}}}"
    )


def _written(value: Any) -> str:
    return "..." if value is ... else repr(value)


def _from_file(case: Case, values: Mapping[str, Any]) -> Scenario:
    """A scenario as a file holds it; one of a former version of the case is of the case."""
    if BASE in values:
        return _with_changes(case, values)
    named = {"case": case.id} if values["case"] in case.former else {}
    return Scenario.from_dict({**values, **named}, case.parameters)


def _from_path(case: Case, path: str | os.PathLike[str], above: tuple[Path, ...] = ()) -> Scenario:
    if not Path(path).exists() and Path(path).suffix != ".json":
        raise ParameterError(case.id, [unknown_name("scenario", str(path), case.scenarios)])
    here = Path(path).resolve()
    if here in above:
        raise ParameterError(str(path), [f"it changes a scenario that is changed from itself: {above[0].name}"])
    try:
        values = read_scenario_file(path)
        base = values.get(BASE)
        if isinstance(base, str) and Path(base).suffix == ".json":
            # Another file lies beside this one, wherever the command was typed.
            values[BASE] = _from_path(case, here.parent / base, (*above, here))
        return _from_file(case, values)
    except ParameterError as error:
        if error.where == str(path):
            raise
        raise ParameterError(str(path), [f"{error.where}: {problem}" for problem in error.problems]) from None
