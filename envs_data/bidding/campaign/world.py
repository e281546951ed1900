"""A campaign's day as a SimPy simulation."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import simpy

from envs_data.bidding.campaign.luck import CLICKED, CampaignLuck
from envs_data.bidding.campaign.parameters import CampaignParameters
from envs_data.world import World


class CampaignWorld(World):
    """A market whose auctions are settled in order of arrival, until the budget is gone.

    A decision is a bid per conversion and a shading, for all auctions of a tick. An impression whose conversion rate
    is predicted as r is worth w = bid r; what is bid is w / sqrt(1 + shading w / usual), rounded down, and at most
    ``highest`` and the budget left. The world stops before each tick.

    Args:
        parameters: the campaign.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        tick: ticks completed.
        budget: money left.
        total, predicted, pending: conversions of all impressions won so far: by true rates; as predicted; predicted,
            and not expected to be reported yet.
        told: conversions reported so far.
        offered, won, spent, clicks, reported, value: of the last tick; ``value`` is conversions by true rates.
        minimum: smallest winning bids of the last tick, added up.
        offers: what was bid in each of its auctions.
    """

    def __init__(self, parameters: CampaignParameters, luck: CampaignLuck, row: int = 0, record: bool = False) -> None:
        super().__init__(record)
        self.parameters = parameters
        self.tick = self.told = 0
        self.budget = parameters.budget
        self.total = self.predicted = self.pending = 0.0
        self.offered = self.won = self.spent = self.clicks = self.reported = self.minimum = 0
        self.value = 0.0
        self.offers: list[int] = []
        self._count: list[int] = luck.arrivals[row].tolist()
        self._bias = float(luck.bias[row])
        auctions = sum(self._count)
        self._rates: list[float] = luck.rate[row, :auctions].tolist()
        self._competing: list[int] = luck.competing[row, :auctions].tolist()
        self._outcomes: list[int] = luck.outcome[row, :auctions].tolist()
        self._usual: list[float] = parameters.usual().tolist()
        self._own, self._keeps = parameters.reporting()
        self.clock.process(self.market())

    def market(self) -> Generator[simpy.Event, Any, None]:
        """The day's ticks."""
        first = 0
        for auctions in self._count:
            bid, shading = yield self.decide()
            self.settle(range(first, first + auctions), bid, shading)
            first += auctions
            yield self.clock.timeout(self.parameters.hours)
            self.tick += 1
        self.finish()

    def settle(self, auctions: range, bid: float, shading: float) -> None:
        """Holds a tick's auctions one after the other; a tie is won."""
        self.offered, self.won, self.clicks, self.reported, self.minimum = len(auctions), 0, 0, 0, 0
        self.value, before = 0.0, self.budget
        new, self.offers = 0.0, []
        usual, first_price, highest = self._usual[self.tick], self.parameters.price == "first", self.parameters.highest
        for k in auctions:
            rate, minimum = self._rates[k], self._competing[k]
            worth = bid * rate
            if shading > 0:
                worth = worth / math.sqrt(1.0 + shading * worth / usual)
            offer = min(int(worth), highest, self.budget)
            self.offers.append(offer)
            self.minimum += minimum
            if offer >= minimum:
                self.budget -= offer if first_price else minimum
                self.won += 1
                new += rate
                self.value += min(rate * self._bias, 1.0)
                self.follow(self._outcomes[k])
        self.spent = before - self.budget
        self.total += self.value
        self.predicted += new
        self.pending = self.pending * self._keeps + new * self._own
        self.note("campaign", "wins", self.won)
        self.note("campaign", "pays", self.spent)

    def follow(self, outcome: int) -> None:
        """What an impression leads to: a click, and a conversion that is reported later."""
        self.clicks += outcome >= CLICKED
        if outcome >= 0:
            self.clock.timeout((outcome + 0.5) * self.parameters.hours).callbacks.append(self.convert)

    def convert(self, _: simpy.Event) -> None:
        """A conversion is reported."""
        self.reported += 1
        self.told += 1
        self.note("customer", "converts", 1)
