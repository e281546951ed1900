"""Does the level of demand wander? The hidden level that a table's days tell of, and what they leave open."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import linalg, special

from envs_data.arrays import Floats, Ints
from envs_data.censored_counts import SIZE_BOUNDS, TINY, Counts
from envs_data.restock import hidden_level
from envs_data.restock.sales import Sales

# Tried: shares of the spread beyond a Poisson law's that the level explains, and its correlation from day to day.
SHARES = np.array([0.15, 0.3, 0.5, 0.7, 0.85, 1.0])
# How many numbers a level costs in the BIC.
OWN = 2
PERSISTENCE = np.array([0.3, 0.5, 0.7, 0.8, 0.88, 0.93, 0.965, 0.985])

# Tried: additions to the logarithm of expected demand, and to that of the size of days of all levels together; and how
# often, one after the other.
SHIFTS = np.linspace(-0.1, 0.3, 11)
LOG_SIZES = np.linspace(-0.5, 0.3, 9)
ROUNDS = 2
# Largest coefficient of variation of a switch's factor: a spread of 1.4, a little below what is possible.
WIDEST = float(np.tanh(1.4 / np.sqrt(hidden_level.SWITCHES)))


@dataclasses.dataclass(frozen=True)
class Wandering:
    """Hidden levels that were tried, the first of them none.

    Attributes:
        variance: [tried] of the level's factors around one.
        persistence: [tried] correlation of their logarithm from day to day.
        chance: [tried] probability given the table; none was as probable as all others together before.
        chosen: which of them the fitted world has: the likeliest where the BIC favours a level at all.
        gain: log-likelihood of that above the one of none.
        size: size of the negative binomial with everything in it, as the days, one after the other, have it.
        shift: what they add to the logarithm of expected demand. Days that sold out are days of a high level, on which
            more was asked for than on others, and days differ more than they would if each had sold out by itself.
    """

    variance: Floats
    persistence: Floats
    chance: Floats
    chosen: int
    gain: float
    size: float
    shift: float = 0.0

    def fields(self, which: int, size: float) -> dict[str, Floats]:
        """Spread and persistence of a level, and the size that is left for a negative binomial around it.

        Args:
            which: number of the level.
            size: size of the negative binomial with everything in it.
        """
        variance = float(self.variance[which])
        if variance == 0:
            return {"size": np.array([size])}
        return {
            "size": np.array([size_around(variance, size)]),
            "level_spread": np.array([spread_of(variance)]),
            "level_persistence": self.persistence[[which]],
        }

    def drawn(self, count: int, rng: np.random.Generator) -> Ints:
        """[count] numbers of levels, each as often as it is probable, in random order."""
        places = (np.arange(count) + rng.random()) / count
        picked = np.searchsorted(np.cumsum(self.chance), places * self.chance.sum(), side="right")
        return rng.permutation(np.minimum(picked, len(self.chance) - 1))

    def covariance(self, days: Ints) -> Floats:
        """Covariance of a level's factors so many days apart, on average over those the table leaves open."""
        apart = np.arange(int(days.max()) + 1)
        of_lag = (self.chance * self.variance) @ self.persistence[:, None] ** apart
        return np.asarray(of_lag[days])


def spread_of(variance: float) -> float:
    """The spread of a level's logarithm with which its factors have this variance.

    They are products of one factor exp(+-a) for each switch, of squared coefficient of variation tanh(a)^2.
    """
    each = np.sqrt((1 + variance) ** (1 / hidden_level.SWITCHES) - 1)
    return float(np.sqrt(hidden_level.SWITCHES) * np.arctanh(each))


def size_around(variance: float, size: float) -> float:
    """The size at one level that makes days of all levels together as spread as this size does."""
    left = (1 / size - variance) / (1 + variance)
    return float(np.clip(1 / left if left > 0 else np.inf, *SIZE_BOUNDS))


def wandering(sales: Sales, mean: Floats, size: float) -> Wandering:
    """Compares hidden levels by the likelihood of the days, one after the other (a hidden Markov model's).

    Args:
        sales: the days.
        mean: [days] expected demand.
        size: size of the negative binomial they follow where there is no level.
    """
    return _compared(sales, mean, size, float(np.log(_chance(sales, mean, size)).sum()))


def around(found: Wandering, sales: Sales, mean: Floats) -> Wandering:
    """The same, with size and mean found anew around a level; those given come from days looked at one by one.

    Args:
        found: as `wandering` finds it, with a level.
        sales: the days.
        mean: [days] expected demand.
    """
    none, shift = float(np.log(_chance(sales, mean, found.size)).sum()), 0.0
    for _ in range(ROUNDS):
        share, persistence = found.variance[found.chosen] * found.size, found.persistence[found.chosen]
        sizes = np.clip(found.size * np.exp(LOG_SIZES), *SIZE_BOUNDS)
        moved = mean * np.exp(shift)
        likely = [_emitted(sales, moved, _possible(share / one), one) for one in sizes]
        size = float(np.exp(_likeliest(np.log(sizes), sales, likely, persistence)))
        variance = _possible(share / size)
        likely = [_emitted(sales, mean * np.exp(one), variance, size) for one in SHIFTS]
        shift = _likeliest(SHIFTS, sales, likely, persistence)
        found = _compared(sales, mean * np.exp(shift), size, none)
    return dataclasses.replace(found, shift=shift)


def _compared(sales: Sales, mean: Floats, size: float, none: float) -> Wandering:
    """All hidden levels around this mean, whose likelihood without a level is ``none``."""
    variance = _possible(SHARES / size)
    emitted = np.array([_emitted(sales, mean, one, size) for one in variance])
    value = _filtered(emitted, np.diff(sales.dates).astype(int)).ravel()
    values = np.append(none, value)
    chance = np.exp(values - values.max()) * np.append(1.0, np.full(len(value), 1 / len(value)))
    favoured = 2 * (value.max() - none) > OWN * np.log(len(sales))
    chosen = 1 + int(value.argmax()) if favoured else 0
    grid = np.meshgrid(variance, PERSISTENCE, indexing="ij")
    tried = [np.append(0.0, one.ravel()) for one in grid]
    return Wandering(tried[0], tried[1], chance / chance.sum(), chosen, float(values[chosen] - none), size)


def _possible(variance: Any) -> Any:
    """Variances of a level, none wider than a level can be."""
    return np.minimum(variance, (1 + WIDEST**2) ** hidden_level.SWITCHES - 1)


def _likeliest(tried: Floats, sales: Sales, emitted: Sequence[Floats], persistence: float) -> float:
    """The likeliest of numbers tried, or one between them: the top of the parabola through the best and its neighbours.

    Args:
        tried: [tried] equally far apart.
        sales: the days.
        emitted: [tried] of [levels, days] the probability of each day at each level.
        persistence: correlation of the level's logarithm from day to day.
    """
    value = _filtered(np.array(emitted), np.diff(sales.dates).astype(int), np.array([persistence]))[:, 0]
    best = int(value.argmax())
    if not 0 < best < len(tried) - 1:
        return float(tried[best])
    below, top, above = value[best - 1 : best + 2]
    return float(tried[best] + (tried[1] - tried[0]) * (above - below) / (2 * max(2 * top - below - above, TINY)))


def _chance(sales: Sales, mean: Floats, size: float) -> Floats:
    """[..., days] probability of what was sold, or of at least that where it sold out.

    Args:
        sales: the days.
        mean: [..., days] expected demand.
        size: size of the negative binomial.
    """
    cut, chance = sales.censored, np.empty(mean.shape)
    units, seen = sales.units[~cut], mean[..., ~cut]
    # Not SciPy's law: its checks take several times as long as the formula.
    ways = special.gammaln(units + size) - special.gammaln(size) - special.gammaln(units + 1)
    chance[..., ~cut] = np.exp(ways + size * np.log(size / (size + seen)) + units * np.log(seen / (size + seen)))
    chance[..., cut] = Counts(size).at_least(sales.units[cut], mean[..., cut])
    return np.maximum(chance, TINY)


def _emitted(sales: Sales, mean: Floats, variance: float, size: float) -> Floats:
    """[levels, days] the same at each level."""
    factors = hidden_level.factors(spread_of(variance))
    return _chance(sales, mean * factors[:, None], size_around(variance, size))


def _filtered(emitted: Floats, gaps: Ints, persistences: Floats = PERSISTENCE) -> Floats:
    """[variances, persistences] log-likelihood of all days.

    Args:
        emitted: [variances, levels, days] probability of each day at each level.
        gaps: [days - 1] days from one to the next.
        persistences: those tried.
    """
    # One matrix for all persistences: many small products take several times as long as one with zeros in it.
    moves = {gap: linalg.block_diag(*(hidden_level.moves(p**gap) for p in persistences)) for gap in {*gaps.tolist()}}
    level = np.tile(hidden_level.WEIGHTS, (len(emitted), len(persistences)))
    shape = (len(emitted), len(persistences), len(hidden_level.WEIGHTS))
    likely = np.tile(np.moveaxis(emitted, -1, 0), len(persistences))
    sums = np.empty((len(likely), *shape[:2]))
    for day, of_levels in enumerate(likely):
        apart = ((level @ moves[int(gaps[day - 1])] if day else level) * of_levels).reshape(shape)
        apart.sum(axis=-1, out=sums[day])
        level = (apart / sums[day, :, :, None]).reshape(level.shape)
    return np.asarray(np.log(np.maximum(sums, TINY)).sum(axis=0))
