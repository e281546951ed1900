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
    """Tables of some laws of few outcomes.

    Outcome k has floor(4,096 p_k) of a law's entries; the few left over, -1, send the draw to an exact inversion of
    what the floors cut off. So the law is met to double precision.

    Attributes:
        table: [laws * 4,096] outcomes.
        rests: [laws * outcomes] cumulative law of a draw that hits -1, plus the number of the law.
        outcomes: [outcomes] what a draw gives.
    """

    table: NDArray[np.signedinteger]
    rests: NDArray[np.float64]
    outcomes: NDArray[np.signedinteger]


def draw(parameters: AuctionParameters, rng: np.random.Generator, worlds: int) -> AuctionLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the auctions.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    pairs, competing = _laws(parameters)
    shape = parameters.auctions, worlds  # all worlds' first auction is first in memory
    count = parameters.auctions * worlds
    words = random_words(rng, count + -(-count // 2)) >> np.uint16(16 - BITS)
    value = _drawn(pairs, rng, words[count:]).view(np.int8)[:count]
    return AuctionLuck(value.reshape(shape).T, _drawn(competing, rng, words[:count]).reshape(shape).T)


@functools.lru_cache(maxsize=8)
def _laws(parameters: AuctionParameters) -> tuple[Laws, Laws]:
    """The laws of two values, drawn at once, and of the best competing bid of each auction."""
    p, values = parameters, np.arange(len(parameters.values), dtype=np.int8)
    pairs = np.stack(np.meshgrid(values, values, indexing="ij"), axis=-1).reshape(-1, 2).view(np.int16).ravel()
    bids = np.arange(p.max_bid + 2, dtype=np.int8)
    return _tables(np.outer(p.chances, p.chances).reshape(1, -1), pairs), _tables(p.competing(), bids)


def _tables(pmfs: NDArray[np.float64], outcomes: NDArray[np.signedinteger]) -> Laws:
    """The tables of laws [laws, outcomes]."""
    table = np.full((len(pmfs), ENTRIES), -1, dtype=outcomes.dtype)
    whole = np.floor(pmfs * ENTRIES).astype(np.int64)
    for row, counts in zip(table, whole, strict=True):
        row[: counts.sum()] = np.repeat(outcomes, counts)
    rests = np.cumsum(pmfs * ENTRIES - whole, axis=1)
    rests /= np.maximum(rests[:, -1:], 1e-300)
    return Laws(table.ravel(), (rests + np.arange(len(pmfs))[:, None]).ravel(), outcomes)


def _drawn(laws: Laws, rng: np.random.Generator, words: NDArray[np.uint16]) -> NDArray[np.signedinteger]:
    """[laws * each] as many outcomes as words of 12 random bits, law by law."""
    count, width = len(laws.table) // ENTRIES, len(laws.outcomes)
    each, places = len(words) // count, words.astype(np.intp)
    if count > 1:
        by_law = places.reshape(count, each)
        by_law += np.arange(0, len(laws.table), ENTRIES)[:, None]
    drawn = laws.table.take(places, mode="clip")  # places fit; clip spares a copy
    rare = np.flatnonzero(drawn < 0)
    if rare.size:
        law = rare // each
        found = np.searchsorted(laws.rests, law + rng.random(rare.size), side="right") - law * width
        drawn[rare] = laws.outcomes[np.minimum(found, width - 1)]  # a sum may round up to the next law
    return drawn
