"""A hidden level that demand wanders around, as a Markov chain of a few values.

The level is made of independent switches, each of which turns over with a small probability a day: their sum is the
chain of Rouwenhorst (1995, in Cooley, Frontiers of Business Cycle Research), which has the mean, the variance and the
autocorrelation of an AR(1) exactly (Kopecky and Suen 2010, Review of Economic Dynamics 13(3)).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from envs_data.arrays import Floats, Ints

SWITCHES = 4
# Long-run probability of each level.
WEIGHTS = stats.binom.pmf(np.arange(SWITCHES + 1), SWITCHES, 0.5)


def factors(spread: float) -> Floats:
    """[levels] what mean demand is multiplied with, one on average; a single one without any spread.

    Args:
        spread: standard deviation of the factors' logarithm.
    """
    if spread == 0:
        return np.ones(1)
    raised = np.exp(spread * (2 * np.arange(SWITCHES + 1) - SWITCHES) / np.sqrt(SWITCHES))
    return np.asarray(raised / (WEIGHTS @ raised))


def moves(persistence: float) -> Floats:
    """[levels, levels] probability of each level tomorrow, given today's.

    Args:
        persistence: correlation of the level's logarithm from day to day.
    """
    stays = (1 + persistence) / 2
    rows = []
    for on in range(SWITCHES + 1):
        still = stats.binom.pmf(np.arange(on + 1), on, stays)
        turned = stats.binom.pmf(np.arange(SWITCHES - on + 1), SWITCHES - on, 1 - stays)
        rows.append(np.convolve(still, turned))
    return np.array(rows)


def draw(rng: np.random.Generator, worlds: int, days: int, persistence: float) -> NDArray[np.int8]:
    """[worlds, days] the number of each day's level, from the long run on the first day."""
    level = np.zeros((days, worlds), dtype=np.int8)
    for _ in range(SWITCHES):
        turns = rng.random((days, worlds)) < (1 - persistence) / 2
        turns[0] = rng.random(worlds) < 0.5
        level += np.logical_xor.accumulate(turns, axis=0)
    return level.T


def belief(days: Floats, step: Ints, persistence: float) -> Floats:
    """[worlds, levels] how likely each level is today, given the days before.

    Args:
        days: [days, worlds, levels] how likely each day's demand is at each level.
        step: [worlds] days before today.
        persistence: as in `moves`.
    """
    known = np.tile(WEIGHTS, (len(step), 1))
    for day, likely in enumerate(days[: step.max(initial=0)]):
        told = known * likely
        # Demand that no level can bring tells nothing.
        told = np.where(told.sum(axis=1, keepdims=True) > 0, told, known) @ moves(persistence)
        known = np.where((day < step)[:, np.newaxis], told / told.sum(axis=1, keepdims=True), known)
    return known


def go_on(rng: np.random.Generator, today: Floats, step: Ints, days: int, persistence: float) -> NDArray[np.int8]:
    """[worlds, days] the number of each day's level, from a day on; those before it are 0.

    Args:
        rng: the source of randomness.
        today: [worlds, levels] how likely each level is on that day.
        step: [worlds] days before it.
        days: how many days there are.
        persistence: as in `moves`.
    """
    level, chances = np.zeros((days, len(step)), dtype=np.int8), np.cumsum(moves(persistence), axis=1)
    for day in range(int(step.min(initial=days)), days):
        here = np.where(np.equal(step, day)[:, np.newaxis], np.cumsum(today, axis=1), chances[level[day - 1]])
        found = (here[:, :-1] < rng.random((len(step), 1))).sum(axis=1)
        level[day] = np.where(day < step, 0, found)
    return level.T
