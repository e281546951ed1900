"""Daily demand as a fit sees it: level, damped trend, weekdays, season and law."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from envs_data.arrays import Flags, Floats
from envs_data.censored_counts import MOST_EMPTY, OWN, SIZE_BOUNDS, Counts
from envs_data.restock import wandering
from envs_data.restock.sales import month_of, weekday_of

# A trend is damped to the level of this many last days.
LEVEL_DAYS = 56
YEAR = 365


@dataclasses.dataclass(frozen=True)
class Structure:
    """Which regressors the logarithm of expected demand has.

    Attributes:
        weekday: a level for each open weekday, instead of one for all.
        season: a factor for each month.
        half_life: days in which a damped trend loses half its force; None for no trend.
    """

    weekday: bool = False
    season: bool = False
    half_life: float | None = None

    def levels(self) -> int:
        """Number of leading coefficients that are levels."""
        return 7 if self.weekday else 1

    def parameters(self, is_open: Flags) -> int:
        """What the structure costs in the BIC: the half-life was searched for too."""
        levels = int(is_open.sum()) if self.weekday else 1
        return levels + 11 * self.season + 2 * (self.half_life is not None)


@dataclasses.dataclass(frozen=True)
class Demand:
    """A fitted law of daily demand.

    Attributes:
        structure: the regressors.
        law: ``poisson``, ``negative_binomial``, or ``zero_inflated``: one with days on which nobody asks at all.
        theta: coefficients of log demand (levels, months February to December, trend), then the law's own: log size and
            the log odds of a day on which nobody asks.
        covariance: of ``theta``: inverse observed information, widened in the level by ``drift``.
        log_likelihood: at ``theta``.
        drift: variance of weekly totals over what independent days would show; 1 when they look independent.
        is_open: [7] weekdays on which the shop sells.
        first, last: first and last day fitted.
        wandering: the hidden level that days tell of; None where none was looked for.
        limit: units beyond which nothing is asked for on any day; 0 for none.
        other: another structure that the table leaves possible: a trend or season where this has none, or none.
        share: its probability.
    """

    structure: Structure
    law: str
    theta: Floats
    covariance: Floats
    log_likelihood: float
    drift: float
    is_open: Flags
    first: np.datetime64
    last: np.datetime64
    wandering: wandering.Wandering | None = None
    limit: int = 0
    other: Demand | None = None
    share: float = 0.0

    @property
    def wanders(self) -> bool:
        """Whether demand has a hidden level."""
        return self.wandering is not None and self.wandering.chosen > 0

    def coefficients(self) -> Floats:
        """``theta`` without the size."""
        return self.theta[: len(self.theta) - OWN[self.law]]

    def covariance_of_coefficients(self) -> Floats:
        """``covariance`` without the size's row and column."""
        count = len(self.coefficients())
        return self.covariance[:count, :count]

    def counts(self) -> Counts:
        """The law around the mean."""
        own = {name: float(value[0]) for name, value in self.natural().items() if name in ("size", "zero_inflation")}
        return Counts(**own)

    def design(self, dates: NDArray[np.datetime64]) -> Floats:
        """[days, coefficients] regressors; after the last fitted day the trend stands still."""
        return design(self.structure, dates, self.first, self.last)

    def expected(self, dates: NDArray[np.datetime64]) -> Floats:
        """[days] expected demand."""
        return np.asarray(np.exp(self.design(dates) @ self.coefficients()) * self.is_open[weekday_of(dates)])

    def bic(self, days: int, drift: float = 1.0) -> float:
        """Bayesian information criterion, likelihood divided by ``drift``; smaller is better."""
        count, value = self.structure.parameters(self.is_open) + OWN[self.law], self.log_likelihood
        if self.wandering is not None and self.wanders:
            count, value = count + wandering.OWN, value + self.wandering.gain
        return float(count * np.log(days) - 2 * value / drift)

    def natural(self, theta: Floats | None = None, goes_on: bool = False) -> dict[str, Floats]:
        """``mean``, and where fitted ``weekday``, ``season``, ``size`` and ``zero_inflation``, in natural units.

        Weekday and season factors average one, over the week and over the twelve months. The trend stands still after
        the last day, or goes on for a year, whose mean level this then is.
        """
        theta = self.theta if theta is None else theta
        count = self.structure.levels()
        level = np.exp(theta[:count]) * self.is_open
        values = {"mean": np.asarray([level.mean()])}
        if self.structure.weekday or not self.is_open.all():
            values["weekday"] = level / level.mean()
        if self.structure.season:
            month = np.exp(np.concatenate([[0.0], theta[count : count + 11]]))
            values["season"] = month / month.mean()
            values["mean"] = values["mean"] * month.mean()
        if goes_on and self.structure.half_life is not None:
            trend = theta[len(self.coefficients()) - 1]
            values["mean"] = values["mean"] * np.exp(trend * _ahead(self.structure.half_life, self.first, self.last))
        own = theta[len(theta) - OWN[self.law] :]
        if len(own):
            values["size"] = np.exp(np.clip(own[:1], *np.log(SIZE_BOUNDS)))
        if len(own) > 1:
            values["zero_inflation"] = np.minimum(special.expit(own[1:]), MOST_EMPTY)
        return values

    def around_level(self, values: Mapping[str, Floats], which: int | None = None) -> dict[str, Floats]:
        """`natural` values with a hidden level, and the size that days have around it.

        Args:
            values: as `natural` gives them.
            which: number of the level among those tried; None for the chosen one.
        """
        if self.wandering is None:
            return {**values}
        chosen = self.wandering.chosen if which is None else which
        return {**values, **self.wandering.fields(chosen, float(values["size"][0]))}

    def stderrs(self) -> dict[str, Floats]:
        """Standard errors of `natural`, by the delta method."""
        step = 1e-5
        errors = {name: np.zeros((len(value), len(self.theta))) for name, value in self.natural().items()}
        for i, shift in enumerate(np.eye(len(self.theta)) * step):
            up, down = self.natural(self.theta + shift), self.natural(self.theta - shift)
            for name, slopes in errors.items():
                slopes[:, i] = (up[name] - down[name]) / (2 * step)
        return {name: np.sqrt(np.einsum("ij,jk,ik->i", s, self.covariance, s)) for name, s in errors.items()}

    def draws(self, count: int, rng: np.random.Generator) -> list[dict[str, Floats]]:
        """Parameters in natural units, drawn from the asymptotic normal of ``theta``.

        The table does not tell whether a trend goes on or stops: it goes on in every second draw. Hidden levels are
        drawn as often as the table makes them probable, and so is another structure.
        """
        if self.other is None:
            return self._own_draws(count, rng)
        others = self.other._own_draws(round(self.share * count), rng)
        flat = {"season": np.ones(12)} if self.structure.season else {}
        return [*self._own_draws(count - len(others), rng), *({**flat, **one} for one in others)]

    def _own_draws(self, count: int, rng: np.random.Generator) -> list[dict[str, Floats]]:
        """The same of this structure alone."""
        drawn = spread_out(self.theta, self.covariance, count, rng)
        levels = [None] * count if self.wandering is None else self.wandering.drawn(count, rng).tolist()
        return [
            self.around_level(self.natural(theta, goes_on=bool(k % 2)), level)
            for k, (theta, level) in enumerate(zip(drawn, levels, strict=True))
        ]


def spread_out(center: Floats, covariance: Floats, count: int, rng: np.random.Generator) -> Floats:
    """[count, coefficients] draws from a normal, one from each of ``count`` equal slices of every principal axis.

    A Latin hypercube (McKay, Beckman and Conover 1979, Technometrics 21(2)): fifty draws at random spread up to a fifth
    more or less than their law, the same fifty for every table that is fitted; these spread as the law does.
    """
    values, vectors = np.linalg.eigh(covariance)
    places = rng.permuted(np.tile(np.arange(count), (len(center), 1)), axis=1) + rng.random((len(center), count))
    scores = special.ndtri(places.T / count)
    return np.asarray(center + (scores * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def design(structure: Structure, dates: NDArray[np.datetime64], first: np.datetime64, last: np.datetime64) -> Floats:
    """[days, coefficients] regressors of log demand.

    The trend's regressor is a half-life decay that averages zero over the last `LEVEL_DAYS` days and is zero after
    them. So the levels are those of the last weeks, and the trend is not extrapolated (a damped trend: Gardner and
    McKenzie 1985, Management Science 31(10), here in logarithms and towards a level).
    """
    columns = [np.eye(7)[weekday_of(dates)] if structure.weekday else np.ones((len(dates), 1))]
    if structure.season:
        columns.append(np.eye(12)[month_of(dates)][:, 1:])
    if structure.half_life is not None:
        span = int((last - first).astype(int)) + 1
        age = (dates - first).astype(int)
        columns.append(np.where(age < span, _decay(age, structure.half_life, span), 0.0)[:, None])
    return np.hstack(columns)


def _decay(age: NDArray[np.integer[Any]], half_life: float, span: int) -> Floats:
    """[days] the trend's regressor on days of this age, as if it went on after the last of ``span`` days."""
    level = (0.5 ** (np.arange(span - min(LEVEL_DAYS, -(-span // 5)), span) / half_life)).mean()
    return np.asarray(0.5 ** (age / half_life) - level)


def _ahead(half_life: float, first: np.datetime64, last: np.datetime64) -> float:
    """The trend's regressor in the mean of the year after the last day.

    The slowest trend cannot be told from one that never slows down: it goes on along a straight line. Others are damped
    as before.
    """
    span = int((last - first).astype(int)) + 1
    if half_life < span:
        return float(_decay(np.arange(span, span + YEAR), half_life, span).mean())
    first_day = float(_decay(np.zeros(1, dtype=np.int64), half_life, span)[0])
    return -first_day * (YEAR + LEVEL_DAYS) / (2 * span - LEVEL_DAYS)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Arrays as JSON has them: ``mean`` and ``size`` are numbers, ``weekday`` and ``season`` lists."""
    return {name: value.tolist() if len(value) > 1 else float(value[0]) for name, value in values.items()}


def error_of(value: Any) -> float | tuple[float, ...]:
    """Standard errors as `Origin` holds them."""
    return tuple(value) if isinstance(value, list) else value
