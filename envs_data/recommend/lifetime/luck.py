"""All randomness of a customer's lifetime."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.chance import random_words
from envs_data.recommend.lifetime.laws import RANGE
from envs_data.recommend.lifetime.parameters import LifetimeParameters

# What the words of a visit decide.
CLICK, BUY, RETURN, SATISFIED, LEAVE, DECIDED = range(6)
# And those of tastes: whether they change before the visit, and to which segment.
DRIFTS, TASTES = range(2)


class LifetimeLuck(NamedTuple):
    """Everything chance decides in an episode: the customer's by visit, the catalogue's by date.

    Attributes:
        rate: [worlds] visits a day at middle satisfaction; hidden.
        leaves: [worlds] probability of dropping out after a visit at middle satisfaction; hidden.
        tastes: [worlds, visits, 2] words: whether tastes change before a visit, and the segment if they do; the first
            visit's segment is in any case. One visit where tastes do not drift. Hidden.
        gap: [worlds, visits] days from each visit to the next at middle satisfaction.
        words: [worlds, visits, 5] uniform from 0 to 65,535: click, purchase, return, satisfaction, drop-out.
        sold_out: [worlds, periods, items] whether an item is sold out; no periods where nothing ever is.
    """

    rate: NDArray[np.float32]
    leaves: NDArray[np.float32]
    tastes: NDArray[np.uint16]
    gap: NDArray[np.float32]
    words: NDArray[np.uint16]
    sold_out: NDArray[np.bool_]


def draw(parameters: LifetimeParameters, rng: np.random.Generator, worlds: int) -> LifetimeLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the shop and its customers.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    p = parameters
    if p.alike:
        rate, leaves = np.full(worlds, p.r / p.alpha), np.full(worlds, p.a / (p.a + p.b))
    else:
        rate, leaves = rng.standard_gamma(p.r, worlds) / p.alpha, rng.beta(p.a, p.b, worlds)
    # A rate below this brings nobody back in any horizon; it keeps gaps finite.
    rate = np.maximum(rate, 1e-12)
    gap = rng.standard_exponential((worlds, p.visits), dtype=np.float32)
    gap /= rate.astype(np.float32)[:, None]
    words = random_words(rng, worlds * p.visits * DECIDED).reshape(worlds, p.visits, DECIDED)
    tastes = random_words(rng, worlds * 2 * (p.visits if p.drift else 1)).reshape(worlds, -1, 2)
    return LifetimeLuck(rate.astype(np.float32), leaves.astype(np.float32), tastes, gap, words, _stock(p, rng, worlds))


def _stock(p: LifetimeParameters, rng: np.random.Generator, worlds: int) -> NDArray[np.bool_]:
    shape = (worlds, p.periods if p.sold_out else 0, len(p.items))
    return np.asarray(random_words(rng, int(np.prod(shape))).reshape(shape) < np.uint16(p.sold_out * RANGE))
