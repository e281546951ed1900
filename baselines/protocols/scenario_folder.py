"""A folder of scenario files: file names, its members, and the items that could not be fitted."""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from baselines.runs.results import in_one_line
from baselines.runs.run_file import Stored
from bizgyms import registry
from bizgyms.registry import Case
from bizgyms.scenario import load
from envs_data.parameters import ParameterError, Scenario, read_scenario_file
from envs_data.written_tables import as_meant, write_table

NOT_FITTED = "not_fitted.csv"
LONGEST_NAME = 100
# Names that Windows keeps for devices.
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class FolderError(ValueError):
    """A folder that holds no scenarios, or cannot take them; the message names it and the remedy."""


@dataclasses.dataclass(frozen=True)
class Member:
    """One scenario file of a folder.

    Attributes:
        name: the item's name.
        path: its file.
        case: its case.
        scenario: its parameters with their origins.
    """

    name: str
    path: Path
    case: Case
    scenario: Scenario


def safe_name(name: str) -> str:
    """A file name that every system takes: letters, digits, dot, dash and underscore of a name."""
    safe = re.sub(r"[^\w.-]+", "_", name).strip("._")[:LONGEST_NAME] or "item"
    return f"{safe}_" if DEVICES.fullmatch(safe) else safe


def file_name(name: str) -> str:
    """An item's scenario file."""
    return f"{safe_name(name)}.json"


def file_names(names: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """A file name for each item, and the reason why others have none.

    Two names that differ only in capitals, or in characters that a file name cannot hold, would share a file: the first
    gets it.

    Returns:
        Item to file name, and item to reason.
    """
    files: dict[str, str] = {}
    refused: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name in names:
        file = file_name(name)
        first = taken.setdefault(file.lower(), name)
        if first == name:
            files[name] = file
        else:
            refused[name] = f"its file {file} would be that of item {first!r}; rename one of them in the table"
    return files, refused


def check_takes(folder: Path) -> None:
    """Refuses a folder that cannot take scenario files, before anything is computed.

    Raises:
        FolderError: it is a file or a folder of code, or its own folder does not exist.
    """
    if folder.exists() and not folder.is_dir():
        raise FolderError(f"{folder}: it is a file; name a folder for the items, such as -o items/")
    if (folder / "__init__.py").exists():
        raise FolderError(f"{folder}: it is a folder of code; name another for the items, such as -o items/")
    if not folder.parent.is_dir():
        raise FolderError(f"{folder}: there is no folder {folder.parent}; make it first")


def read_folder(folder: Path) -> list[Member]:
    """All scenario files of a folder, in the order of their names.

    Raises:
        FolderError: it holds no scenario file.
        ParameterError: files that are no scenarios, or impossible ones: all at once.
    """
    paths = sorted(path for path in folder.glob("*.json") if path.is_file())
    if not paths:
        made = f"make some with: bizgyms fit restock sales.csv --each item -o {folder}"
        raise FolderError(f"{folder}: no scenario file is in it; {made}")
    members, problems = [], []
    for path in paths:
        try:
            members.append(_member(path))
        except ParameterError as error:
            problems += [f"{error.where}: {problem}" for problem in error.problems]
        except LookupError as error:
            problems.append(f"{path}: {error}")
    if problems:
        raise ParameterError(str(folder), problems)
    return members


def _member(path: Path) -> Member:
    case = registry.case(str(read_scenario_file(path)["case"]))
    scenario = load(case, str(path))
    return Member(str(scenario.notes.get("item", path.stem)), path, case, scenario)


def write_not_fitted(folder: Path, reasons: Mapping[str, str]) -> None:
    """Writes the items that could not be fitted, with the reason; removes the file where all could be."""
    path = folder / NOT_FITTED
    if not reasons:
        path.unlink(missing_ok=True)
        return
    write_table(path, pd.DataFrame([*reasons.items()], columns=["item", "reason"]))


def read_not_fitted(folder: Path) -> dict[str, str]:
    """Item to the reason why it could not be fitted."""
    path = folder / NOT_FITTED
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {as_meant(row["item"]): as_meant(row["reason"]) for row in csv.DictReader(file)}


def facts_of(outcome: Stored | Exception) -> dict[str, Any]:
    """The facts of an item's task; of one that failed its ``reason``."""
    return {"reason": in_one_line(outcome)} if isinstance(outcome, Exception) else outcome[0]
