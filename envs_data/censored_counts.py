"""Likelihood of counts that may be censored by a stock-out, and moments given one."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import special, stats

from envs_data.arrays import Flags, Floats, Ints

TINY = 1e-300
# Share of days on which nobody asks, at most.
MOST_EMPTY = 0.99
# Coefficients of a law's own, beside those of the mean.
OWN = {"poisson": 0, "negative_binomial": 1, "zero_inflated": 2}
# Sizes of a negative binomial: at the upper end it is a Poisson law.
SIZE_BOUNDS = (1e-3, 1e6)
# Expected demand a search may try on its way; no table comes near the ends.
LOG_MEANS = (-30.0, 30.0)


@dataclasses.dataclass(frozen=True)
class Counts:
    """A law of whole numbers around a mean that each method is given.

    Attributes:
        size: size of the negative binomial; None for a Poisson law.
        zero_inflation: share of days on which nothing at all is asked for, beside those that the law leaves empty.
    """

    size: float | None = None
    zero_inflation: float = 0.0

    def busy(self, mean: Floats) -> Floats:
        """Mean of the days on which anything may be asked for."""
        return mean / (1 - self.zero_inflation)

    def variance(self, mean: Floats) -> Floats:
        """Variance around the mean."""
        busy, share = self.busy(mean), 1 - self.zero_inflation
        own = busy if self.size is None else busy + busy**2 / self.size
        return share * (own + self.zero_inflation * busy**2)

    def at_least(self, units: Ints, mean: Floats) -> Floats:
        """P(demand >= units)."""
        return np.where(units > 0, (1 - self.zero_inflation) * _tail(units, self.busy(mean), self.size), 1.0)

    def at_most(self, units: Ints, mean: Floats) -> Floats:
        """P(demand <= units)."""
        return 1.0 - self.at_least(units + 1, mean)

    def quantile(self, share: float | Floats, mean: Floats) -> Floats:
        """The smallest number that is not exceeded with this probability."""
        busy = self.busy(mean)
        law = stats.poisson(busy) if self.size is None else stats.nbinom(self.size, self.size / (self.size + busy))
        wanted = np.maximum(share - self.zero_inflation, 0.0) / (1 - self.zero_inflation)
        return np.asarray(np.maximum(law.ppf(wanted), 0.0), dtype=np.float64)

    def imputed_mean(self, units: Ints, censored: Flags, mean: Floats) -> Floats:
        """Units, and where censored the expected demand given that it was at least that.

        E[D | D >= k] = mean P(D' >= k - 1) / P(D >= k), with D' the size-biased law less one: Poisson of the same mean,
        negative binomial of size r + 1 and mean mean (r + 1) / r.
        """
        below, busy = np.maximum(units - 1, 0), self.busy(mean)
        growth, more = (1.0, None) if self.size is None else ((self.size + 1) / self.size, self.size + 1)
        given = busy * _tail(below, busy * growth, more) / np.maximum(_tail(units, busy, self.size), TINY)
        given = np.where(units > 0, given, mean)
        return np.where(censored, np.maximum(given, units), units)


def _tail(units: Ints, mean: Floats, size: float | None) -> Floats:
    """P(demand >= units) without zero inflation."""
    k = np.maximum(units, 1)
    tail = special.gammainc(k, mean) if size is None else special.betainc(k, size, mean / (size + mean))
    return np.where(units > 0, tail, 1.0)


def log_likelihood(
    theta: Floats, regressors: Floats, units: Ints, censored: Flags, law: str
) -> tuple[float, Floats, Floats]:
    """Log-likelihood of sales; a censored day contributes P(demand >= units).

    Args:
        theta: coefficients of log expected demand, then the law's own: log size of a negative binomial, and of a
            zero-inflated one also the log odds of a day on which nothing at all is asked for.
        regressors: [days, coefficients].
        units: [days] units sold.
        censored: [days] whether the item sold out.
        law: one of `OWN`.

    Returns:
        The value, its [days] slopes by log expected demand, and its slopes by the law's own coefficients.
    """
    # einsum, not @: for matrices this small a threaded BLAS only keeps other cores busy.
    log_mean = np.einsum("ij,j->i", regressors, theta[: regressors.shape[1]])
    mean = np.exp(np.clip(log_mean, *LOG_MEANS))
    slopes, empty = np.zeros(len(units)), np.zeros(len(units), dtype=np.bool_)
    if law == "zero_inflated":
        share = min(float(special.expit(theta[-1])), MOST_EMPTY)
        mean, empty, theta = mean / (1 - share), ~censored & (units == 0), theta[:-1]
    seen, cut = ~censored & ~empty, censored & (units > 0)
    if law == "poisson":
        value, slopes[seen] = _poisson_seen(units[seen], mean[seen])
        cut_value, slopes[cut] = _poisson_cut(units[cut], mean[cut])
        return value + cut_value, slopes, np.zeros(0)
    log_size = float(np.clip(theta[-1], *np.log(SIZE_BOUNDS)))
    size = float(np.exp(log_size))
    value, slopes[seen], by_size = _binomial_seen(units[seen], mean[seen], size)
    cut_value, slopes[cut], cut_by_size = _binomial_cut(units[cut], mean[cut], size)
    value, by_size = value + cut_value, by_size + cut_by_size
    if law != "zero_inflated":
        return value, slopes, np.array([by_size * (log_size == theta[-1])])
    empty_value, slopes[empty], empty_by_size, by_share = _inflated_empty(mean[empty], size, share)
    sold = int(np.count_nonzero(seen)) + int(np.count_nonzero(cut))
    # The share also moves the mean of the other days, so that the mean of all stays.
    by_share += (float(slopes.sum()) - sold) / (1 - share)
    by_size = (by_size + empty_by_size) * (log_size == theta[-1])
    value += empty_value + sold * float(np.log1p(-share))
    return value, slopes, np.array([by_size, by_share * share * (1 - share)])


def _inflated_empty(mean: Floats, size: float, share: float) -> tuple[float, Floats, float, float]:
    """Days without demand: nobody asked, or the law gave 0; slopes by log mean, log size and share."""
    rest = np.log(size / (size + mean))
    none = np.exp(size * rest)
    chance = share + (1 - share) * none
    law = (1 - share) * none / chance
    slopes = -law * size * mean / (size + mean)
    by_size = float(np.sum(law * size * (rest + mean / (size + mean))))
    return float(np.sum(np.log(chance))), slopes, by_size, float(np.sum((1 - none) / chance))


def _poisson_seen(units: Ints, mean: Floats) -> tuple[float, Floats]:
    return float(np.sum(units * np.log(mean) - mean - special.gammaln(units + 1))), units - mean


def _poisson_cut(units: Ints, mean: Floats) -> tuple[float, Floats]:
    tail = np.maximum(special.gammainc(units, mean), TINY)
    density = np.exp(units * np.log(mean) - mean - special.gammaln(units))
    return float(np.sum(np.log(tail))), density / tail


def _binomial_seen(units: Ints, mean: Floats, size: float) -> tuple[float, Floats, float]:
    # Terms of units and size alone are computed once for each distinct number of units; there are few.
    seen, days = np.unique(units, return_counts=True)
    ways = special.gammaln(seen + size) - special.gammaln(size) - special.gammaln(seen + 1)
    growth = special.digamma(seen + size) - special.digamma(size)
    both = size + mean
    rest, slopes = np.log(size / both), size * (units - mean) / both
    value = float(np.sum(days * ways) + np.sum(size * rest + units * np.log(mean / both)))
    by_size = float(size * np.sum(days * growth) + size * np.sum(rest) - np.sum(slopes))
    return value, slopes, by_size


def _binomial_cut(units: Ints, mean: Floats, size: float) -> tuple[float, Floats, float]:
    tail = np.maximum(_tail(units, mean, size), TINY)
    share, rest = mean / (size + mean), size / (size + mean)
    density = np.exp(units * np.log(share) + size * np.log(rest) - special.betaln(units, size))
    # The tail's slope by the size has no closed form.
    step = 1e-5
    up, down = (np.maximum(_tail(units, mean, size * np.exp(s)), TINY) for s in (step, -step))
    by_size = float(np.sum(np.log(up / down))) / (2 * step)
    return float(np.sum(np.log(tail))), density / tail, by_size
