"""Maximum likelihood of when customers come back and of what they spend, with standard errors."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
from scipy import optimize

from envs_data.arrays import Floats, Ints
from envs_data.curvature import inverse
from envs_data.recommend.bg_nbd import BgNbd, Cohort
from envs_data.recommend.spend import GammaSpend

# The parameters of the law of visits.
VISITS = ("r", "alpha", "a", "b")
Law = TypeVar("Law", BgNbd, GammaSpend)
# Logarithms of parameters stay within these: beyond them a law no longer changes.
EDGES = (-7.0, 12.0)
STEP = 1e-4
# A parameter whose logarithm has a larger standard error than this is not identified.
UNKNOWN = 2.0
# Largest standard error of a logarithm.
WIDEST = 10.0


@dataclasses.dataclass(frozen=True)
class Estimate(Generic[Law]):
    """An estimated law with its uncertainty.

    Attributes:
        law: at the maximum.
        log_likelihood: there.
        covariance: of the logarithms of the law's parameters, from the observed information.
    """

    law: Law
    log_likelihood: float
    covariance: Floats

    def values(self) -> Floats:
        """The parameters, in the order of the law's fields."""
        return np.array(dataclasses.astuple(self.law))

    def stderrs(self) -> dict[str, float]:
        """Standard error of every parameter."""
        errors = self.values() * np.sqrt(np.diag(self.covariance))
        return dict(zip(self.names(), errors.tolist(), strict=True))

    def names(self) -> list[str]:
        """Names of the parameters."""
        return [field.name for field in dataclasses.fields(self.law)]

    def unknown(self) -> list[str]:
        """Parameters that the table does not identify."""
        wide = np.sqrt(np.diag(self.covariance)) > UNKNOWN
        return [name for name, is_wide in zip(self.names(), wide, strict=True) if is_wide]

    def draws(self, count: int, rng: np.random.Generator) -> list[dict[str, float]]:
        """Parameters drawn from their uncertainty."""
        drawn = rng.multivariate_normal(np.log(self.values()), self.covariance, size=count, method="eigh")
        values = np.exp(np.clip(drawn, *EDGES))
        return [dict(zip(self.names(), row, strict=True)) for row in values.tolist()]


def estimate_visits(cohort: Cohort) -> Estimate[BgNbd]:
    """The law of visits with the largest likelihood of a cohort."""
    repeats, span = max(int(cohort.frequency.sum()), 1), float(cohort.age.sum())
    start = BgNbd(r=1.0, alpha=span / repeats, a=1.0, b=4.0)
    return _maximum(BgNbd, start, lambda law: law.log_likelihood(cohort))


def estimate_spend(mean: Floats, count: Ints) -> Estimate[GammaSpend]:
    """The law of amounts with the largest likelihood of customers' means.

    Args:
        mean: [customers] mean amount, above 0.
        count: [customers] over how many purchases.
    """
    start = GammaSpend(p=4.0, q=4.0, scale=float(mean.mean()) * 3.0 / 4.0)
    return _maximum(GammaSpend, start, lambda law: law.log_likelihood(mean, count))


def visits_text(estimated: Estimate[BgNbd]) -> str:
    """The law of visits in words, each parameter with its standard error."""
    law, errors = estimated.law, estimated.stderrs()
    parameters = ", ".join(f"{name} {getattr(law, name):.3g} (+- {errors[name]:.2g})" for name in VISITS)
    return f"BG/NBD in days: {parameters}"


def _maximum(kind: type[Law], start: Law, likelihood: Callable[[Law], Floats]) -> Estimate[Law]:
    def law_of(theta: Floats) -> Law:
        return kind(*np.exp(np.clip(theta, *EDGES)).tolist())

    def loss(theta: Floats) -> float:
        return -float(likelihood(law_of(theta)).mean())

    begin = np.log(np.array(dataclasses.astuple(start)))
    best = optimize.minimize(loss, np.clip(begin, *EDGES), method="BFGS", jac="3-point", options={"gtol": 1e-7})
    theta = np.clip(best.x, *EDGES)
    law = law_of(theta)
    each = likelihood(law)
    information = len(each) * _curvature(loss, theta)
    return Estimate(law, float(each.sum()), inverse((information + information.T) / 2, WIDEST))


def _curvature(loss: Callable[[Floats], float], theta: Floats) -> Floats:
    """Second derivatives by central differences."""
    steps = np.eye(len(theta)) * np.sqrt(STEP)
    pairs = [[(one, other) for other in steps] for one in steps]
    signs = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
    return np.array([[sum(s * loss(theta + i * a + j * b) for i, j, s in signs) for a, b in row] for row in pairs]) / (
        4 * STEP
    )
