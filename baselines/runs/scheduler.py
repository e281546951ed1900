"""Tasks done side by side, each once: a finished task is in the run file, and a locked one belongs to some process."""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TypeVar

from baselines.runs.locks import Lock
from baselines.runs.run_file import NAME, POLL_SECONDS, RunFile, Stored
from baselines.runs.workers import InlinePool, Pool, Task, WorkerPool

P = TypeVar("P", bound=Task)
Running = dict[concurrent.futures.Future[Stored], tuple[P, Lock]]
CORES = os.cpu_count() or 1
# Fewer tasks than this are done in this process: others would take longer to start.
WORTH_A_POOL = 4


class Scheduler:
    """Has a pool do tasks.

    Args:
        run_file: where results are stored.
        pool: does the tasks.
    """

    def __init__(self, run_file: RunFile, pool: Pool) -> None:
        self._run_file = run_file
        self._pool = pool

    def gather(self, tasks: Iterable[P], done: Callable[[P], None]) -> dict[P, Stored | Exception]:
        """Does all tasks that are not done yet.

        Args:
            tasks: the tasks.
            done: called with each task as it is finished.

        Returns:
            Facts and arrays of each task, or the error it raised.
        """
        waiting = list(tasks)
        running: Running[P] = {}
        outcomes: dict[P, Stored | Exception] = {}
        try:
            while waiting or running:
                for task in self._hand_out(waiting, running, outcomes):
                    done(task)
                finished, _ = concurrent.futures.wait(running, POLL_SECONDS, concurrent.futures.FIRST_COMPLETED)
                for future in finished:
                    task, claim = running.pop(future)
                    outcomes[task] = self._store(task, claim, future)
                    done(task)
        finally:
            for _, claim in running.values():
                claim.release(finished=False)
        return outcomes

    def _hand_out(self, waiting: list[P], running: Running[P], outcomes: dict[P, Stored | Exception]) -> list[P]:
        """Takes finished tasks from the run file, which it returns, and starts those that nobody works on."""
        taken = []
        for task in list(waiting):
            if len(running) >= self._pool.count:
                break
            stored = self._run_file.get(task.key())
            if stored is not None:
                outcomes[task] = stored
                waiting.remove(task)
                taken.append(task)
            elif claim := self._run_file.claim(task.key()):
                running[self._pool.submit(task)] = task, claim
                waiting.remove(task)
        return taken

    def _store(self, task: P, claim: Lock, future: concurrent.futures.Future[Stored]) -> Stored | Exception:
        error = future.exception()
        if error is None:
            with claim:
                self._run_file.put(task.key(), *future.result())
            return future.result()
        claim.release(finished=False)
        if not isinstance(error, Exception):
            raise error
        return error


def do_all(
    tasks: Collection[P], folder: Path | None, processes: int, done: Callable[[int, int], None]
) -> dict[P, Stored | Exception]:
    """Does tasks, in as many processes as are worth their start.

    Args:
        tasks: the tasks.
        folder: folder of the run file; None keeps results in memory.
        processes: processes side by side; 0 does everything in this one.
        done: called with the number of finished tasks, and of all.

    Returns:
        Facts and arrays of each task, or the error it raised.
    """
    finished = itertools.count(1)
    with contextlib.closing(RunFile(None if folder is None else folder / NAME)) as run_file:
        pool: Pool = WorkerPool(processes) if processes and len(tasks) >= WORTH_A_POOL else InlinePool(lambda t: t.do())
        with contextlib.closing(pool):
            return Scheduler(run_file, pool).gather(tasks, lambda task: done(next(finished), len(tasks)))
