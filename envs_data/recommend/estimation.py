"""Maximum likelihood of when customers come back and of what they spend, with standard errors."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

import numpy as np
from scipy import optimize

from envs_data.arrays import Floats, Ints
from envs_data.curvature import inverse
from envs_data.parameters import Origin
from envs_data.recommend.bg_nbd import BgNbd, Cohort
from envs_data.recommend.spend import GammaSpend

# The parameters of the law of visits.
VISITS = ("r", "alpha", "a", "b")
Law = TypeVar("Law", BgNbd, GammaSpend)
# Logarithms of parameters stay within these: beyond them a law no longer changes. So near to one a parameter is at it.
EDGES, NEAR_EDGE = (-6.9, 12.0), 0.7
# Two parameters whose logarithms are above this leave hardly any difference between customers.
ALIKE = 6.0
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

    def at_bounds(self) -> dict[str, tuple[str, ...]]:
        """Parameters of a law of visits that ran to their bounds, by what that says of the customers."""
        logs = dict(zip(self.names(), np.log(self.values()).tolist(), strict=True))
        law = dict(zip(self.names(), self.values().tolist(), strict=True))
        low = {name for name, value in logs.items() if value < EDGES[0] + NEAR_EDGE}
        found = {
            "nobody seems to leave in this table": ("a", "b") if "a" in low and "b" not in low else (),
            "customers who leave do so at once": ("a", "b") if {"a", "b"} <= low else (),
            "who came back once seems to leave": ("a", "b") if "b" in low and "a" not in low else (),
            f"all customers seem to leave with the same probability, {law['a'] / (law['a'] + law['b']):.2g}": (
                _both_high(logs, "a", "b")
            ),
            f"all customers seem to come at the same rate, once in {law['alpha'] / law['r']:.3g} days": (
                _both_high(logs, "r", "alpha")
            ),
            "hardly any customer seems to come back": ("r",) if "r" in low else (),
        }
        return {words: names for words, names in found.items() if names}

    def draws(self, count: int, rng: np.random.Generator) -> list[dict[str, float]]:
        """Parameters drawn from their uncertainty."""
        drawn = rng.multivariate_normal(np.log(self.values()), self.covariance, size=count, method="eigh")
        values = np.exp(np.clip(drawn, *EDGES))
        return [dict(zip(self.names(), row, strict=True)) for row in values.tolist()]


def _both_high(logs: Mapping[str, float], one: str, other: str) -> tuple[str, ...]:
    return (one, other) if min(logs[one], logs[other]) > ALIKE else ()


def estimate_visits(cohort: Cohort, repeaters: bool = False) -> Estimate[BgNbd]:
    """The law of visits with the largest likelihood of a cohort.

    Args:
        cohort: the customers.
        repeaters: whether customers are only in it because they came back, so that the likelihood is given that.
    """
    repeats, span = max(int(cohort.frequency.sum()), 1), float(cohort.age.sum())
    start = BgNbd(r=1.0, alpha=span / repeats, a=1.0, b=4.0)

    def likelihood(law: BgNbd) -> Floats:
        given = np.log(np.maximum(1 - law.nothing(cohort.age), 1e-300)) if repeaters else 0.0
        return np.asarray(law.log_likelihood(cohort) - given)

    return _maximum(BgNbd, start, likelihood)


def estimate_spend(mean: Floats, count: Ints) -> Estimate[GammaSpend]:
    """The law of amounts with the largest likelihood of customers' means.

    Args:
        mean: [customers] mean amount, above 0.
        count: [customers] over how many purchases.
    """
    money = float(mean.mean())
    found = _maximum(GammaSpend, GammaSpend(4.0, 4.0, 0.75), lambda law: law.log_likelihood(mean / money, count))
    return dataclasses.replace(found, law=dataclasses.replace(found.law, scale=found.law.scale * money))


def visits_text(estimated: Estimate[BgNbd]) -> str:
    """The law of visits in words, each parameter with its standard error, as far as they are identified."""
    law, errors, bounds = estimated.law, estimated.stderrs(), estimated.at_bounds()
    open_ones = {*estimated.unknown(), *(name for names in bounds.values() for name in names)}
    told = [f"{name} {getattr(law, name):.3g} (+- {errors[name]:.2g})" for name in VISITS if name not in open_ones]
    return f"BG/NBD in days: {', '.join([*told, *bounds] or ['no parameter is identified'])}"


def visits_origins(estimated: Estimate[BgNbd]) -> dict[str, Origin]:
    """Where the parameters of the law of visits come from."""
    origins = {name: Origin("fitted", error) for name, error in estimated.stderrs().items()}
    unknown = Origin("assumed", note="Not identified: the table says next to nothing of it.")
    bounds = estimated.at_bounds()
    at_bound = {
        name: Origin("assumed", note=f"{_sentence(words)}: kept at its bound.")
        for words in bounds
        for name in bounds[words]
    }
    return {**origins, **dict.fromkeys(estimated.unknown(), unknown), **at_bound}


def visits_notes(estimated: Estimate[BgNbd]) -> Iterator[str]:
    """What the table leaves open of the law of visits, one sentence each."""
    bounds = estimated.at_bounds()
    for words, names in bounds.items():
        yield f"{_sentence(words)}: {' and '.join(names)} {'is' if len(names) == 1 else 'are'} kept at the bound."
    rest = [name for name in estimated.unknown() if not any(name in names for names in bounds.values())]
    if rest:
        named = ", ".join(rest)
        yield f"Not identified: {named}. Customers who never come back look like customers who come back late."


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


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
