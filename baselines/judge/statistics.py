"""Intervals and comparisons: pure functions of arrays.

One convention: a sample is [n], one entry a unit of repetition. For a learner the unit is the training seed: the mean
of its returns over the shared luck, minus the rival's; what these episodes leave open is added (`crossed_interval`).
For what does not learn it is the episode. Student's t covers 95 % at five and ten trainings, where a percentile
bootstrap of the mean covers 85 and 90 %.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy import stats

from envs_data.arrays import Floats

LEVEL = 0.95


@dataclasses.dataclass(frozen=True)
class Interval:
    """An estimate with its interval; both ends are infinite where there is only one unit of repetition.

    Attributes:
        value: the estimate.
        low: lower end.
        high: upper end.
    """

    value: float
    low: float
    high: float

    @property
    def touches_zero(self) -> bool:
        """Whether zero is inside."""
        return not (self.low > 0 or self.high < 0)

    def times(self, factor: float) -> Interval:
        """The interval of a positive multiple."""
        return Interval(self.value * factor, self.low * factor, self.high * factor)


def columns(name: str, interval: Interval | None) -> dict[str, float | None]:
    """An interval as three columns of a table: ``name``, ``name_low`` and ``name_high``; empty without one."""
    ends = (None, None, None) if interval is None else dataclasses.astuple(interval)
    return dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))


def mean_interval(sample: Floats, level: float = LEVEL) -> Interval:
    """Student's t interval of a mean.

    Args:
        sample: [n].
        level: coverage.
    """
    mean = float(np.mean(sample))
    if len(sample) < 2:
        return Interval(mean, -np.inf, np.inf)
    half = float(stats.t.ppf(0.5 + level / 2, len(sample) - 1) * np.std(sample, ddof=1) / np.sqrt(len(sample)))
    return Interval(mean, mean - half, mean + half)


def paired_interval(ours: Floats, theirs: Floats, level: float = LEVEL) -> Interval:
    """Student's t interval of a mean difference on the same luck.

    Args:
        ours: [n].
        theirs: [n] on the same luck, row by row.
        level: coverage.
    """
    return mean_interval(ours - theirs, level)


def against_interval(mean: float, stderr: float, theirs: Floats, level: float = LEVEL) -> Interval:
    """Interval of a number known up to a standard error minus the mean of a sample.

    Args:
        mean: the number, such as a bound.
        stderr: its standard error; 0 where it was computed.
        theirs: [n].
        level: coverage.
    """
    other = mean_interval(theirs, level)
    half = float(np.hypot(stats.norm.ppf(0.5 + level / 2) * stderr, other.high - other.value))
    gap = mean - other.value
    return Interval(gap, gap - half, gap + half)


def captured(gain: float, ceiling: Interval) -> float | None:
    """Share of the ceiling a gain over the best rule takes; None for "no ceiling".

    Args:
        gain: value minus the best rule's.
        ceiling: interval of the reference minus the best rule; there is no ceiling when it touches zero or is below.
    """
    return gain / ceiling.value if ceiling.low > 0 else None


def share_of_possible(value: float, random: Interval, reference: Interval) -> float | None:
    """(value - random) / (reference - random), unclipped; None where the anchors' intervals overlap.

    Args:
        value: what an agent earned.
        random: interval of the random agent's mean.
        reference: interval of the reference.
    """
    if random.high >= reference.low:
        return None
    return (value - random.value) / (reference.value - random.value)


def crossed_interval(sample: Floats, error: float = 0.0, level: float = LEVEL) -> Interval:
    """Student's t interval of a mean over trainings that all played the same episodes.

    Trainings and episodes are crossed: what the episodes add to the mean's error is the same for all trainings and
    does not show in their spread. It is added to the variance, with Satterthwaite's degrees of freedom (1946,
    Biometrics Bulletin 2(6)).

    Args:
        sample: [n] one entry a training.
        error: standard error of their mean over the episodes that all of them share.
        level: coverage.
    """
    mean = float(np.mean(sample))
    if len(sample) < 2:
        return Interval(mean, -np.inf, np.inf)
    stderr, freedom = _crossed(sample, error)
    half = float(stats.t.ppf(0.5 + level / 2, freedom)) * stderr
    return Interval(mean, mean - half, mean + half)


def episodes_error(ours: Floats, theirs: Floats) -> float:
    """Standard error over the episodes of the mean difference of all trainings, for `crossed_interval`.

    Args:
        ours: [trainings, episodes].
        theirs: [episodes] on the same luck.
    """
    gains = ours.mean(axis=0) - theirs
    return float(np.std(gains, ddof=1) / np.sqrt(len(gains)))


def p_value(sample: Floats, error: float = 0.0) -> float:
    """Two-sided p value of "the mean is zero": below .05 exactly where `crossed_interval` leaves out zero.

    Args:
        sample: [n] one entry a training; 1 for a sample that tells nothing.
        error: standard error of their mean over the episodes that all of them share.
    """
    if len(sample) < 2:
        return 1.0
    mean = abs(float(np.mean(sample)))
    stderr, freedom = _crossed(sample, error)
    if stderr == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * stats.t.sf(mean / stderr, freedom))


def _crossed(sample: Floats, error: float) -> tuple[float, float]:
    """Standard error of a mean over trainings and the episodes they share, and its degrees of freedom."""
    trainings = float(np.var(sample, ddof=1)) / len(sample)
    total = trainings + error**2
    freedom = (len(sample) - 1) * (total / trainings) ** 2 if trainings > 0 else np.inf
    return float(np.sqrt(total)), min(freedom, 1e9)


def widened_interval(means: Floats, stderr: float, units: int, level: float = LEVEL) -> Interval:
    """Interval of a mean over what two sources of doubt leave open: draws of the world, and the error in each.

    The quantiles of the sum of an empirical distribution and a Student-t.

    Args:
        means: [draws] the mean in each world drawn.
        stderr: standard error of such a mean; 0 where it is exact, infinite where nothing is known of it.
        units: units of repetition behind it.
        level: coverage.
    """
    center = float(np.mean(means))
    if not np.isfinite(stderr):
        return Interval(center, -np.inf, np.inf)
    grid = (np.arange(199) + 0.5) / 199
    doubt = stats.t.ppf(grid, max(units - 1, 1)) * stderr if stderr > 0 else np.zeros(1)
    share = (1 - level) / 2
    spread = np.add.outer(means, doubt).ravel()
    low, high = np.quantile(spread, [share, 1 - share], method="median_unbiased")
    return Interval(center, float(low), float(high))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p values, in the order given (Holm 1979, Scandinavian Journal of Statistics 6).

    Args:
        p_values: one a comparison.
    """
    order = np.argsort(p_values, kind="stable")
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def interquartile_mean(scores: Floats) -> float:
    """Mean of the middle half of scores [...]: with n of them, the least and largest n / 4 count not at all."""
    return float(stats.trim_mean(scores.ravel(), 0.25))


def stratified_interval(scores: Sequence[Floats], seed: int = 0, draws: int = 10_000, level: float = LEVEL) -> Interval:
    """Interquartile mean across cases, with a bootstrap that draws trainings within each (Agarwal et al. 2021).

    Only across cases: within one, the middle half would hide the trainings that failed.

    Args:
        scores: for each case the scores of its trainings.
        seed: seed of the draws.
        draws: number of bootstrap draws.
        level: coverage.
    """
    rng = np.random.default_rng(seed)
    drawn = np.concatenate([own[rng.integers(0, len(own), size=(draws, len(own)))] for own in scores], axis=1)
    means = stats.trim_mean(drawn, 0.25, axis=1)
    low, high = np.quantile(means, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(interquartile_mean(np.concatenate(scores)), float(low), float(high))
