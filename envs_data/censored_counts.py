"""Likelihood of counts that may be censored by a stock-out, and moments given one."""

from __future__ import annotations

import numpy as np
from scipy import special

from envs_data.arrays import Flags, Floats, Ints

TINY = 1e-300
# Sizes of a negative binomial: at the upper end it is a Poisson law.
SIZE_BOUNDS = (1e-3, 1e6)
# Expected demand a search may try on its way; no table comes near the ends.
LOG_MEANS = (-30.0, 30.0)


def variance(mean: Floats, size: float | None) -> Floats:
    """Variance of a Poisson (no size) or negative binomial law."""
    return mean if size is None else mean + mean**2 / size


def at_least(units: Ints, mean: Floats, size: float | None) -> Floats:
    """P(demand >= units)."""
    k = np.maximum(units, 1)
    tail = special.gammainc(k, mean) if size is None else special.betainc(k, size, mean / (size + mean))
    return np.where(units > 0, tail, 1.0)


def at_most(units: Ints, mean: Floats, size: float | None) -> Floats:
    """P(demand <= units)."""
    return 1.0 - at_least(units + 1, mean, size)


def imputed_mean(units: Ints, censored: Flags, mean: Floats, size: float | None) -> Floats:
    """Units, and where censored the expected demand given that it was at least that.

    E[D | D >= k] = mean P(D' >= k - 1) / P(D >= k), with D' the size-biased law less one: Poisson of the same mean,
    negative binomial of size r + 1 and mean mean (r + 1) / r.
    """
    below = np.maximum(units - 1, 0)
    growth, more = (1.0, None) if size is None else ((size + 1) / size, size + 1)
    biased = at_least(below, mean * growth, more)
    given = mean * biased / np.maximum(at_least(units, mean, size), TINY)
    return np.where(censored, np.maximum(given, units), units)


def log_likelihood(
    theta: Floats, regressors: Floats, units: Ints, censored: Flags, law: str
) -> tuple[float, Floats, float]:
    """Log-likelihood of sales; a censored day contributes P(demand >= units).

    Args:
        theta: coefficients of log expected demand, then log size for a negative binomial.
        regressors: [days, coefficients].
        units: [days] units sold.
        censored: [days] whether the item sold out.
        law: ``poisson`` or ``negative_binomial``.

    Returns:
        The value, its [days] slopes by log expected demand, and its slope by log size (0 for Poisson).
    """
    # einsum, not @: for matrices this small a threaded BLAS only keeps other cores busy.
    log_mean = np.einsum("ij,j->i", regressors, theta[: regressors.shape[1]])
    mean = np.exp(np.clip(log_mean, *LOG_MEANS))
    seen, cut = ~censored, censored & (units > 0)
    slopes = np.zeros(len(units))
    if law == "poisson":
        value, slopes[seen] = _poisson_seen(units[seen], mean[seen])
        cut_value, slopes[cut] = _poisson_cut(units[cut], mean[cut])
        return value + cut_value, slopes, 0.0
    log_size = float(np.clip(theta[-1], *np.log(SIZE_BOUNDS)))
    size = float(np.exp(log_size))
    value, slopes[seen], by_size = _binomial_seen(units[seen], mean[seen], size)
    cut_value, slopes[cut], cut_by_size = _binomial_cut(units[cut], mean[cut], size)
    return value + cut_value, slopes, (by_size + cut_by_size) * (log_size == theta[-1])


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
    tail = np.maximum(at_least(units, mean, size), TINY)
    share, rest = mean / (size + mean), size / (size + mean)
    density = np.exp(units * np.log(share) + size * np.log(rest) - special.betaln(units, size))
    # The tail's slope by the size has no closed form.
    step = 1e-5
    up, down = (np.maximum(at_least(units, mean, size * np.exp(s)), TINY) for s in (step, -step))
    by_size = float(np.sum(np.log(up / down))) / (2 * step)
    return float(np.sum(np.log(tail))), density / tail, by_size
