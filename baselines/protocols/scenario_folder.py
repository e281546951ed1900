"""The folder of many scenario files: file names, what is in it, and what could not be fitted."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from bizgyms import registry
from bizgyms.registry import Case
from bizgyms.scenario import load
from envs_data.parameters import ParameterError, Scenario, read_scenario_file, write_whole

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
    """A file name for each item, and why others have none.

    Two names that differ only in what a file name cannot hold, or in capitals, would be one file: the first has it.

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
        FolderError: no scenario file in it.
        ParameterError: files that are none, or impossible: all at once.
    """
    paths = sorted(path for path in folder.glob("*.json") if path.is_file())
    if not paths:
        made = f"make some with: bizgyms fit restock sales.csv --each item -o {folder}"
        raise FolderError(f"{folder}: no scenario file is in it; {made}")
    found, problems = [], []
    for path in paths:
        try:
            found.append(_member(path))
        except ParameterError as error:
            problems += [f"{error.where}: {problem}" for problem in error.problems]
        except LookupError as error:
            problems.append(f"{path}: {error}")
    if problems:
        raise ParameterError(str(folder), problems)
    return found


def _member(path: Path) -> Member:
    case = registry.case(str(read_scenario_file(path)["case"]))
    scenario = load(case, str(path))
    return Member(str(scenario.notes.get("item", path.stem)), path, case, scenario)


def write_not_fitted(folder: Path, reasons: Mapping[str, str]) -> None:
    """Writes the items that could not be fitted, with the reason; no file where there is none."""
    path = folder / NOT_FITTED
    if not reasons:
        path.unlink(missing_ok=True)
        return
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerows([("item", "reason"), *reasons.items()])
    write_whole(path, text.getvalue())


def read_not_fitted(folder: Path) -> dict[str, str]:
    """Item to the reason why it could not be fitted."""
    path = folder / NOT_FITTED
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["item"]: row["reason"] for row in csv.DictReader(file)}
