"""From what users call a scenario (a name, a dict, a path, parameters) to checked parameters."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bizgyms.case import Case
from envs_data.parameters import ParameterError, Parameters, Scenario, read_scenario_file, unknown_name

ScenarioLike = str | os.PathLike[str] | Mapping[str, Any] | Parameters | Scenario | None


def load(case: Case, scenario: ScenarioLike) -> Scenario:
    """Finds a scenario with the origin of its fields.

    Args:
        case: the case it must belong to.
        scenario: None for the case's default; a scenario's name; the path of a scenario file; a dict as
            ``to_dict`` gives it (fields left out keep their defaults) or as a scenario file holds it; parameters; a
            fit's ``scenario()``.

    Raises:
        ParameterError: unknown names, another case's scenario, impossible values: all at once.
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


def _from_dict(case: Case, values: Mapping[str, Any]) -> Scenario:
    if "case" in values:
        return _from_file(case, values)
    return Scenario(case.parameters.from_dict(values))


def _from_file(case: Case, values: Mapping[str, Any]) -> Scenario:
    """A scenario as a file holds it; one of a former version of the case is of the case."""
    named = {"case": case.id} if values["case"] in case.former else {}
    return Scenario.from_dict({**values, **named}, case.parameters)


def _from_path(case: Case, path: str | os.PathLike[str]) -> Scenario:
    if not Path(path).exists() and Path(path).suffix != ".json":
        raise ParameterError(case.id, [unknown_name("scenario", str(path), case.scenarios)])
    try:
        return _from_file(case, read_scenario_file(path))
    except ParameterError as error:
        if error.where == str(path):
            raise
        raise ParameterError(str(path), [f"{error.where}: {problem}" for problem in error.problems]) from None
