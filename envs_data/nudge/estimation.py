"""Maximum likelihood of what people are like, with standard errors by person."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from envs_data.nudge.habit.parameters import HabitParameters
from envs_data.nudge.likelihood import Log, expected_moves, filtered, matrices_of

Floats = NDArray[np.float64]
SHARED = ("base", "fades", "forgives")
OF_KIND = ("response", "right")
# Log odds are held together as by a normal of this spread: nothing to what a log shows at all, and the only thing
# that keeps what it does not show from running off to 0 or 1.
SPREAD = 3.0
STEP = 1e-3


@dataclasses.dataclass(frozen=True)
class Estimate:
    """Parameters with what the log leaves open of them.

    Attributes:
        parameters: the people, at the maximum.
        names: what was estimated: (field, number of the kind or None).
        theta: [names] log odds.
        covariance: [names, names] of the log odds, people taken as the independent units.
    """

    parameters: HabitParameters
    names: tuple[tuple[str, int | None], ...]
    theta: Floats
    covariance: Floats

    def stderrs(self) -> dict[tuple[str, int | None], float]:
        """Standard error of every probability estimated."""
        share = special.expit(self.theta)
        errors = share * (1 - share) * np.sqrt(np.diag(self.covariance))
        return dict(zip(self.names, errors.tolist(), strict=True))

    def draws(self, count: int, rng: np.random.Generator) -> list[dict[str, Any]]:
        """Changes of the fields, drawn from what the log leaves open."""
        drawn = rng.multivariate_normal(self.theta, self.covariance, size=count, method="eigh")
        fields = {"messages", *(field for field, kind in self.names if kind is None)}
        worlds = [with_values(self.parameters, self.names, theta).to_dict() for theta in drawn]
        return [{name: world[name] for name in sorted(fields)} for world in worlds]


def with_values(p: HabitParameters, names: tuple[tuple[str, int | None], ...], theta: Floats) -> HabitParameters:
    """The people with some probabilities given by their log odds."""
    shares = special.expit(theta).tolist()
    changes = {field: share for (field, kind), share in zip(names, shares, strict=True) if kind is None}
    messages = list(p.messages)
    for (field, kind), share in zip(names, shares, strict=True):
        if kind is not None:
            messages[kind] = dataclasses.replace(messages[kind], **{field: share})
    return dataclasses.replace(p, messages=tuple(messages), **changes)


def estimate(p: HabitParameters, log: Log, fixed: Mapping[str, Any]) -> Estimate:
    """Maximum (barely penalised) likelihood of everything that is not fixed.

    Args:
        p: the people: values of what is fixed, and where to begin.
        log: the log.
        fixed: fields that are not estimated; of messages, ``response`` and ``right``.
    """
    shared = [(field, None) for field in SHARED if field not in fixed]
    of_kind = [(field, k) for k in range(len(p.messages)) for field in OF_KIND if field not in fixed]
    names: tuple[tuple[str, int | None], ...] = (*shared, *of_kind)

    def likelihoods(theta: Floats) -> Floats:
        return filtered(with_values(p, names, theta), log)[0]

    def loss(theta: Floats) -> float:
        return float(0.5 * theta @ theta / SPREAD**2 - likelihoods(theta).sum()) / len(log.code)

    def slope(theta: Floats) -> Floats:
        moves = expected_moves(with_values(p, names, theta), log)
        steps = np.eye(len(theta)) * STEP
        up, down = ([_logs(with_values(p, names, theta + sign * e), log) for e in steps] for sign in (1, -1))
        rise = [float((moves * (one - other)).sum()) for one, other in zip(up, down, strict=True)]
        return (theta / SPREAD**2 - np.array(rise) / (2 * STEP)) / len(log.code)

    begin = np.array([special.logit(_start(p, field, kind)) for field, kind in names])
    found = optimize.minimize(loss, begin, jac=slope, method="BFGS", options={"gtol": 1e-4, "maxiter": 100})
    theta = np.asarray(found.x, dtype=np.float64)
    scores = _scores(likelihoods, theta)
    return Estimate(with_values(p, names, theta), names, theta, _covariance(slope, theta, scores))


def _start(p: HabitParameters, field: str, kind: int | None) -> float:
    value = getattr(p if kind is None else p.messages[kind], field)
    return float(np.clip(value, 0.02, 0.98))


def _logs(p: HabitParameters, log: Log) -> Floats:
    """Log of the transitions; 0 where there are none, for nobody is expected to move there."""
    matrices = matrices_of(p, log)
    return np.log(matrices, out=np.zeros_like(matrices), where=matrices > 0)


def _scores(likelihoods: Any, theta: Floats) -> Floats:
    """[people, names] slope of each person's log likelihood."""
    steps = np.eye(len(theta)) * STEP
    slopes = [(likelihoods(theta + e) - likelihoods(theta - e)) / (2 * STEP) for e in steps]
    return np.asarray(np.stack(slopes, axis=1), dtype=np.float64)


def _covariance(slope: Any, theta: Floats, scores: Floats) -> Floats:
    """The sandwich: it holds where people differ from each other more than the model says."""
    people = len(scores)
    steps = np.eye(len(theta)) * 10 * STEP
    hessian = np.array([people * (slope(theta + e) - slope(theta - e)) / (20 * STEP) for e in steps])
    hessian = (hessian + hessian.T) / 2
    values, vectors = np.linalg.eigh(hessian)
    inverse = (vectors / np.maximum(values, 1 / SPREAD**2)) @ vectors.T
    centred = scores - scores.mean(axis=0)
    meat = centred.T @ centred * people / max(people - len(theta), 1) + np.eye(len(theta)) / SPREAD**2
    return np.asarray(inverse @ meat @ inverse)
