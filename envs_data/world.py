"""The base of every SimPy world: it runs until a decision is needed, takes it, and runs on to the next one."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pandas as pd
import simpy
from simpy.events import EventPriority, Interruption

from envs_data import watchdog
from envs_data.clock import Clock, WorldError
from envs_data.places import INVALID_YIELD, WAIT, line_of, next_process, place_of, remedy_for

__all__ = ["HOURS", "Clock", "Question", "World", "WorldError"]

# Hours in each unit that a world's clock may have.
HOURS = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0, "month": 730.0, "year": 8760.0}
# More events than this before the next decision, or at one and the same time: a process goes round in circles.
PATIENCE = 3_000_000
AT_ONE_TIME = 200_000
# The priority of an answer; SimPy's most urgent events have 0.
ANSWER = EventPriority(-1)


class Question(NamedTuple):
    """A process that waits for a decision.

    Attributes:
        event: fires with the decision.
        process: the process that asked; None if it was not asked by a process.
        asker: the name it gives.
        seen: the observation it offers.
    """

    event: simpy.Event
    process: simpy.Process | None
    asker: str
    seen: Mapping[str, float]


class World:
    """A simulated business that stops wherever a decision is needed.

    A subclass starts its processes in its constructor. Any of them asks with
    ``decision = yield self.decide(stock=3, weekday=0)``; the world stands still until `play` hands the decision over.
    Processes that ask at the same time are served in order. At the end of the episode a process calls `finish`.

    Args:
        record: keep a log of `note`d events for `events`.
        until: the time at which the episode ends, if nobody calls `finish` before.

    Attributes:
        clock: the SimPy environment.
        over: whether the episode has ended.
        time_unit: the unit of the clock, one of `HOURS`; empty if unknown.
    """

    time_unit: ClassVar[str] = "hour"

    def __init__(self, record: bool = False, until: float = math.inf) -> None:
        self.clock = Clock()
        self.over = False
        self._began = 0.0
        self._end: Mapping[str, float] = {}
        self._waiting: deque[Question] = deque()
        self._answered: Question | None = None
        self._counts: defaultdict[str, float] = defaultdict(float)
        self._log: list[tuple[float, str, str, float]] | None = [] if record else None
        if until < math.inf:
            self.clock.timeout(until).callbacks.append(lambda _: self.finish())

    def decide(self, asker: str = "", **seen: float) -> simpy.Event:
        """The event a process yields to receive the next decision.

        Args:
            asker: name of the process that asks, if there are several.
            **seen: the observation at this moment, by name.

        Raises:
            WorldError: the process asked before and did not wait for the answer.
        """
        process = self.clock.active_process
        for waiting in self._waiting:
            if waiting.process is process is not None:
                raise WorldError("it asked again before it was answered; is a `yield` missing before self.decide()?")
        event = simpy.Event(self.clock)
        self._waiting.append(Question(event, process, asker, seen))
        return event

    def finish(self, **seen: float) -> None:
        """Ends the episode.

        Args:
            **seen: the observation at the end; the last one if nothing is given.
        """
        self._end = seen or self.seen
        self.over = True

    @property
    def asker(self) -> str:
        """Name of the process that waits for a decision."""
        return self._waiting[0].asker if self._waiting else ""

    @property
    def moment(self) -> str:
        """This world, the process that asks or was answered last, and the time, for messages."""
        question = self._waiting[0] if self._waiting else self._answered
        process = question.process if question is not None else None
        if process is None:
            return f"{type(self).__name__}, {self._time()}"
        return f"{self._at(process.name)}{line_of(process)}"

    @property
    def seen(self) -> Mapping[str, float]:
        """The observation given by `decide`, or at the end by `finish`."""
        if self.over:
            return self._end
        question = self._waiting[0] if self._waiting else self._answered
        return question.seen if question else {}

    @property
    def elapsed(self) -> float:
        """Time since the last decision, in `time_unit`."""
        return self.clock.now - self._began

    def count(self, name: str, amount: float = 1.0) -> None:
        """Adds to a number that is counted from one decision to the next, such as money earned or units sold.

        Raises:
            WorldError: the amount is not a finite number.
        """
        if not _is_finite(amount):
            raise WorldError(f"it counted {amount!r} under {name!r}; it must be a finite number")
        self._counts[name] += float(amount)  # a sum of NumPy's single-precision numbers would lose digits

    def counted(self, name: str) -> float:
        """The amount counted under a name since the last decision."""
        return self._counts.get(name, 0.0)

    @property
    def counts(self) -> Mapping[str, float]:
        """Everything that was counted since the last decision."""
        return self._counts

    def start(self) -> None:
        """Runs to the first decision."""
        self._run(None)

    def play(self, decision: Any) -> None:
        """Gives a decision to the process that asked first, and runs to the next question or to the end."""
        if self.over or not self._waiting:
            raise RuntimeError(f"{type(self).__name__} was not waiting for a decision")
        clock = self.clock
        # What was counted before the first decision belongs to its step.
        if self._answered is not None:
            self._counts.clear()
            self._began = clock.now
        self._answered = question = self._waiting.popleft()
        # Before all else that happens now: a decision takes no time, so nobody may act between question and answer.
        question.event._ok, question.event._value = True, decision
        clock.schedule(question.event, ANSWER)
        self._run(question.event)
        self.clock.trust()

    def _run(self, answered: simpy.Event | None) -> None:
        watchdog.begin(answered or self, self.clock._queue)
        try:
            self._to_the_next_question(answered)
        except simpy.core.EmptySchedule:
            raise WorldError(self._silence()) from None
        except (GeneratorExit, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            raise WorldError(self._where(error)) from error
        finally:
            watchdog.end()
        waiting = self._waiting
        # It may also wait for the first of several events, of which this is one.
        if waiting and waiting[0].process is not None and not waiting[0].event.callbacks:
            process = waiting[0].process
            what = "it asked and did not wait; is a `yield` missing before self.decide()?"
            raise WorldError(f"{self._at(process.name)}: {what}{line_of(process)}")

    def _to_the_next_question(self, answered: simpy.Event | None) -> None:
        clock, waiting = self.clock, self._waiting
        step = clock.watched_step if clock.watched else clock.step
        # The process that was answered acts before the next one may ask.
        while answered is not None and (answered.callbacks is not None or self._still_to_act()):
            step()
        for _ in range(0, PATIENCE, AT_ONE_TIME):
            began = clock.now
            for _ in range(AT_ONE_TIME):
                if self.over or (waiting and not self._withdrawn()):
                    return
                step()
            if clock.now == began:
                what = f"{AT_ONE_TIME:,} events at one and the same time; wait in the loop: {WAIT}"
                raise WorldError(f"{what}{self._by_the_next()}")
        ask = "write decision = yield self.decide(...)"
        raise WorldError(f"{PATIENCE:,} events and nobody asked for a decision; {ask}{self._by_the_next()}")

    def _by_the_next(self) -> str:
        """The process that acts next and where it waits, for a message that belongs to nobody else."""
        process = next_process(self.clock)
        return f"; process {process.name}{line_of(process)} acts next" if process is not None else ""

    def _still_to_act(self) -> bool:
        """Whether who was answered waits for the first of several events, and has not been told yet that it came."""
        process = self._answered.process if self._answered is not None else None
        target = process.target if process is not None else None
        return isinstance(target, simpy.events.Condition) and target.triggered and target.callbacks is not None

    def _withdrawn(self) -> bool:
        """Whether a process is interrupted now, and so perhaps no longer waits for its answer."""
        queue = self.clock._queue
        if not queue or queue[0][0] > self.clock.now or not isinstance(queue[0][3], Interruption):
            return False
        process = queue[0][3].process
        self.clock.step()
        for question in [own for own in self._waiting if own.process is process]:
            if process._resume not in (question.event.callbacks or ()):
                self._waiting.remove(question)
        return True

    def _at(self, process: str) -> str:
        day = f" (day {self.clock.now // 24:g})" if self.time_unit == "hour" else ""
        return f"{type(self).__name__}, process {process}, {self._time()}{day}"

    def _time(self) -> str:
        return f"{self.time_unit or 'time'} {self.clock.now:g}"

    def _silence(self) -> str:
        stuck = sorted({(process.name, line_of(process)) for process in self.clock.living})
        told = [f"{name} still waits for an event that never comes{line}" for name, line in stuck]
        remedy = f" {', '.join(told)}; fire it with event.succeed(), or end with self.finish()." if told else ""
        return (
            f"{type(self).__name__}: nothing more happens after {self._time()}, "
            f"yet nobody asked for a decision and nobody called finish().{remedy}"
        )

    def _where(self, error: BaseException) -> str:
        """Says which process failed, when, and on which line."""
        words, place = _words(error), place_of(error)
        invalid = INVALID_YIELD.search(words)
        if invalid is not None:
            line = f"{Path(invalid['file']).name}, line {invalid['line']}"
            return f"{self._at(invalid['process'])}: what it yields is no event; {WAIT} ({line})"
        if not place.process:
            return f"{type(self).__name__}, {self._time()}: {words}{remedy_for(words)}"
        return f"{self._at(place.process)}: {words}{place.line}{remedy_for(words)}"

    def note(self, who: str, what: str, how_many: float) -> None:
        """Records an event, when the world was asked to."""
        if self._log is not None:
            self._log.append((self.clock.now, who, what, how_many))

    def events(self) -> pd.DataFrame:
        """What happened: columns time (hours), who, what, how_many.

        Raises:
            RuntimeError: the world was not asked to record.
        """
        if self._log is None:
            raise RuntimeError("nothing was recorded; ask for it with reset(options={'record': True})")
        return pd.DataFrame(self._log, columns=["time", "who", "what", "how_many"])


def _is_finite(amount: object) -> bool:
    try:
        return math.isfinite(amount)  # type: ignore[arg-type]  # what is no number is no finite one
    except TypeError:
        return False


def _words(error: BaseException) -> str:
    """The message of an error, with its type if it comes from elsewhere."""
    if isinstance(error, watchdog.StuckError):
        return "it computes without end; is a `yield` missing in a loop?"
    return str(error) if isinstance(error, WorldError) else f"{type(error).__name__}: {error}"
