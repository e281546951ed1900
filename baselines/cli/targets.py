"""Reads the words of the command line: cases, families, scenario files, folders, files to write."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baselines.cli import own
from baselines.cli.pairs import TargetError, pairs, value
from bizgyms import registry
from bizgyms.registry import Case
from bizgyms.scenario import ScenarioLike, changed, load
from envs_data.parameters import Scenario, read_scenario_file, unknown_name

if TYPE_CHECKING:
    from envs_data.reading.source import RawTable, ReadAs


@dataclasses.dataclass(frozen=True)
class Target:
    """Something to show or score.

    Attributes:
        case: the case.
        scenario: its parameters with their origins.
        given: the scenario as named, with what was set, for `load`.
        label: a name for its folder.
        family: the family's name, where only the family was named.
    """

    case: Case
    scenario: Scenario
    given: ScenarioLike
    label: str
    family: str = ""

    @property
    def fitted(self) -> bool:
        """Whether the scenario comes from a table."""
        return any(origin.kind == "fitted" for origin in self.scenario.origins.values())


def family_cases(family: str) -> list[Case]:
    """The cases of a family, the first one first."""
    return [case for case in registry.cases() if case.family == family]


def find(name: str, scenario: str | None, changes: Sequence[str] | None = None) -> Target:
    """The case and scenario that a word names.

    Args:
        name: a case's id or name, a family, the path of a scenario file, or a folder or module of the user's own.
        scenario: a scenario's name or file, for a case or family.
        changes: what was given to ``--set``: fields of the scenario that differ.

    Raises:
        TargetError: no such thing.
        ParameterError: an unknown or impossible scenario.
    """
    fields = {field: value(text) for field, text in pairs(changes, "--set", whole=True).items()}
    if name.endswith(".json") or (Path(name).is_file() and not name.endswith(".py")):
        return _from_file(name, scenario, fields)
    cases = _cases_of(name)
    case = cases[0] if cases else _case(name)
    label = f"{case.name}-{Path(scenario).stem}" if scenario else case.name
    given = changed(scenario, fields)
    return Target(case, load(case, given), given, label, name if cases else "")


def cases_of(name: str) -> list[Case]:
    """All cases that a word names.

    Args:
        name: a case's id or name, a family, or a folder or module of the user's own.

    Raises:
        TargetError: no such thing.
    """
    return _cases_of(name) or [_case(name)]


def _cases_of(name: str) -> list[Case]:
    """The cases of a family, or those of a folder or module of the user's own."""
    cases = family_cases(name)
    if not cases and not _is_case(name) and own.is_own(name):
        cases = own.load_own(name)
    return cases


def _is_case(name: str) -> bool:
    return any(case.is_called(name) for case in registry.cases())


def _from_file(name: str, scenario: str | None, fields: Mapping[str, Any]) -> Target:
    if scenario is not None:
        raise TargetError(f"{name}: it is a scenario itself; leave out --scenario {scenario}")
    values = read_scenario_file(name)
    try:
        case = registry.case(str(values["case"]))
    except LookupError as error:
        own_code = f"of a case of your own, name the code: bizgyms score CODE --scenario {name}"
        raise TargetError(f"{name}: {error}; {own_code}") from None
    given = changed(name, fields)
    return Target(case, load(case, given), given, Path(name).stem)


def _case(name: str) -> Case:
    """The case of a name.

    Raises:
        TargetError: no such case.
    """
    from baselines.agents import case_of

    try:
        return case_of(name)
    except LookupError:
        families = list(dict.fromkeys(case.family for case in registry.cases()))
        known = [*families, *(case.name for case in registry.cases())]
        raise TargetError(f"{unknown_name('case or family', name, known)} (bizgyms list shows all)") from None


def of_family(family: str, part: str, case: str | None) -> Case:
    """The case of a family that has a part.

    Args:
        family: the family, or a case.
        part: ``fit`` or ``generate``.
        case: the case asked for; None for the first one that has it.

    Raises:
        TargetError: no such family or case, or none with the part.
    """
    cases = cases_of(family)
    if case is not None:
        known = [other.name for other in cases]
        cases = [other for other in cases if case in (other.id, other.name)]
        if not cases:
            raise TargetError(f"--case: {unknown_name('case', case, known)}")
    able = [other for other in cases if other.has(part)]
    if not able:
        names = ", ".join(other.name for other in cases)
        raise TargetError(f"{names}: there is no {part} for it")
    return able[0]


def to_fit(
    family: str, case: str | None, table: Path | ReadAs | RawTable, columns: Mapping[str, str]
) -> tuple[Case, str]:
    """The case a table is fitted to, and why.

    Args:
        family: the family, or a case.
        case: the case asked for; None lets `envs_data.choice.choose_case` choose.
        table: the table.
        columns: meaning to name in the table.

    Returns:
        The case, and a sentence on the choice; none where there was nothing to choose.

    Raises:
        TargetError: no such family or case, or none that can be fitted.
        TableError: a table whose columns cannot be recognised.
    """
    if case is not None or not family_cases(family):
        return of_family(family, "fit", case), ""
    from envs_data.choice import choose_case

    choice = choose_case(family, table, columns)
    if choice is None:
        return of_family(family, "fit", None), ""
    name, why = choice
    others = [other.name for other in family_cases(family) if other.name != name and other.has("fit")]
    hint = f" (--case {' or '.join(others)} to choose otherwise)" if others else ""
    return of_family(family, "fit", name), f"{why[:1].upper()}{why[1:]}: {name}{hint}."


def is_folder(name: str) -> bool:
    """Whether a word of the command line names a folder of scenarios: one without code."""
    return Path(name).is_dir() and not (Path(name) / "__init__.py").exists()


def check_screen(wanted: Sequence[str], agents: Sequence[str] | None, refused: Mapping[str, object]) -> None:
    """Refuses what a screen cannot do.

    Args:
        wanted: what is to be scored, a folder among it.
        agents: names or kinds of agents.
        refused: options that mean nothing here; one is given where its value is true or not None.

    Raises:
        TargetError: several things at once, other agents than rules, or such an option.
    """
    folder = next(name for name in wanted if is_folder(name))
    problems = [
        f"{name} means nothing for a folder; leave it out"
        for name, given in refused.items()
        if given not in (None, False)
    ]
    if len(wanted) > 1:
        problems.append("a folder is screened by itself; name nothing beside it")
    if agents is not None and list(agents) not in (["rules"], ["rule"]):
        one = Path(folder) / "NAME.json"
        problems.append(f"a folder is screened by rules alone: --agents rules; for learners score one item, {one}")
    if problems:
        raise TargetError("\n".join(f"{folder}: {problem}" for problem in problems))


def check_output(path: Path) -> None:
    """Refuses a file that cannot be written. To be called before anything is computed.

    Raises:
        TargetError: its folder does not exist, or it is a folder itself.
    """
    if path.is_dir():
        raise TargetError(f"{path}: it is a folder; name a file")
    if not path.parent.is_dir():
        raise TargetError(f"{path}: there is no folder {path.parent}; make it first")


def numbered_folder(parent: Path) -> Path:
    """Makes the next of the folders ``0001``, ``0002``, ..."""
    parent.mkdir(exist_ok=True)
    number = 1 + max((int(path.name) for path in parent.iterdir() if path.name.isdigit()), default=0)
    while True:
        folder = parent / f"{number:04d}"
        try:
            folder.mkdir()
        except FileExistsError:  # another process was faster
            number += 1
        else:
            return folder


def remove_if_empty(folder: Path) -> None:
    """Removes the folder of a score that wrote nothing."""
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
