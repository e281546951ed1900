"""Rules for one person nudged to walk: when to dare a tailored message, and when to rest."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.agents import AgentSpec, Kind, Problem
from envs_data.arrays import Floats, Mask, Rows
from envs_data.nudge.activity import ActivityParameters, belief_of

Settings = Sequence[Mapping[str, Any]]
NONE, GENERIC, TAILORED = range(3)


class Reader:
    """Finds what a rule looks at: the state, and the likelier context with its probability."""

    def __init__(self, problem: Problem) -> None:
        assert isinstance(problem.parameters, ActivityParameters)
        self.parameters = problem.parameters

    def step(self, rows: Rows) -> NDArray[np.int64]:
        """[worlds] steps since the episode began."""
        return np.asarray(self.parameters.steps - np.rint(rows[:, 3]).astype(np.int64))

    def belief(self, rows: Rows) -> Floats:
        """[worlds] probability of context 1."""
        seen = rows[:, 2].astype(np.float64)
        return belief_of(seen, self.parameters.sigma) if self.parameters.observed == "signal" else seen

    def action(self, rows: Rows, kind: NDArray[np.int64]) -> NDArray[np.int64]:
        """[worlds] the action for each kind: none, generic, or tailored to the likelier context."""
        return np.asarray(kind + ((kind == TAILORED) & (self.belief(rows) >= 0.5)))


@dataclasses.dataclass(frozen=True)
class Rhythm:
    """Sends the same kind every so many steps."""

    reader: Reader
    every: int
    kind: int

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
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

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds] actions."""
        belief = self.reader.belief(observations)
        sure = (np.maximum(belief, 1.0 - belief) >= self.least) & (observations[:, 1] <= self.calm)
        kind = np.where(sure, TAILORED, self.unsure)
        return self.reader.action(observations, np.where(observations[:, 0] <= self.most, kind, NONE))


@dataclasses.dataclass(frozen=True)
class Myopic:
    """Sends what makes the next step's walk the longest."""

    reader: Reader

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
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
    """As `threshold`, but sends the generic message to who is disengaged above ``calm``."""
    return Sure(Reader(problem), float(most), 0.0, float(calm), GENERIC)


def myopic(problem: Problem) -> Myopic:
    """Longest walk at once, whatever comes after."""
    return Myopic(Reader(problem))


LEVELS = (0.15, 0.05, 0.08, 0.1, 0.12, 0.18, 0.22, 0.27, 0.33, 0.4, 0.5, 0.65)
KINDS = (TAILORED, GENERIC)


def kind_settings(problem: Problem) -> Settings:
    """Tailored, then generic."""
    return [{"kind": kind} for kind in KINDS]


def rhythm_settings(problem: Problem) -> Settings:
    """Weekly first, then every 2 to 14 steps, each kind."""
    return [{"every": n, "kind": kind} for n, kind in itertools.product(dict.fromkeys([7, *range(2, 15)]), KINDS)]


def threshold_settings(problem: Problem) -> Settings:
    """Levels from .05 to .65, each kind."""
    return [{"most": most, "kind": kind} for most, kind in itertools.product(LEVELS, KINDS)]


def sure_settings(problem: Problem) -> Settings:
    """Levels with probabilities from .6 to .98, and with none or the generic message otherwise."""
    leasts = (0.8, 0.6, 0.7, 0.9, 0.95, 0.98)
    every = itertools.product(LEVELS, leasts, (GENERIC, NONE))
    return [{"most": most, "least": least, "unsure": unsure} for most, least, unsure in every]


def back_off_settings(problem: Problem) -> Settings:
    """Levels with disengagement from .1 to .58, above which one wrong message more would be the last."""
    calms = (0.58, 0.1, 0.2, 0.3, 0.4, 0.5)
    return [{"most": most, "calm": calm} for most, calm in itertools.product(LEVELS, calms)]


RULES = (
    AgentSpec("weekly rhythm", Kind.RULE, "observations", rhythm, rhythm_settings),
    AgentSpec("habituation threshold", Kind.RULE, "observations", threshold, threshold_settings),
    AgentSpec("tailor when sure", Kind.RULE, "observations", sure, sure_settings),
    AgentSpec("back-off", Kind.RULE, "observations", back_off, back_off_settings),
    AgentSpec("never", Kind.RULE, "nothing", never),
    AgentSpec("always", Kind.RULE, "observations", always, kind_settings),
    AgentSpec("myopic gain", Kind.RULE, "the law of the world", myopic),
)
