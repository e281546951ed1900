"""Rules for one customer, visit by visit: what to show, when to change, when to spend satisfaction."""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np

from baselines.agents import Problem, Settings
from baselines.rules.rule_specs import grid, informed_rule, parameters_as, rule
from bizgyms.recommend.visit.optimum import TablePolicy, model
from envs_data.arrays import Ints, Mask, Rows
from envs_data.recommend.visit import VisitParameters


@dataclasses.dataclass(frozen=True)
class Threshold:
    """Shows one kind, and another to customers satisfied enough; when a kind is stale, its stand-in.

    Attributes:
        kind: the kind shown.
        treat: the kind shown from ``level`` on.
        level: satisfaction from which ``treat`` is shown.
        relief: the kind shown instead of one that was shown ``most`` times in a row.
        most: so many times in a row a kind may be shown.
        delight: the stand-in from ``level`` on; None for the same.
    """

    kind: int
    treat: int
    level: int
    relief: int = 0
    most: int = 1_000
    delight: int | None = None

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] kinds."""
        satisfaction, shown, repeats = np.rint(observations).astype(np.int64).T
        satisfied = satisfaction >= self.level
        wanted = np.where(satisfied, self.treat, self.kind)
        stale = (shown == wanted + 1) & (repeats + 1 >= self.most)
        instead = self.relief if self.delight is None else np.where(satisfied, self.delight, self.relief)
        return np.where(stale, instead, wanted)


parameters_of = functools.partial(parameters_as, VisitParameters)


def always(problem: Problem, kind: int) -> Threshold:
    """Shows the same kind at every visit."""
    return Threshold(int(kind), int(kind), 0)


def most_clicked(problem: Problem) -> Threshold:
    """Shows the kind with the most clicks on average, ignoring later effects: most popular first."""
    return always(problem, int(np.argmax([kind.clicks for kind in parameters_of(problem).kinds])))


def highest_margin(problem: Problem) -> TablePolicy:
    """Shows the kind that earns most at this visit, ignoring later effects."""
    p = parameters_of(problem)
    return TablePolicy(model(p).margin.argmax(axis=0).reshape(p.levels, -1), p.boredom)


def quality_first(problem: Problem) -> Threshold:
    """Shows the kind that pleases most, less disappointment."""
    return always(problem, int(np.argmax([kind.up - kind.down for kind in parameters_of(problem).kinds])))


def diversity_cap(problem: Problem, kind: int, relief: int, most: int) -> Threshold:
    """Shows one kind ``most`` times in a row at the most, then another once."""
    return Threshold(int(kind), int(kind), 0, int(relief), int(most))


def treat_the_satisfied(problem: Problem, kind: int, treat: int, level: int) -> Threshold:
    """Shows one kind, and another from a satisfaction of ``level`` on."""
    return Threshold(int(kind), int(treat), int(level))


def treat_and_vary(problem: Problem, kind: int, treat: int, level: int, relief: int, most: int) -> Threshold:
    """As `treat_the_satisfied`, with a stand-in for a kind that was shown ``most`` times in a row."""
    return Threshold(int(kind), int(treat), int(level), int(relief), int(most))


def vary_by_mood(problem: Problem, kind: int, relief: int, delight: int, level: int, most: int) -> Threshold:
    """As `diversity_cap`, with another stand-in for customers from a satisfaction of ``level`` on."""
    return Threshold(int(kind), int(kind), int(level), int(relief), int(most), int(delight))


def kind_settings(problem: Problem) -> Settings:
    """Every kind."""
    return grid(kind=range(len(parameters_of(problem).kinds)))


def cap_settings(problem: Problem) -> Settings:
    """Every pair of kinds in turn, then with more in a row."""
    p = parameters_of(problem)
    pairs = itertools.permutations(range(len(p.kinds)), 2)
    return [
        {"kind": kind, "relief": relief, "most": most}
        for most, (kind, relief) in itertools.product(range(1, p.boredom + 2), list(pairs))
    ] or [{"kind": 0, "relief": 0, "most": 1}]


def treat_settings(problem: Problem) -> Settings:
    """Every pair of kinds and every level, beginning with the most satisfied."""
    p = parameters_of(problem)
    pairs = list(itertools.permutations(range(len(p.kinds)), 2)) or [(0, 0)]
    return [
        {"kind": kind, "treat": treat, "level": level}
        for level, (kind, treat) in itertools.product(range(p.levels - 1, -1, -1), pairs)
    ]


def vary_settings(problem: Problem) -> Settings:
    """Every pair of kinds with every stand-in; the most satisfied two levels, no repeat first."""
    p = parameters_of(problem)
    treats = [setting for setting in treat_settings(problem) if setting["level"] >= p.levels - 2]
    return [
        {**setting, "relief": relief, "most": most}
        for most in range(1, p.boredom + 2)
        for setting, relief in itertools.product(treats, range(len(p.kinds)))
    ][:150]


def mood_settings(problem: Problem) -> Settings:
    """Every kind with every two stand-ins; the most satisfied first, no repeat first."""
    p = parameters_of(problem)
    every = itertools.permutations(range(len(p.kinds)), 3)
    levels = range(p.levels - 1, p.levels // 2, -1)
    return [
        {"kind": kind, "relief": relief, "delight": delight, "level": level, "most": most}
        for most, level, (kind, relief, delight) in itertools.product(range(1, p.boredom + 2), levels, list(every))
    ][:150]


def _varies(problem: Problem) -> bool:
    return can_tire(problem) and len(parameters_of(problem).kinds) > 2


def can_tire(problem: Problem) -> bool:
    """Whether repeats matter at all."""
    p = parameters_of(problem)
    return p.boredom > 0 and p.dulls > 0 and len(p.kinds) > 1


RULES = (
    rule("always the same", always, kind_settings),
    rule("diversity cap", diversity_cap, cap_settings, fits=can_tire),
    rule("treat the satisfied", treat_the_satisfied, treat_settings),
    rule("treat and vary", treat_and_vary, vary_settings, fits=can_tire),
    rule("vary by satisfaction", vary_by_mood, mood_settings, fits=_varies),
    informed_rule("most popular", most_clicked),
    informed_rule("quality first", quality_first),
    informed_rule("highest margin now", highest_margin),
)
