"""A day of auctions as a SimPy simulation."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from envs_data.bidding.auction.luck import AuctionLuck
from envs_data.bidding.auction.parameters import AuctionParameters
from envs_data.world import World

DAY = 24


class AuctionWorld(World):
    """A market that offers one impression after the other, evenly over a day.

    A decision is a bid of at most the budget left. The world stops when an impression is offered.

    Args:
        parameters: the auctions.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        auction: auctions completed.
        budget: money left.
        value: what the impression on offer is worth; 0 when the day is over.
        gained, won, paid: of the last completed auction; ``won`` is 0 or 1.
        minimum: smallest bid that would have won it; ``max_bid + 1`` if no bid would have.
    """

    def __init__(self, parameters: AuctionParameters, luck: AuctionLuck, row: int = 0, record: bool = False) -> None:
        super().__init__(record)
        self.parameters = parameters
        self.auction = 0
        self.budget = parameters.budget
        self.value = self.gained = 0.0
        self.won = self.paid = self.minimum = 0
        self._values = [parameters.values[k] for k in luck.value[row].tolist()]
        self._competing: list[int] = luck.competing[row].tolist()
        self.clock.process(self.market())

    def market(self) -> Generator[simpy.Event, Any, None]:
        """The day's auctions."""
        for value, competing in zip(self._values, self._competing, strict=True):
            self.value = value
            bid = yield self.decide()
            self.settle(bid, competing)
            yield self.clock.timeout(DAY / self.parameters.auctions)
        self.finish()

    def settle(self, bid: int, competing: int) -> None:
        """Gives the impression to the higher bid; a tie is won."""
        self.minimum = competing
        self.won = int(bid >= max(competing, 1))
        self.paid = self.won * (bid if self.parameters.price == "first" else competing)
        self.gained = self.value if self.won else 0.0
        self.budget -= self.paid
        self.auction += 1
        self.value = self._values[self.auction] if self.auction < len(self._values) else 0.0
        self.note("advertiser", "bid", bid)
        self.note("advertiser", "pays", self.paid)
