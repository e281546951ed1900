"""Does a demand fit predict sales it has not seen? Holds back the last fifth of a table and compares."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from envs_data.arrays import Flags, Floats, Ints
from envs_data.back_tests import BAND, SALES, coverage_problem, level_problem, share_error
from envs_data.fits import BackTest
from envs_data.pricing.regression import Regression

# Fewer rows than these, and a table can be fitted but not checked.
LEAST_TRAINING, LEAST_HELD_OUT = 20, 8
SHARE = 5


@dataclasses.dataclass(frozen=True)
class Forecast:
    """What a fit to earlier rows expects of a product's later rows, beside the units sold.

    Attributes:
        name: the product.
        early: [earlier rows] units of the rows the fit has seen.
        units: [rows] units sold; for sold-out rows the expected demand given the stock-out.
        mean, low, high: [rows] expectation and 80 % band.
        inside: [rows] probability of the band.
        covered: [rows] probability that demand was inside, 0 or 1 where it did not sell out.
        variance: [rows] of units around the mean.
        error: standard error of the log of the mean, for all rows together.
    """

    name: str
    early: Ints
    units: Floats
    mean: Floats
    low: Floats
    high: Floats
    inside: Floats
    covered: Floats
    variance: Floats
    error: float


def late_rows(count: int, dated: bool) -> Flags:
    """[rows] which are held back: the last fifth, or every fifth if there are no dates."""
    if dated:
        return np.asarray(np.arange(count) >= count - count // SHARE)
    return np.asarray(np.arange(count) % SHARE == SHARE - 1)


def forecast(name: str, law: Regression, mean: Floats, early: Ints, came: Ints, cut: Flags, error: float) -> Forecast:
    """A product's held-out rows beside their forecast.

    Args:
        name: the product.
        law: of units around their mean.
        mean: [rows] expected by a fit to earlier rows.
        early: [earlier rows] units sold in those.
        came: [rows] units sold.
        cut: [rows] sold out.
        error: standard error of the log of the mean.
    """
    low, high = law.band(mean, BAND)
    covered = ((came >= low) & (came <= high)).astype(np.float64)
    if cut.any():
        above = law.at_least(np.maximum(came, low.astype(np.int64)), mean) - law.at_least(high.astype(int) + 1, mean)
        given = np.maximum(above, 0) / np.maximum(law.at_least(came, mean), 1e-300)
        covered = np.where(cut, given, covered)
    return Forecast(
        name=name,
        early=early,
        units=law.expected(came, cut, mean),
        mean=mean,
        low=low,
        high=high,
        inside=law.inside(mean, low, high),
        covered=covered,
        variance=law.variance(mean),
        error=error,
    )


def level_error(fit: Regression, design: Floats, mean: Floats) -> float:
    """Standard error of the log of what all rows sell together.

    Args:
        fit: a regression.
        design: [rows, coefficients].
        mean: [rows] its expectation.
    """
    slope = np.einsum("i,ij->j", mean / max(float(mean.sum()), 1e-300), design)
    return float(np.sqrt(max(slope @ fit.covariance @ slope, 0.0)))


def too_short(rows: int, what: str) -> BackTest:
    """The judgement on a table too short to be checked."""
    return BackTest(f"the last fifth of {what}", problems=(f"{rows} rows are too few to check it",))


def judged(forecasts: Sequence[Forecast], held_out: str, reasons: Sequence[str] = ()) -> BackTest:
    """Figures and problems of all products together.

    Args:
        forecasts: one a product.
        held_out: what was held back, in words.
        reasons: why the fit is not to be trusted already.
    """
    rows = sum(len(one.mean) for one in forecasts)
    if rows < LEAST_HELD_OUT or min(len(one.early) for one in forecasts) < LEAST_TRAINING:
        return BackTest(held_out, problems=(*reasons, f"{rows} held-out rows are too few to check it"))
    units, mean, inside, covered = (
        np.concatenate([getattr(one, part) for one in forecasts]) for part in ("units", "mean", "inside", "covered")
    )
    problems = [problem for one in forecasts for problem in _level_problem(one)]
    problems += coverage_problem(float(covered.mean()), float(inside.mean()), share_error(inside), SALES)
    return BackTest(
        held_out=held_out,
        predicted={"coverage": float(inside.mean()), "mean": float(mean.mean())},
        observed={"coverage": float(covered.mean()), "mean": float(units.mean())},
        rival=_rival(forecasts, float(np.abs(units - mean).mean())),
        problems=(*reasons, *problems),
        series=_series(forecasts),
    )


def _level_problem(one: Forecast) -> list[str]:
    came, expected = float(one.units.sum()), float(one.mean.sum())
    spread = float(np.sqrt(one.variance.sum() + (expected * one.error) ** 2))
    return level_problem(f"sales of {one.name}", came, expected, spread, SALES)


def _rival(forecasts: Sequence[Forecast], own: float) -> dict[str, object]:
    """The naive forecast: a product's own average, with the spread its sales had."""
    bands = [np.quantile(one.early, BAND) for one in forecasts]
    hits = [(one.units >= low) & (one.units <= high) for one, (low, high) in zip(forecasts, bands, strict=True)]
    miss = [np.abs(one.units - one.early.mean()) for one in forecasts]
    coverage, error = float(np.concatenate(hits).mean()), float(np.concatenate(miss).mean())
    return {"name": "each product's average", "coverage": coverage, "error": error, "own_error": own}


def _series(forecasts: Sequence[Forecast]) -> dict[str, list[object]]:
    """The first 200 held-out rows of each product, for a picture."""
    rows = [(one, k) for one in forecasts for k in range(min(len(one.mean), 200))]
    return {
        "units": [float(one.units[k]) for one, k in rows],
        "expected": [round(float(one.mean[k]), 3) for one, k in rows],
        "low": [round(float(one.low[k]), 3) for one, k in rows],
        "high": [round(float(one.high[k]), 3) for one, k in rows],
    }
