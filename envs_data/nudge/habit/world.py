"""One person and the messages sent to them, as a SimPy simulation."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from envs_data.nudge.habit.luck import HabitLuck
from envs_data.nudge.habit.parameters import HabitParameters
from envs_data.random_bits import threshold, thresholds
from envs_data.world import World

DAY = 24.0


class HabitWorld(World):
    """A person who may be sent one message a step.

    A decision is the number of a kind of message, 0 for none. The world stops before each message.

    Args:
        parameters: the person.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        step: steps completed.
        habituation, disengagement: levels now.
        sent: kind of the last step's message, 0 for none.
        right: whether it was right; False without one.
        responded: the last step's responses: 0 or 1, or their expectation where that is paid.
        left: whether the person has left for good.
    """

    def __init__(self, parameters: HabitParameters, luck: HabitLuck, row: int = 0, record: bool = False) -> None:
        super().__init__(record)
        self.parameters = parameters
        self.step = 0
        self.habituation = parameters.start_habituation
        self.disengagement = parameters.start_disengagement
        self.sent = 0
        self.right = self.left = False
        self.responded = 0.0
        self._fate: list[int] = luck.fate[row].tolist()
        self._answer: list[int] = luck.answer[row].tolist()
        self._rates: list[list[float]] = parameters.rates().tolist()
        self._answers: list[list[int]] = thresholds(parameters.rates()).tolist()
        self._fades = threshold(parameters.fades)
        self._rights = [threshold(message.right) for message in parameters.messages]
        self._forgives = [threshold(message.right * parameters.forgives) for message in parameters.messages]
        self.clock.process(self.days())

    def days(self) -> Generator[simpy.Event, Any, None]:
        """The person's days, until the last or until they leave."""
        while self.step < self.parameters.steps and not self.left:
            self.sent = yield self.decide()
            if self.sent:
                self.read()
            else:
                self.rest()
            self.step += 1
            yield self.clock.timeout(DAY * self.parameters.step_days)
        self.finish()

    def read(self) -> None:
        """A message arrives: it wears off a little more, and is answered, or annoys."""
        p, kind, fate = self.parameters, self.sent - 1, self._fate[self.step]
        self.note("sender", p.messages[kind].name, 1)
        self.habituation = min(self.habituation + 1, p.levels)
        self.right = fate < self._rights[kind]
        self.respond(self.sent if self.right else 0)
        if self.right:
            self.disengagement = max(self.disengagement - (fate < self._forgives[kind]), 0)
            return
        self.disengagement += 1
        self.left = self.disengagement == p.patience
        if self.left:
            self.note("person", "left", 1)

    def rest(self) -> None:
        """A step without a message, in which habituation may fade."""
        self.right = False
        self.respond(0)
        faded = self._fate[self.step] < self._fades
        self.habituation = max(self.habituation - faded, 0)

    def respond(self, row: int) -> None:
        """The person responds, or not, as row ``row`` of the table of rates says."""
        if self._answer:
            self.responded = float(self._answer[self.step] < self._answers[row][self.habituation])
        else:
            self.responded = self._rates[row][self.habituation]
        self.note("person", "response", self.responded)
