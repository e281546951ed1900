"""Parameters of many people who share a few messages a day."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from envs_data.arrays import Floats, Ints
from envs_data.parameters import Parameters, nested, quantity

MOST_PEOPLE = 2000
MECHANISMS = ("burden", "dosage", "rest", "memory")


@dataclasses.dataclass(frozen=True)
class PersonType(Parameters):
    """People who are alike. `quantities()` gives unit and meaning of each field."""

    name: str = quantity("everybody", "name", "what they are called")
    count: int = quantity(5, "people", "how many there are", low=1, high=MOST_PEOPLE)
    stays: float = quantity(0.82, "probability", "engaged people stay so in a step without message", low=0, high=1)
    returns: float = quantity(0.06, "probability", "lapsed people return in a step without message", low=0, high=1)
    lifts: float = quantity(0.6, "share", "of the engaged who would lapse, kept by a message that works", low=0, high=1)
    wakes: float = quantity(0.45, "probability", "lapsed people return on a message that works, more", low=0, high=1)
    hurts: float = quantity(0.2, "probability", "engaged people lapse on a message at full load, more", low=0, high=1)
    recovers: float = quantity(0.4, "probability", "load falls by one in a step without message", low=0, high=1)
    tires: float = quantity(0.8, "probability", "load rises by one on a message", low=0, high=1)


@dataclasses.dataclass(frozen=True)
class BudgetParameters(Parameters):
    """Many people, of whom at most ``cap`` a day are sent a message.

    Everybody has a mood (lapsed or engaged) and a load of messages, and moves from step to step as `chain_of` says.
    """

    case: ClassVar[str] = "bizgyms/NudgeBudget-v0"

    steps: int = quantity(60, "steps", "length of an episode", low=1, high=1000)
    decisions_a_day: int = quantity(1, "steps a day", "decisions on each day", low=1, high=24)
    cap: int = quantity(1, "messages a day", "most messages a day, to all people together", low=0, high=100_000)
    availability: float = quantity(1.0, "probability", "somebody can be reached in a step", low=0, high=1)
    quiet: tuple[int, ...] = quantity((), "steps of the day", "when nobody may be messaged; 0 is the first", low=0)
    mechanism: str = quantity("burden", "rule", "what messages do to the load", choices=MECHANISMS)
    levels: int = quantity(4, "levels", "highest load, at which no message works", low=1, high=100)
    keeps: float = quantity(0.95, "share", "dosage: what is left of the load after a step", low=0, high=1)
    dose: float = quantity(1.0, "levels", "dosage: what a message adds to the load", low=0, high=100)
    numbs_from: float = quantity(
        0.0, "share", "load from which messages work by ``numbed`` only; 0: less with every level", low=0, high=1
    )
    numbed: float = quantity(0.5, "share", "what a message is still worth from there on", low=0, high=1)
    half_lives: tuple[float, ...] = quantity(
        (1.0, 2.0, 4.0, 8.0, 16.0), "steps", "memory: half-life after so many good reviews in a row", low=0.1, high=1000
    )
    start: str = quantity("engaged", "rule", "how everybody begins", choices=("engaged", "lapsed"))
    worth: float = quantity(1.0, "money a step", "what an engaged person is worth", low=0, high=1e9)
    cost: float = quantity(0.0, "money a message", "what a message costs", low=0, high=1e9)
    types: tuple[PersonType, ...] = nested(
        PersonType, (PersonType(),), "list of types", "the types of people there are"
    )
    money: str = quantity("engaged days", "name", "what rewards are counted in")

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        if not self.types or self.people > MOST_PEOPLE:
            yield f"types hold {self.people} people; there must be 1 to {MOST_PEOPLE}"
        if any(not isinstance(slot, int) or slot >= self.decisions_a_day for slot in self.quiet):
            yield f"quiet is {self.quiet}; its steps must be whole numbers below decisions_a_day"
        if self.mechanism == "memory" and (not self.half_lives or min(self.half_lives) <= 0):
            yield "half_lives is empty; memory needs at least one half-life"

    @property
    def people(self) -> int:
        """How many people there are."""
        return sum(kind.count for kind in self.types)

    @property
    def step_days(self) -> float:
        """Length of a step in days."""
        return 1.0 / self.decisions_a_day

    @property
    def uncapped(self) -> bool:
        """Whether everybody could be messaged at every step, so that messages do not compete."""
        return self.cap >= self.people * self.decisions_a_day

    def type_of(self) -> Ints:
        """[people] number of each person's type."""
        return np.repeat(np.arange(len(self.types)), [kind.count for kind in self.types])

    def reachable(self) -> Floats:
        """[steps] probability that a person can be messaged, with quiet hours."""
        open_slots = ~np.isin(np.arange(self.steps) % self.decisions_a_day, self.quiet)
        return np.asarray(open_slots * self.availability)
