"""A hidden level that demand wanders around, as a Markov chain of a few values.

The level is made of independent switches, each of which turns over with a small probability a day: their sum is the
chain of Rouwenhorst (1995, in Cooley, Frontiers of Business Cycle Research), which has the mean, the variance and the
autocorrelation of an AR(1) exactly (Kopecky and Suen 2010, Review of Economic Dynamics 13(3)).
"""

from __future__ import annotations

import functools

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


@functools.lru_cache(maxsize=256)
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
    found = np.array(rows)
    found.flags.writeable = False
    return found


def draw(
    rng: np.random.Generator, worlds: int, days: int, persistence: float, first: Ints | None = None
) -> NDArray[np.int8]:
    """[worlds, days] the number of each day's level; the first day's from the long run, unless it is given."""
    level = np.zeros((days, worlds), dtype=np.int8)
    for switch in range(SWITCHES):
        turns = rng.random((days, worlds)) < (1 - persistence) / 2
        turns[0] = rng.random(worlds) < 0.5 if first is None else first > switch
        level += np.logical_xor.accumulate(turns, axis=0)
    return level.T
