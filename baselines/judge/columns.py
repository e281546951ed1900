"""What each column of a board holds: a function of the fixed points and of one agent's runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from baselines.agents import TRAINED, Kind
from baselines.judge import statistics
from baselines.judge.anchors import Anchors
from baselines.judge.statistics import Interval
from baselines.runs.results import CURVE_EPISODES, Player
from envs_data.arrays import Floats

Rival = Callable[[Anchors], Player | None]
Column = Callable[[Anchors, Player], Any]


def today(anchors: Anchors) -> Player | None:
    """Today's rule as a rival."""
    return anchors.today


def best_rule(anchors: Anchors) -> Player | None:
    """The best rule as a rival."""
    return anchors.best_rule


def value(anchors: Anchors, player: Player) -> float:
    """Earnings a year."""
    return _mean(anchors, player).value


def value_error(anchors: Anchors, player: Player) -> float:
    """Half-width of their 95 % interval over episodes."""
    mean = _mean(anchors, player)
    return mean.high - mean.value


def _mean(anchors: Anchors, player: Player) -> Interval:
    return statistics.mean_interval(player.returns.mean(axis=0)).times(anchors.a_year)


def _learns(player: Player) -> bool:
    return player.kind in TRAINED


def gain_over(rival: Rival) -> Column:
    """Gain over a rival: for a learner over trainings and the episodes they share, for all others over episodes."""

    def gain(anchors: Anchors, player: Player) -> Interval | None:
        other = rival(anchors)
        if other is None:
            return None
        if _learns(player):
            return statistics.crossed_interval(_samples(anchors, player, other), error(anchors, player))
        return statistics.paired_interval(player.returns[0], other.played.returns).times(anchors.a_year)

    error = error_over(rival)
    return gain


def error_over(rival: Rival) -> Column:
    """Standard error over episodes of the gain over a rival, trainings averaged."""

    def error(anchors: Anchors, player: Player) -> float:
        other = rival(anchors)
        if other is None:
            return 0.0
        return statistics.episodes_error(player.returns, other.played.returns) * anchors.a_year

    return error


def _samples(anchors: Anchors, player: Player, rival: Player | None) -> Floats:
    """[trainings] gain a year over a rival that does not learn."""
    if rival is None:
        return np.array([])
    return np.asarray((player.returns.mean(axis=1) - rival.played.mean) * anchors.a_year)


def gains_over_rule(anchors: Anchors, player: Player) -> tuple[float, ...]:
    """[trainings] gain a year over the best rule."""
    return tuple(_samples(anchors, player, anchors.best_rule).tolist())


def captured(anchors: Anchors, player: Player) -> float | None:
    """Share of the ceiling; None for no ceiling."""
    gains = _samples(anchors, player, anchors.best_rule)
    return of_ceiling(anchors, float(gains.mean())) if len(gains) else None


def trainings(anchors: Anchors, player: Player) -> int:
    """How often it was trained; an agent given as an object counts once."""
    return len(player.results) if _learns(player) else int(player.kind == Kind.YOURS)


def earned_while_learning(anchors: Anchors, player: Player) -> float | None:
    """Value a year while learning, where the agent says."""
    earned = [run.earned_while_learning for run in player.results if run.earned_while_learning is not None]
    return float(np.mean(earned)) * anchors.scale.steps if earned else None


def ratios(anchors: Anchors, player: Player) -> dict[str, float]:
    """Business figures."""
    return {name: player.ratio(name) for name in player.played.ratios}


def years_to_pass(anchors: Anchors, player: Player) -> float | None:
    """Experience from which on the trainings' mean stayed above the best rule, on the same episodes."""
    curves = [run.curve for run in player.results]
    looks = min(curve.shape[1] for curve in curves)
    if anchors.best_rule is None or looks == 0 or not _learns(player):
        return None
    steps, values = np.mean([curve[:, :looks] for curve in curves], axis=0)
    rule = anchors.best_rule.played.returns[:CURVE_EPISODES].mean()
    below = np.flatnonzero(values <= rule)
    first = int(below[-1]) + 1 if len(below) else 0
    return float(steps[first]) / anchors.scale.steps if first < looks else None


def years(anchors: Anchors, player: Player) -> float:
    """Decisions of a training, or of tuning, in years of the business."""
    return player.runs[0].steps / anchors.scale.steps


def seconds(anchors: Anchors, player: Player) -> float:
    """Mean duration of a training."""
    return float(np.mean([run.seconds for run in player.results]))


def about(anchors: Anchors, player: Player) -> str:
    """A learner's own words on its size after its first training."""
    return player.results[0].about


def watched(anchors: Anchors, player: Player) -> bool:
    """Whether it was evaluated while it learned."""
    return _learns(player) and all(run.curve.shape[1] > 0 for run in player.results)


def of_ceiling(anchors: Anchors, gain: float) -> float | None:
    """Share of the ceiling that a gain is."""
    ceiling = anchors.ceiling
    return None if ceiling is None else statistics.captured(gain, ceiling)


def reference_interval(anchors: Anchors) -> Interval:
    """The reference a year."""
    assert anchors.best is not None
    reference = anchors.best.reference
    if anchors.optimum is not None:
        return statistics.mean_interval(anchors.optimum.returns).times(anchors.a_year)
    return statistics.against_interval(reference.value, reference.stderr, np.zeros(2)).times(anchors.a_year)


def share(anchors: Anchors, player: Player) -> float | None:
    """Share of the possible that its value is."""
    return share_of(anchors, value(anchors, player))


def share_of(anchors: Anchors, value: float) -> float | None:
    """Share of the possible, from random to the reference; None where the intervals of these two overlap."""
    if anchors.best is None or anchors.random is None:
        return None
    random = statistics.mean_interval(anchors.random.played.returns).times(anchors.a_year)
    return statistics.share_of_possible(value, random, reference_interval(anchors))
