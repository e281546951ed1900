"""The likelihood of a log of steps walked. The context is hidden, and so is whether a tailored message was right."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, special

from envs_data.arrays import Flags, Floats, Ints
from envs_data.curvature import hessian, inverse, sandwich, scores
from envs_data.nudge.activity.parameters import ActivityParameters
from envs_data.nudge.activity.world import GENERIC, TAILORED_TO_0
from envs_data.nudge.reading import NONE

# Estimated fields, and how any number stands for a value of each.
AMOUNTS, SHARES = ("sigma", "base", "generic", "tailored"), ("fades", "rises")
NOISES = 2
STEP = 1e-4
# Logarithms and log odds stay between these: amounts from a thousandth to the most that a world can hold.
MOST_WALKED = 1e6
SMALLEST, LARGEST = -7.0, float(np.log(MOST_WALKED))
BLUREST = float(np.log(20.0))
# The barely penalised likelihood of every estimation here: any number is held near where it began, this closely.
SPREAD = 3.0


class Log(NamedTuple):
    """A log by person and step; arrays [people, steps].

    Attributes:
        kind: 0 none, 1 generic, 2 or 3 tailored to context 0 or 1.
        signal: observed signal of the context; NaN if there was none.
        response: steps walked; NaN if unknown.
        there: whether the person had not left.
        left: whether they left in this step.
    """

    kind: Ints
    signal: Floats
    response: Floats
    there: Flags
    left: Flags

    def until(self, step: int) -> Log:
        """The log of the first steps alone."""
        return self._replace(**{name: part[:, :step] for name, part in self._asdict().items()})


def kinds_of(frame: pd.DataFrame) -> dict[str, int]:
    """The number of each message: in a log with a context those whose names end in 0 or 1 are tailored to that one.

    All others are generic.
    """
    names, ends = sorted({*frame["message"]} - {NONE}), "01" if "context" in frame else ()
    return {NONE: 0, **{name: TAILORED_TO_0 + int(name[-1]) if name[-1] in ends else GENERIC for name in names}}


def log_of(frame: pd.DataFrame) -> Log:
    """The log of a table that `read_table` read; a step without a row is one without message."""
    person, time = pd.factorize(frame["person"])[0], frame["time"].to_numpy(dtype=np.int64)
    shape = (person.max() + 1, time.max() + 1)
    last = np.zeros(shape[0], dtype=np.int64)
    np.maximum.at(last, person, time)
    columns = {
        "kind": frame["message"].map(kinds_of(frame)).astype(np.int64),
        "signal": frame["context"] if "context" in frame else pd.Series(np.nan, index=frame.index),
        "response": frame["response"],
        "left": frame["left"] == 1 if "left" in frame else pd.Series(False, index=frame.index),
    }
    arrays = {}
    for name, values in columns.items():
        blank = {"kind": 0, "left": False}.get(name, np.nan)
        arrays[name] = np.full(shape, blank)
        arrays[name][person, time] = values.to_numpy()
    return Log(**arrays, there=np.arange(shape[1])[None, :] <= last[:, None])


def habituation(p: ActivityParameters, kind: Ints) -> Floats:
    """[people, steps] mean habituation after each step's message."""
    now, after = np.full(len(kind), p.start_habituation), np.empty(kind.shape)
    for step, sent in enumerate(kind.T > 0):
        now = np.where(sent, np.minimum(1.0, now + p.rises), p.fades * now)
        after[:, step] = now
    return after


def gains(p: ActivityParameters, log: Log) -> Floats:
    """[people, steps] what each message adds if it helps."""
    return np.asarray(np.array([0.0, p.generic, p.tailored, p.tailored])[log.kind] * (1 - habituation(p, log.kind)))


def right_before(p: ActivityParameters, log: Log) -> Floats:
    """[people, steps] probability that a message helps, given the observed signal."""
    odds = np.clip(np.where(np.isfinite(log.signal), log.signal - 0.5, 0.0) / max(p.sigma, 1e-3) ** 2, -700, 700)
    to_1 = special.expit(odds)
    return np.where(log.kind < TAILORED_TO_0, 1.0, np.where(log.kind == TAILORED_TO_0, 1 - to_1, to_1))


def variances(p: ActivityParameters, noise: Floats, log: Log) -> tuple[Floats, Floats]:
    """[people, steps] variance of the steps walked, if a message helps and if not: a + (b mean)^2."""
    right = noise[0] ** 2 + (noise[1] * (p.base + gains(p, log))) ** 2
    return right, np.full(right.shape, noise[0] ** 2 + (noise[1] * p.base) ** 2)


def log_chances(p: ActivityParameters, spread: tuple[Floats, Floats], log: Log) -> tuple[Floats, Floats, Floats]:
    """[people, steps] log density of steps walked if a message helps and if not, and of the signal of the context.

    Steps walked are assumed to be normal around their mean.
    """
    known = log.there & np.isfinite(log.response)
    walked = np.where(known, log.response, 0.0)
    right, wrong = _normal(walked, p.base + gains(p, log), spread[0]), _normal(walked, p.base, spread[1])
    seen = log.there & np.isfinite(log.signal) & (p.sigma > 0)
    x, blur = np.where(seen, log.signal, 0.0), max(p.sigma, 1e-3) ** 2
    sight = np.logaddexp(_normal(x, 0.0, blur), _normal(x, 1.0, blur))
    return np.where(known, right, 0.0), np.where(known, wrong, 0.0), np.where(seen, sight, 0.0)


def _normal(x: Floats, mean: Floats | float, variance: Floats | float) -> Floats:
    return np.asarray(-0.5 * ((x - mean) ** 2 / variance + np.log(variance)))


def right_after(p: ActivityParameters, noise: Floats, log: Log) -> Floats:
    """[people, steps] probability that a message helped, given the steps walked."""
    right, wrong, _ = log_chances(p, variances(p, noise, log), log)
    before = np.clip(right_before(p, log), 1e-12, 1 - 1e-12)
    after = special.expit(special.logit(before) + right - wrong)
    return np.where(log.kind < TAILORED_TO_0, 1.0, after)


def ordered(values: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Values of which a message for the right context gives at least what a generic one does; known ones stay."""
    generic, tailored = values["generic"], values["tailored"]
    if "tailored" not in known:
        return {**values, "tailored": max(generic, tailored)}
    return {**values, "generic": generic if "generic" in known else min(generic, tailored)}


@dataclasses.dataclass(frozen=True)
class Walk:
    """Maximum likelihood of the steps people walk.

    Attributes:
        begin: values of the fixed parameters, and where the search begins.
        log: the log.
        names: the fields that are estimated.
        known: fields that the user knows.
        spread: known variances; if None, two numbers that give them are estimated too.
    """

    begin: ActivityParameters
    log: Log
    names: tuple[str, ...]
    known: frozenset[str] = frozenset()
    spread: tuple[Floats, Floats] | None = None

    def parameters(self, theta: Floats) -> ActivityParameters:
        """The people, from logarithms of amounts and log odds of shares, two numbers for the noise last."""
        return self._people(zip(self.names, self.values(theta).tolist(), strict=True))

    def _people(self, values: Iterable[tuple[str, float]]) -> ActivityParameters:
        """The people with some values, in range."""
        own, _ = ActivityParameters.kept_in_range(dict(values))
        amounts = {name: getattr(self.begin, name) for name in ("generic", "tailored")}
        return self.begin.replace(**ordered(amounts | own, self.known))

    def values(self, theta: Floats) -> Floats:
        """[names] the values."""
        amount = np.array([name in AMOUNTS for name in self.names], dtype=np.bool_)
        own = theta[: len(self.names)]
        return np.where(amount, np.exp(np.minimum(own, LARGEST)), special.expit(own))

    def start(self) -> Floats:
        """[names + 2] where to begin: rough figures of the log, at the best of a few rates of habituation."""
        rates = itertools.product((0.5, 0.8, 0.95), (0.02, 0.05, 0.15))
        tried = [self._rough(*rate) for rate in rates]
        p, spread = min(tried, key=lambda numbers: numbers[1])
        numbers = [self._start(name, getattr(p, name)) for name in self.names]
        return np.array([*numbers, np.log(max(spread, 0.1)), np.log(0.05)])

    def _rough(self, fades: float, rises: float) -> tuple[ActivityParameters, float]:
        """Amounts by least squares at some rates, and how far they are off."""
        log, response = self.log, np.where(np.isfinite(self.log.response), self.log.response, 0.0)
        known = log.there & np.isfinite(log.response)
        silent = known & (log.kind == 0)
        signal = log.signal[log.there & np.isfinite(log.signal)]
        rough = {
            "base": float(response[silent].mean()) if silent.any() else 0.0,
            "sigma": float(np.sqrt(max(signal.var() - 0.25, 1e-4))) if len(signal) else self.begin.sigma,
            "fades": fades,
            "rises": rises,
        }
        p = self._people((name, value) for name, value in rough.items() if name in self.names)
        fresh = (1 - habituation(p, log.kind)) * right_before(p, log)
        extra, amounts = response - p.base, {}
        for name, mine in (("generic", known & (log.kind == 1)), ("tailored", known & (log.kind > 1))):
            if name in self.names and mine.any():
                amounts[name] = max(float((extra * fresh)[mine].sum() / max((fresh[mine] ** 2).sum(), 1e-9)), 1e-3)
            extra = extra - amounts.get(name, getattr(p, name)) * fresh * mine
        p = dataclasses.replace(self, begin=p)._people(amounts.items())
        return p, float(np.sqrt((extra[known] ** 2).mean()))

    def _start(self, name: str, value: float) -> float:
        return float(np.log(max(value, 1e-3)) if name in AMOUNTS else special.logit(np.clip(value, 0.01, 0.99)))

    def noise(self, theta: Floats) -> Floats:
        """[2] the noise's spread, and its share of the mean."""
        return np.exp(theta[-NOISES:])

    def likelihoods(self, theta: Floats) -> Floats:
        """[people] log likelihood."""
        p = self.parameters(theta)
        spread = variances(p, self.noise(theta), self.log) if self.spread is None else self.spread
        right, wrong, sight = log_chances(p, spread, self.log)
        before = np.clip(right_before(p, self.log), 1e-12, 1.0)
        mixed = np.logaddexp(np.log(before) + right, np.log(np.maximum(1.0 - before, 1e-300)) + wrong)
        return np.asarray((np.where(self.log.there, mixed, 0.0) + sight).sum(axis=1))


@dataclasses.dataclass(frozen=True)
class Walked:
    """The estimated walk.

    Attributes:
        walk: what was estimated.
        theta: [names] at the maximum.
        covariance: [names, names].
        noise: [2] spread of the steps walked, and its share of the mean.
    """

    walk: Walk
    theta: Floats
    covariance: Floats
    noise: Floats

    @property
    def parameters(self) -> ActivityParameters:
        """The people."""
        return self.walk.parameters(self.theta)

    def stderrs(self) -> dict[str, float]:
        """Standard error of every value estimated."""
        slope = (self.walk.values(self.theta + STEP) - self.walk.values(self.theta - STEP)) / (2 * STEP)
        return dict(zip(self.walk.names, (slope * np.sqrt(np.diag(self.covariance))).tolist(), strict=True))


def estimate(walk: Walk, start: Floats | None = None) -> Walked:
    """Maximum (barely penalised) likelihood, with standard errors that treat people as the independent units.

    The means are then estimated once more with the variances held fixed, so that they do not depend on their form.

    Args:
        walk: what to estimate.
        start: [names + 2] where to begin; by default at rough figures of the log.
    """
    theta = _best(walk, walk.start() if start is None else start)
    noise = walk.noise(theta)
    settled = dataclasses.replace(walk, spread=variances(walk.parameters(theta), noise, walk.log))
    theta = _best(settled, theta[:-NOISES])
    return Walked(settled, theta, _covariance(settled.likelihoods, theta), noise)


def _best(walk: Walk, begin: Floats) -> Floats:
    def loss(theta: Floats) -> float:
        off = (theta - begin) / SPREAD
        return float(0.5 * off @ off - walk.likelihoods(theta).sum()) / len(walk.log.kind)

    names = (*walk.names, *["noise"] * (len(begin) - len(walk.names)))
    limits = [(SMALLEST, BLUREST if name == "sigma" else LARGEST) for name in names]
    best = optimize.minimize(loss, begin, method="L-BFGS-B", bounds=limits, options={"maxiter": 300})
    return np.asarray(best.x, dtype=np.float64)


def _covariance(likelihoods: Callable[[Floats], Floats], theta: Floats) -> Floats:
    """Covariance by person: curvature on both sides of how people's slopes spread."""

    def fall(at: Floats) -> Floats:
        return np.asarray(-scores(likelihoods, at, 10 * STEP).sum(axis=0))

    bread = inverse(hessian(fall, theta, 10 * STEP), SPREAD)
    return sandwich(bread, scores(likelihoods, theta, STEP), SPREAD)
