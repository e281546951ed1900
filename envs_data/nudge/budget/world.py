"""Many people and the few messages among them, as a SimPy simulation."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import simpy

from envs_data.nudge.budget.chains import chain_of
from envs_data.nudge.budget.luck import BudgetLuck, thresholds
from envs_data.nudge.budget.parameters import BudgetParameters
from envs_data.world import World

DAY = 24.0


class BudgetWorld(World):
    """People who live on from step to step, with a message or without.

    A decision is a 0 or 1 for each person: 1 for a message. The world stops before each step. It does
    not enforce the cap; the agent does.

    Args:
        parameters: the people.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        step: steps completed.
        state: each person's state, a number of their type's chain.
        outcome: which of their chain's outcomes each person's last step had.
        sent_today: messages sent on this day.
        sent: the last decision.
        engaged: people engaged at the end of the last step, or words recalled.
    """

    def __init__(self, parameters: BudgetParameters, luck: BudgetLuck, row: int = 0, record: bool = False) -> None:
        super().__init__(record)
        self.parameters = parameters
        self.step = 0
        self.sent_today = 0
        self.sent: Sequence[int] = (0,) * parameters.people
        self.engaged = 0.0
        self.type_of: list[int] = parameters.type_of().tolist()
        chains = [chain_of(parameters, kind) for kind in parameters.types]
        self.state = [chains[kind].start for kind in self.type_of]
        self.outcome = [0] * parameters.people
        self._after: list[list[list[list[int]]]] = [chain.after.tolist() for chain in chains]
        self._limits: list[list[list[list[int]]]] = [thresholds(chain.chance).tolist() for chain in chains]
        self._engaged: list[list[float]] = [chain.engaged.tolist() for chain in chains]
        self._fate = luck.fate[row]
        self._reached = luck.reached[row]
        self.clock.process(self.days())

    @property
    def reached(self) -> list[bool]:
        """Who can be messaged in this step."""
        reached: list[bool] = self._reached[self.step].tolist()
        return reached

    def days(self) -> Generator[simpy.Event, Any, None]:
        """The steps of all people's days."""
        p = self.parameters
        while self.step < p.steps:
            self.sent = yield self.decide()
            self.send(sum(self.sent))
            yield self.clock.timeout(DAY * p.step_days)
            self.live_on(self._fate[self.step].tolist())
            self.step += 1
            if self.step % p.decisions_a_day == 0:
                self.sent_today = 0
        self.finish()

    def send(self, messages: int) -> None:
        """The step's messages go out."""
        self.sent_today += messages
        self.note("sender", "messages", messages)

    def live_on(self, fates: list[int]) -> None:
        """Everybody's step, in the order of their numbers."""
        self.engaged = 0.0
        for person, (kind, fate) in enumerate(zip(self.type_of, fates, strict=True)):
            state, message = self.state[person], self.sent[person]
            first, second, third = self._limits[kind][state][message]
            outcome = (fate >= first) + (fate >= second) + (fate >= third)
            self.outcome[person] = outcome
            self.state[person] = self._after[kind][state][message][outcome]
            self.engaged += self._engaged[kind][self.state[person]]
        self.note("people", "engaged", self.engaged)
