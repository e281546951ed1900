"""A season as a SimPy simulation."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from envs_data.chance import WORDS
from envs_data.pricing.season.luck import SeasonLuck, layout
from envs_data.pricing.season.parameters import SeasonParameters
from envs_data.world import World

DAY = 24


class SeasonWorld(World):
    """A seller who sets a price at the beginning of every period and sells to the customers who come.

    A decision is a price step, 0 the lowest. The world stops at the beginning of each period.

    Args:
        parameters: the season.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        period: periods completed.
        stock: units left.
        step: the price step of the last period.
        came, sold, lost: customers of the last period, and how many of them bought, and would have bought.
        sold_at, time_at: [prices] units sold at each price step so far, and periods it was charged, each weighted
            with its factor on customers.
    """

    def __init__(self, parameters: SeasonParameters, luck: SeasonLuck, row: int = 0, record: bool = False) -> None:
        super().__init__(record)
        self.parameters = parameters
        self.period = 0
        self.stock = parameters.start_stock
        self.step = self.came = self.sold = self.lost = 0
        self.sold_at = [0] * len(parameters.prices)
        self.time_at = [0.0] * len(parameters.prices)
        self._factors: list[float] = parameters.factors().tolist()
        self._keen: list[int] = luck.keen[row].tolist()
        self._others: list[int] = luck.others[row].tolist()
        seating = layout(parameters)
        self._ranks: list[int] = luck.ranks[row].tolist()
        self._seats = seating.seats
        self._bars = [int(bar + luck.rounding[row]) for bar in seating.bars[luck.kind[row]]]
        self.clock.process(self.season())

    def season(self) -> Generator[simpy.Event, Any, None]:
        """The periods of the season."""
        seats, late = self._seats, len(self._keen) * self._seats
        for period, (keen, others) in enumerate(zip(self._keen, self._others, strict=True)):
            seated = self._ranks[period * seats : period * seats + min(keen, seats)]
            # Customers without a column stay away.
            standing = self._ranks[late : late + max(keen - seats, 0)]
            late += len(standing)
            ranks = seated + standing
            self.step = yield self.decide()
            self.came = self.sold = self.lost = 0
            self.note("seller", "price", self.parameters.prices[self.step])
            gap = self.parameters.period_days * DAY / (len(ranks) + others + 1)
            for rank in mixed(ranks, others):
                yield self.clock.timeout(gap)
                self.customer(rank)
            yield self.clock.timeout(gap)
            self.close()
        self.finish()

    def customer(self, rank: int) -> None:
        """A customer comes, and buys if the price is at most what a unit is worth to them."""
        self.came += 1
        if rank >= self._bars[self.step]:
            return
        if self.stock == 0:
            self.lost += 1
            self.note("customer", "finds nothing", 1)
            return
        self.stock -= 1
        self.sold += 1
        self.note("customer", "sale", 1)

    def close(self) -> None:
        """Ends a period."""
        self.sold_at[self.step] += self.sold
        self.time_at[self.step] += self._factors[self.period]
        self.period += 1


def mixed(ranks: list[int], others: int) -> list[int]:
    """Customers in the order in which they come: the others, who are behind every bar, evenly among the keen."""
    came, seen = len(ranks) + others, iter(ranks)
    keen = ((k + 1) * len(ranks) // came > k * len(ranks) // came for k in range(came))
    return [next(seen) if one else WORDS for one in keen]
