"""A frozen list of scenarios on which algorithms are compared."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import gymnasium
import yaml
from gymnasium.envs.registration import EnvSpec

from baselines.agents import Problem, problem_of
from baselines.runs.run_file import digest
from bizgyms import registry
from envs_data.parameters import Parameters, unknown_name

FOLDER = Path(__file__).parents[1] / "suites"


class SuiteError(ValueError):
    """An unknown suite, or one whose scenarios are no longer what they were when it was frozen."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """One scenario of a suite.

    Attributes:
        case: the case's id.
        scenario: the scenario's name.
        steps: decisions a training may take.
        parameters: digest of the scenario's parameters when the suite was frozen.
    """

    case: str
    scenario: str
    steps: int
    parameters: str

    @property
    def env_id(self) -> str:
        """The id under which `gymnasium.make` and `gymnasium.make_vec` know this very scenario."""
        name, version = self.case.rsplit("-v", 1)
        return f"{name}.{self.scenario}-v{version}"

    @property
    def problem(self) -> Problem:
        """Case, parameters and view."""
        case = registry.case(self.case)
        return problem_of(case, case.scenarios[self.scenario])


@dataclasses.dataclass(frozen=True)
class Suite:
    """A frozen suite.

    Attributes:
        name: such as ``core-v0``.
        seed: seed of the evaluation luck, 0 to 999.
        episodes: episodes that every agent plays.
        entries: the scenarios.
    """

    name: str
    seed: int
    episodes: int
    entries: tuple[Entry, ...]


def fingerprint(case: str, scenario: str) -> str:
    """Digest of a scenario's parameters."""
    return digest(_as_frozen(registry.case(case).scenarios[scenario]))[:16]


def _as_frozen(parameters: Parameters) -> dict[str, Any]:
    """Values by field; one that came later says nothing as long as it has its default, in items as well."""
    values = dict(parameters.to_dict())
    for field in dataclasses.fields(parameters):
        value = getattr(parameters, field.name)
        if field.metadata.get("later") and value == field.default:
            del values[field.name]
        elif isinstance(value, tuple) and value and isinstance(value[0], Parameters):
            values[field.name] = [*map(_as_frozen, value)]
    return values


def suites_known() -> list[str]:
    """Names of the suites, in order."""
    return sorted(file.stem for file in FOLDER.glob("*.yml"))


def suite_of(name: str) -> Suite:
    """A suite by name; its ids are registered with Gymnasium.

    Raises:
        SuiteError: no such suite, or scenarios that have changed since it was frozen.
    """
    if name not in suites_known():
        raise SuiteError(unknown_name("suite", name, suites_known()))
    about = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    entries = tuple(Entry(**entry) for entry in about["entries"])
    changed = [entry for entry in entries if fingerprint(entry.case, entry.scenario) != entry.parameters]
    if changed:
        names = ", ".join(f"{entry.case}, {entry.scenario}" for entry in changed)
        raise SuiteError(f"{name} is frozen, but these scenarios have changed since: {names}; use its bizgyms version")
    for entry in entries:
        _register(entry)
    return Suite(name, about["seed"], about["episodes"], entries)


def _register(entry: Entry) -> None:
    known = gymnasium.envs.registration.registry[entry.case]
    gymnasium.envs.registration.registry[entry.env_id] = EnvSpec(
        id=entry.env_id,
        entry_point=known.entry_point,
        vector_entry_point=known.vector_entry_point,
        kwargs={"scenario": entry.scenario},
    )
