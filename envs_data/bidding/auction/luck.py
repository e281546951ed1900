"""All randomness of a day of auctions."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Ints
from envs_data.bidding.auction.parameters import AuctionParameters
from envs_data.branching import each, spliced
from envs_data.chance import OutcomeTables, random_words


class AuctionLuck(NamedTuple):
    """Everything chance decides in an episode.

    Attributes:
        value: [worlds, auctions] which of the values winning is worth.
        competing: [worlds, auctions] best competing bid; ``max_bid + 1`` where the auction cannot be won.
    """

    value: NDArray[np.signedinteger]
    competing: NDArray[np.signedinteger]


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
    words = random_words(rng, count + -(-count // 2))
    value = pairs.draw(rng, words[count:]).view(np.int8)[:count]
    return AuctionLuck(value.reshape(shape).T, competing.draw(rng, words[:count]).reshape(shape).T)


def redraw(parameters: AuctionParameters, luck: AuctionLuck, step: int | Ints, rng: np.random.Generator) -> AuctionLuck:
    """Draws the auctions anew that have not come yet; what the next one is worth has been seen.

    Args:
        parameters: the auctions.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    over = each(step, len(luck.value))
    return spliced(luck, draw(parameters, rng, len(over)), {"value": over + 1, "competing": over})


@functools.lru_cache(maxsize=8)
def _laws(parameters: AuctionParameters) -> tuple[OutcomeTables, OutcomeTables]:
    """The laws of two values, drawn at once, and of the best competing bid of each auction."""
    p, values = parameters, np.arange(len(parameters.values), dtype=np.int8)
    pairs = np.stack(np.meshgrid(values, values, indexing="ij"), axis=-1).reshape(-1, 2).view(np.int16).ravel()
    bids = np.arange(p.max_bid + 2, dtype=np.int8)
    both = np.outer(p.chances, p.chances).reshape(1, -1)
    return OutcomeTables(both, pairs), OutcomeTables(p.competing(), bids)
