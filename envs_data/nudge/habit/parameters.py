"""Parameters of one person who gets used to messages, tires of wrong ones, and leaves."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from envs_data.arrays import Floats
from envs_data.parameters import Parameters, nested, quantity

MOST_MESSAGES = 8


@dataclasses.dataclass(frozen=True)
class Message(Parameters):
    """One kind of message. `quantities()` gives unit and meaning of each field."""

    name: str = quantity("generic", "name", "what the message is called")
    right: float = quantity(1.0, "probability", "chance that it is right for the person's situation", low=0, high=1)
    response: float = quantity(
        1.0, "probability", "response to a right message of somebody not used to messages, who else would not respond",
        low=0, high=1,
    )  # fmt: skip
    worth: float = quantity(1.0, "money a response", "what a response in such a step pays", low=-1e9, high=1e9)
    cost: float = quantity(0.0, "money a message", "what sending it costs", low=0, high=1e9)


@dataclasses.dataclass(frozen=True)
class HabitParameters(Parameters):
    """One person, at most one message a step, who habituates, disengages and may leave for good.

    A right message is answered with probability base + (1 - base) response f(h), f(h) = 1 - h / levels, h the
    habituation after it; without a message, or after a wrong one, with probability ``base``.
    """

    case: ClassVar[str] = "bizgyms/NudgeHabit-v0"

    steps: int = quantity(60, "steps", "length of an episode", low=1, high=2000)
    step_days: float = quantity(1.0, "days", "length of a step", low=0.01, high=365)
    levels: int = quantity(5, "levels", "highest habituation, at which messages no longer work", low=1, high=50)
    patience: int = quantity(4, "levels", "disengagement at which the person leaves for good", low=1, high=50)
    fades: float = quantity(0.5, "probability", "habituation falls by one in a step without message", low=0, high=1)
    forgives: float = quantity(0.3, "probability", "disengagement falls by one after a right message", low=0, high=1)
    base: float = quantity(0.0, "probability", "response without a message, or to a wrong one", low=0, high=1)
    worth: float = quantity(
        0.0, "money a response", "what a response in a step without message pays", low=-1e9, high=1e9
    )
    paid: str = quantity(
        "drawn", "rule", "whether a response is drawn, or its expected worth paid", choices=("drawn", "expected")
    )
    messages: tuple[Message, ...] = nested(
        Message, (Message(), Message(name="tailored", right=0.5, worth=4.0)),
        "list of messages", "the kinds of message there are", lengths=tuple(range(1, MOST_MESSAGES + 1)),
    )  # fmt: skip
    start_habituation: int = quantity(0, "levels", "habituation at the start", low=0, high=50)
    start_disengagement: int = quantity(0, "levels", "disengagement at the start", low=0, high=49)
    money: str = quantity("points", "name", "what rewards are counted in")

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        names = [message.name for message in self.messages]
        if not 1 <= len(names) <= MOST_MESSAGES:
            yield f"messages has {len(names)} entries; it must have 1 to {MOST_MESSAGES}"
        if len({*names, "none"}) <= len(names):
            yield f"messages are called {', '.join(names)}; each needs a name of its own, and none may be 'none'"
        if self.start_habituation > self.levels:
            yield f"start_habituation is {self.start_habituation}; it must be at most levels ({self.levels})"
        if self.start_disengagement >= self.patience:
            yield f"start_disengagement is {self.start_disengagement}; it must be below patience ({self.patience})"

    def rates(self) -> Floats:
        """[kinds + 1, levels + 1] chance of a response to a right message, by habituation after it.

        The first row is the step without a message, and that of a wrong one.
        """
        fresh = 1.0 - np.arange(self.levels + 1) / self.levels
        responses = np.array([0.0, *(message.response for message in self.messages)])
        return np.asarray(self.base + (1.0 - self.base) * responses[:, None] * fresh)

    def worths(self) -> list[float]:
        """[kinds + 1] what a response pays in a step without message, and with each kind."""
        return [self.worth, *(message.worth for message in self.messages)]

    def costs(self) -> list[float]:
        """[kinds + 1] what a message costs; nothing without one."""
        return [0.0, *(message.cost for message in self.messages)]
