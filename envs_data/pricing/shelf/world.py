"""A shelf as a SimPy simulation."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from envs_data.pricing.shelf.choice import choice_law, chosen, moved, tables, weight
from envs_data.pricing.shelf.luck import ShelfLuck
from envs_data.pricing.shelf.parameters import ShelfParameters
from envs_data.world import World

DAY = 24


class ShelfWorld(World):
    """A seller who labels the shelf at the beginning of every period, and customers who take one product or none.

    A decision is the price step of each product. The world stops at the beginning of each period, after a delivery.

    Args:
        parameters: the shelf.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        period: periods completed.
        stock, step, reference: units, price step and reference price of each product.
        sold: units of each product sold in the last period.
        came: customers of the last period.
        left, sold_out: units of all products left at its end, and products that had run out.
        changes: prices changed at the beginning of the last period.
        changed: prices changed so far.
        total_sold: units sold so far.
        expected: units that would have been expected to be sold so far at level 1, had nothing run out in mid-period.
    """

    def __init__(self, parameters: ShelfParameters, luck: ShelfLuck, row: int = 0, record: bool = False) -> None:
        super().__init__(record)
        self.parameters = parameters
        products = parameters.products
        choices = tables(parameters)
        self.period = self.came = self.changes = self.changed = self.total_sold = 0
        self.expected = 0.0
        self.left = self.sold_out = 0
        self.stock = [product.start_stock for product in products]
        self.step = [product.start_step for product in products]
        self.reference: list[float] = choices.start.tolist()
        self.sold = [0] * len(products)
        self._utilities: list[list[float]] = choices.utilities.tolist()
        self._weights_of: list[list[float]] = choices.weights.tolist()
        self._law: list[float] = choices.law.tolist()
        self._means: list[float] = parameters.means().tolist()
        self._customers: list[int] = luck.customers[row].tolist()
        self._rounding = float(luck.rounding[row])
        self._wishes: list[int] = luck.wishes[row].tolist()
        self._weights, self._bars = [0.0] * len(products), [0] * len(products)
        self.clock.process(self.shop())

    def shop(self) -> Generator[simpy.Event, Any, None]:
        """The periods of the episode."""
        first = 0
        for expected in self._customers:
            # Customers without a column stay away.
            customers = min(expected, len(self._wishes) - first)
            steps = yield self.decide()
            self.label(steps)
            gap = self.parameters.period_days * DAY / (customers + 1)
            for wish in self._wishes[first : first + customers]:
                yield self.clock.timeout(gap)
                self.customer(wish)
            first += customers
            yield self.clock.timeout(gap)
            self.close()
        self.finish()

    def label(self, steps: tuple[int, ...]) -> None:
        """Puts new prices on the shelf."""
        self.changes = 0
        for k, (product, new) in enumerate(zip(self.parameters.products, steps, strict=True)):
            if new != self.step[k]:
                self.changes += 1
                self.note("seller", f"price {product.name}", product.prices[new])
            self.step[k] = new
            self._weights[k] = self._weight(k, new)
        self.changed += self.changes
        self.came = 0
        self.sold = [0] * len(self.step)
        total = choice_law(self._weights, self.stock, self._rounding, self._bars)
        self.expected += self._means[self.period] * ((total - 1.0) / total)

    def _weight(self, k: int, step: int) -> float:
        """What a product's price is worth to customers, compared with its reference price if they remember one."""
        if not self.parameters.remembers:
            return self._weights_of[k][step]
        price = self.parameters.products[k].prices[step]
        return weight(self._utilities[k][step], price, self.reference[k], self._law)

    def customer(self, wish: int) -> None:
        """A customer comes and takes the first choice among the products in stock, if any."""
        self.came += 1
        k = chosen(wish, self._bars)
        if k == len(self.stock):
            return
        self.stock[k] -= 1
        self.sold[k] += 1
        self.note("customer", f"sale {self.parameters.products[k].name}", 1)
        if self.stock[k] == 0:
            choice_law(self._weights, self.stock, self._rounding, self._bars)

    def close(self) -> None:
        """Ends a period: reference prices move, and the delivery comes if it is due."""
        for k, (product, step) in enumerate(zip(self.parameters.products, self.step, strict=True)):
            self.reference[k] = moved(self.reference[k], product.prices[step], self.parameters.memory)
            self.total_sold += self.sold[k]
        self.left, self.sold_out = sum(self.stock), self.stock.count(0)
        self.period += 1
        if self.period == self.parameters.delivery_period:
            for k, product in enumerate(self.parameters.products):
                self.stock[k] += product.delivery
                self.note("truck", f"delivery {product.name}", product.delivery)
