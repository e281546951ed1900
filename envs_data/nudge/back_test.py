"""Does a fit predict steps it has not seen? Holds back the last fifth of a log and looks."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from envs_data.arrays import Floats
from envs_data.fits import BackTest

BAND = (0.1, 0.9)
LEAST_STEPS, LEAST_PEOPLE = 10, 10
BEYOND_CHANCE = 3.0
LEVEL_MATTERS, COVERAGE_MATTERS = 0.1, 0.15
WEEK = 7


def held_back(people: int, steps: int) -> int:
    """First step that is held back; 0 where a log is too short for it."""
    return steps - steps // 5 if steps >= LEAST_STEPS and people >= LEAST_PEOPLE else 0


def back_test(
    shown: Floats, since: int, mean: Floats, variance: Floats | None = None, reasons: tuple[str, ...] = ()
) -> BackTest:
    """Compares responses of the last fifth of the steps with what the fit to the others expects.

    The fit is told of each step who was there and who was sent what, and all that people showed before it: messages
    may have been sent because of that. So what chance does to one step it does not do to the next.

    Args:
        shown: [people, steps] responses; NaN where none is known.
        since: the first step held back; 0 where there are too few.
        mean: [people, steps held back] expected responses.
        variance: [people, steps held back] by chance alone; of a yes or no where there is none.
        reasons: why the fit is not to be trusted already.
    """
    people, steps = shown.shape
    if not since:
        few = f"{people} people and {steps} steps are too few to check it"
        return BackTest(f"the last {steps // 5} steps", problems=(*reasons, few))
    late, past = shown[:, since:], shown[:, max(since - WEEK, 0) : since]
    variance = mean * (1 - mean) if variance is None else variance
    known, usual = np.isfinite(late), past[np.isfinite(past)]
    rows, came = known.sum(axis=0), np.where(known, late, 0.0).sum(axis=0)
    judged = _Steps(came, *(np.where(known, part, 0.0).sum(axis=0) for part in (mean, variance)))
    naive = _Steps(came, usual.mean() * rows, usual.var() * rows)
    return BackTest(
        held_out=f"the last {steps - since} steps of {people} people",
        predicted={"coverage": judged.coverage(), "mean": float(judged.mean.mean())},
        observed={"coverage": judged.covered(), "mean": float(came.mean())},
        rival={
            "name": "same as last week",
            "coverage": naive.covered(),
            "error": float(np.abs(came - naive.mean).mean()),
            "own_error": float(np.abs(came - judged.mean).mean()),
        },
        problems=(*reasons, *judged.problems()),
        series={"step": list(range(since, steps)), "responses": came.tolist(), **judged.series()},
    )


class _Steps:
    """Responses of all people at each held-out step, beside what was expected."""

    def __init__(self, came: Floats, mean: Floats, variance: Floats) -> None:
        self.came, self.mean, self.variance = came, mean, variance
        spread = np.sqrt(np.maximum(variance, 1e-9))
        self.low = np.maximum(np.ceil(mean + stats.norm.ppf(BAND[0]) * spread - 0.5), 0)
        self.high = np.floor(mean + stats.norm.ppf(BAND[1]) * spread + 0.5)
        law = stats.norm(mean, spread)
        self.inside = law.cdf(self.high + 0.5) - law.cdf(np.where(self.low > 0, self.low - 0.5, -np.inf))

    def covered(self) -> float:
        return float(((self.came >= self.low) & (self.came <= self.high)).mean())

    def coverage(self) -> float:
        return float(self.inside.mean())

    def problems(self) -> list[str]:
        found = []
        off = self.came.sum() - self.mean.sum()
        share = off / max(self.mean.sum(), 1e-9)
        if abs(off) > BEYOND_CHANCE * np.sqrt(self.variance.sum()) and abs(share) > LEVEL_MATTERS:
            found.append(f"responses {'rose' if off > 0 else 'fell'} by {abs(share):.0%} against what the fit expected")
        error = np.sqrt((self.inside * (1 - self.inside)).sum()) / len(self.inside)
        if abs(self.covered() - self.coverage()) > max(COVERAGE_MATTERS, BEYOND_CHANCE * error):
            found.append(f"80 % bands covered {self.covered():.0%}, expected {self.coverage():.0%}")
        return found

    def series(self) -> dict[str, list[Any]]:
        return {"expected": np.round(self.mean, 3).tolist(), "low": self.low.tolist(), "high": self.high.tolist()}


def spread_of_people(shown: Floats, mean: Floats, variance: Floats | None = None) -> tuple[float, float]:
    """How much people's mean responses spread beyond chance, and the weight a person's own mean deserves.

    The moments of a hierarchical mean: the variance of people's mean residuals less what chance alone would make.

    Args:
        shown: [people, steps] responses; NaN where none is known.
        mean: [people, steps] what is expected, given all before.
        variance: [people, steps] by chance alone; of a yes or no where there is none.
    """
    known = np.isfinite(shown)
    count = np.maximum(known.sum(axis=1), 1)
    expected = np.where(known, mean, 0.0)
    error = (np.where(known, shown, 0) - expected).sum(axis=1) / count
    by_chance = expected * (1 - expected) if variance is None else np.where(known, variance, 0.0)
    noise = by_chance.sum(axis=1) / count**2
    between = float((error**2 - noise).mean())
    if between < 4 * np.sqrt(2 * (noise**2).mean() / len(count)):
        return 0.0, 0.0
    return float(np.sqrt(between)), between / (between + float(noise.mean()))
