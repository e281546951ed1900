"""Rules for one user between clickbait and wholesome items."""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np

from baselines.agents import Problem, Settings
from baselines.rules.rule_specs import grid, over, parameters_as, rule
from bizgyms.recommend.satisfaction.view import FIRST_CANDIDATE
from envs_data.arrays import Ints, Mask, Rows
from envs_data.recommend.satisfaction import SatisfactionParameters

FAR = 1e6


@dataclasses.dataclass(frozen=True)
class TreatTheSatisfied:
    """Shows the least clickbait, and the most to users satisfied enough, or when few items are left.

    Attributes:
        exposure: from which the most clickbait is shown.
        last: so many items before the end it is shown anyway.
    """

    exposure: float
    last: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] candidates."""
        items = observations[:, FIRST_CANDIDATE:]
        treat = (observations[:, 1] >= self.exposure) | (observations[:, 2] <= self.last)
        return np.asarray(np.where(treat, items.argmax(axis=1), items.argmin(axis=1)))


@dataclasses.dataclass(frozen=True)
class Nearest:
    """Shows the candidate nearest to some clickbait."""

    clickbait: float

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] candidates."""
        return np.asarray(np.abs(observations[:, FIRST_CANDIDATE:] - self.clickbait).argmin(axis=1))


@dataclasses.dataclass(frozen=True)
class AvoidTheMiddle:
    """Shows the candidate farthest from a middle that falls as users grow satisfied.

    Attributes:
        middle: clickbait of the middle at exposure 0.
        slope: how far it falls with each unit of exposure.
        last: so many items before the end the most clickbait is shown anyway.
    """

    middle: float
    slope: float
    last: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] candidates."""
        items = observations[:, FIRST_CANDIDATE:]
        middle = self.middle - self.slope * observations[:, 1:2]
        farthest = np.abs(items - middle).argmax(axis=1)
        return np.asarray(np.where(observations[:, 2] <= self.last, items.argmax(axis=1), farthest))


parameters_of = functools.partial(parameters_as, SatisfactionParameters)


def most_clickbait(problem: Problem) -> TreatTheSatisfied:
    """Always the most clickbait, which holds the user longest now."""
    return TreatTheSatisfied(-FAR, 0)


def quality_first(problem: Problem, last: int = 0) -> TreatTheSatisfied:
    """The least clickbait; the most only for the last few items."""
    return TreatTheSatisfied(FAR, int(last))


def nearest(problem: Problem, clickbait: float) -> Nearest:
    """The candidate nearest to some clickbait."""
    return Nearest(float(clickbait))


def treat_the_satisfied(problem: Problem, exposure: float, last: int = 0) -> TreatTheSatisfied:
    """The least clickbait, and the most from some exposure on and for the last few items."""
    return TreatTheSatisfied(float(exposure), int(last))


def avoid_the_middle(problem: Problem, middle: float, slope: float, last: int = 0) -> AvoidTheMiddle:
    """The candidate farthest from a middle that falls with exposure."""
    return AvoidTheMiddle(float(middle), float(slope), int(last))


def last_settings(problem: Problem) -> Settings:
    """Never, then for the last 1 to 15 items."""
    return grid(last=[last for last in (0, 1, 2, 3, 4, 5, 6, 8, 10, 15) if last <= parameters_of(problem).steps])


def treat_settings(problem: Problem) -> Settings:
    """No exposure at all, then a grid over its range, with and without a treat at the end."""
    levels = sorted((round(float(x), 3) for x in np.linspace(-0.9, 0.9, 19) * parameters_of(problem).reach), key=abs)
    return [{"exposure": level, "last": last} for last, level in itertools.product((0, 3, 5), levels)]


def middle_settings(problem: Problem) -> Settings:
    """Half-way first; then a grid."""
    grid = itertools.product((0, 3, 5), (0.0, 0.05, 0.1, 0.2), (0.5, 0.45, 0.55, 0.6, 0.4, 0.65, 0.35, 0.7, 0.3))
    return [{"middle": middle, "slope": slope, "last": last} for last, slope, middle in grid]


# Clickbait of targets: the middle, then every twentieth.
TARGETS = [round(0.05 * k, 2) for k in (10, *range(10), *range(11, 21))]
RULES = (
    rule("most clickbait", most_clickbait),
    rule("avoid the middle", avoid_the_middle, middle_settings),
    rule("treat the satisfied", treat_the_satisfied, treat_settings),
    rule("quality first", quality_first, last_settings),
    rule("nearest to a target", nearest, over(clickbait=TARGETS)),
)
