"""Shared by all back-tests: bands of forecasts, and when a difference speaks against a fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from envs_data.arrays import Flags, Floats
from envs_data.fits import BackTest

BAND = (0.1, 0.9)
# Standard errors from which a difference is beyond chance.
BEYOND_CHANCE = 3.0


class Tolerance(NamedTuple):
    """Differences that are too small to matter, however certain they are.

    Attributes:
        level: of totals from their expectation, as a share.
        coverage: of the share of bands that held from the expected share.
    """

    level: float
    coverage: float


SALES, RESPONSES, CUSTOMERS = Tolerance(0.15, 0.1), Tolerance(0.1, 0.15), Tolerance(0.15, 0.15)


def level_problem(
    what: str, came: float, expected: float, spread: float, tolerance: Tolerance, beyond: float = BEYOND_CHANCE
) -> list[str]:
    """Whether more or less came than expected, beyond chance and by more than is tolerated; none or one sentence.

    Args:
        what: the quantity, in words.
        came: the observed total.
        expected: the total that the fit expected.
        spread: standard deviation of the difference.
        tolerance: differences that do not matter.
        beyond: standard deviations from which a difference is beyond chance.
    """
    off = came - expected
    share = off / max(expected, 1e-9)
    if abs(off) <= beyond * spread or abs(share) <= tolerance.level:
        return []
    return [f"{what} {'rose' if off > 0 else 'fell'} by {abs(share):.0%} against what the fit expected"]


def coverage_problem(
    covered: float, expected: float, error: float, tolerance: Tolerance, beyond: float = BEYOND_CHANCE
) -> list[str]:
    """Whether bands held more or less often than expected; none or one sentence.

    Args:
        covered: share of bands that held.
        expected: the share expected.
        error: its standard error.
        tolerance: differences that do not matter.
        beyond: standard errors from which a difference is beyond chance.
    """
    if abs(covered - expected) <= max(tolerance.coverage, beyond * error):
        return []
    return [f"80 % bands covered {covered:.0%}, expected {expected:.0%}"]


def share_error(chances: Floats) -> float:
    """Standard error of the share of independent events with these probabilities that happen."""
    return float(np.sqrt((chances * (1 - chances)).sum()) / len(chances))


@dataclasses.dataclass(frozen=True)
class Bands:
    """Observations in each held-out bin of time or customers, beside their forecast.

    Attributes:
        came, mean, low, high: [bins] the observation, its expectation and its 80 % band.
        inside: how likely the band holds: [bins] probabilities, or [futures, bins] where it held in simulations.
        error: standard error of the share of bands that hold.
    """

    came: Floats
    mean: Floats
    low: Floats
    high: Floats
    inside: Floats | Flags
    error: float

    @classmethod
    def normal(cls, came: Floats, mean: Floats, spread: Floats) -> Bands:
        """Bands of whole numbers that are about normal around their mean."""
        spread = np.maximum(spread, 1e-9)
        low = np.maximum(np.ceil(mean + stats.norm.ppf(BAND[0]) * spread - 0.5), 0)
        high = np.floor(mean + stats.norm.ppf(BAND[1]) * spread + 0.5)
        law = stats.norm(mean, spread)
        inside = law.cdf(high + 0.5) - law.cdf(np.where(low > 0, low - 0.5, -np.inf))
        return cls(came, mean, low, high, inside, share_error(inside))

    @classmethod
    def simulated(cls, came: Floats, futures: Floats) -> Bands:
        """Bands from simulated futures [futures, bins], whose bins may depend on each other."""
        low, high = np.quantile(futures, BAND, axis=0)
        return cls(came, futures.mean(axis=0), low, high, np.zeros(0), 0.0).held_by(futures)

    def held_by(self, futures: Floats) -> Bands:
        """The same with how often the bands hold, and its error, as simulated futures [futures, bins] have it."""
        inside = (futures >= self.low) & (futures <= self.high)
        return dataclasses.replace(self, inside=inside, error=float(inside.mean(axis=1).std(ddof=1)))

    def covered(self) -> float:
        """Share of bands that held."""
        return float(((self.came >= self.low) & (self.came <= self.high)).mean())

    def coverage(self) -> float:
        """Share of bands that the fit expects to hold."""
        return float(self.inside.mean())

    def coverage_problem(self, tolerance: Tolerance) -> list[str]:
        """Whether the bands held as often as expected."""
        return coverage_problem(self.covered(), self.coverage(), self.error, tolerance)

    def miss(self, forecast: Floats | float) -> float:
        """Mean absolute error of a forecast."""
        return float(np.abs(self.came - forecast).mean())

    def rival(self, name: str, coverage: float, forecast: Floats | float) -> dict[str, Any]:
        """A naive forecast beside the fit's own, as `BackTest` has it."""
        return {"name": name, "coverage": coverage, "error": self.miss(forecast), "own_error": self.miss(self.mean)}

    def series(self) -> dict[str, list[Any]]:
        """Expectation and band for a picture."""
        rounded = {"expected": self.mean, "low": self.low, "high": self.high}
        return {name: np.round(values, 3).tolist() for name, values in rounded.items()}

    def back_test(
        self, held_out: str, rival: Mapping[str, Any], problems: Sequence[str], series: Mapping[str, list[Any]]
    ) -> BackTest:
        """The back-test with the figures of all bins.

        Args:
            held_out: what was held back, in words.
            rival: the naive forecast.
            problems: why the fit is not to be trusted.
            series: names of the bins and the observations, for a picture.
        """
        return BackTest(
            held_out=held_out,
            predicted={"coverage": self.coverage(), "mean": float(self.mean.mean())},
            observed={"coverage": self.covered(), "mean": float(self.came.mean())},
            rival=rival,
            problems=tuple(problems),
            series={**series, **self.series()},
        )
