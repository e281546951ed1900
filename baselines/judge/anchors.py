"""The fixed points among results (random, today, the best rule, the best possible), and the scale they give."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable

from baselines.agents import Kind, Problem
from baselines.judge import statistics
from baselines.judge.statistics import Interval
from baselines.judge.time_scale import TimeScale, time_scale
from baselines.runs.results import Best, EpisodeReturns, Player, Results, Run


@dataclasses.dataclass(frozen=True)
class Anchors:
    """The fixed points among results.

    Attributes:
        problem: the case with its parameters.
        results: the table of results.
        table_units: units of the table that one unit of the world stands for.
    """

    problem: Problem
    results: Results
    table_units: int = 1

    def plus(self, runs: Iterable[Run]) -> Anchors:
        """The same with more rows in the table."""
        return dataclasses.replace(self, results=self.results.plus(runs))

    def role(self, player: Player) -> str:
        """``today``, ``best rule``, or the kind of an agent."""
        best = self.best_rule
        is_best = best is not None and player.name == best.name and player.kind != Kind.TODAY
        return Kind.BEST_RULE if is_best else player.kind

    @property
    def best(self) -> Best | None:
        """The reference; None without one."""
        return self.results.best

    @functools.cached_property
    def best_rule(self) -> Player | None:
        """The rule with the highest value on the tuning luck, today's where it is better than all others."""
        tuned = [player for kind in (Kind.RULE, Kind.TODAY) for player in self.results.of_kind(kind)]
        return max(tuned, key=lambda player: player.runs[0].tuned or 0.0, default=None)

    @functools.cached_property
    def today(self) -> Player | None:
        """Today's rule."""
        return next(iter(self.results.of_kind(Kind.TODAY)), None)

    @functools.cached_property
    def random(self) -> Player | None:
        """The random agent."""
        return next(iter(self.results.of_kind(Kind.RANDOM)), None)

    @functools.cached_property
    def scale(self) -> TimeScale:
        """The period that amounts refer to."""
        there = (self.best_rule, self.today, self.random)
        return time_scale(self.problem, [player.played for player in there if player is not None])

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
