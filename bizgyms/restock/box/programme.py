"""The dynamic programme of a small box: every state, every order, and a day as a matrix product."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from bizgyms.restock.box.customers import Day, day_of_customers
from bizgyms.restock.box.lattice import Lattice
from envs_data.arrays import Array, Floats, Ints, Places
from envs_data.restock.box.parameters import BoxItem, BoxParameters


class Programme:
    """States, orders and a day's customers of a box with fixed lead times.

    Arrays over joint states have one axis an item, arrays over joint orders likewise: values are [mornings of item 0,
    mornings of item 1, ...]; what orders are worth is [mornings ..., packs ...].

    Args:
        parameters: the box; with substitution it has two items.
        most: for each item, the largest number of units on hand and on order that is distinguished.
        owed: for each item, the largest number of units backordered that is distinguished.

    Attributes:
        lattices: one an item.
        shape: number of mornings of each item.
        start: number of each item's first morning.
        orders: number of different orders of each item.
    """

    def __init__(self, parameters: BoxParameters, most: Sequence[int], owed: Sequence[int]) -> None:
        self.parameters = parameters
        items = [_limited(parameters, k) for k in range(len(parameters.items))]
        self.lattices = [Lattice(*spec) for spec in zip(items, most, owed, strict=True)]
        self.shape = tuple(len(lattice.mornings) for lattice in self.lattices)
        self.start = tuple(lattice.start for lattice in self.lattices)
        self.orders = tuple(lattice.shelf_of.shape[1] for lattice in self.lattices)
        self._paid = self._order_money()
        self._next = _flat([lattice.morning_of for lattice in self.lattices], self.shape)
        shelf_of = _spread([lattice.shelf_of for lattice in self.lattices])
        road_of = _spread([lattice.road_of for lattice in self.lattices])
        ahead = [len(lattice.shelves) for lattice in self.lattices] + [len(lattice.roads) for lattice in self.lattices]
        self._ahead = np.ravel_multi_index(np.broadcast_arrays(*shelf_of, *road_of), ahead)

    def _order_money(self) -> Floats:
        """[mornings ..., packs ...] what an order costs, as a reward; -inf where the box does not allow it."""
        box, items = self.parameters, self.parameters.items
        units = np.ix_(*(np.arange(count) * item.pack for count, item in zip(self.orders, items, strict=True)))
        total = np.asarray(sum(units))
        money = -box.order_cost * (total > 0)
        if box.truck_size:
            money = money - box.truck_cost * -(-total // box.truck_size)
        for line, item in zip(units, items, strict=True):
            money = money - item.cost * line - item.line_cost * (line > 0)
        allowed = (total == 0) | ((total >= box.min_order) & ((total <= box.max_order) | (box.max_order == 0)))
        for table in _spread([lattice.shelf_of >= 0 for lattice in self.lattices]):
            allowed = allowed & table
        if box.capacity:
            positions = np.ix_(*(lattice.position for lattice in self.lattices))
            position = np.asarray(sum(positions)).reshape(self.shape + (1,) * len(items))
            allowed = allowed & ((position + total <= box.capacity) | (total == 0))
        return np.where(allowed, money, -np.inf)

    def day(self, pmfs: Sequence[Floats]) -> Day:
        """The customers of a day on which items are asked for by these laws."""
        return day_of_customers(self.parameters, self.lattices, pmfs)

    def worth(self, values: Floats, day: Day, discount: float) -> Floats:
        """What every order is worth in every morning.

        Args:
            values: [mornings ...] what the next morning is worth.
            day: today's customers.
            discount: discount factor a day.

        Returns:
            [mornings ..., packs ...] today's money and tomorrow's discounted value; -inf for impossible orders.
        """
        ahead = day.carry(values.ravel()[self._next]) * discount
        ahead += day.money.reshape(day.money.shape + (1,) * len(self.shape))
        return np.asarray(self._paid + ahead.ravel()[self._ahead])

    def best(self, worth: Floats) -> tuple[Floats, Places]:
        """The largest worth of each morning [mornings ...] and the number of the order that has it."""
        flat = worth.reshape(*self.shape, -1)
        orders = flat.argmax(axis=-1)
        return np.take_along_axis(flat, orders[..., None], axis=-1)[..., 0], orders

    def chosen(self, worth: Floats, orders: Places) -> Floats:
        """[mornings ...] the worth of given orders, numbered as by `best`."""
        return np.take_along_axis(worth.reshape(*self.shape, -1), orders[..., None], axis=-1)[..., 0]

    def packs(self, orders: Places) -> Ints:
        """[mornings ..., items] orders numbered as by `best`, in packs."""
        return np.stack(np.unravel_index(orders, self.orders), axis=-1).astype(np.int64)

    def pressed(self, orders: Places) -> bool:
        """Whether some order of a policy is as large as ``most`` lets it be, so that ``most`` should be raised."""
        packs = self.packs(orders)
        for k, lattice in enumerate(self.lattices):
            largest = (lattice.shelf_of >= 0).sum(axis=1) - 1
            shape = [1] * len(self.shape)
            shape[k] = -1
            mine = packs[..., k]
            if lattice.most != self.parameters.capacity and np.any(
                (mine > 0) & (mine == largest.reshape(shape)) & (mine < self.orders[k] - 1)
            ):
                return True
        return False


def _limited(parameters: BoxParameters, k: int) -> BoxItem:
    """The item with no larger orders than the box's daily limit allows."""
    item = parameters.items[k]
    if not parameters.max_order:
        return item
    return dataclasses.replace(item, max_packs=max(min(item.max_packs, parameters.max_order // item.pack), 1))


def _spread(tables: Sequence[Array]) -> list[Array]:
    """Tables [a_k, b_k], one an item, in shapes that broadcast to [a_0, a_1, ..., b_0, b_1, ...]."""
    count = len(tables)
    spread = []
    for k, table in enumerate(tables):
        shape = [1] * (2 * count)
        shape[k], shape[count + k] = table.shape
        spread.append(np.maximum(table, 0).reshape(shape))
    return spread


def _flat(tables: Sequence[Array], shape: tuple[int, ...]) -> Places:
    """Index tables, one an item, as one table [a_0, a_1, ..., b_0, b_1, ...] into a flattened array."""
    return np.ravel_multi_index(np.broadcast_arrays(*_spread(tables)), shape)
