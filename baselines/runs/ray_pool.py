"""Trains on a Ray cluster, for users who outgrow one machine. The numbers are the same as anywhere else."""

from __future__ import annotations

import concurrent.futures
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from typing import Any

from baselines.agents import imported
from baselines.runs.import_path import import_path, own_folders
from baselines.runs.run_file import Stored, digest
from baselines.runs.workers import ONE_THREAD, Task


def ray() -> Any:
    """The package Ray.

    Raises:
        MissingDependencyError: it is not installed.
    """
    return imported("ray", "--executor ray", "ray", "ray")


class RayPool:
    """A pool on plain Ray: the cluster this process is connected to, or one on this machine.

    Raises:
        MissingDependencyError: Ray is not installed.
    """

    def __init__(self) -> None:
        self._ray = ray()
        self._started = not self._ray.is_initialized()
        if self._started:
            # Without a folder to work in, Ray's workers start in the current one and take their own libraries from it.
            with tempfile.TemporaryDirectory() as empty:
                environment = {"env_vars": ONE_THREAD, "working_dir": empty}
                self._ray.init(
                    runtime_env=environment, include_dashboard=False, log_to_driver=False, configure_logging=False
                )
        home = os.getcwd() if self._started else None
        self._do = self._ray.remote(num_cpus=1, max_retries=0)(_entrance(import_path(), own_folders(), home))
        self.count = max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        self._threads = concurrent.futures.ThreadPoolExecutor(self.count)

    def submit(self, task: Task) -> concurrent.futures.Future[Stored]:
        """Has a task done wherever there is room."""
        return self._threads.submit(self._wait, self._do.remote(pickle.dumps((task, digest(task.key())))))

    def _wait(self, reference: Any) -> Stored:
        outcome = self._ray.get(reference)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome  # type: ignore[no-any-return]  # what a worker sends is an exception or a result

    def close(self) -> None:
        """Ends what was started here; a cluster that was there before stays."""
        self._threads.shutdown(wait=not self._started, cancel_futures=True)
        if self._started:
            self._ray.shutdown()


def _entrance(path: Sequence[str], own: Collection[str], home: str | None) -> Callable[[bytes], Any]:
    """What a Ray worker runs for each task.

    A function made inside another one travels by value, and a task as bytes: so the path can be set before anything is
    imported.

    Args:
        path: where this process looks for modules.
        own: the user's own folders, of which a cluster that was there before may have put one first.
        home: the folder to work in; None for the worker's own.
    """

    def enter(task: bytes) -> Any:
        if home is not None:
            os.chdir(home)
        libraries = [entry for entry in sys.path if entry not in own]
        sys.path[:] = [*libraries, *(entry for entry in path if entry not in libraries)]
        from baselines.runs.workers import answer

        return answer(*pickle.loads(task))

    return enter
