"""Does a fit predict steps it has not seen? Holds back the last fifth of a log and looks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from envs_data.fits import BackTest
from envs_data.nudge.habit.parameters import HabitParameters
from envs_data.nudge.likelihood import ENDED, UNKNOWN, Log, filtered

Floats = NDArray[np.float64]
BAND = (0.1, 0.9)
LEAST_STEPS, LEAST_PEOPLE = 10, 20
BEYOND_CHANCE = 3.0
LEVEL_MATTERS, COVERAGE_MATTERS = 0.1, 0.15
WEEK = 7


def held_back(log: Log) -> int:
    """First step that is held back; 0 where the log is too short for it."""
    people, steps = log.code.shape
    return steps - steps // 5 if steps >= LEAST_STEPS and people >= LEAST_PEOPLE else 0


def back_test(fitted: HabitParameters, log: Log, reasons: tuple[str, ...] = ()) -> BackTest:
    """Compares responses of the last fifth of the steps with what the fit to the others expects.

    The fit is told who was sent what, and who was still there, but no response of these steps.

    Args:
        fitted: the fit to the steps before `held_back`.
        log: the whole log.
        reasons: why the fit is not to be trusted already.
    """
    since, (people, steps) = held_back(log), log.code.shape
    if not since:
        few = f"{people} people and {steps} steps are too few to check it"
        return BackTest(f"the last {steps // 5} steps", problems=(*reasons, few))
    responses = np.array([row.response for row in log.seen])
    shown = np.where(log.code == ENDED, UNKNOWN, responses[log.code])
    chance = filtered(fitted, log.forgetting(since), since)[1]
    known = shown[:, since:] != UNKNOWN
    chance = np.where(known, chance, 0.0)
    came = (shown[:, since:] == 1).sum(axis=0).astype(np.float64)
    judged = _Days(came, chance.sum(axis=0), (chance * (1 - chance)).sum(axis=0))
    past = shown[:, max(since - WEEK, 0) : since]
    usual = float((past == 1).sum() / max((past != UNKNOWN).sum(), 1))
    rows = known.sum(axis=0).astype(np.float64)
    naive = _Days(came, usual * rows, usual * (1 - usual) * rows)
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


class _Days:
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
