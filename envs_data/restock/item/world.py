"""One item's shop as a SimPy simulation."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from envs_data.restock.item.luck import ItemLuck
from envs_data.restock.item.parameters import ItemParameters
from envs_data.world import World

# The hours of a day. A truck comes before opening; one that needs no lead time comes before the customers.
DELIVERY, OPENING, EXPRESS, DEMAND, CLOSING, DAY = 6, 7, 8, 12, 22, 24


class ItemWorld(World):
    """A shop that sells one item and orders once a day.

    A decision is the number of units ordered. The world stops each morning after deliveries.

    Args:
        parameters: the item.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        day: days completed.
        on_hand: units in stock; below zero, units owed to waiting customers.
        on_order: units ordered and not delivered, by day of delivery.
        ordered, demand, sold, left, lost: units of the last completed day; ``left`` and ``lost`` at closing.
    """

    def __init__(self, parameters: ItemParameters, luck: ItemLuck, row: int = 0, record: bool = False) -> None:
        super().__init__(record)
        self.parameters = parameters
        self.day = 0
        self.on_hand = parameters.start_on_hand
        self.on_order: dict[int, int] = {}
        self.ordered = self.demand = self.sold = self.left = self.lost = 0
        self._demand: list[int] = luck.demand[row].tolist()
        self._backorders = parameters.unmet == "backordered"
        self.clock.process(self.shop())

    def shop(self) -> Generator[simpy.Event, Any, None]:
        """The shopkeeper's days."""
        clock = self.clock
        yield clock.timeout(OPENING)
        for demand in self._demand:
            self.ordered = yield self.decide()
            if self.ordered:
                self.send_truck(self.ordered)
            yield clock.timeout(DEMAND - OPENING)
            self.serve(demand)
            yield clock.timeout(CLOSING - DEMAND)
            self.close()
            yield clock.timeout(OPENING + DAY - CLOSING)
        self.finish()

    def send_truck(self, units: int) -> None:
        """A truck sets out with an order and comes back after the lead time."""
        lead_time = self.parameters.lead_time
        hours = lead_time * DAY + (DELIVERY if lead_time else EXPRESS) - OPENING
        due = self.day + lead_time
        self.on_order[due] = units
        self.note("shop", "order", units)

        def arrive(_: simpy.Event) -> None:
            self.on_hand += self.on_order.pop(due)
            self.note("truck", "delivery", units)

        self.clock.timeout(hours).callbacks.append(arrive)

    def serve(self, demand: int) -> None:
        """The day's customers ask for ``demand`` units."""
        self.demand = demand
        available = max(self.on_hand, 0)
        self.sold = min(demand, available)
        self.on_hand -= demand if self._backorders else self.sold
        self.note("customers", "demand", demand)

    def close(self) -> None:
        """Counts what is left and what was not served."""
        self.left = max(self.on_hand, 0)
        self.lost = max(-self.on_hand, 0) if self._backorders else self.demand - self.sold
        self.day += 1
        self.note("shop", "left", self.left)
