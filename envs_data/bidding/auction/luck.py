"""All randomness of a day of auctions."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.bidding.auction.parameters import AuctionParameters
from envs_data.chance import CountTables


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
    values, competing = _tables(parameters)
    every = np.arange(parameters.auctions)
    return AuctionLuck(values.draw(rng, worlds, np.zeros_like(every)), competing.draw(rng, worlds, every))


@functools.lru_cache(maxsize=8)
def _tables(parameters: AuctionParameters) -> tuple[CountTables, CountTables]:
    return CountTables([np.array(parameters.chances)]), CountTables(list(parameters.competing()))
