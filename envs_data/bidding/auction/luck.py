"""All randomness of a day of auctions."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.bidding.auction.parameters import AuctionParameters
from envs_data.chance import random_words

# Entries of a law's table: so few that the tables of a whole day stay in the processor's cache.
BITS = 12
ENTRIES = 1 << BITS


class AuctionLuck(NamedTuple):
    """Everything chance decides in an episode.

    Attributes:
        value: [worlds, auctions] which of the values winning is worth.
        competing: [worlds, auctions] best competing bid; ``max_bid + 1`` where the auction cannot be won.
    """

    value: NDArray[np.signedinteger]
    competing: NDArray[np.signedinteger]


class Laws(NamedTuple):
    """Tables of some laws of small whole numbers.

    Value k has floor(4,096 p_k) of a law's entries; the few left over, -1, send the draw to an exact inversion of what
    the floors cut off. So the law is met to double precision.

    Attributes:
        table: [laws * 4,096] values.
        rests: [laws, values] cumulative law of a draw that hits -1.
    """

    table: NDArray[np.int8]
    rests: NDArray[np.float64]


def draw(parameters: AuctionParameters, rng: np.random.Generator, worlds: int) -> AuctionLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the auctions.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    values, competing = _laws(parameters)
    every = np.arange(parameters.auctions)
    return AuctionLuck(_drawn(values, rng, worlds, 0 * every), _drawn(competing, rng, worlds, every))


@functools.lru_cache(maxsize=8)
def _laws(parameters: AuctionParameters) -> tuple[Laws, Laws]:
    return _tables(np.array([parameters.chances])), _tables(parameters.competing())


def _tables(pmfs: NDArray[np.float64]) -> Laws:
    """The tables of laws [laws, values]."""
    table = np.full((len(pmfs), ENTRIES), -1, dtype=np.int8)
    whole = np.floor(pmfs * ENTRIES).astype(np.int64)
    for row, counts in zip(table, whole, strict=True):
        row[: counts.sum()] = np.repeat(np.arange(pmfs.shape[1]), counts)
    rests = np.cumsum(pmfs * ENTRIES - whole, axis=1)
    return Laws(table.ravel(), rests / np.maximum(rests[:, -1:], 1e-300))


def _drawn(laws: Laws, rng: np.random.Generator, worlds: int, law_of: NDArray[np.intp]) -> NDArray[np.int8]:
    """[worlds, auctions] one value for each world and auction, all worlds' first auction first in memory."""
    words = random_words(rng, worlds * len(law_of)) >> np.uint16(16 - BITS)
    places = words.reshape(len(law_of), worlds) + (law_of * ENTRIES)[:, None]
    drawn = laws.table.take(places, mode="clip")  # places fit; clip spares a copy
    flat = drawn.ravel()
    rare = np.flatnonzero(flat < 0)
    if rare.size:
        uniform = rng.random(rare.size)
        flat[rare] = (laws.rests[law_of[rare // worlds]] <= uniform[:, None]).sum(axis=1)
    return drawn.T
