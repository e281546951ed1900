"""The world of a story: it runs somebody's SimPy model as it is."""

from __future__ import annotations

import dis
import inspect
import traceback
from collections.abc import Generator
from typing import Any, ClassVar, NoReturn

import numpy as np
import simpy
from simpy.events import Initialize

from bizgyms.own.actions import Deciders
from bizgyms.own.copies import Copies, one_clock, reach_of
from envs_data.clock import WorldError
from envs_data.parameters import Parameters
from envs_data.places import last_line, line_of, remedy_for
from envs_data.world import World


class ToldError(BaseException):
    """A story has come to its ``env.run()``: everything is started, and from now on the world runs.

    Not an `Exception`, so that no ``except Exception`` of a model takes it for a mistake.
    """

    def __init__(self, until: Any = None) -> None:
        super().__init__("a process called env.run(); leave that out, and say until= in from_simpy")
        self.until = until


class StoryWorld(World):
    """A world that runs somebody's story.

    Args:
        parameters: the story's further arguments.
        luck: the random generator, or one row of the case's luck.
        record: keep a log of events.
    """

    story: ClassVar[Any]
    until: ClassVar[float]
    warm_up: ClassVar[float]
    deciders: ClassVar[Deciders]

    def __init__(self, parameters: Parameters, luck: Any, record: bool) -> None:
        kind = type(self)
        super().__init__(record, kind.until)
        self._last = kind.until
        reach = reach_of(kind.story)
        rng = luck if isinstance(luck, np.random.Generator) else np.random.default_rng(0)
        self._copies: Copies | None = None
        if reach.spots or reach.generators:
            self._copies = Copies(reach, rng, self.clock)
        self.clock.run = self._told  # type: ignore[method-assign]  # the world runs the clock, not the story
        if self._copies is None:
            self._tell(parameters, luck)
        else:
            with self._copies:
                self._tell(parameters, luck)

    def _tell(self, parameters: Parameters, luck: Any) -> None:
        """Calls the story, which starts the processes of the model."""
        story = type(self).story
        try:
            with one_clock(reach_of(story), self.clock):
                told = story(self, luck, **parameters.to_dict())
                if isinstance(told, Generator):
                    self._begin_with(told)
        except ToldError as end:
            self.ends(end)
        except Exception as error:
            words = str(error) if isinstance(error, WorldError) else f"{type(error).__name__}: {error}"
            line = last_line(error, inspect.unwrap(story).__code__.co_filename)
            where = f"{type(self).__name__}, story, {self._time()}"
            raise WorldError(f"{where}: {words}{line}{remedy_for(words)}") from error

    def _begin_with(self, told: Generator[simpy.Event, Any, Any]) -> None:
        """Starts a story that is a process, and plays it to where it waits for the first time."""
        process = self.clock.process(told)
        while isinstance(process.target, Initialize):
            self.clock.step()

    def _told(self, until: Any = None) -> NoReturn:
        raise ToldError(until)

    def ends(self, end: ToldError) -> None:
        """Ends the episode where the story's own ``run(until=)`` would have ended.

        Raises:
            WorldError: it runs in several parts.
        """
        frame, line = list(traceback.walk_tb(end.__traceback__))[-2]
        runs = sum(step.argval == "run" and "LOAD_" in step.opname for step in dis.get_instructions(frame.f_code))
        if runs > 1:
            what = f"run() is called {runs} times; leave it out, and say until= and warm_up= in from_simpy"
            raise WorldError(f"{type(self).__name__}, story, {self._time()}: {what} (line {line})")
        if isinstance(end.until, simpy.Event):
            end.until.callbacks.append(lambda _: self.finish())
        elif end.until is not None and end.until < self._last:
            self._last = float(end.until)
            self.clock.timeout(end.until - self.clock.now).callbacks.append(lambda _: self.finish())

    def count(self, name: str, amount: float = 1.0) -> None:
        """Adds to a number that is counted from one decision to the next, unless the model still warms up."""
        if self.clock.now >= self.warm_up:
            super().count(name, amount)

    @property
    def elapsed(self) -> float:
        """Time since the last decision, that of warming up left out."""
        return max(0.0, self.clock.now - max(self._began, self.warm_up))

    def decide(self, asker: str = "", **seen: float) -> simpy.Event:
        """The event a process yields to receive the next decision.

        Raises:
            WorldError: nobody of that name decides, or the process asked before and did not wait.
        """
        try:
            self.deciders.of(asker)
        except ValueError as error:
            raise WorldError(str(error)) from None
        return super().decide(asker, **seen)

    def play(self, decision: Any) -> None:
        """Gives a decision to the process that asked first, as that knows it, and runs to the next question."""
        super().play(self.deciders.handed(self.asker, decision))

    def _run(self, answered: simpy.Event | None) -> None:
        if self._copies is None:
            super()._run(answered)
        else:
            with self._copies:
                super()._run(answered)
        if self.over and self._answered is None:
            nobody = "nobody asked for a decision before the end; write decision = yield world.decide(...)"
            raise WorldError(f"{type(self).__name__}, {self._time()}: {nobody}{self._idle()}")

    def _to_the_next_question(self, answered: simpy.Event | None) -> None:
        try:
            super()._to_the_next_question(answered)
        except simpy.core.EmptySchedule:
            if not self._rests():
                raise
            self.finish()

    def _rests(self) -> bool:
        """Whether nothing more can happen because all is done: somebody was asked, and nobody waits in vain."""
        return self._answered is not None and not self.waits_in_vain()

    def waits_in_vain(self) -> list[simpy.Process]:
        """Processes that wait for an event at a moment from which on nothing can happen; none while something can."""
        return [] if self.clock._queue else [process for process in self.clock.living if _waits_in_vain(process)]

    def _idle(self) -> str:
        """Processes that still wait, and where."""
        waiting = sorted({f"process {process.name}{line_of(process)}" for process in self.clock.living})
        return f" ({', '.join(waiting)} still waits)" if waiting else ""


def _waits_in_vain(process: simpy.Process) -> bool:
    """Whether what a process waits for must be fired by somebody; an idle server waits for work, which is fine."""
    return not isinstance(process.target, simpy.resources.base.Get)
