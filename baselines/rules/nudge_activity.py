"""Rules for one person nudged to walk: when to dare a tailored message, and when to rest."""

from __future__ import annotations

import dataclasses

import numpy as np

from baselines.agents import Problem
from baselines.rules.rule_specs import around, informed_rule, over, parameters_as, rule
from envs_data.arrays import Flags, Floats, Ints, Mask, Rows
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

    def sure(self, rows: Rows) -> Floats:
        """[worlds] probability of the likelier context."""
        belief = self.belief(rows)
        return np.maximum(belief, 1.0 - belief)

    def calm(self, rows: Rows) -> Flags:
        """[worlds] whether the person would stay after a message for the wrong context."""
        return np.asarray(rows[:, 1] + self.parameters.annoys < self.parameters.leaves)

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
        sure = (self.reader.sure(observations) >= self.least) & (observations[:, 1] <= self.calm)
        kind = np.where(sure, TAILORED, self.unsure)
        return self.reader.action(observations, np.where(observations[:, 0] <= self.most, kind, NONE))


@dataclasses.dataclass(frozen=True)
class Myopic:
    """Sends the message that makes the next step's walk longest."""

    reader: Reader

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] actions."""
        p, sure = self.reader.parameters, self.reader.sure(observations)
        return self.reader.action(observations, np.where(sure * p.tailored > p.generic, TAILORED, GENERIC))


@dataclasses.dataclass(frozen=True)
class TwoBars:
    """Tailors above one bar of sureness, and above a higher one where a wrong message would be the last; rests between.

    Attributes:
        most: habituation above which nothing is sent.
        least: probability of the likelier context from which on a message is tailored.
        surer: the same where one wrong message more would make the person leave.
        unsure: kind sent below the bar.
        mend: disengagement above which only the generic message is sent, which always helps.
        last: steps at the end in which the longest next walk is all that counts.
    """

    reader: Reader
    most: float
    least: float
    surer: float
    unsure: int
    mend: float
    last: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] actions."""
        reader = self.reader
        bar = np.where(reader.calm(observations), self.least, self.surer)
        kind = np.where(reader.sure(observations) >= bar, TAILORED, self.unsure)
        kind = np.where(observations[:, 1] > self.mend, GENERIC, kind)
        rested = reader.action(observations, np.where(observations[:, 0] <= self.most, kind, NONE))
        ends = reader.step(observations) >= reader.parameters.steps - self.last
        return np.where(ends, Myopic(reader).act(observations), rested)


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


def two_bars(
    problem: Problem, most: float, least: float, surer: float, unsure: int, last: int, mend: float = 1.0
) -> TwoBars:
    """As `sure`, with a higher bar for people whom a wrong message would lose; greedy in the ``last`` steps.

    People disengaged above ``mend`` get the generic message, which helps them whatever the context.

    A low bar while an error can be mended and a high one where it cannot is the guard of the just-in-time
    interventions of Nahum-Shani and others (2018), Annals of Behavioral Medicine 52(6).
    """
    return TwoBars(Reader(problem), float(most), float(least), float(surer), int(unsure), float(mend), int(last))


def myopic(problem: Problem) -> Myopic:
    """The longest next walk, ignoring later effects."""
    return Myopic(Reader(problem))


# The first setting of each rule is its default: weekly, and a habituation of .15.
LEVELS = (0.15, 0.07, 0.1, 0.12, 0.18, 0.22, 0.27, 0.33, 0.4, 0.5, 0.65, 1.0)
KINDS = (TAILORED, GENERIC)
LEAST = (0.8, 0.6, 0.7, 0.9, 0.95, 0.98)
FINER = around(most=0.04, least=0.04, calm=0.05, surer=0.04, mend=0.05, last=2)
# Habituation, both bars, the kind below them, who is to be mended, and steps at the end.
BARS = over(
    most=(0.3, 0.5, 0.75),
    least=(0.7, 0.55, 0.85),
    surer=(0.9, 0.78),
    unsure=(NONE, GENERIC),
    mend=(1.0, 0.68),
    last=(4,),
)


RULES = (
    rule("weekly rhythm", rhythm, over(every=dict.fromkeys([7, *range(2, 15)]), kind=KINDS)),
    rule("habituation threshold", threshold, over(most=LEVELS, kind=KINDS)),
    rule("tailor when sure", sure, over(most=LEVELS, least=LEAST, unsure=(GENERIC, NONE)), finer=FINER),
    # Above a disengagement of .58 one wrong message more would be the last.
    rule("back-off", back_off, over(most=LEVELS, calm=(0.58, 0.1, 0.2, 0.3, 0.4, 0.5)), finer=FINER),
    informed_rule("two-bar guard", two_bars, BARS, finer=FINER),
    rule("never", never, knows="nothing"),
    rule("always", always, over(kind=KINDS)),
    informed_rule("myopic gain", myopic),
)
