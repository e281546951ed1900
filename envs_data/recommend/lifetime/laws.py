"""How customers choose and what satisfaction does: as tables, so that nothing is computed twice."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from envs_data.arrays import Floats, Ints
from envs_data.recommend.lifetime.parameters import LifetimeParameters

# Chance comes in words of 16 bits.
RANGE = 1 << 16
WORD = 1.0 / RANGE
MIDDLES = (np.arange(RANGE) + 0.5) * WORD
# Visits a day below which nobody comes back in any horizon; it keeps days finite.
SLOWEST = 1e-12
# Of what a customer clicked and was shown, so much is left in the recent counts after each visit.
KEPT = 0.8


class Tables(NamedTuple):
    """A shop's laws.

    Attributes:
        weights: [2, segments, items] weight of each item beside 1 for no click, before the shift of tastes and after.
        places: [slate] factor of each place.
        boredom: [levels] factor of each level of boredom.
        rises, falls: [items + 1] words below the first raise satisfaction, from the second on they lower it; the last
            entry is for no click.
        buys, returns: [items] words below mean a purchase, and its return.
        waits: [levels] days to the next visit, relative to those at middle satisfaction.
        leaves: [levels] drop-out, relative to that at middle satisfaction.
        segments, rates, dropouts, gaps: [65,536] segment, visits a day, drop-out, and days times the rate to the next
            visit, that each piece of a word stands for: the middles of equally likely parts of their laws.
    """

    weights: Floats
    places: Floats
    boredom: Floats
    rises: Ints
    falls: Ints
    buys: Ints
    returns: Ints
    waits: Floats
    leaves: Floats
    segments: Ints
    rates: Floats
    dropouts: Floats
    gaps: Floats


@functools.lru_cache(maxsize=16)
def tables(parameters: LifetimeParameters) -> Tables:
    """The laws of a shop."""
    p = parameters
    topic, quality = p.topic_of(), np.array([item.quality for item in p.items])
    tastes = np.array([segment.tastes or (0.0,) * p.topics for segment in p.segments])
    appeal = np.array([item.appeal for item in p.items])
    both = [appeal + liked[:, topic] for liked in (tastes, np.roll(tastes, 1, axis=1))]
    x = np.linspace(-1.0, 1.0, p.levels + 1)
    return Tables(
        weights=np.exp(np.array(both)),
        places=np.array([p.position**place for place in range(p.slate)]),
        boredom=np.array(p.boredom),
        rises=_words(np.append(p.rises * quality, 0.0)),
        falls=RANGE - _words(np.append(p.falls * (1.0 - quality), p.neglect)),
        buys=_words(np.array([item.buys for item in p.items])),
        returns=_words(np.array([item.returns for item in p.items])),
        waits=np.exp(-p.pull * x),
        leaves=np.exp(-p.hold * x),
        segments=np.searchsorted(_words(np.cumsum(p.shares())), np.arange(RANGE), side="right"),
        rates=_rates(p.r, p.alpha, p.alike),
        dropouts=_dropouts(p.a, p.b, p.alike),
        gaps=-np.log1p(-MIDDLES),
    )


# As many as the worlds that a fit draws, and some more: they take a tenth of a second each.
@functools.lru_cache(maxsize=64)
def _rates(r: float, alpha: float, alike: bool) -> Floats:
    return np.maximum(_natures(stats.gamma(r, scale=1 / alpha), alike), SLOWEST)


@functools.lru_cache(maxsize=64)
def _dropouts(a: float, b: float, alike: bool) -> Floats:
    return _natures(stats.beta(a, b), alike)


def _natures(law: Any, alike: bool) -> Floats:
    """What each piece of a word stands for; the mean of the law where everybody is alike."""
    return np.asarray(np.full(RANGE, law.mean()) if alike else law.ppf(MIDDLES), dtype=np.float64)


def _words(probabilities: Floats) -> Ints:
    return np.rint(probabilities * RANGE).astype(np.int64)


def clicked(wish: float, cumulative: Any, places: int) -> int:
    """The place a customer clicks: the first whose cumulative weight exceeds ``wish``; behind the last, none."""
    place = 0
    for k in range(places):
        place += wish >= cumulative[k]
    return place
