"""Does a demand fit predict days it has not seen? Holds back the last fifth of a table and compares."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from envs_data.arrays import Floats
from envs_data.back_tests import BAND, BEYOND_CHANCE, SALES, coverage_problem, level_problem, share_error
from envs_data.fits import BackTest
from envs_data.restock.calendar import WEEKDAYS
from envs_data.restock.demand import Demand
from envs_data.restock.estimation import estimate, select, spread_of_totals
from envs_data.restock.sales import Sales, weekday_of

# Fewer days than these, and a table can be fitted but not checked.
LEAST_TRAINING, LEAST_HELD_OUT = 42, 14
# Differences that matter where they are beyond chance (four tests: together one table in a hundred).
WEEKDAY_MATTERS, ZEROS_MATTER, SOLD_OUT_MATTERS, BUSIEST_MATTER = 0.1, 0.05, 0.05, 0.03
# Weekly totals that vary so many times as much as those of independent days leave the fitted world too calm.
TOO_CALM = 2.0
# Share of days outside their bands beyond those expected that no level explains: a world is not used that far off.
MOST_UNCOVERED = 0.3
# Errors of the naive forecast that its band needs.
LEAST_ERRORS = 28


def back_test(sales: Sales) -> BackTest:
    """Fits the first four fifths of the days and compares the last with what that fit expects.

    A held-out day that sold out enters by what the fit expects given that demand was at least that. Standard errors
    hold the fit's own and that of the held-out days as the fitted world has them: overdispersed, but independent.

    Args:
        sales: all days observed.

    Returns:
        Figures and problems; refused without figures where the table is too short.
    """
    count = len(sales) // 5
    is_late = np.arange(len(sales)) >= len(sales) - count
    early, late = sales.where(~is_late), sales.where(is_late)
    held_out = f"the last {count} days"
    if len(early) < LEAST_TRAINING or count < LEAST_HELD_OUT or not early.units.any():
        return BackTest(held_out, problems=(f"{len(sales)} days are too few to check it",))
    fit = select(early)
    early, late = early.limited(fit.limit), late.limited(fit.limit)
    judged = Prediction(fit, late)
    # Whether weekdays turned is asked of a profile even where it was too weak to be fitted: a weak one may go on.
    by_weekday = dataclasses.replace(fit.structure, weekday=True)
    weekly = judged if fit.structure.weekday else Prediction(estimate(early, by_weekday, fit.law), late)
    return BackTest(
        held_out=held_out,
        predicted=judged.predicted(),
        observed=judged.observed(),
        rival=rival(early, late, judged),
        problems=(*judged.problems(), *weekly.weekday_problem(), *tail_problem([Prediction(fit, early), judged])),
        series=judged.series(),
    )


def tail_problem(predictions: Sequence[Prediction]) -> list[str]:
    """Whether the busiest days are as many as the fit expects: safety stock is kept for them. All days count."""
    came = np.concatenate([one.above() for one in predictions])
    expected = np.concatenate([one.busiest for one in predictions])
    off = float(came.mean() - expected.mean())
    if abs(off) < max(BUSIEST_MATTER, max(one.beyond_shares for one in predictions) * share_error(expected)):
        return []
    return [f"{came.mean():.0%} of days above the 80 % bands, expected {expected.mean():.0%}"]


class Prediction:
    """A fit's prediction of days it has not seen, beside those days.

    Args:
        fit: the fit to earlier days.
        sales: the days held out.
        beyond: standard errors from which a difference is beyond chance.
    """

    def __init__(self, fit: Demand, sales: Sales, beyond: float = BEYOND_CHANCE) -> None:
        self.fit, self.sales, self.beyond = fit, sales, beyond
        law = self.law = fit.counts()
        self.weekday = weekday_of(sales.dates)
        self.mean = np.maximum(fit.expected(sales.dates), 1e-9)
        self.spread = law.variance(self.mean)
        # Days that share a hidden level tell less than as many independent ones.
        age = (sales.dates - sales.dates[0]).astype(int)
        self.total_spread = float(spread_of_totals(fit, sales, age, sales.span()).sum())
        self.tied = float(np.sqrt(max(self.total_spread / self.spread.sum(), 1.0)))
        self.low, self.high = (law.quantile(share, self.mean).astype(np.int64) for share in BAND)
        self.units = law.imputed_mean(sales.units, sales.censored, self.mean)
        self.covered = self._share_inside()
        self.coverage = law.at_most(self.high, self.mean) - law.at_most(self.low - 1, self.mean)
        self.busiest = 1 - law.at_most(self.high, self.mean)
        nothing = 1 - law.at_least(np.ones_like(sales.units), self.mean)
        self.nothing = nothing
        self.beyond_shares = beyond * self.tied
        self.zero = np.where(sales.censored, nothing, 1.0) * (sales.units == 0)

    def _share_inside(self) -> Floats:
        """[days] 1 inside the band, 0 outside; for a sold-out day the probability of it, given what was sold."""
        units, law = self.sales.units, self.law
        above = law.at_least(np.maximum(units, self.low), self.mean) - law.at_least(self.high + 1, self.mean)
        given = np.maximum(above, 0) / np.maximum(law.at_least(units, self.mean), 1e-300)
        inside = (units >= self.low) & (units <= self.high)
        return np.where(self.sales.censored, given, inside)

    def above(self) -> Floats:
        """[days] 1 above the band; for a sold-out day the probability of it, given what was sold."""
        units = self.sales.units
        given = self.busiest / np.maximum(self.law.at_least(units, self.mean), 1e-300)
        return np.where(self.sales.censored & (units <= self.high), given, units > self.high)

    def predicted(self) -> dict[str, Any]:
        """What the fit expects of the held-out days."""
        spread = np.sqrt(self.spread.mean() + self.mean.var())
        return self._figures(self.coverage, self.mean, float(spread), self.nothing)

    def observed(self) -> dict[str, Any]:
        """The same figures of the held-out days."""
        return self._figures(self.covered, self.units, float(self.units.std()), self.zero)

    def _figures(self, coverage: Floats, units: Floats, spread: float, zero: Floats) -> dict[str, Any]:
        by_weekday = [float(units[self.weekday == day].mean()) if day in self.weekday else None for day in range(7)]
        return {
            "coverage": float(coverage.mean()),
            "mean": float(units.mean()),
            "spread": spread,
            "zero_days": float(zero.mean()),
            "weekday": by_weekday,
        }

    def series(self) -> dict[str, list[Any]]:
        """The held-out days for a picture."""
        return {
            "date": [str(date) for date in self.sales.dates],
            "units": self.sales.units.tolist(),
            "sold_out": self.sales.censored.tolist(),
            "expected": np.round(self.mean, 3).tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
        }

    def problems(self) -> list[str]:
        """Differences beyond chance and beyond tolerance, except for weekdays."""
        covered, expected = float(self.covered.mean()), float(self.coverage.mean())
        error = share_error(self.coverage)
        beyond = min(self.beyond_shares, MOST_UNCOVERED / max(error, 1e-9))
        coverage = coverage_problem(covered, expected, error, SALES, beyond)
        calm = self._calm_problem()
        return [*self._level_problem(), *coverage, *self._zeros_problem(), *self._sold_out_problem(), *calm]

    def _level_problem(self) -> list[str]:
        slope = self.fit.design(self.sales.dates).T @ self.mean
        spread = self.total_spread + slope @ self.fit.covariance_of_coefficients() @ slope
        totals = float(self.units.sum()), float(self.mean.sum())
        return level_problem("the level of demand", *totals, float(np.sqrt(spread)), SALES, self.beyond)

    def weekday_problem(self) -> list[str]:
        """The weekday profile at the level that came: its chi-square, and its share of the profile expected.

        The second is the sharper where a pattern fades or turns: it asks one question instead of six.
        """
        expected = np.asarray(np.bincount(self.weekday, weights=self.mean, minlength=7), dtype=np.float64)
        level = self.units.sum() / expected.sum()
        off = np.bincount(self.weekday, weights=self.units, minlength=7) - level * expected
        spread = self._weekday_spread(expected)
        seen = expected > 1e-6
        relative = np.divide(off, level * expected, out=np.zeros(7), where=seen & (level > 0))
        worst = int(np.abs(relative).argmax())
        chi_square = off @ np.linalg.pinv(spread, rcond=1e-9, hermitian=True) @ off
        chance = stats.chi2.sf(chi_square, max(int(seen.sum()) - 1, 1))
        profile = self.fit.natural().get("weekday", np.ones(7)) - 1
        along, along_spread = profile @ off, profile @ spread @ profile
        beyond = chance < 2 * stats.norm.sf(self.beyond) or along**2 > self.beyond**2 * along_spread
        if not beyond or abs(relative[worst]) < WEEKDAY_MATTERS:
            return []
        return [f"the weekday pattern turned, most on {WEEKDAYS[worst]} ({relative[worst]:+.0%})"]

    def _weekday_spread(self, expected: Floats) -> Floats:
        """[7, 7] covariance of weekday sales around their share of the total: sampling and fitting error."""
        pick = np.eye(7)[self.weekday]
        slopes = (pick * self.mean[:, None]).T @ self.fit.design(self.sales.dates)
        spread = np.diag(pick.T @ self.spread) + slopes @ self.fit.covariance_of_coefficients() @ slopes.T
        centred = np.eye(7) - np.outer(expected / expected.sum(), np.ones(7))
        return np.asarray(centred @ spread @ centred.T)

    def _calm_problem(self) -> list[str]:
        """Whether weeks differ much more than those of the fitted world, whose days are independent."""
        times = self.fit.drift
        return [] if times < TOO_CALM else [f"weekly totals vary {times:.1f} times as much as in the fitted world"]

    def _sold_out_problem(self) -> list[str]:
        """Days that sold out beside those that the fit expects to, given how much there was to sell.

        Not where demand wanders: little stock is then left by days of high demand, which more of them follow.
        """
        known = np.isfinite(self.sales.available)
        if not known.any() or self.fit.wanders:
            return []
        chance = self.law.at_least(self.sales.available[known].astype(np.int64), self.mean[known])
        came, expected = float(self.sales.censored[known].mean()), float(chance.mean())
        if abs(came - expected) < max(SOLD_OUT_MATTERS, self.beyond * share_error(chance)):
            return []
        return [f"{came:.0%} of days sold out, expected {expected:.0%} from the stock there was"]

    def _zeros_problem(self) -> list[str]:
        off = self.zero.mean() - self.nothing.mean()
        if abs(off) < max(ZEROS_MATTER, self.beyond_shares * share_error(self.nothing)):
            return []
        return [f"{self.zero.mean():.0%} of days without demand, expected {self.nothing.mean():.0%}"]


def rival(early: Sales, late: Sales, judged: Prediction) -> dict[str, Any]:
    """The naive forecast: the same weekday a year (364 days) ago if there is one, else that of the last week."""
    year, yearly = _pairs(early, late.dates - 364), _pairs(early, early.dates - 364)
    if np.isfinite(year).all() and np.isfinite(yearly).sum() >= LEAST_ERRORS:
        name, forecast, past = "same as last year", year, yearly
    else:
        weeks = (late.dates - early.dates[-1]).astype(int)
        name, forecast = "same as last week", _pairs(early, late.dates - 7 * (-(-weeks // 7)))
        past = _pairs(early, early.dates - 7)
    errors = (early.units - past)[np.isfinite(past)]
    usable = np.isfinite(forecast)
    if len(errors) < LEAST_ERRORS or not usable.any():
        return {}
    low, high = np.quantile(errors, BAND)
    miss = (late.units - forecast)[usable]
    return {
        "name": name,
        "coverage": float(((miss >= low) & (miss <= high)).mean()),
        "error": float(np.abs(miss).mean()),
        "own_error": float(np.abs(judged.units - judged.mean)[usable].mean()),
    }


def _pairs(sales: Sales, dates: NDArray[np.datetime64]) -> Floats:
    """[days] units sold on each of the dates, NaN where not observed."""
    place = np.minimum(np.searchsorted(sales.dates, dates), len(sales) - 1)
    return np.where(sales.dates[place] == dates, sales.units[place].astype(float), np.nan)
