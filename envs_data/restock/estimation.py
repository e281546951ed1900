"""Estimating daily demand from daily sales that may be censored by stock-outs."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from envs_data.restock.demand import Demand, Sales, Structure, design, month_of, weekday_of
from envs_data.restock.likelihood import imputed_mean, log_likelihood, variance

Floats = NDArray[np.float64]
Loss = Callable[[Floats], tuple[float, Floats]]

# Days of each month a season needs, and days of table from which it has been seen twice.
MONTH_DAYS, TWO_YEARS = 20, 700
# Log factors of weekdays and months are held together as by a normal of this spread: nothing to a month with any
# sale at all, and the only thing that keeps a month without one from running off to minus infinity.
FACTOR_SPREAD = 3.0


def estimate(sales: Sales, structure: Structure, law: str) -> Demand:
    """Maximum (barely penalised) likelihood of one structure and law; a closed weekday's days tell nothing.

    Args:
        sales: the observed days.
        structure: the regressors.
        law: ``poisson`` or ``negative_binomial``.
    """
    is_open = sales.open_weekdays()
    used = sales.where(is_open[weekday_of(sales.dates)])
    first, last = sales.dates[0], sales.dates[-1]
    regressors = design(structure, used.dates, first, last)
    ridge = _ridge(structure, regressors.shape[1])

    def loss(theta: Floats) -> tuple[float, Floats]:
        value, by_log_mean, by_log_size = log_likelihood(theta, regressors, used.units, used.censored, law)
        slope = np.einsum("ij,i->j", regressors, by_log_mean)
        pull = ridge @ theta[: len(ridge)]
        loss_slope = np.append(pull - slope, -by_log_size) if law == "negative_binomial" else pull - slope
        return 0.5 * float(theta[: len(ridge)] @ pull) - value, loss_slope

    theta = minimum(loss, _start(used, regressors.shape[1], structure, law), len(used))
    value = log_likelihood(theta, regressors, used.units, used.censored, law)[0]
    covariance = inverse(hessian(loss, theta))
    fitted = Demand(structure, law, theta, covariance, value, 1.0, is_open, first, last)
    return widened(fitted, used)


def _ridge(structure: Structure, count: int) -> Floats:
    """Penalty that holds weekdays to each other and months to each other (January's coefficient is zero)."""
    ridge = np.zeros((count, count))
    if structure.weekday:
        ridge[:7, :7] = np.eye(7) - 1 / 7
    if structure.season:
        months = slice(structure.levels(), structure.levels() + 11)
        ridge[months, months] = np.eye(11) - 1 / 12
    return ridge / FACTOR_SPREAD**2


def _start(sales: Sales, count: int, structure: Structure, law: str) -> Floats:
    mean = max(float(sales.units.mean()), 1e-3)
    theta = np.zeros(count)
    theta[: structure.levels()] = np.log(mean)
    if law == "poisson":
        return theta
    excess = max(float(sales.units.var()) - mean, 0.01 * mean)
    return np.append(theta, np.clip(np.log(mean**2 / excess), -3, 8))


def minimum(loss: Loss, start: Floats, days: int) -> Floats:
    """Where a loss over so many days, given with its slope, is least."""

    def per_day(theta: Floats) -> tuple[float, Floats]:
        value, slope = loss(theta)
        return value / days, slope / days

    # Not L-BFGS-B: its threaded BLAS gains nothing on so few numbers and is many times slower on a busy machine.
    found = optimize.minimize(per_day, start, jac=True, method="BFGS", options={"gtol": 1e-7})
    return np.asarray(found.x, dtype=np.float64)


def hessian(loss: Loss, theta: Floats) -> Floats:
    """Second derivatives of a loss, from its slopes."""
    step = 1e-4
    rows = [(loss(theta + e)[1] - loss(theta - e)[1]) / (2 * step) for e in np.eye(len(theta)) * step]
    found = np.array(rows)
    return np.asarray((found + found.T) / 2)


def inverse(hessian: Floats) -> Floats:
    """Inverse of an information matrix; where it is flat the variance is large (a log factor of e^3), not infinite."""
    values, vectors = np.linalg.eigh(hessian)
    return np.asarray((vectors / np.maximum(values, 1 / 9)) @ vectors.T)


def widened(fitted: Demand, sales: Sales) -> Demand:
    """Adds to the level's variance what weeks differ beyond independent days, where that is beyond doubt."""
    expected = fitted.expected(sales.dates)
    spread = variance(expected, fitted.size())
    error = imputed_mean(sales.units, sales.censored, expected, fitted.size()) - expected
    week = (sales.dates - fitted.first).astype(int) // 7
    totals, spreads = np.bincount(week, weights=error), np.bincount(week, weights=spread)
    kept = spreads > 0
    ratio = float(np.mean(totals[kept] ** 2 / spreads[kept]))
    if ratio < 1 + 4 * np.sqrt(2 / kept.sum()):
        return fitted
    covariance = fitted.covariance.copy()
    levels = fitted.structure.levels()
    covariance[:levels, :levels] += (ratio - 1) * spread.sum() / expected.sum() ** 2
    return dataclasses.replace(fitted, covariance=covariance, drift=ratio)


def select(sales: Sales) -> Demand:
    """The structure and law with the smallest BIC: weekdays first, then trend and season, then the law.

    Trend and season are slow: where weeks differ more than independent days would, some of what looks like them is
    that. So their gain in likelihood counts only by its share of the drift that no candidate explains (QBIC, after
    Lebreton et al. 1992, Ecological Monographs 62(1)).
    """
    weekday = _best(sales, (Structure(weekday=w) for w in (False, True)), 1.0).structure.weekday
    half_lives = (None, sales.span() / 12, sales.span() / 4, float(sales.span()))
    seasons = (False, True) if season_seen(sales.dates) else (False,)
    chosen = _best(sales, (Structure(weekday, s, h) for s, h in itertools.product(seasons, half_lives)))
    plain = estimate(sales, chosen.structure, "poisson")
    return min(plain, chosen, key=lambda fit: fit.bic(len(sales)))


def _best(sales: Sales, structures: Iterable[Structure], drift: float | None = None) -> Demand:
    """The best negative binomial fit, by default against the drift that the best of them leaves unexplained."""
    fits = [estimate(sales, structure, "negative_binomial") for structure in structures]
    drift = drift or min(fit.drift for fit in fits)
    return min(fits, key=lambda fit: fit.bic(len(sales), drift))


def season_seen(dates: NDArray[np.datetime64]) -> bool:
    """Whether every month of the year has been seen for `MONTH_DAYS` days."""
    return bool(np.bincount(month_of(dates), minlength=12).min() >= MONTH_DAYS)
