"""The base of every SimPy world: it runs until a decision is needed, takes it, and lives until the next one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import simpy


class World:
    """A simulated business that stops wherever somebody has to decide.

    A subclass starts its processes in its constructor. One of them asks with ``decision = yield self.decide()``;
    the world stands still until `play` hands the decision over. When the story is told it calls `finish`.

    Args:
        record: keep a log of `note`d events for `events`.

    Attributes:
        clock: the SimPy environment; its time is in hours.
        over: whether the episode has ended.
    """

    def __init__(self, record: bool = False) -> None:
        self.clock = simpy.Environment()
        self.over = False
        self._question: simpy.Event | None = None
        self._log: list[tuple[float, str, str, float]] | None = [] if record else None

    def decide(self) -> simpy.Event:
        """The event a process yields to receive the next decision."""
        self._question = self.clock.event()
        return self._question

    def finish(self) -> None:
        """Ends the episode."""
        self.over = True

    def start(self) -> None:
        """Runs to the first decision."""
        self._run()

    def play(self, decision: Any) -> None:
        """Hands over a decision and runs to the next one, or to the end."""
        question, self._question = self._question, None
        if question is None:
            raise RuntimeError(f"{type(self).__name__} was not waiting for a decision")
        question.succeed(decision)
        self._run()

    def _run(self) -> None:
        step = self.clock.step
        try:
            while self._question is None and not self.over:
                step()
        except simpy.core.EmptySchedule:
            raise RuntimeError(
                f"{type(self).__name__}: nothing more happens after hour {self.clock.now:g}, "
                "yet nobody asked for a decision and nobody called finish()"
            ) from None

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
