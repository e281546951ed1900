"""Trains on a Ray cluster, for those who outgrow one machine; the numbers are the same as anywhere else."""

from __future__ import annotations

import concurrent.futures
import importlib
import os
import sys
from typing import Any

from baselines.agents import MissingDependencyError
from baselines.runs.run_file import Stored, digest
from baselines.runs.workers import ONE_THREAD, Task, answer


def ray() -> Any:
    """The package.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        return importlib.import_module("ray")
    except ImportError:
        raise MissingDependencyError(
            'ray is not installed, which --executor ray needs; install it with: pip install "bizgyms[ray]"'
        ) from None


class RayPool:
    """A crew on plain Ray: the cluster this process is connected to, or one on this machine.

    Raises:
        MissingDependencyError: Ray is not installed.
    """

    def __init__(self) -> None:
        self._ray = ray()
        self._started = not self._ray.is_initialized()
        if self._started:
            here = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
            environment = {"env_vars": {**ONE_THREAD, "PYTHONPATH": here}}
            self._ray.init(
                runtime_env=environment, include_dashboard=False, log_to_driver=False, configure_logging=False
            )
        self._do = self._ray.remote(num_cpus=1, max_retries=0)(answer)
        self.count = max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        self._threads = concurrent.futures.ThreadPoolExecutor(self.count)

    def submit(self, task: Task) -> concurrent.futures.Future[Stored]:
        """Has a task done wherever there is room."""
        return self._threads.submit(self._wait, self._do.remote(task, digest(task.key())))

    def _wait(self, reference: Any) -> Stored:
        found = self._ray.get(reference)
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[no-any-return]  # what a worker sends is an exception or a result

    def close(self) -> None:
        """Ends what was started here; a cluster that was there before stays."""
        self._threads.shutdown(wait=not self._started, cancel_futures=True)
        if self._started:
            self._ray.shutdown()
