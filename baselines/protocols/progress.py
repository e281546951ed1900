"""The progress bar of everything that takes long."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextlib.contextmanager
def progress(what: str, console: Console, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A bar, shown where the console is a terminal.

    Args:
        what: what is being done.
        console: where the bar goes.
        total: number of steps; None where it is not known yet.

    Returns:
        A function with the arguments of `rich.progress.Progress.update`, such as ``advance=1``.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield functools.partial(bar.update, bar.add_task(what, total=total))
