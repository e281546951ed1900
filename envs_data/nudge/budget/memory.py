"""Half-lives from a log of reviews: recall depends on earlier good reviews and the time since the last one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import optimize

from envs_data.arrays import Floats, Ints
from envs_data.nudge.budget.parameters import BudgetParameters
from envs_data.nudge.budget.people import ROWS, Log, TypeModel
from envs_data.nudge.estimation import SPREAD, STEP, Estimate
from envs_data.nudge.hidden import UNKNOWN

SHORTEST, LONGEST = 0.1, 1000.0


class Reviews(NamedTuple):
    """Where everybody is before each step, as far as reviews tell; arrays [people, steps].

    Attributes:
        mood: good reviews in a row.
        since: steps since the last review.
        good: 1 or 0, NaN where no review is known.
    """

    mood: Ints
    since: Ints
    good: Floats


def reviews_of(p: BudgetParameters, log: Log) -> Reviews:
    """Follows everybody from review to review."""
    sent = np.array([row.message == 1 and row.response != UNKNOWN for row in ROWS])[log.code]
    answers = log.responses()
    mood = np.zeros(len(sent), dtype=np.int64)
    since = np.full(len(sent), p.levels if p.start == "lapsed" else 0)
    moods, sinces = [], []
    for step in range(sent.shape[1]):
        moods.append(mood)
        sinces.append(since)
        good = answers[:, step] == 1
        better = np.where(good, np.minimum(mood + 1, len(p.half_lives) - 1), 0)
        mood = np.where(sent[:, step], better, mood)
        since = np.where(sent[:, step], 0, np.minimum(since + 1, p.levels))
    return Reviews(np.stack(moods, axis=1), np.stack(sinces, axis=1), np.where(sent, answers, np.nan))


def estimate_half_lives(model: TypeModel) -> Estimate[BudgetParameters]:
    """Maximum (barely penalised) likelihood of each half-life on its own."""
    seen = reviews_of(model.begin, model.log)
    theta_of, variance = [], []
    for _, number in model.names:
        mine = (seen.mood == number) & np.isfinite(seen.good)
        since, good = seen.since[mine].astype(np.float64), seen.good[mine]

        def loss(theta: float, since: Floats = since, good: Floats = good) -> float:
            recalled = np.clip(np.exp2(-since / np.exp(theta)), 1e-12, 1 - 1e-12)
            return float(0.5 * theta**2 / SPREAD**2 - np.log(np.where(good == 1, recalled, 1 - recalled)).sum())

        best = float(optimize.minimize_scalar(loss, (np.log(SHORTEST), np.log(LONGEST)), method="golden").x)
        best = min(max(best, np.log(SHORTEST)), np.log(LONGEST))
        curve = (loss(best + 10 * STEP) - 2 * loss(best) + loss(best - 10 * STEP)) / (10 * STEP) ** 2
        theta_of.append(best)
        variance.append(1 / max(curve, 1 / SPREAD**2))
    return Estimate(model, np.array(theta_of), np.diag(variance))


def recalled(p: BudgetParameters, log: Log, since: int = 0) -> Floats:
    """[people, steps - since] probability that a review goes well, given all reviews before."""
    seen = reviews_of(p, log)
    return np.asarray(np.exp2(-seen.since / np.array(p.half_lives)[seen.mood]))[:, since:]
