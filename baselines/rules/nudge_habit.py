"""Rules for one person who habituates: when to send which message, and when none."""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np

from baselines.agents import Problem, Settings
from baselines.rules.rule_specs import grid, informed_rule, parameters_as, rule
from bizgyms.nudge.habit.optimum import TablePolicy, action_values
from envs_data.arrays import Ints, Mask, Rows
from envs_data.nudge.habit import HabitParameters


@dataclasses.dataclass(frozen=True)
class Rhythm:
    """Sends the same kind every so many steps, regardless of the state."""

    steps: int
    every: int
    kind: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] kinds."""
        step = self.steps - np.rint(observations[:, 2]).astype(np.int64)
        return np.where(step % self.every == 0, self.kind, 0)


@dataclasses.dataclass(frozen=True)
class Threshold:
    """Sends a kind up to some habituation, and a safer one, or none, to people near leaving.

    Attributes:
        kind: what is sent.
        most: highest habituation at which anything is sent.
        careful: disengagement from which on ``safer`` is sent instead.
        safer: that kind, 0 for none.
    """

    kind: int
    most: int
    careful: int
    safer: int = 0

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] kinds."""
        habituation, disengagement = np.rint(observations[:, :2]).astype(np.int64).T
        kind = np.where(disengagement >= self.careful, self.safer, self.kind)
        return np.where(habituation <= self.most, kind, 0)


parameters_of = functools.partial(parameters_as, HabitParameters)


def never(problem: Problem) -> Rhythm:
    """Sends nothing."""
    return Rhythm(parameters_of(problem).steps, 1, 0)


def always(problem: Problem, kind: int) -> Rhythm:
    """Sends the same kind at every step."""
    return Rhythm(parameters_of(problem).steps, 1, int(kind))


def rhythm(problem: Problem, every: int, kind: int) -> Rhythm:
    """Sends the same kind every ``every`` steps, from the first on."""
    return Rhythm(parameters_of(problem).steps, int(every), int(kind))


def threshold(problem: Problem, kind: int, most: int) -> Threshold:
    """Sends a kind while habituation is at most ``most``."""
    return Threshold(int(kind), int(most), parameters_of(problem).patience)


def back_off(problem: Problem, kind: int, most: int, careful: int, safer: int) -> Threshold:
    """As `threshold`, but sends ``safer`` (0: nothing) from a disengagement of ``careful`` on."""
    return Threshold(int(kind), int(most), int(careful), int(safer))


def myopic(problem: Problem) -> TablePolicy:
    """Sends the kind with the highest immediate reward, ignoring later effects."""
    p = parameters_of(problem)
    values = action_values(p, np.zeros((p.levels + 1, p.patience + 1)))
    return TablePolicy(values.argmax(axis=0)[None].astype(np.int64))


def _kinds(problem: Problem) -> range:
    return range(1, 1 + len(parameters_of(problem).messages))


def kind_settings(problem: Problem) -> Settings:
    """Every kind; the first comes first."""
    return grid(kind=_kinds(problem))


def rhythm_settings(problem: Problem) -> Settings:
    """Weekly first where steps are days, then every 2 to 28 steps, each kind."""
    days = parameters_of(problem).step_days
    usual = max(2, round(7 / days))
    periods = dict.fromkeys([usual, *range(2, 15), 21, 28])
    return grid(every=periods, kind=_kinds(problem))


def threshold_settings(problem: Problem) -> Settings:
    """Every kind up to every level of habituation, none first."""
    levels = range(min(parameters_of(problem).levels, 15))
    return [{"kind": kind, "most": most} for most, kind in itertools.product(levels, _kinds(problem))]


def back_off_settings(problem: Problem) -> Settings:
    """Thresholds up to 3 with every safer kind, from every disengagement on; none and the last step first."""
    p = parameters_of(problem)
    settings = [
        {"kind": kind, "most": most, "careful": careful, "safer": safer}
        for careful, kind, most in itertools.product(range(p.patience - 1, 0, -1), _kinds(problem), range(4))
        for safer in (0, *_kinds(problem))
        if safer != kind and most < p.levels
    ]
    return settings[:150]


RULES = (
    rule("weekly rhythm", rhythm, rhythm_settings),
    rule("habituation threshold", threshold, threshold_settings),
    rule("back-off", back_off, back_off_settings),
    rule("never", never, knows="nothing"),
    rule("always", always, kind_settings, knows="nothing"),
    informed_rule("myopic gain", myopic),
)
