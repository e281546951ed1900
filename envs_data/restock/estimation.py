"""Estimating daily demand from daily sales that may be censored by stock-outs."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from envs_data.arrays import Floats, Ints
from envs_data.censored_counts import LOG_MEANS, OWN, TINY, log_likelihood
from envs_data.curvature import hessian, inverse
from envs_data.restock.demand import Demand, Structure, design
from envs_data.restock.level_fit import around_level, with_level, with_other
from envs_data.restock.sales import Sales, month_of, weekday_of

Loss = Callable[[Floats], tuple[float, Floats]]

# Days of each month a season needs, and days of table from which it has been seen twice.
MONTH_DAYS, TWO_YEARS = 20, 700
# Log factors of weekdays and months are held together as by a normal of this spread: nothing to a month with any
# sale at all, and the only thing that keeps a month without one from running off to minus infinity.
FACTOR_SPREAD = 3.0
# Where the likelihood is flat, standard errors are large (a log factor of e^3), not infinite.
FLATTEST, STEP = 3.0, 1e-4
# Blocks of days by which the level is seen to drift: weeks, months and quarters.
WEEK, BLOCKS = 7, (7, 28, 91)
# Share of days that may have sold out where the table has no stock: those that sold best.
BEST = 0.2
# What a limit costs in the BIC: its value, and that the largest one seen is the only one asked about.
LIMIT_COSTS = 2
# Share of days up to which it may be met: days that are nearly all alike tell nothing of a law beyond.
MOST_MET = 0.5
# Share of days on which nobody asks where the search for it begins, and its log odds.
EMPTY_SHARE = 0.2
EMPTY = float(np.log(EMPTY_SHARE / (1 - EMPTY_SHARE)))


def estimate(sales: Sales, structure: Structure, law: str) -> Demand:
    """Maximum (barely penalised) likelihood of one structure and law; days of closed weekdays are ignored.

    Args:
        sales: the observed days.
        structure: the regressors.
        law: one of `envs_data.censored_counts.OWN`.
    """
    return _with_errors(likeliest(sales, structure, law), sales)


def likeliest(sales: Sales, structure: Structure, law: str, near: Demand | None = None) -> Demand:
    """`estimate` without standard errors, which take as long again and only the chosen fit needs.

    Args:
        sales: the observed days.
        structure: the regressors.
        law: one of `envs_data.censored_counts.OWN`.
        near: a fit of the same weekdays to begin the search from; None to begin from the mean.
    """
    is_open = sales.open_weekdays()
    used = sales.where(is_open[weekday_of(sales.dates)])
    first, last = sales.dates[0], sales.dates[-1]
    regressors = design(structure, used.dates, first, last)
    count = regressors.shape[1]
    start = _start(used, count, structure, law) if near is None else _start_from(near, count, law)
    curved = _information(start, regressors, structure, law)
    theta = minimum(_loss(used, regressors, structure, law), start, len(used), curved)
    value = log_likelihood(theta, regressors, used.units, used.censored, law)[0]
    unknown = np.full((len(theta), len(theta)), np.nan)
    fitted = Demand(structure, law, theta, unknown, value, 1.0, is_open, first, last)
    return dataclasses.replace(fitted, drift=drift_of(fitted, used))


def _with_errors(fitted: Demand, sales: Sales) -> Demand:
    """A fit with its covariance: inverse observed information, widened where weeks drift."""
    used = sales.where(fitted.is_open[weekday_of(sales.dates)])
    loss = _loss(used, fitted.design(used.dates), fitted.structure, fitted.law)
    return widened(
        dataclasses.replace(
            fitted, covariance=inverse(hessian(lambda theta: loss(theta)[1], fitted.theta, STEP), FLATTEST)
        ),
        used,
    )


def _loss(sales: Sales, regressors: Floats, structure: Structure, law: str) -> Loss:
    """Minus the log-likelihood of the days, with the penalty, and its slope."""
    ridge = _ridge(structure, regressors.shape[1])

    def loss(theta: Floats) -> tuple[float, Floats]:
        value, by_log_mean, by_own = log_likelihood(theta, regressors, sales.units, sales.censored, law)
        slope = np.einsum("ij,i->j", regressors, by_log_mean)
        pull = ridge @ theta[: len(ridge)]
        return 0.5 * float(theta[: len(ridge)] @ pull) - value, np.append(pull - slope, -by_own)

    return loss


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
    return np.concatenate([theta, [np.clip(np.log(mean**2 / excess), -3, 8)], np.full(OWN[law] - 1, EMPTY)])


def _start_from(near: Demand, count: int, law: str) -> Floats:
    """The coefficients of a nearby fit; zero for months and trends that it does not have."""
    known = near.coefficients()[:count]
    theta = np.concatenate([known, np.zeros(count - len(known))])
    own = near.theta[len(near.coefficients()) :][: OWN[law]]
    # Where nobody has asked yet how many days are empty for themselves, the search begins at one in five.
    return np.concatenate([theta, own, np.full(OWN[law] - len(own), EMPTY)])


def _information(theta: Floats, regressors: Floats, structure: Structure, law: str) -> Floats:
    """Approximate second derivatives of the loss: the expected information if no day were sold out.

    That of log size is what a normal with the law's variance would have; level and size are nearly orthogonal.
    """
    count = regressors.shape[1]
    mean = np.exp(np.clip(np.einsum("ij,j->i", regressors, theta[:count]), *LOG_MEANS))
    over = mean / np.exp(theta[count]) if OWN[law] else np.zeros(len(mean))
    information = np.einsum("ij,i,ik->jk", regressors, mean / (1 + over), regressors) + _ridge(structure, count)
    if law == "poisson":
        return np.asarray(information)
    whole = np.eye(count + OWN[law]) * EMPTY_SHARE * (1 - EMPTY_SHARE) * len(mean)
    whole[:count, :count], whole[count, count] = information, 0.5 * float(np.sum((over / (1 + over)) ** 2))
    return whole


def minimum(loss: Loss, start: Floats, days: int, curved: Floats | None = None) -> Floats:
    """The minimum of a loss over a number of days, given with its slope.

    Args:
        loss: the loss.
        start: where the search begins.
        days: days it is over.
        curved: approximate second derivatives there; None if unknown.
    """

    def per_day(theta: Floats) -> tuple[float, Floats]:
        value, slope = loss(theta)
        return value / days, slope / days

    # Not L-BFGS-B: its threaded BLAS gains nothing on so few numbers and is many times slower on a busy machine.
    turned = None if curved is None else inverse(curved, FLATTEST) * days
    known = None if turned is None else (turned + turned.T) / 2
    best = optimize.minimize(per_day, start, jac=True, method="BFGS", options={"gtol": 1e-7, "hess_inv0": known})
    return np.asarray(best.x, dtype=np.float64)


def drift_of(fitted: Demand, sales: Sales, block: int = WEEK) -> float:
    """Variance of totals of weeks, or of longer blocks, over that expected; 1 where not clearly larger.

    Expected is that of independent days, or of days around the fitted hidden level.
    """
    expected = fitted.expected(sales.dates)
    law = fitted.counts()
    error = law.imputed_mean(sales.units, sales.censored, expected) - expected
    age = (sales.dates - fitted.first).astype(int)
    totals, spreads = np.bincount(age // block, weights=error), spread_of_totals(fitted, sales, age, block)
    kept = spreads > 0
    ratio = float(np.mean(totals[kept] ** 2 / spreads[kept]))
    return 1.0 if ratio < 1 + 4 * np.sqrt(2 / kept.sum()) else ratio


def spread_of_totals(fitted: Demand, sales: Sales, age: Ints, block: int) -> Floats:
    """[blocks] variance of the total of so many calendar days, as the fit expects it.

    Args:
        fitted: the fit.
        sales: the days.
        age: [days] each day's number, counted from the first of the first block.
        block: calendar days together.
    """
    expected = fitted.expected(sales.dates)
    spreads = np.bincount(age // block, weights=fitted.counts().variance(expected)).astype(np.float64)
    if fitted.wandering is None or not fitted.wanders:
        return spreads
    every = np.bincount(age, weights=expected, minlength=len(spreads) * block).reshape(-1, block)
    apart = np.abs(np.subtract.outer(np.arange(block), np.arange(block)))
    together = fitted.wandering.covariance(apart) * (apart > 0)
    return np.asarray(spreads + np.einsum("bi,ij,bj->b", every, together, every))


def widened(fitted: Demand, sales: Sales) -> Demand:
    """Widens the level's variance where weeks, months or quarters differ more than independent days would.

    Where they wander around a hidden level, it is at least as wide as that makes the mean of all days.
    """
    age, alone = (sales.dates - fitted.first).astype(int), dataclasses.replace(fitted, wandering=None)
    expected, levels = fitted.expected(sales.dates), fitted.structure.levels()
    spread = float(fitted.counts().variance(expected).sum())
    tied = float(spread_of_totals(fitted, sales, age, int(age[-1]) + 1).sum()) / spread
    drift = max(tied, *(drift_of(alone, sales, block) for block in BLOCKS))
    if drift == 1:
        return fitted
    covariance = fitted.covariance.copy()
    covariance[:levels, :levels] += (drift - 1) * spread / float(expected.sum()) ** 2
    return dataclasses.replace(fitted, covariance=covariance, drift=drift_of(fitted, sales))


def select(sales: Sales) -> Demand:
    """The most plausible demand, with a limit where days tell of one: see `without_limit`."""
    found = without_limit(sales)
    limit = limit_of(found, sales)
    return dataclasses.replace(without_limit(sales.limited(limit)), limit=limit) if limit else found


def limit_of(fitted: Demand, sales: Sales) -> int:
    """The most that was ever sold, if it was sold so often that days of more must have been cut to it; else 0.

    The likelihood that so many days were just that is compared with that of as much or more, by the BIC.
    """
    limit = int(sales.units.max())
    met = (sales.units == limit) & ~sales.censored
    if met.mean() > MOST_MET:
        return 0
    mean, law = np.maximum(fitted.expected(sales.dates[met]), 1e-9), fitted.counts()
    more = law.at_least(sales.units[met] + 1, mean) / np.maximum(law.at_least(sales.units[met], mean), TINY)
    return limit if -2 * np.log1p(-np.minimum(more, 1 - 1e-9)).sum() > LIMIT_COSTS * np.log(len(sales)) else 0


def without_limit(sales: Sales) -> Demand:
    """The structure and law with the smallest BIC: weekdays first, then trend and season, then the law.

    Trend and season are slow: where weeks differ more than independent days would, some of what looks like them is
    that. So their gain in likelihood counts only by its share of the drift that no candidate explains (QBIC, after
    Lebreton et al. 1992, Ecological Monographs 62(1)).
    """
    by_weekday = {
        weekday: likeliest(sales, Structure(weekday=weekday), "negative_binomial") for weekday in (False, True)
    }
    weekday = min(by_weekday, key=lambda one: by_weekday[one].bic(len(sales)))
    half_lives = (None, sales.span() / 12, sales.span() / 4, float(sales.span()))
    shapes = itertools.product((False, True) if season_seen(sales.dates) else (False,), half_lives)
    near = by_weekday[weekday]
    slow = [likeliest(sales, Structure(weekday, s, h), "negative_binomial", near) for s, h in shapes if s or h]
    fits = [near, *slow]
    drift = min(fit.drift for fit in fits)
    chosen = min(fits, key=lambda fit: fit.bic(len(sales), drift))
    laws = ("poisson", "zero_inflated") if np.any((sales.units == 0) & ~sales.censored) else ("poisson",)
    others = [likeliest(sales, chosen.structure, law, chosen) for law in laws]
    chosen = with_level(min(*others, chosen, key=lambda fit: fit.bic(len(sales))), sales)
    # What looks like a trend or a season may be a level that wanders slowly.
    rivals = [with_level(near, sales)] if chosen.structure != near.structure and chosen.wandering else []
    chosen, *rest = sorted([chosen, *rivals], key=lambda fit: fit.bic(len(sales)))
    return with_other(*(_with_errors(around_level(fit, sales), sales) for fit in (chosen, *rest)), days=len(sales))


def if_short(fitted: Demand, sales: Sales) -> Demand:
    """The same structure and law where the best days are taken for sold-out ones.

    Args:
        fitted: the fit that takes no day for sold out.
        sales: the days, of which nobody knows whether they sold out.
    """
    often = fitted.counts().quantile(1 - BEST, np.maximum(fitted.expected(sales.dates), 1e-9))
    short = dataclasses.replace(sales, censored=(sales.units >= often) & (sales.units > 0))
    return _with_errors(around_level(with_level(likeliest(short, fitted.structure, fitted.law), short), short), short)


def season_seen(dates: NDArray[np.datetime64]) -> bool:
    """Whether every month of the year has been seen for `MONTH_DAYS` days."""
    return bool(np.bincount(month_of(dates), minlength=12).min() >= MONTH_DAYS)
