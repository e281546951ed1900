"""Stops a world that computes for ever, such as one with a `while` loop that never reaches a `yield`."""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
import time
from collections.abc import Iterator, Sized

# Seconds of computing and waiting events after which a decision counts as stuck, and seconds between checks.
PATIENCE_SECONDS = 60.0
MOST_WAITING = 1_000_000
LOOK_SECONDS = 0.5


class StuckError(RuntimeError):
    """Raised in the middle of a computation that would never return."""


# Current runs by thread: an object that is unique to the run, and the queue that the run may flood.
_running: dict[int, tuple[object, Sized]] = {}
_watching = False


def begin(run: object, queue: Sized) -> None:
    """Registers that this thread begins a run.

    Args:
        run: any object that no other run uses.
        queue: grows without end if events are made but never waited for.
    """
    _running[threading.get_ident()] = run, queue
    if not _watching:
        _start()


def end() -> None:
    """Registers that this thread's run is over."""
    _running.pop(threading.get_ident(), None)


@contextlib.contextmanager
def impatient(seconds: float) -> Iterator[None]:
    """Calls a decision stuck after so many seconds of computing, inside a ``with``: for worlds not known yet."""
    global PATIENCE_SECONDS  # noqa: PLW0603  one thread watches all worlds of a process
    usual, PATIENCE_SECONDS = PATIENCE_SECONDS, min(seconds, PATIENCE_SECONDS)
    try:
        yield
    finally:
        PATIENCE_SECONDS = usual


def _start() -> None:
    global _watching  # noqa: PLW0603  one thread watches all worlds of a process
    _watching = True
    threading.Thread(target=_watch, name="watchdog", daemon=True).start()


def _forget() -> None:
    """A forked process has none of its parent's threads."""
    global _watching  # noqa: PLW0603  as above
    _watching = False
    _running.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _watch() -> None:
    """Checks from time to time. Only computing time counts, so that a debugger is not interrupted."""
    since: dict[int, tuple[object, float]] = {}
    while True:
        time.sleep(LOOK_SECONDS)
        now = time.process_time()
        under_way = dict(_running)
        since = {
            thread: since[thread] if thread in since and since[thread][0] is run else (run, now)
            for thread, (run, _) in under_way.items()
        }
        for thread, (run, queue) in under_way.items():
            late = now - since[thread][1] > PATIENCE_SECONDS or len(queue) > MOST_WAITING
            if late and _running.get(thread, (None,))[0] is run:
                _interrupt(thread)


def _interrupt(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(StuckError))
