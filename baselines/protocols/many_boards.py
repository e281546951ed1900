"""Several boards at once: each in a process of its own, as many at a time as there are cores."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from baselines.play.training import found_elsewhere
from baselines.protocols.scoring import score
from baselines.runs.code import code_of
from baselines.runs.run_file import Key, Stored
from baselines.runs.scheduler import CORES
from baselines.runs.workers import InlinePool, Pool, WorkerPool
from bizgyms import registry
from bizgyms.registry import Case
from bizgyms.scenario import ScenarioLike


@dataclasses.dataclass(frozen=True, eq=False)
class BoardTask:
    """A board to make.

    Attributes:
        case: the case.
        scenario: a scenario's name or file, or a dict of what differs from one; None for the default.
        folder: where its results go.
        options: further arguments of `score`.
    """

    case: Case
    scenario: ScenarioLike
    folder: Path
    options: Mapping[str, Any]

    def key(self) -> Key:
        """Everything that determines the result."""
        asked = {"scenario": self.scenario, "folder": str(self.folder), "options": dict(self.options)}
        return {"board": self.case.id, **asked, "code": code_of(self.case)}

    def do(self) -> Stored:
        """Makes the board in this process, which has no terminal and is one of several."""
        registry.ensure(self.case)
        return self.board(nothing, quiet=True, processes=0), {}

    def board(self, say: Callable[[str], None], **options: Any) -> dict[str, str]:
        """Makes the board; returns it as ``text`` and as ``json``.

        Args:
            say: takes the lines printed meanwhile.
            options: further arguments of `score`, in place of those of the task.
        """
        board = score(self.case, scenario=self.scenario, out=self.folder, say=say, **{**self.options, **options})
        return {"text": str(board), "json": board.to_json()}


def nothing(line: str) -> None:
    """Takes lines that are not wanted."""


def boards(tasks: Sequence[BoardTask], say: Callable[[str], None]) -> Iterator[Mapping[str, str] | Exception]:
    """Makes boards, several side by side where that is possible.

    Args:
        tasks: the boards.
        say: takes the lines printed meanwhile.

    Returns:
        Each board as text and JSON, or the error that kept it from being made, in the order of the tasks.
    """
    count = min(CORES, len(tasks))
    abreast = count > 1 and all(_movable(task) for task in tasks)
    if abreast:
        say(f"{len(tasks)} boards, {count} at a time; each is told when it and those before it are there.")
    pool: Pool = WorkerPool(count) if abreast else InlinePool(lambda task: (task.board(say), {}))
    with contextlib.closing(pool):
        # One begins when the one before it has been printed, unless all are handed out at once.
        futures = map(pool.submit, tasks)
        for future in list(futures) if abreast else futures:
            error = future.exception()
            yield error if isinstance(error, Exception) else future.result()[0]


def _movable(task: BoardTask) -> bool:
    """Whether another process finds the case, and no cluster does the trainings."""
    return found_elsewhere(task.case) and task.options.get("executor", "processes") == "processes"
