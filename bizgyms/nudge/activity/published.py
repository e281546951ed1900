"""Published numbers of the step count model. Each function takes plain values, for a table of data."""

from __future__ import annotations

import numpy as np
from scipy import special

from bizgyms.nudge.activity.optimum import COARSE, FINE, Grid, values_of
from envs_data.arrays import Floats
from envs_data.nudge.activity import ActivityParameters

CELLS = 200_000


def optimal_return(sigma: float, points: int | None = None) -> float:
    """Best expected return of an episode, by default on the reference's grid.

    Args:
        sigma: noise of the context.
        points: nodes of habituation and of disengagement, if another grid is wanted.
    """
    return values_of(ActivityParameters(sigma=sigma), (points, points) if points else FINE)[0]


def context_error(sigma: float) -> float:
    """Probability that the likelier context is the wrong one: Phi(-1 / (2 sigma))."""
    return float(special.ndtr(-0.5 / sigma))


def always_generic() -> float:
    """Return of a generic message at every step."""
    return _enumerated(ActivityParameters(), hit=1.0, gain=ActivityParameters().generic)


def always_tailored(sigma: float) -> float:
    """Expected return of always tailoring to the likelier context, by enumeration of all states that can be reached."""
    hit = 1.0 - context_error(sigma) if sigma else 1.0
    return _enumerated(ActivityParameters(sigma=sigma), hit, ActivityParameters().tailored)


def _enumerated(p: ActivityParameters, hit: float, gain: float) -> float:
    """Expected return of a message at every step that helps with probability ``hit``; near states are merged."""
    disengagement, chance = np.array([p.start_disengagement]), np.ones(1)
    habituation, total = p.start_habituation, 0.0
    for _ in range(p.steps):
        habituation = min(1.0, habituation + p.rises)
        total += float(chance.sum()) * (p.base + hit * gain * (1.0 - habituation))
        annoyed = np.minimum(1.0, disengagement + p.annoys)
        reached = np.concatenate([p.forgives * disengagement, annoyed])
        chances = np.concatenate([hit * chance, (1.0 - hit) * chance * (annoyed < p.leaves)])
        disengagement, chance = _merged(reached, chances)
    return total


def _merged(points: Floats, chances: Floats) -> tuple[Floats, ...]:
    """States less than 1 / `CELLS` apart as one, at their mean."""
    cell = (points * CELLS).astype(np.int64)
    together = np.bincount(cell, weights=chances).astype(np.float64)
    there = np.flatnonzero(together)
    return np.bincount(cell, weights=chances * points)[there] / together[there], together[there]


def random_return() -> float:
    """Expected return of four equally likely decisions, on a grid."""
    p = ActivityParameters()
    grid, values = Grid(p, COARSE), np.zeros(COARSE)
    for _ in range(p.steps):
        none, generic, right, wrong = grid.decisions(values)
        values = (none + generic + right + wrong) / 4
    return float(grid.at(values, np.array([p.start_habituation]), np.array([p.start_disengagement]))[0])
