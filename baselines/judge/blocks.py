"""Intervals from one stretch of days: blocks of them are the units of repetition."""

from __future__ import annotations

import numpy as np
from scipy import stats

from baselines.judge.statistics import LEVEL, Interval
from envs_data.arrays import Floats

# So many blocks, or fewer where they would be shorter than a week, or than two correlation times of the days.
BLOCKS, SHORTEST, TIMES = 10, 7, 2.0
# Fewer blocks than these leave too few degrees of freedom to be worth the independence they buy.
FEWEST = 4
# Skewness of a mean: less is none; more makes intervals longer without holding the truth more often.
NO_SKEWNESS, MOST_SKEWNESS = 1e-6, 0.4


def blocked_interval(gains: Floats, level: float = LEVEL, shortest: int = SHORTEST) -> Interval:
    """Student's t interval of a mean over days that hang together, by the means of blocks of them.

    The longer a day's gain resembles those of the days before it, the longer and fewer the blocks (Carlstein 1986,
    Annals of Statistics 14(3), for a first-order autoregression). Where a block resembles the one before it, that is
    added too: a level that drifts makes blocks repeat each other.
    Where days were filled in several times, what the fillings leave open is added as in multiple imputation (Rubin
    1987, Multiple Imputation for Nonresponse in Surveys); where an agent was trained several times, what the trainings
    leave open as well. Degrees of freedom are Satterthwaite's (1946, Biometrics Bulletin 2(6)).

    A rule often differs from another on few days that cost much, so that the mean is skew; the ends are moved to where
    Hall's cubic transformation (1992, Journal of the Royal Statistical Society B 54(1)) puts them.

    Args:
        gains: [trainings, fillings, days].
        level: coverage.
        shortest: days that a block has at least.
    """
    trainings, fillings, _ = gains.shape
    parts = [_of_blocks(gains.mean(axis=0), shortest), _of_means(gains.mean(axis=(0, 2)), 1 + 1 / fillings)]
    parts.append(_of_means(gains.mean(axis=(1, 2)), 1 / trainings))
    mean, total = float(gains.mean()), sum(part for part, _ in parts)
    doubt = sum(part**2 / units for part, units in parts if part > 0)
    freedom = total**2 / doubt if doubt > 0 else np.inf
    if total <= 0:
        return Interval(mean, mean, mean)
    reach = float(stats.t.ppf(0.5 + level / 2, min(freedom, 1e9)))
    low, high = (_unskewed(t, gains.mean(axis=(0, 1))) for t in (-reach, reach))
    return Interval(mean, mean - high * float(np.sqrt(total)), mean - low * float(np.sqrt(total)))


def _unskewed(t: float, daily: Floats) -> float:
    """The standardised mean that a skew sample puts where one without skewness has ``t``."""
    skewness = float(stats.skew(daily)) / np.sqrt(len(daily)) if np.ptp(daily) > 0 else 0.0
    if abs(skewness) < NO_SKEWNESS:
        return t
    skewness = float(np.clip(skewness, -MOST_SKEWNESS, MOST_SKEWNESS))
    return float(np.cbrt(1 + skewness * (t - skewness / 6)) - 1) * 3 / skewness


def _of_blocks(gains: Floats, shortest: int) -> tuple[float, int]:
    """Variance of the mean of [fillings, days], as the blocks of each filling show it, and its degrees of freedom."""
    most = max(2, min(BLOCKS, gains.shape[1] // shortest))
    independent = int(gains.shape[1] / (TIMES * _correlation_time(gains.mean(axis=0))))
    count = min(most, max(independent, FEWEST))
    blocks = np.stack([block.mean(axis=1) for block in np.array_split(gains, count, axis=1)])
    likeness = max(_likeness(blocks.mean(axis=1)), 0.0)
    return float(np.var(blocks, axis=0, ddof=1).mean()) / count * (1 + 2 * likeness), count - 1


def _correlation_time(daily: Floats) -> float:
    """Days that tell as much of the mean as one independent day would, if each day follows the one before it."""
    likeness = min(max(_likeness(daily), 0.0), 1 - 1 / len(daily))
    return (1 + likeness) / (1 - likeness)


def _likeness(means: Floats) -> float:
    """Correlation of each unit with the next, less the -1 / n that independent ones show (Marriott and Pope 1954)."""
    off = means - means.mean()
    whole = float(off @ off)
    return float(off[1:] @ off[:-1]) / whole + 1 / len(off) if whole > 0 else 0.0


def _of_means(means: Floats, share: float) -> tuple[float, int]:
    """So much of the variance of some means, and its degrees of freedom; nothing is known of that of one."""
    return (share * float(np.var(means, ddof=1)), len(means) - 1) if len(means) > 1 else (0.0, 1)
