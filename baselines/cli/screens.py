"""What the commands do with many items: fit each of a table, and screen a folder."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from baselines.cli import targets
from baselines.cli.targets import TargetError
from baselines.protocols import fit_each as fitting
from baselines.protocols.screen import screen as screen_folder
from baselines.report.screen import CSV, PAGE

Say = Callable[[str], None]


def fit_each(
    family: str,
    case: str | None,
    table: Path,
    each: str,
    output: Path | None,
    options: Mapping[str, Any],
    say: Say,
) -> None:
    """Fits every item of a table into a folder, and says what came of it.

    Raises:
        TargetError: no folder named, or no such family or case.
        TableError: a table that cannot be read, or no such column.
        FolderError: a folder that cannot take the files, or nothing could be fitted.
    """
    if output is None:
        raise TargetError(f"--each writes a file for each {each}: name a folder for them, such as -o items/")
    columns = options["columns"]
    with progress("Fitting") as done:
        found = fitting.fit_each(
            table,
            each,
            lambda excerpt: targets.to_fit(family, case, excerpt, columns)[0],
            output,
            say=say,
            done=done,
            **options,
        )
    say(str(found))
    say(f"Next: bizgyms score {shlex.quote(str(output))} --agents rules")


def is_folder(name: str) -> bool:
    """Whether a word of the command line names a folder of scenarios: one without code."""
    return Path(name).is_dir() and not (Path(name) / "__init__.py").exists()


def check_screen(wanted: Sequence[str], agents: Sequence[str] | None, refused: Mapping[str, bool]) -> None:
    """Refuses what a screen cannot do.

    Args:
        wanted: what is to be scored, a folder among it.
        agents: names or kinds of agents.
        refused: options that mean nothing here, and whether each was given.

    Raises:
        TargetError: several things at once, other agents than rules, or such an option.
    """
    folder = next(name for name in wanted if is_folder(name))
    problems = [f"{name} means nothing for a folder; leave it out" for name, given in refused.items() if given]
    if len(wanted) > 1:
        problems.append("a folder is screened by itself; name nothing beside it")
    if agents is not None and list(agents) not in (["rules"], ["rule"]):
        one = Path(folder) / "NAME.json"
        problems.append(f"a folder is screened by rules alone: --agents rules; for learners score one item, {one}")
    if problems:
        raise TargetError("\n".join(f"{folder}: {problem}" for problem in problems))


def screen(folder: str, out: Path, say: Say, options: Mapping[str, Any]) -> None:
    """Screens a folder, and says what came of it."""
    with progress("Screening") as done:
        board = screen_folder(folder, out=out, say=say, done=done, **options)
    say(f"\n{board}")
    say(f"Table:   {out / CSV}\nReport:  {out / PAGE}")
    if board.rows:
        say(f"Next:    bizgyms score {shlex.quote(str(board.rows[0].path))}")


@contextlib.contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the error stream, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda finished, count: bar.update(task, completed=finished, total=count)
