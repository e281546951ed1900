"""Work done side by side, each piece once: what is finished is in the run file, and what is claimed is somebody's."""

from __future__ import annotations

import concurrent.futures
import os
from collections.abc import Callable, Iterable
from typing import TypeVar

from baselines.runs.locks import Lock
from baselines.runs.run_file import POLL_SECONDS, RunFile, Stored
from baselines.runs.workers import Pool, Task

P = TypeVar("P", bound=Task)
Running = dict[concurrent.futures.Future[Stored], tuple[P, Lock]]
CORES = os.cpu_count() or 1


class Scheduler:
    """Pieces of work that a crew does.

    Args:
        run_file: where finished pieces are kept.
        crew: who works.
    """

    def __init__(self, run_file: RunFile, pool: Pool) -> None:
        self._run_file = run_file
        self._pool = pool

    def gather(self, tasks: Iterable[P], done: Callable[[P], None]) -> dict[P, Stored | Exception]:
        """Does all pieces that are not done yet.

        Args:
            tasks: what is to be done.
            done: called with each piece as it is finished.

        Returns:
            Facts and arrays of each, or what it raised.
        """
        waiting = list(tasks)
        running: Running[P] = {}
        found: dict[P, Stored | Exception] = {}
        try:
            while waiting or running:
                for task in self._hand_out(waiting, running, found):
                    done(task)
                finished, _ = concurrent.futures.wait(running, POLL_SECONDS, concurrent.futures.FIRST_COMPLETED)
                for future in finished:
                    task, claim = running.pop(future)
                    found[task] = self._keep(task, claim, future)
                    done(task)
        finally:
            for _, claim in running.values():
                claim.release(finished=False)
        return found

    def _hand_out(self, waiting: list[P], running: Running[P], found: dict[P, Stored | Exception]) -> list[P]:
        """Takes what is finished from the run file, which it returns, and starts what nobody works on."""
        taken = []
        for task in list(waiting):
            if len(running) >= self._pool.count:
                break
            stored = self._run_file.get(task.key())
            if stored is not None:
                found[task] = stored
                waiting.remove(task)
                taken.append(task)
            elif claim := self._run_file.claim(task.key()):
                running[self._pool.submit(task)] = task, claim
                waiting.remove(task)
        return taken

    def _keep(self, task: P, claim: Lock, future: concurrent.futures.Future[Stored]) -> Stored | Exception:
        error = future.exception()
        if error is None:
            with claim:
                self._run_file.put(task.key(), *future.result())
            return future.result()
        claim.release(finished=False)
        if not isinstance(error, Exception):
            raise error
        return error
