"""Demand regressions: units sold on log price, promotion and season, sold-out periods censored."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from scipy import linalg, optimize, stats

from envs_data.arrays import Flags, Floats, Ints
from envs_data.censored_counts import Counts, log_likelihood
from envs_data.curvature import hessian, inverse

Law = Literal["poisson", "negative_binomial", "lognormal"]

LAWS: tuple[Law, ...] = ("poisson", "negative_binomial", "lognormal")
# A coefficient the data do not show has at most this standard error.
OPEN = 30.0
STEP = 1e-5
# Variance of logs that a regression leaves at least, where it fits every row exactly.
EXACT = 1e-20


@dataclasses.dataclass(frozen=True)
class Regression:
    """Units sold, given the regressors of each row.

    Attributes:
        law: of units around their mean: ``lognormal`` is least squares on logs, where every row sold something.
        theta: [coefficients] of log expected units; of expected log units for ``lognormal``.
        covariance: of ``theta``.
        spread: size of the negative binomial, standard deviation of logs of the lognormal; 0 for Poisson.
        log_likelihood: of the units themselves, under every law.
        rows: rows used.
    """

    law: Law
    theta: Floats
    covariance: Floats
    spread: float
    log_likelihood: float
    rows: int

    def bic(self) -> float:
        """Bayesian information criterion."""
        return float((len(self.theta) + (self.law != "poisson")) * np.log(self.rows) - 2 * self.log_likelihood)

    def stderr(self, k: int) -> float:
        """Standard error of a coefficient."""
        return float(np.sqrt(self.covariance[k, k]))

    def interval(self, k: int) -> tuple[float, float]:
        """95 % interval of a coefficient: Student's for least squares, else normal."""
        free = self.rows - len(self.theta)
        width = stats.t.ppf(0.975, free) if self.law == "lognormal" else stats.norm.ppf(0.975)
        return float(self.theta[k] - width * self.stderr(k)), float(self.theta[k] + width * self.stderr(k))

    def mean(self, design: Floats) -> Floats:
        """[rows] expected units."""
        shift = self.spread**2 / 2 if self.law == "lognormal" else 0.0
        return np.asarray(np.exp(np.einsum("ij,j->i", design, self.theta) + shift))

    def variance(self, mean: Floats) -> Floats:
        """[rows] variance of units around their mean."""
        if self.law == "lognormal":
            return np.asarray(mean**2 * np.expm1(self.spread**2))
        return self.counts.variance(mean)

    @property
    def counts(self) -> Counts:
        """The law of whole numbers, for laws of such."""
        return Counts(self.spread if self.law == "negative_binomial" else None)

    def band(self, mean: Floats, shares: tuple[float, float]) -> tuple[Floats, Floats]:
        """[rows] quantiles of units around their mean."""
        law = self._law(mean)
        low, high = (np.asarray(law.ppf(share), dtype=np.float64) for share in shares)
        return low, high

    def inside(self, mean: Floats, low: Floats, high: Floats) -> Floats:
        """[rows] probability of units from low to high."""
        law = self._law(mean)
        below = low if self.law == "lognormal" else low - 1
        return np.asarray(law.cdf(high) - law.cdf(below), dtype=np.float64)

    def expected(self, units: Ints, censored: Flags, mean: Floats) -> Floats:
        """[rows] demand: units sold, and for censored rows the expected demand given that it was at least that."""
        if self.law == "lognormal":
            return units.astype(np.float64)
        return self.counts.imputed_mean(units, censored, mean)

    def at_least(self, units: Ints, mean: Floats) -> Floats:
        """[rows] probability of a demand of at least this many units; for laws of whole numbers."""
        return self.counts.at_least(units, mean)

    def draw(self, rng: np.random.Generator, mean: Floats, count: int) -> Floats:
        """[count, rows] units drawn around their mean."""
        shape = (count, len(mean))
        if self.law == "poisson":
            return rng.poisson(mean, shape).astype(np.float64)
        if self.law == "negative_binomial":
            return rng.poisson(rng.gamma(self.spread, mean / self.spread, shape)).astype(np.float64)
        return np.asarray(rng.lognormal(np.log(mean) - self.spread**2 / 2, self.spread, shape))

    def _law(self, mean: Floats) -> Any:
        if self.law == "poisson":
            return stats.poisson(mean)
        if self.law == "negative_binomial":
            return stats.nbinom(self.spread, self.spread / (self.spread + mean))
        return stats.lognorm(self.spread, scale=mean * np.exp(-(self.spread**2) / 2))


def regress(design: Floats, units: Ints, censored: Flags, law: Law, offset: Floats | None = None) -> Regression:
    """Maximum likelihood of one law.

    Args:
        design: [rows, coefficients].
        units: [rows] units sold.
        censored: [rows] whether demand was at least that.
        law: of units.
        offset: [rows] added to log expected units, with no coefficient.
    """
    base = np.zeros(len(units)) if offset is None else offset
    if law == "lognormal":
        return _least_squares(design, units, base)
    whole = np.column_stack([base, design])

    def loss(free: Floats) -> tuple[float, Floats]:
        value, slopes, by_size = log_likelihood(np.append(1.0, free), whole, units, censored, law)
        best = np.einsum("ij,i->j", design, slopes)
        return -value / len(units), -np.append(best, by_size) / len(units)

    best = optimize.minimize(loss, _start(design, units, base, law), jac=True, method="BFGS", options={"gtol": 1e-8})
    covariance = inverse(len(units) * hessian(lambda theta: loss(theta)[1], best.x, STEP), OPEN)
    count = design.shape[1]
    spread = float(np.exp(best.x[-1])) if law == "negative_binomial" else 0.0
    value = -float(best.fun) * len(units)
    return Regression(law, best.x[:count], covariance[:count, :count], spread, value, len(units))


def select(design: Floats, units: Ints, censored: Flags, offset: Floats | None = None) -> Regression:
    """The law with the smallest BIC; logs only where rows sold something, not all the same, and none sold out."""
    varied = units.all() and np.ptp(units) > 0
    laws = LAWS if varied and not censored.any() and len(units) > design.shape[1] + 2 else LAWS[:2]
    return min((regress(design, units, censored, law, offset) for law in laws), key=Regression.bic)


def _start(design: Floats, units: Ints, offset: Floats, law: Law) -> Floats:
    """Least squares on logs, a half added."""
    theta = linalg.lstsq(design, np.log(units + 0.5) - offset, lapack_driver="gelsy")[0]
    return np.append(theta, 1.0) if law == "negative_binomial" else np.asarray(theta)


def _least_squares(design: Floats, units: Ints, offset: Floats) -> Regression:
    logs = np.log(units)
    theta = linalg.lstsq(design, logs - offset)[0]
    errors = logs - offset - np.einsum("ij,j->i", design, theta)
    free = len(units) - design.shape[1]
    variance = max(float((errors**2).sum()) / free, EXACT)
    covariance = inverse(np.einsum("ij,ik->jk", design, design) / variance, OPEN)
    value = float(stats.norm.logpdf(errors, scale=np.sqrt(variance * free / len(units))).sum() - logs.sum())
    return Regression("lognormal", theta, covariance, float(np.sqrt(variance)), value, len(units))


def columns(*parts: Sequence[float] | Floats) -> Floats:
    """A design: a constant, then the parts side by side."""
    rows = len(np.asarray(parts[0]))
    return np.column_stack([np.ones(rows), *(np.asarray(part, dtype=np.float64).reshape(rows, -1) for part in parts)])
