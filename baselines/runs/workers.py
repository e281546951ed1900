"""Worker processes that train, fit or screen side by side.

A worker is ``python -m baselines.runs.workers``: it reads tasks from its standard input and answers on its standard
output. Unlike a pool of `multiprocessing`, it never runs the user's own script again, which a notebook or a script
without an ``if __name__ == "__main__"`` would not survive; and it ends by itself when the process that started it is
gone.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO, Any, Protocol

from baselines.runs.run_file import Key, Stored, digest

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Task(Protocol):
    """A piece of work that another process can do: it is pickled, and so is what it gives."""

    def key(self) -> Key:
        """Everything that determines the result."""

    def do(self) -> Stored:
        """Works it out: facts and arrays, as the run file keeps them."""


class Pool(Protocol):
    """Who does pieces of work, several at a time."""

    count: int

    def submit(self, task: Any) -> concurrent.futures.Future[Stored]:
        """Has a task done."""

    def close(self) -> None:
        """Ends the work, in its middle if need be."""


class WorkerDiedError(RuntimeError):
    """A worker process ended in the middle of its work."""


class WorkerPool:
    """Up to ``count`` worker processes, started when first needed.

    Args:
        count: number of processes.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._threads = concurrent.futures.ThreadPoolExecutor(count)
        self._mine = threading.local()
        self._processes: list[subprocess.Popen[bytes]] = []

    def submit(self, task: Task) -> concurrent.futures.Future[Stored]:
        """Has a task done by the next free worker."""
        return self._threads.submit(self._ask, task)

    def close(self) -> None:
        """Ends the workers, in the middle of their work if need be."""
        for process in self._processes:
            process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._processes:
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):  # what was not flushed has no reader any more
                        stream.close()

    def _ask(self, task: Task) -> Stored:
        process = self._process()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump((task, digest(task.key())), process.stdin)
            process.stdin.flush()
            answer = pickle.load(process.stdout)
        except (OSError, EOFError):
            status = process.wait()
            raise WorkerDiedError(f"the worker process ended with status {status}; was memory short?") from None
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]  # what a worker sends is an exception or a result

    def _process(self) -> subprocess.Popen[bytes]:
        """The calling thread's own worker."""
        process: subprocess.Popen[bytes] | None = getattr(self._mine, "process", None)
        if process is None or process.poll() is not None:
            here = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
            process = subprocess.Popen(
                [sys.executable, "-m", "baselines.runs.workers"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **ONE_THREAD, "PYTHONPATH": here},
            )
            self._mine.process = process
            self._processes.append(process)
        return process


class InlinePool:
    """Does tasks in this process, one after the other.

    Args:
        do: what is done with a task.
    """

    count = 1

    def __init__(self, do: Callable[[Any], Stored]) -> None:
        self._do = do

    def submit(self, task: Any) -> concurrent.futures.Future[Stored]:
        """Does the task at once."""
        done: concurrent.futures.Future[Stored] = concurrent.futures.Future()
        try:
            done.set_result(self._do(task))
        except Exception as error:
            done.set_exception(error)
        return done

    def close(self) -> None:
        """Nothing is left to end."""


def serve() -> None:
    """Answers tasks until the process that sends them is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not get between the answers
    tasks: queue.Queue[tuple[Task, object]] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    while True:
        _answer(*tasks.get(), answers)


def _answer(task: Task, asked_by: object, answers: IO[bytes]) -> None:
    pickle.dump(answer(task, asked_by), answers)
    answers.flush()


def answer(task: Task, asked_by: object) -> Stored | Exception:
    """What a task gives, or what it raises, in a form that can be sent.

    Args:
        task: what is to be done.
        asked_by: digest of the task's key in the process that asks.
    """
    try:
        if asked_by != digest(task.key()):  # a result must belong to the code its key names
            raise RuntimeError("the installed code changed while the board was being made; start again")
        return task.do()
    except Exception as error:
        return _portable_error(error)


def _portable_error(error: Exception) -> Exception:
    """The error itself, or its words where it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _listen(stream: IO[bytes], tasks: queue.Queue[tuple[Task, object]]) -> None:
    while True:
        try:
            tasks.put(pickle.load(stream))
        except EOFError:
            os._exit(0)  # the other side is gone: work that nobody waits for ends now


if __name__ == "__main__":
    serve()
