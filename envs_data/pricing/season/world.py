"""A season as a SimPy simulation."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from envs_data.pricing.season.luck import SeasonLuck
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
        self._customers: list[int] = luck.customers[row].tolist()
        self._steps: list[int] = luck.steps[row].tolist()
        self.clock.process(self.season())

    def season(self) -> Generator[simpy.Event, Any, None]:
        """The periods of the season."""
        first = 0
        for expected in self._customers:
            # Whoever has no column of his own stays away.
            customers = min(expected, len(self._steps) - first)
            self.step = yield self.decide()
            self.came = self.sold = self.lost = 0
            self.note("seller", "price", self.parameters.prices[self.step])
            gap = self.parameters.period_days * DAY / (customers + 1)
            for steps in self._steps[first : first + customers]:
                yield self.clock.timeout(gap)
                self.customer(steps)
            first += customers
            yield self.clock.timeout(gap)
            self.close()
        self.finish()

    def customer(self, steps: int) -> None:
        """A customer comes who would pay the first ``steps`` prices."""
        self.came += 1
        if steps <= self.step:
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
