"""Rules for one person nudged to walk: when to dare a tailored message, and when to rest."""

from __future__ import annotations

import dataclasses

import numpy as np

from baselines.agents import Problem
from baselines.rules.rule_specs import around, informed_rule, over, parameters_as, rule
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.nudge.activity import ActivityParameters, belief_of

NONE, GENERIC, TAILORED = range(3)


class Reader:
    """Reads observations: the step, and the likelier context with its probability."""

    def __init__(self, problem: Problem) -> None:
        self.parameters = parameters_as(ActivityParameters, problem)

    def step(self, rows: Rows) -> Ints:
        """[worlds] steps since the episode began."""
        return np.asarray(self.parameters.steps - np.rint(rows[:, 3]).astype(np.int64))

    def belief(self, rows: Rows) -> Floats:
        """[worlds] probability of context 1."""
        seen = rows[:, 2].astype(np.float64)
        return belief_of(seen, self.parameters.sigma) if self.parameters.observed == "signal" else seen

    def action(self, rows: Rows, kind: Ints) -> Ints:
        """[worlds] the action for each kind: none, generic, or tailored to the likelier context."""
        return np.asarray(kind + ((kind == TAILORED) & (self.belief(rows) >= 0.5)))


@dataclasses.dataclass(frozen=True)
class Rhythm:
    """Sends the same kind every so many steps."""

    reader: Reader
    every: int
    kind: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] actions."""
        today = self.reader.step(observations) % self.every == 0
        return self.reader.action(observations, np.where(today, self.kind, NONE))


@dataclasses.dataclass(frozen=True)
class Sure:
    """Tailors where the context is likely enough and the person calm, up to some habituation.

    Attributes:
        most: habituation above which nothing is sent.
        least: probability of the likelier context from which on a message is tailored.
        calm: disengagement above which nothing is tailored.
        unsure: kind sent instead.
    """

    reader: Reader
    most: float
    least: float
    calm: float
    unsure: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] actions."""
        belief = self.reader.belief(observations)
        sure = (np.maximum(belief, 1.0 - belief) >= self.least) & (observations[:, 1] <= self.calm)
        kind = np.where(sure, TAILORED, self.unsure)
        return self.reader.action(observations, np.where(observations[:, 0] <= self.most, kind, NONE))


@dataclasses.dataclass(frozen=True)
class Myopic:
    """Sends the message that makes the next step's walk longest."""

    reader: Reader

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] actions."""
        p, belief = self.reader.parameters, self.reader.belief(observations)
        tailor = np.maximum(belief, 1.0 - belief) * p.tailored > p.generic
        return self.reader.action(observations, np.where(tailor, TAILORED, GENERIC))


def never(problem: Problem) -> Rhythm:
    """Sends nothing."""
    return Rhythm(Reader(problem), 1, NONE)


def always(problem: Problem, kind: int) -> Rhythm:
    """Sends a kind at every step: 1 generic, 2 tailored to the likelier context."""
    return Rhythm(Reader(problem), 1, int(kind))


def rhythm(problem: Problem, every: int, kind: int) -> Rhythm:
    """Sends a kind every ``every`` steps, from the first on."""
    return Rhythm(Reader(problem), int(every), int(kind))


def threshold(problem: Problem, most: float, kind: int) -> Sure:
    """Sends a kind while habituation is at most ``most``."""
    tailored = int(kind) == TAILORED
    return Sure(Reader(problem), float(most), 0.0 if tailored else 2.0, 1.0, GENERIC)


def sure(problem: Problem, most: float, least: float, unsure: int) -> Sure:
    """As `threshold`, but tailors only where the likelier context has probability ``least``, else sends ``unsure``."""
    return Sure(Reader(problem), float(most), float(least), 1.0, int(unsure))


def back_off(problem: Problem, most: float, calm: float) -> Sure:
    """As `threshold`, but sends the generic message to people disengaged above ``calm``."""
    return Sure(Reader(problem), float(most), 0.0, float(calm), GENERIC)


def myopic(problem: Problem) -> Myopic:
    """The longest next walk, ignoring later effects."""
    return Myopic(Reader(problem))


# The first setting of each rule is its default: weekly, and a habituation of .15.
LEVELS = (0.15, 0.05, 0.08, 0.1, 0.12, 0.18, 0.22, 0.27, 0.33, 0.4, 0.5, 0.65)
KINDS = (TAILORED, GENERIC)
LEAST = (0.8, 0.6, 0.7, 0.9, 0.95, 0.98)
FINER = around(most=0.04, least=0.04, calm=0.05)


RULES = (
    rule("weekly rhythm", rhythm, over(every=dict.fromkeys([7, *range(2, 15)]), kind=KINDS)),
    rule("habituation threshold", threshold, over(most=LEVELS, kind=KINDS)),
    rule("tailor when sure", sure, over(most=LEVELS, least=LEAST, unsure=(GENERIC, NONE)), finer=FINER),
    # Above a disengagement of .58 one wrong message more would be the last.
    rule("back-off", back_off, over(most=LEVELS, calm=(0.58, 0.1, 0.2, 0.3, 0.4, 0.5)), finer=FINER),
    rule("never", never, knows="nothing"),
    rule("always", always, over(kind=KINDS)),
    informed_rule("myopic gain", myopic),
)
