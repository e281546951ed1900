"""What the commands do with many items: fit each of a table, and screen a folder."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from baselines.cli import targets
from baselines.cli.console import say
from baselines.cli.pairs import TargetError
from baselines.protocols import fit_each as fitting
from baselines.protocols.progress import progress
from baselines.protocols.screen import screen as screen_folder
from baselines.report.screen import CSV, PAGE
from envs_data.reading.source import ReadAs


def fit_each(
    family: str,
    case: str | None,
    table: Path | ReadAs,
    each: str,
    output: Path | None,
    options: Mapping[str, Any],
) -> None:
    """Fits every item of a table into a folder, and reports the outcome.

    Raises:
        TargetError: no folder named, or no such family or case.
        TableError: a table that cannot be read, or no such column.
        FolderError: a folder that cannot take the files, or nothing could be fitted.
    """
    if output is None:
        raise TargetError(f"--each writes a file for each {each}: name a folder for them, such as -o items/")
    columns = options["columns"]
    with progress("Fitting", Console(stderr=True)) as update:
        fitted = fitting.fit_each(
            table,
            each,
            lambda excerpt: targets.to_fit(family, case, excerpt, columns)[0],
            output,
            say=say,
            done=_counter(update),
            **options,
        )
    say(str(fitted))
    say(f"Next: bizgyms score {shlex.quote(str(output))} --agents rules")


def screen(folder: str, out: Path, options: Mapping[str, Any]) -> None:
    """Screens a folder, and reports the outcome."""
    with progress("Screening", Console(stderr=True)) as update:
        board = screen_folder(folder, out=out, say=say, done=_counter(update), **options)
    say(f"\n{board}")
    say(f"Table:   {out / CSV}\nReport:  {out / PAGE}")
    if board.rows:
        say(f"Next:    bizgyms score {shlex.quote(str(board.rows[0].path))}")


def _counter(update: Callable[..., None]) -> Callable[[int, int], None]:
    return lambda finished, count: update(completed=finished, total=count)
