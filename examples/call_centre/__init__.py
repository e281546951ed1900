"""A call centre: callers queue for agents, hang up when it takes too long, and somebody decides how many agents serve.

The decision is asked for by an event, not by a clock: whenever the queue has grown to a new length that worries, and
whenever an agent finds nobody waiting. Agents are slots of a SimPy resource; those who are sent home keep theirs.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar, NamedTuple

import gymnasium
import numpy as np
import simpy

import bizgyms
from bizgyms.env import BusinessEnv
from bizgyms.view import Feature, View
from envs_data.parameters import Parameters, quantity
from envs_data.world import World

CASE_ID = "examples/CallCentre-v0"


@dataclasses.dataclass(frozen=True)
class CallCentreParameters(Parameters):
    """A day of a call centre."""

    case: ClassVar[str] = CASE_ID

    hours: int = quantity(10, "hours", "length of an episode", low=1, high=24)
    calls: float = quantity(24.0, "calls an hour", "mean over the day", low=0.1, high=500)
    peak: float = quantity(0.6, "share", "by which noon is busier, and the ends are quieter", low=0, high=1)
    talk: float = quantity(0.15, "hours", "mean length of a call", low=1e-3, high=2)
    patience: float = quantity(0.1, "hours", "mean time until a caller hangs up", low=1e-3, high=2)
    agents: int = quantity(8, "agents", "most that can serve", low=1, high=50)
    worries: int = quantity(3, "callers", "length of the queue that calls for a decision", low=1, high=100)
    wage: float = quantity(25.0, "EUR an hour", "of an agent who serves", low=0)
    worth: float = quantity(9.0, "EUR", "of a call that is answered", low=0)


SCENARIOS = {"default": CallCentreParameters(), "even": CallCentreParameters(peak=0.0)}
MOST_CALLS = 4


class Luck(NamedTuple):
    """All randomness of a day; calls beyond the last column do not come.

    Attributes:
        arrival: [worlds, calls] hour of each call; those after closing do not come.
        talk: [worlds, calls] hours it takes.
        patience: [worlds, calls] hours after which the caller hangs up.
    """

    arrival: np.ndarray
    talk: np.ndarray
    patience: np.ndarray


def draw(p: CallCentreParameters, rng: np.random.Generator, worlds: int) -> Luck:
    """Calls as a Poisson process whose rate is a hill over the day, by stretching time."""
    calls = round(MOST_CALLS * p.calls * p.hours) + 10
    even = np.cumsum(rng.exponential(1.0 / p.calls, size=(worlds, calls)), axis=1)
    hour = np.linspace(0, p.hours, 481)
    passed = hour - p.peak * p.hours / (2 * np.pi) * np.sin(2 * np.pi * hour / p.hours)
    arrival = np.where(even < p.hours, np.interp(even, passed, hour), np.inf)
    shape = (worlds, calls)
    return Luck(arrival, rng.exponential(p.talk, size=shape), rng.exponential(p.patience, size=shape))


class CallCentreWorld(World):
    """One day. Time is in hours."""

    def __init__(self, parameters: CallCentreParameters, luck: Luck, record: bool) -> None:
        super().__init__(record, until=parameters.hours)
        self.p = parameters
        self.desks = simpy.PriorityResource(self.clock, parameters.agents)
        self.serving, self.paid_until = parameters.agents, 0.0
        self.home: list[simpy.Event] = []
        self.clock.process(self.lines(*(array[0] for array in luck)))
        self.clock.process(self.manager())
        self.clock.timeout(parameters.hours - 1e-9).callbacks.append(lambda _: self.pay())

    def lines(self, arrival, talk, patience):
        """Calls come in."""
        for at, takes, waits in zip(arrival, talk, patience, strict=True):
            if np.isinf(at):
                return
            yield self.clock.timeout(at - self.clock.now)
            self.clock.process(self.caller(takes, waits))

    def caller(self, takes, waits):
        """Waits for an agent, or hangs up."""
        self.count("calls")
        with self.desks.request(priority=1) as desk:
            if self.waiting == self.p.worries:
                self.ask()
            yield desk | self.clock.timeout(waits)
            if not desk.triggered:
                return
            yield self.clock.timeout(takes)
            self.count("answered")
            self.count("calls_worth", self.p.worth)
        if self.waiting == 0:
            self.ask()

    def manager(self):
        """Decides how many serve: at opening, and whenever somebody asks."""
        while True:
            self.pay()
            wanted = yield self.decide(waiting=self.waiting, serving=self.serving, hour=self.clock.now)
            self.send_home(self.p.agents - (wanted + 1))
            self.serving = wanted + 1
            self.asked = self.clock.event()
            yield self.asked

    def ask(self):
        """Wakes the manager, unless he is at it."""
        if not self.asked.triggered:
            self.asked.succeed()

    def send_home(self, count):
        """So many desks are empty; who is on the phone ends the call first."""
        while len(self.home) > count:
            self.home.pop().succeed()
        while len(self.home) < count:
            self.home.append(self.clock.event())
            self.clock.process(self.empty_desk(self.home[-1]))

    def empty_desk(self, called_back):
        """A desk at which nobody sits."""
        with self.desks.request(priority=0) as desk:
            yield desk | called_back
            if desk.triggered and not called_back.triggered:
                yield called_back

    def pay(self):
        """Wages up to now."""
        self.count("wages", -self.p.wage * self.serving * (self.clock.now - self.paid_until))
        self.paid_until = self.clock.now

    @property
    def waiting(self):
        """Callers in the queue."""
        return sum(request.priority == 1 for request in self.desks.queue)


class CallCentreView(View):
    """What the manager sees, and decides."""

    terms: ClassVar = ("calls_worth", "wages")
    figures: ClassVar = ("calls", "answered")
    ratios: ClassVar = {"answered": ("answered", "calls")}
    telling: ClassVar = ("waiting", "serving")
    on_events: ClassVar = True

    def __init__(self, parameters):
        super().__init__(parameters)
        self.money = "EUR"
        self.episodes_per_year = 365.0  # a day is an episode, and nights are none

    def _features(self):
        p = self.parameters
        most = round(MOST_CALLS * p.calls * p.hours) + 10
        return (
            Feature("waiting", "callers", "in the queue", 0, most, 0, 5),
            Feature("serving", "agents", "who serve now", 1, p.agents, p.agents / 2, p.agents),
            Feature("hour", "hours", "since opening", 0, p.hours, p.hours / 2, p.hours),
        )

    def _action_space(self):
        return gymnasium.spaces.Discrete(self.parameters.agents)


class CallCentre(BusinessEnv):
    """How many agents serve from now on: the action plus one."""

    case_id: ClassVar = CASE_ID
    view_type: ClassVar = CallCentreView
    world_type: ClassVar = CallCentreWorld


bizgyms.add(bizgyms.Case(CASE_ID, scenarios=SCENARIOS, env="call_centre:CallCentre", draw=draw))
