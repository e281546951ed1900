"""Worker processes that train, fit or screen side by side.

A worker reads tasks from its standard input and answers on its standard output. Unlike a pool of `multiprocessing`, it
never runs the user's own script again, which a notebook or a script without an ``if __name__ == "__main__"`` would not
survive; it runs no file of the current folder in place of a library; and it ends by itself when the process that
started it is gone.
"""

from __future__ import annotations

import collections
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

from baselines.runs.import_path import import_path
from baselines.runs.run_file import Key, Stored, digest

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# What a worker runs. The path is set before anything is imported but `sys`, which is built in.
START = "import sys; sys.path[:] = sys.argv[1:]; from baselines.runs.workers import serve; serve()"
# Lines of a dead worker's error stream that are shown, and how long is waited for them.
LAST_LINES, SECONDS_TO_READ = 5, 5.0


class Task(Protocol):
    """A piece of work that another process can do. The task and its result are pickled."""

    def key(self) -> Key:
        """Everything that determines the result."""

    def do(self) -> Stored:
        """Computes the result: facts and arrays, as the run file keeps them."""


class Pool(Protocol):
    """Does tasks, several at a time."""

    count: int

    def submit(self, task: Any) -> concurrent.futures.Future[Stored]:
        """Has a task done."""

    def close(self) -> None:
        """Ends all work, in the middle of a task if need be."""


class WorkerDiedError(RuntimeError):
    """A worker process ended in the middle of its work."""


class WorkerPool:
    """Up to ``count`` worker processes, started when first needed.

    A worker that dies costs the task it was working on; the next task gets a new worker.

    Args:
        count: number of processes.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._threads = concurrent.futures.ThreadPoolExecutor(count)
        self._mine = threading.local()
        self._workers: list[_Worker] = []

    def submit(self, task: Task) -> concurrent.futures.Future[Stored]:
        """Has a task done by the next free worker."""
        return self._threads.submit(self._ask, task)

    def close(self) -> None:
        """Ends the workers, in the middle of a task if need be."""
        for worker in self._workers:
            worker.process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._workers:
            worker.close()

    def _ask(self, task: Task) -> Stored:
        """Has the calling thread's own worker do a task."""
        worker: _Worker | None = getattr(self._mine, "worker", None)
        if worker is None or worker.process.poll() is not None:
            worker = self._mine.worker = _Worker()
            self._workers.append(worker)
        return worker.ask(task)


class _Worker:
    """A worker process, and the last lines of what it wrote to its error stream."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", START, *import_path()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD},
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._tasks, self._answers, self._errors = self.process.stdin, self.process.stdout, self.process.stderr
        self._said: collections.deque[bytes] = collections.deque(maxlen=LAST_LINES)
        # A full pipe would stop the worker, so its errors are read all the time.
        self._reader = threading.Thread(target=self._said.extend, args=(self._errors,), daemon=True)
        self._reader.start()

    def ask(self, task: Task) -> Stored:
        """Sends a task and waits for its result.

        Raises:
            WorkerDiedError: the process ended before it answered.
        """
        try:
            pickle.dump((task, digest(task.key())), self._tasks)
            self._tasks.flush()
            answer = pickle.load(self._answers)
        except (OSError, EOFError, pickle.UnpicklingError):
            raise WorkerDiedError(self._last_words()) from None
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]  # what a worker sends is an exception or a result

    def _last_words(self) -> str:
        """How the process ended, with the last lines of its error stream."""
        status = self.process.wait()
        self._reader.join(timeout=SECONDS_TO_READ)
        said = b"".join(self._said).decode(errors="replace").strip()
        # A kernel that is short of memory kills with a signal, and the process says nothing of it.
        guess = "" if status > 0 and said else "; was memory short?"
        words = f". Its last lines: {said}" if said else ""
        return f"the worker process ended with status {status}{guess}{words}"

    def close(self) -> None:
        """Waits for the end of a killed process."""
        self.process.wait()
        self._reader.join(timeout=SECONDS_TO_READ)
        for stream in (self._tasks, self._answers, self._errors):
            with contextlib.suppress(OSError):  # what was not flushed has no reader any more
                stream.close()


class InlinePool:
    """Does tasks in this process, one after the other.

    Args:
        do: does a task.
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
        """Does nothing: no process was started."""


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
    """The result of a task, or the error it raises, in a form that can be sent.

    Args:
        task: the task.
        asked_by: digest of the task's key in the process that asks.
    """
    try:
        if asked_by != digest(task.key()):  # a result must belong to the code its key names
            raise RuntimeError("the installed code changed while the board was being made; start again")
        return task.do()
    except Exception as error:
        return _portable_error(error)


def _portable_error(error: Exception) -> Exception:
    """The error itself, or its message where it cannot be pickled."""
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
            os._exit(0)  # the process that sends tasks is gone, so nobody waits for this one
