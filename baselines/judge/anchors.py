"""Every agent that played before training, and the scale they give."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

from baselines.agents import Problem
from baselines.judge import statistics
from baselines.judge.statistics import Interval
from baselines.judge.time_scale import TimeScale, time_scale
from baselines.runs.results import Best, EpisodeReturns, Player


@dataclasses.dataclass(frozen=True)
class Anchors:
    """Every agent that played before training, and the scale they give.

    Attributes:
        problem: the case with its parameters.
        best_rule: the rule with the highest value on the tuning luck, today's included; None without rules.
        today: today's rule.
        random: the random agent.
        best: the reference; None without one.
        why_no_best: why there is no reference.
        table_units: units of the table that one unit of the world stands for.
    """

    problem: Problem
    best_rule: Player | None
    today: Player | None
    random: Player | None
    best: Best | None
    why_no_best: str = ""
    table_units: int = 1

    @functools.cached_property
    def scale(self) -> TimeScale:
        """The period that amounts refer to."""
        there = [player for player in (self.best_rule, self.today, self.random) if player is not None]
        return time_scale(self.problem, there)

    @property
    def a_year(self) -> float:
        """What turns an episode's return into money a year, in the table's units."""
        return self.scale.episodes * self.table_units

    @property
    def optimum(self) -> EpisodeReturns | None:
        """The evaluation of the exact optimum's policy; None where the reference is a bound, or without a reference."""
        return self.best.played if self.best is not None and self.best.reference.kind == "exact" else None

    def best_over(self, rival: Player | None) -> Interval | None:
        """The reference's gain over a rival a year; None where there is no reference or no rival."""
        if self.best is None or rival is None:
            return None
        theirs = rival.played.returns
        if self.optimum is not None:
            return statistics.paired_interval(self.optimum.returns, theirs).times(self.a_year)
        reference = self.best.reference
        return statistics.against_interval(reference.value, reference.stderr, theirs).times(self.a_year)

    @property
    def ceiling(self) -> Interval | None:
        """All that anything could gain over the best rule a year; None where it is unknown."""
        return self.best_over(self.best_rule)


def best_of(rules: Sequence[Player], today: Player | None) -> Player | None:
    """The rule with the highest value on the tuning luck; today's rule only where it is better than all others."""
    candidates = [*rules, *([today] if today is not None else [])]
    tuned = [player for player in candidates if player.tuned is not None]
    return max(tuned, key=lambda player: player.tuned or 0.0, default=None)
