"""A box of items as a SimPy simulation."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Sequence
from typing import Any

import simpy

from envs_data.restock.box.luck import BoxLuck, customer_bits, groups, next_customer, second_choice, second_choices
from envs_data.restock.box.parameters import BoxItem, BoxParameters
from envs_data.world import World

# The hours of a day. Trucks come before opening; one that needs no lead time comes before the customers.
DELIVERY, OPENING, EXPRESS, FIRST_CUSTOMER, CLOSING, DAY = 6, 7, 8, 9, 22, 24


class BoxWorld(World):
    """A shop that orders several items together once a day.

    A decision is a sequence of units ordered, one number an item, that box and supplier allow. The world stops each
    morning after deliveries. A day:

    1. Trucks due today deliver: fresh units, with ``shelf_life`` days to live; waiting customers are served first.
    2. The shop orders. An order with lead time 0 is delivered at once.
    3. Customers come one by one, in random order among those of a group of items that stand in for one another; each
       wants a unit of one item. If it is out, the customer may ask for one substitute; unmet demand is lost, or waits
       if the item is backordered.
    4. At closing units in their last day of life are thrown away, the others age by a day.

    Args:
        parameters: the box.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        day: days completed.
        shelf: units of each item by days of life left, the oldest (last day) first; an item that keeps has one
            entry, below zero when units are owed to waiting customers.
        on_order: for each item, units ordered and not delivered, by day of delivery.
        ordered, demand, sold: [items] units of the last completed day; ``demand`` by first choice, ``sold`` by what
            was taken.
        promised: [items] units that customers of that day paid and wait for; only of backordered items.
        left, wasted: [items] units that stayed at its closing, and units thrown away.
        unmet: [items] by first choice, units not served; of a backordered item, units owed at closing.
    """

    def __init__(self, parameters: BoxParameters, luck: BoxLuck, row: int = 0, record: bool = False) -> None:
        super().__init__(record)
        count = len(parameters.items)
        self.parameters = parameters
        self.items = parameters.items
        self.day = 0
        self.shelf = [[0] * (item.shelf_slots - 1) + [item.start_on_hand] for item in parameters.items]
        self.on_order: list[dict[int, int]] = [{} for _ in parameters.items]
        self.ordered: Sequence[int] = [0] * count
        self.demand, self.sold, self.promised, self.left, self.wasted, self.unmet = ([0] * count for _ in range(6))
        self._demand: list[list[int]] = luck.demand[row].tolist()
        self._lead_time = self._lead_times(luck, row)
        self._crowd: list[int] = luck.crowd[row].tolist()
        self._groups = groups(parameters)
        self._choices: list[int] = second_choices(parameters).ravel().tolist()
        self.clock.process(self.shop())

    def _lead_times(self, luck: BoxLuck, row: int) -> list[list[int]]:
        """[items, days] days from order to delivery, by the day of the order."""
        drawn = iter(luck.lead_time[row].T.tolist())
        days = self.parameters.days
        return [next(drawn) if len(item.lead_times) > 1 else [item.lead_times[0]] * days for item in self.items]

    def shop(self) -> Generator[simpy.Event, Any, None]:
        """The shopkeeper's days."""
        clock = self.clock
        yield clock.timeout(OPENING)
        for demand in self._demand:
            self.order((yield self.decide()))
            yield clock.timeout(FIRST_CUSTOMER - OPENING)
            self.demand = demand
            self.sold, self.promised, self.unmet = ([0] * len(demand) for _ in range(3))
            if self._crowd:
                self.open()
            else:
                self.crowds()
            yield clock.timeout(self.day * DAY + CLOSING - clock.now)
            self.closing()
            yield clock.timeout(OPENING + DAY - CLOSING)
        self.finish()

    def order(self, units: Sequence[int]) -> None:
        """The shop orders; every line sets out on a truck of its own."""
        self.ordered = units
        for k, line in enumerate(units):
            if line:
                self.note("shop", f"order {self.items[k].name}", line)
                self.truck(k, line)

    def truck(self, k: int, units: int) -> None:
        """A truck sets out with units of item ``k`` and comes back after the lead time."""
        lead_time = self._lead_time[k][self.day]
        due = self.day + lead_time
        self.on_order[k][due] = self.on_order[k].get(due, 0) + units

        def arrive(_: simpy.Event) -> None:
            self.on_order[k][due] -= units
            self.shelf[k][-1] += units
            self.note("truck", f"delivery {self.items[k].name}", units)

        hours = lead_time * DAY + (DELIVERY if lead_time else EXPRESS) - OPENING
        self.clock.timeout(hours).callbacks.append(arrive)

    def open(self) -> None:
        """Customers begin to come, those of different groups of items independently."""
        for number, group in enumerate(self._groups):
            self.clock.process(self.customers(number, group))

    def customers(self, number: int, group: list[int]) -> Generator[simpy.Event, Any, None]:
        """The day's customers of a group of items, one by one, evenly over the opening hours."""
        to_come = list(itertools.accumulate(self.demand[k] for k in group))
        count = to_come[-1]
        for n in range(count):
            bits = customer_bits(self._crowd[self.day], number, n)
            self.customer(group[next_customer(bits, count - n, to_come)], bits)
            yield self.clock.timeout((CLOSING - FIRST_CUSTOMER) / (count + 1))

    def customer(self, k: int, bits: int) -> None:
        """A customer asks for item ``k``, and if it is out perhaps for another."""
        if self.sell(k, 1):
            return
        other = second_choice(bits, k, len(self.items), self._choices)
        if other == len(self.items) or not self.sell(other, 1):
            self.turn_away(k, 1)

    def crowds(self) -> None:
        """All customers of the day at once: without substitutes their order changes nothing."""
        for k, demand in enumerate(self.demand):
            self.turn_away(k, demand - self.sell(k, demand))

    def sell(self, k: int, units: int) -> int:
        """Takes up to so many units of item ``k`` from the shelf; returns how many there were."""
        shelf = self.shelf[k]
        ages = range(len(shelf)) if self.items[k].issue == "FIFO" else range(len(shelf) - 1, -1, -1)
        wanted = units
        for age in ages:
            taken = min(max(shelf[age], 0), wanted)
            shelf[age] -= taken
            wanted -= taken
        self._note_customers("sale", k, units - wanted)
        self.sold[k] += units - wanted
        return units - wanted

    def turn_away(self, k: int, units: int) -> None:
        """So many customers of item ``k`` leave with nothing, or wait."""
        self._note_customers("unmet", k, units)
        if self.items[k].backordered:
            self.shelf[k][0] -= units
            self.promised[k] += units
        else:
            self.unmet[k] += units

    def closing(self) -> None:
        """Throws away what expires, ages the rest and counts."""
        self.day += 1
        for k, item in enumerate(self.items):
            self.wasted[k] = age(self.shelf[k], item)
            self.left[k] = max(sum(self.shelf[k]), 0)
            if item.backordered:
                self.unmet[k] = max(-self.shelf[k][0], 0)
            if self.wasted[k]:
                self.note("shop", f"waste {item.name}", self.wasted[k])

    def _note_customers(self, what: str, k: int, units: int) -> None:
        if units:
            self.note("customers", f"{what} {self.items[k].name}", units)


def age(shelf: list[int], item: BoxItem) -> int:
    """Ages an item's stock by a day, in place; returns the units that expired."""
    if not item.shelf_life:
        return 0
    expired = shelf[0]
    shelf[:-1] = shelf[1:]
    shelf[-1] = 0
    return expired
