"""The back-test of a shelf: the logit, or the regression of each product, on rows it has not seen."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from envs_data.arrays import Floats
from envs_data.fits import BackTest
from envs_data.pricing import back_test as judge
from envs_data.pricing.logit import Logit, Offers, estimate, select, shares_at
from envs_data.pricing.regression import Regression, regress
from envs_data.pricing.shelf.elasticities import Elasticity, regressors, stocked, unpromoted
from envs_data.pricing.shelf.shelf_data import ShelfData

# Number of groups into which visits are summed.
GROUPS = 100
STEP = 1e-4


def back_test(seen: ShelfData) -> BackTest:
    """Fits four fifths of the table, and compares the last with what that fit expects."""
    if seen.offers is not None:
        return _side_by_side(seen.offers, seen.names, seen.choices)
    products = seen.frame["product"].astype(str)
    forecasts = [_one(seen.frame[products == name], name, one) for name, one in seen.elasticities.items()]
    rows = sum(len(one.mean) for one in forecasts)
    return judge.judged(forecasts, f"every fifth row, {rows:,} in all")


def _one(rows: pd.DataFrame, name: str, elasticity: Elasticity) -> judge.Forecast:
    """A product's rows without promotion, under a regression of the law that the whole table has."""
    assert elasticity.plain is not None
    rows = stocked(unpromoted(rows))
    design, units, cut = regressors(rows)
    late = judge.late_rows(len(rows), "date" in rows)
    early = regress(design[~late], units[~late], cut[~late], elasticity.plain.law)
    mean = early.mean(design[late])
    error = judge.level_error(early, design[late], mean)
    return judge.forecast(name, early, mean, units[~late], units[late], cut[late], error)


def _side_by_side(offers: Offers, names: Sequence[str], visits: bool) -> BackTest:
    """Periods, or groups of visits, under a logit fitted to the earlier ones."""
    late = judge.late_rows(len(offers.prices), True)
    early, later = offers.where(~late), offers.where(late)
    held_out = f"the last {int(late.sum()):,} {'visits' if visits else 'periods'}"
    if len(early.prices) < judge.LEAST_TRAINING or not early.counts.any(axis=0).all():
        return judge.too_short(len(offers.prices), "the periods")
    fitted = estimate(early) if visits else select(early)
    size = max(len(later.prices) // GROUPS, 1) if visits else 1
    forecasts = [_of_product(name, k, fitted, (early, later), size) for k, name in enumerate(names)]
    return judge.judged([one for one in forecasts if len(one.mean)], held_out)


def _of_product(name: str, k: int, fitted: Logit, parts: tuple[Offers, Offers], size: int) -> judge.Forecast:
    """A product's later rows, in groups of so many."""
    there, later = [part.offered[:, k] for part in parts], parts[1]
    mean = _grouped(fitted.expected(later)[there[1], k], size)
    grouped = [_grouped(part.counts[rows, k], size) for part, rows in zip(parts, there, strict=True)]
    seen, came = (np.rint(counts).astype(np.int64) for counts in grouped)
    cut = np.zeros(len(came), dtype=bool)
    return judge.forecast(name, _law(fitted, mean), mean, seen, came, cut, _error(fitted, later, k))


def _grouped(values: Floats, size: int) -> Floats:
    """Sums of neighbouring values; a last incomplete group is left out."""
    whole = len(values) // size * size
    return np.asarray(values[:whole].reshape(-1, size).sum(axis=1))


def _law(fitted: Logit, mean: Floats) -> Regression:
    """Poisson, or where the logit's errors are wider a negative binomial as wide."""
    nothing = (np.zeros(0), np.zeros((0, 0)))
    if fitted.dispersion < 1.2 or not mean.any():
        return Regression("poisson", *nothing, 0.0, 0.0, len(mean))
    return Regression("negative_binomial", *nothing, float(mean.mean() / (fitted.dispersion - 1)), 0.0, len(mean))


def _error(fitted: Logit, later: Offers, k: int) -> float:
    """Standard error of the log of a product's expected sales, from that of the coefficients."""

    def log_total(theta: Floats) -> float:
        total = float((later.customers * shares_at(theta, later)[:, k]).sum())
        return math.log(max(total, 1e-300))

    steps = np.eye(len(fitted.theta)) * STEP
    slope = np.array([log_total(fitted.theta + e) - log_total(fitted.theta - e) for e in steps]) / (2 * STEP)
    return math.sqrt(max(float(slope @ fitted.covariance @ slope), 0.0))
