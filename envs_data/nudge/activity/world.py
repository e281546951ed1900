"""One person who is nudged to walk, as a SimPy simulation."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from envs_data.nudge.activity.luck import ActivityLuck
from envs_data.nudge.activity.parameters import ActivityParameters
from envs_data.world import World

DAY = 24.0
NONE, GENERIC, TAILORED_TO_0, TAILORED_TO_1 = range(4)


class ActivityWorld(World):
    """A person who may be sent one message a step.

    A decision is 0 for none, 1 for a generic message, 2 or 3 for one tailored to context 0 or 1.

    Args:
        parameters: the person.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        step: steps completed.
        habituation, disengagement: between 0 and 1.
        signal: signal of the current context.
        sent: the last decision.
        right: whether the last message helped: generic, or for the right context.
        walked: the reward's factor around its mean; 1 where nothing is dispersed.
        left: whether the person has left.
    """

    def __init__(self, parameters: ActivityParameters, luck: ActivityLuck, row: int = 0, record: bool = False) -> None:
        super().__init__(record)
        self.parameters = parameters
        self.step = 0
        self.habituation = parameters.start_habituation
        self.disengagement = parameters.start_disengagement
        self.sent = NONE
        self.right = self.left = False
        self.walked = 1.0
        self._context: list[int] = luck.context[row].tolist()
        self._seen: list[float] = luck.seen[row].tolist()
        self._wobble: list[list[float]] = luck.wobble[row].tolist()
        self.clock.process(self.days())

    @property
    def signal(self) -> float:
        """Signal of the context of this step."""
        return self._seen[self.step]

    def days(self) -> Generator[simpy.Event, Any, None]:
        """The person's days, until the last or until they leave."""
        while self.step < self.parameters.steps and not self.left:
            self.sent = yield self.decide()
            self.live()
            self.step += 1
            self.left = self.disengagement >= self.parameters.leaves
            if self.left:
                self.note("person", "left", 1)
            yield self.clock.timeout(DAY * self.parameters.step_days)
        self.finish()

    def live(self) -> None:
        """A step with its message, or without."""
        p = self.parameters
        self.right = self.sent == GENERIC or self.sent - TAILORED_TO_0 == self._context[self.step]
        if self.sent == NONE:
            self.habituation = self.around(p.fades * self.habituation, 0)
        else:
            self.note("sender", "message", self.sent)
            self.habituation = self.around(min(1.0, self.habituation + p.rises), 0)
            before = self.disengagement
            mean = p.forgives * before if self.right else min(1.0, before + p.annoys)
            self.disengagement = self.around(mean, 1)
        if p.dispersion:
            self.walked = 1.0 + p.dispersion * self._wobble[self.step][2]

    def around(self, mean: float, which: int) -> float:
        """A value dispersed around its mean, between 0 and 1."""
        if not self.parameters.dispersion:
            return mean
        return mean + self.parameters.dispersion * self._wobble[self.step][which] * min(mean, 1.0 - mean)
