"""Fits every item of a table into a scenario file of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from baselines.play.budget import in_words
from baselines.protocols.scenario_folder import (
    NOT_FITTED,
    FolderError,
    check_takes,
    facts_of,
    file_names,
    write_not_fitted,
)
from baselines.report.screen import grouped
from baselines.rules.imitation import with_today
from baselines.runs.code import code_of
from baselines.runs.run_file import NAME, Key, RunFile, Stored
from baselines.runs.scheduler import CORES, do_all
from bizgyms import registry
from bizgyms.registry import Case
from envs_data.excerpts import excerpts
from envs_data.parameters import ParameterError, Scenario
from envs_data.reading.source import RawTable, Source
from envs_data.tables import TableError

# Seconds that workers take to start, and below which a first fit is mostly imports; fits that are timed.
STARTING, WARM, TIMED = 2.0, 3.0, 2

Choose = Callable[[RawTable], Case]


@dataclasses.dataclass(frozen=True, eq=False)
class FitTask:
    """One item to fit.

    Attributes:
        item: its name.
        case: the case to fit.
        excerpt: its rows.
        options: ``columns``, ``since`` and ``until``.
        known: fields the user knows.
    """

    item: str
    case: Case
    excerpt: RawTable
    options: Mapping[str, Any]
    known: Mapping[str, Any]

    def key(self) -> Key:
        """Everything that determines the fit."""
        frame = self.excerpt.frame
        rows = hashlib.sha256(pd.util.hash_pandas_object(frame.astype(str)).to_numpy().tobytes())
        names = [str(name) for name in frame.columns]
        table = {"rows": rows.hexdigest(), "columns": names, "where": self.excerpt.where}
        options = {**self.options, "known": dict(self.known)}
        return {"fit": self.item, "case": self.case.id, "table": table, "options": options, "code": code_of(self.case)}

    def do(self) -> Stored:
        """The scenario file's content, or the reason why there is none."""
        registry.ensure(self.case)
        try:
            fitted = self.case.fit(self.excerpt, known=self.known, **self.options)
            scenario = with_today(self.case, fitted).scenario()
        except (TableError, ParameterError) as error:
            return {"reason": _in_one_line(error)}, {}
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            return {"reason": f"{type(error).__name__}: {error}"}, {}
        notes = {**scenario.notes, "item": self.item}
        return {"scenario": dataclasses.replace(scenario, notes=notes).to_dict()}, {}


def _in_one_line(error: TableError | ParameterError) -> str:
    """What is wrong with an item, without the table's name, which all items share."""
    first = "" if isinstance(error, TableError) else f"{error.where}: "
    return "; ".join(f"{first}{problem}" for problem in error.problems)


@dataclasses.dataclass(frozen=True)
class FittedFolder:
    """The result of `fit_each`.

    Attributes:
        folder: where the scenario files are.
        fitted: item to scenario.
        reasons: item to the reason why it could not be fitted.
    """

    folder: Path
    fitted: Mapping[str, Scenario]
    reasons: Mapping[str, str]

    def __str__(self) -> str:
        count = len(self.fitted) + len(self.reasons)
        lines = [f"Fitted {len(self.fitted):,} of {count:,} items into {self.folder}."]
        if self.reasons:
            lines.append(f"{len(self.reasons):,} could not be fitted, see {self.folder / NOT_FITTED}:")
            lines += grouped(self.reasons)
        unfit = sum(bool(scenario.notes["back_test"]["problems"]) for scenario in self.fitted.values())
        if unfit:
            lines.append(f"{unfit:,} do not predict the end of their own rows well: do not trust a verdict from them.")
        assumed = Counter(name for one in self.fitted.values() for name in _assumed(one))
        if assumed:
            named = ", ".join(f"{name} (in {number:,})" for name, number in assumed.most_common())
            lines.append(f"Assumed, for want of anything better: {named}. Say what you know with --known.")
        return "\n".join(lines)


def _assumed(scenario: Scenario) -> list[str]:
    costs = ("lead_time", "price", "shortage", "holding")
    return [name for name in costs if name in scenario.origins and scenario.origins[name].kind == "assumed"]


def fit_each(
    table: Source,
    each: str,
    choose: Choose,
    folder: Path,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
    say: Callable[[str], None] = lambda line: None,
    done: Callable[[int, int], None] = lambda finished, count: None,
    processes: int = CORES,
) -> FittedFolder:
    """Fits a world to the rows of each value of a column, and writes it to a scenario file named after the value.

    A fit to the same rows in the same way is not repeated. A file is written whole or not at all, and replaces an
    older one.

    Args:
        table: path of a CSV file, or a DataFrame.
        each: the column, such as ``item``.
        choose: chooses the case for some rows.
        folder: where the files go; created if it does not exist.
        columns: meaning to name in the table.
        known: fields the user knows, for all; ``field.NAME`` for one of them.
        since: first day to use, as YYYY-MM-DD.
        until: last day to use.
        say: takes the lines printed meanwhile.
        done: called with the number of finished items, and of all.
        processes: processes that fit side by side.

    Returns:
        The items fitted, and those that could not be, with the reason; also in ``not_fitted.csv``.

    Raises:
        TableError: a table that cannot be read, or no such column.
        FolderError: a folder that cannot take the files, or nothing could be fitted.
    """
    check_takes(folder)
    parts = excerpts(table, each, columns)
    files, reasons = file_names(parts)
    options = {"columns": dict(columns or {}), "since": since, "until": until}
    tasks = [
        FitTask(item, choose(parts[item]), parts[item], options, _known_of(item, parts, known or {})) for item in files
    ]
    duration = in_words(_expected(tasks, folder, processes))
    say(f"{len(parts):,} items in column {each}. Expected duration: about {duration}.")
    scenarios: dict[str, Scenario] = {}
    for task, outcome in do_all(tasks, folder, processes, done).items():
        facts = facts_of(outcome)
        if "reason" in facts:
            reasons[task.item] = facts["reason"]
        else:
            scenarios[task.item] = Scenario.from_dict(facts["scenario"], task.case.parameters)
    reasons = {item: reasons[item] for item in parts if item in reasons}
    if not scenarios:
        raise FolderError("\n".join([f"{folder}: none of {len(parts):,} items could be fitted:", *grouped(reasons)]))
    for item, scenario in scenarios.items():
        scenario.save(folder / files[item])
    write_not_fitted(folder, reasons)
    return FittedFolder(folder, scenarios, reasons)


def _known_of(item: str, items: Collection[str], known: Mapping[str, Any]) -> dict[str, Any]:
    """What the user knows of one item: ``price.milk`` is of milk alone, and overrides a ``price`` of all."""
    owners = {name: name.partition(".")[2] for name in known}
    for_all = {name: value for name, value in known.items() if owners[name] not in items}
    own = {name.partition(".")[0]: value for name, value in known.items() if owners[name] == item}
    return {**for_all, **own}


def _expected(tasks: Sequence[FitTask], folder: Path, processes: int) -> float:
    """Seconds for the items that are not fitted yet, two of which, with the usual number of rows, are fitted for it.

    The first of them takes the time of imports as well, and counts only where it took long all the same.
    """
    with contextlib.closing(RunFile(folder / NAME)) as run_file:
        left = [task for task in tasks if run_file.get(task.key()) is None]
        usual = sorted(left, key=lambda task: len(task.excerpt.frame))[len(left) // 2 :]
        seconds = 0.0
        for task in usual[:TIMED] if len(left) > TIMED else []:
            start = time.perf_counter()
            run_file.once(task.key(), task.do)
            seconds = time.perf_counter() - start
            if seconds > WARM:
                break
    return STARTING + seconds * len(left) / max(1, processes)
