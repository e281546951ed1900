"""SimPy's environment with a guard against processes that forget a `yield`."""

from __future__ import annotations

import functools
import sys
from collections.abc import Generator
from heapq import heappush
from typing import Any

import simpy
from simpy.events import NORMAL

from envs_data.places import caller

# More events than this waiting at once mean that a process never waits for what it makes.
MOST_AT_ONCE = 250_000
# References to an event that nobody can wait for: those of the queue, the list of new events and `getrefcount` itself.
NOBODY_S = 3


class WorldError(RuntimeError):
    """A world cannot go on; the message names the process, the simulated time and the remedy."""


class Timeout(simpy.Timeout):
    """SimPy's timeout, which also refuses NaN: a queue with one in it is no longer in order."""

    # Written out as SimPy's own is, so that the check costs nothing.
    def __init__(self, env: simpy.Environment, delay: float = 0, value: Any = None) -> None:
        if not delay >= 0:
            raise WorldError(f"it waits for {delay!r}; a delay must be a number from 0 on, such as max(0.0, delay)")
        self.env = env
        self.callbacks = []
        self._value = value
        self._delay = delay
        self._ok = True
        heappush(env._queue, (env._now + delay, NORMAL, next(env._eid), self))


class Clock(simpy.Environment):
    """SimPy's environment. It knows its living processes and, until it is trusted, refuses to be flooded."""

    def __init__(self) -> None:
        super().__init__()
        self.living: set[simpy.Process] = set()
        # A missing `yield` shows at once, so only the beginning is watched.
        self.watched = True
        self._new: list[tuple[simpy.Timeout, simpy.Process | None, str]] = []
        setattr(self, "timeout", self._watched_timeout)  # noqa: B010  a method of SimPy's is covered up for a while

    def trust(self) -> None:
        """Stops watching: SimPy's own timeout is faster."""
        if self.watched:
            self.watched = False
            self._new.clear()
            # Bound once: SimPy binds its own anew on every use.
            setattr(self, "timeout", functools.partial(Timeout, self))  # noqa: B010  as above

    def process(self, generator: Generator[simpy.Event, Any, Any]) -> simpy.Process:
        """Starts a process.

        Raises:
            WorldError: not a generator: the function was not called, or has no `yield`.
        """
        if not isinstance(generator, Generator):
            name = getattr(generator, "__name__", repr(generator))
            raise WorldError(f"{name} is no process: call a function that has a `yield` in it, clock.process(shop())")
        process = super().process(generator)
        self.living.add(process)
        process.callbacks.append(self.living.discard)
        return process

    def _watched_timeout(self, delay: float = 0, value: Any = None) -> simpy.Timeout:
        if len(self._queue) > MOST_AT_ONCE:
            raise WorldError(f"{MOST_AT_ONCE:,} events are waiting; is a `yield` missing before clock.timeout()?")
        timeout = Timeout(self, delay, value)
        self._new.append((timeout, self.active_process, caller()))
        return timeout

    def watched_step(self) -> None:
        """Plays one event.

        Raises:
            WorldError: a process made a timeout that nobody waits for or can ever wait for.
        """
        self.step()
        new, self._new = self._new, []
        while new:
            timeout, process, line = new.pop()
            if process is not None and not timeout.callbacks and sys.getrefcount(timeout) == NOBODY_S:
                raise WorldError(
                    f"process {process.name} made a timeout and nobody waits for it; "
                    f"is a `yield` missing before clock.timeout()?{line}"
                )
