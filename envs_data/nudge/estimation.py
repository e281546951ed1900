"""Maximum likelihood of what people are like, with standard errors by person."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
from scipy import optimize, special

from envs_data.arrays import Floats
from envs_data.curvature import hessian, inverse, sandwich, scores
from envs_data.nudge import hidden
from envs_data.nudge.hidden import CodedLog
from envs_data.parameters import Parameters

Name = tuple[str, int | None]
"""What is estimated: a field, and which kind of message, or entry of a list, it is of."""
P = TypeVar("P", bound=Parameters)
# Log odds are held together as by a normal of this spread: nothing to what a log shows at all, and the only thing
# that keeps what it does not show from running off to 0 or 1.
SPREAD = 3.0
STEP = 1e-3
# Events that the model rules out may happen this often: a wrong assumption must not break the estimation.
EVER = 1e-9
# Fewer people than this say too little of how they differ; errors then rest on the model alone.
FEW_PEOPLE = 30


@dataclasses.dataclass(frozen=True)
class Model(abc.ABC, Generic[P]):
    """People as hidden Markov chains, some of whose values are given by unbounded numbers.

    Attributes:
        begin: values of the fixed parameters, and where the search begins.
        log: their log.
        names: what is estimated.
    """

    begin: P
    log: CodedLog
    names: tuple[Name, ...]

    @abc.abstractmethod
    def start(self) -> Floats:
        """[names] the values to begin with."""

    def theta(self, values: Floats) -> Floats:
        """[names] the unbounded numbers that stand for some values: log odds of probabilities."""
        return log_odds(values)

    def values(self, theta: Floats) -> Floats:
        """[names] the values, each of its own number."""
        return np.asarray(special.expit(theta))

    @abc.abstractmethod
    def parameters(self, theta: Floats) -> P:
        """The people."""

    @abc.abstractmethod
    def matrices(self, theta: Floats) -> Floats:
        """[rows, states, states] probability to move from state to state, and to show this row."""

    @abc.abstractmethod
    def first(self) -> Floats:
        """[people, states] where everybody begins."""


@dataclasses.dataclass(frozen=True)
class Estimate(Generic[P]):
    """Estimated parameters with their uncertainty.

    Attributes:
        model: what was estimated.
        theta: [names] log odds, or logarithms.
        covariance: [names, names] of these.
    """

    model: Model[P]
    theta: Floats
    covariance: Floats

    @property
    def names(self) -> tuple[Name, ...]:
        """What was estimated."""
        return self.model.names

    @property
    def parameters(self) -> P:
        """The people, at the maximum."""
        return self.model.parameters(self.theta)

    def stderrs(self) -> dict[Name, float]:
        """Standard error of every value estimated."""
        slope = (self.model.values(self.theta + STEP) - self.model.values(self.theta - STEP)) / (2 * STEP)
        return dict(zip(self.names, (slope * np.sqrt(np.diag(self.covariance))).tolist(), strict=True))

    def draws(self, count: int, rng: np.random.Generator) -> list[P]:
        """People drawn from the uncertainty of the estimate."""
        drawn = rng.multivariate_normal(self.theta, self.covariance, size=count, method="eigh")
        return [self.model.parameters(theta) for theta in drawn]


def log_odds(shares: Floats) -> Floats:
    """Log odds of probabilities, held off 0 and 1."""
    return np.asarray(special.logit(np.clip(shares, 0.02, 0.98)))


def estimate(model: Model[P], start: Floats | None = None, errors: bool = True) -> Estimate[P]:
    """Maximum (barely penalised) likelihood of everything a model names.

    Args:
        model: the people, and their log.
        start: [names] log odds or logarithms to begin with; the model's by default.
        errors: whether the covariance is wanted, which takes as long as the maximum; else it is 0.
    """
    none = np.zeros((len(model.names), len(model.names)))
    if not model.names:
        return Estimate(model, np.zeros(0), none)
    shown, first = model.log.shown, model.first()
    people, steps = shown.code.shape

    def matrices_at(theta: Floats) -> Floats:
        return model.matrices(theta) + EVER

    def likelihoods(theta: Floats) -> Floats:
        matrices = matrices_at(theta)
        return hidden.filtered(matrices, matrices[:, :, 0], first, shown, since=steps)[0]

    def loss(theta: Floats) -> float:
        return float((0.5 * theta @ theta / SPREAD**2 - likelihoods(theta).sum()) / people)

    def slope(theta: Floats) -> Floats:
        moves = hidden.expected_moves(matrices_at(theta), first, shown)
        changes = np.eye(len(theta)) * STEP
        up, down = ([np.log(matrices_at(theta + sign * e)) for e in changes] for sign in (1, -1))
        rise = [float((moves * (one - other)).sum()) for one, other in zip(up, down, strict=True)]
        return np.asarray((theta / SPREAD**2 - np.array(rise) / (2 * STEP)) / people)

    begin = model.theta(model.start()) if start is None else start
    best = optimize.minimize(loss, begin, jac=slope, method="BFGS", options={"gtol": 1e-4, "maxiter": 100})
    theta = np.asarray(best.x, dtype=np.float64)
    return Estimate(model, theta, _covariance(slope, theta, scores(likelihoods, theta, STEP)) if errors else none)


def _covariance(slope: Callable[[Floats], Floats], theta: Floats, slopes: Floats) -> Floats:
    """The sandwich: it holds where people differ from each other more than the model says."""
    people = len(slopes)
    bread = inverse(people * hessian(slope, theta, 10 * STEP), SPREAD)
    return bread if people < FEW_PEOPLE else sandwich(bread, slopes, SPREAD)
