"""The best that can be done with demand that is known beforehand: what nobody could reach.

With demand known, an order is as good as its delivery. So stock on the morning is all there is to know of an item that
keeps, and backward induction over it is exact; more than all demand to come, and a pack, is never worth having.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from bizgyms.reference import TooLargeError
from envs_data.arrays import Floats, Ints
from envs_data.restock.box import BoxItem, BoxLuck, BoxParameters
from envs_data.restock.item import ItemParameters

# Days times levels of stock that are kept.
LARGEST = 30_000_000


@dataclasses.dataclass(frozen=True)
class _Known:
    """An item whose demand is known.

    Attributes:
        demand: [days] units asked for.
        most: [days] packs that can be delivered at most.
        start: units on hand on the first morning.
        pack: units of a pack.
        holding: cost of a unit left at closing.
        shortage: cost of a unit not served: once where it is lost, else a day owed.
        unit: cost of a unit delivered.
        delivery: cost of a delivery.
        waits: whether unmet demand is owed.
        spoils: whether stock may be thrown away for nothing.
    """

    demand: Ints
    most: Ints
    start: int
    pack: int
    holding: float
    shortage: float
    unit: float
    delivery: float
    waits: bool
    spoils: bool = False

    def earned(self) -> Floats:
        """[days] what the best deliveries earn, in the order of the days; it adds up to the most there is.

        Raises:
            TooLargeError: more days and levels of stock than fit into memory.
        """
        days, total = len(self.demand), int(self.demand.sum())
        least = -total if self.waits else 0
        stock = np.arange(least, max(self.start, total) + self.pack + 1)
        if days * len(stock) > LARGEST:
            raise TooLargeError(f"hindsight over {days} days and {len(stock):,} levels of stock is too large")
        ahead = np.zeros((days + 1, len(stock)))
        for day in reversed(range(days)):
            closed = self._closed(day, stock, ahead[day + 1])
            most = int(self.most[day])
            ahead[day] = np.maximum(closed, self._delivered(closed, stock, most)) if most else closed
        return self._along(stock, ahead)

    def _closed(self, day: int, stock: Ints, ahead: Floats) -> Floats:
        """[stock] what a day with so much stock after deliveries brings, with all that follows."""
        short = np.maximum(self.demand[day] - stock, 0)
        return np.asarray(-self.shortage * short + self._kept(ahead)[self._left(day, stock)])

    def _left(self, day: int, stock: Ints) -> Ints:
        """[stock] place of the stock at closing; units owed are below zero."""
        left = stock - self.demand[day]
        return np.asarray(np.maximum(left + (int(self.demand.sum()) if self.waits else 0), 0))

    def _kept(self, ahead: Floats) -> Floats:
        """[stock] what stock at closing costs, and brings from the next day on."""
        least = -int(self.demand.sum()) if self.waits else 0
        worth = ahead - self.holding * np.maximum(np.arange(len(ahead)) + least, 0)
        return np.maximum.accumulate(worth) if self.spoils else np.asarray(worth)

    def _delivered(self, closed: Floats, stock: Ints, most: int) -> Floats:
        """[stock] the best of a day with a delivery."""
        rows = -(-len(closed) // self.pack)
        padded = np.full(rows * self.pack, -np.inf)
        padded[: len(closed)] = closed - self.unit * stock
        best = _window(_moved(padded.reshape(rows, self.pack), 1), most)
        return np.asarray(best.ravel()[: len(closed)] + self.unit * stock - self.delivery)

    def _along(self, stock: Ints, ahead: Floats) -> Floats:
        """[days] what each day brings, walking forward from the first stock."""
        place, earned = self.start - int(stock[0]), np.zeros(len(self.demand))
        for day, most in enumerate(self.most.tolist()):
            places = np.arange(place, min(place + most * self.pack, len(stock) - 1) + 1, self.pack)
            worth = self._closed(day, stock[places], ahead[day + 1])
            worth[1:] -= self.delivery + self.unit * self.pack * np.arange(1, len(worth))
            closing = int(self._left(day, stock[places[[int(np.argmax(worth))]]])[0])
            if self.spoils:
                closing = int(np.argmax(self._worth_up_to(closing, ahead[day + 1])))
            earned[day] = ahead[day, place] - ahead[day + 1, closing]
            place = closing
        return earned

    def _worth_up_to(self, closing: int, ahead: Floats) -> Floats:
        """[stock] what is left of a closing stock, for every part of it that is kept."""
        return np.asarray(ahead[: closing + 1] - self.holding * np.arange(closing + 1))


def item_in_hindsight(parameters: ItemParameters, demand: Ints) -> Floats:
    """[days] what the best orders earn where all demand is known beforehand; the cost of an order is its delivery's.

    Args:
        parameters: the item.
        demand: [days] units asked for.

    Raises:
        TooLargeError: more days and levels of stock than fit into memory.
    """
    p = parameters
    most = np.where(np.arange(len(demand)) < p.lead_time, 0, p.max_packs)
    waits = p.unmet == "backordered"
    known = _Known(demand, most, p.start_on_hand, p.pack, p.holding, p.shortage, 0.0, p.order_cost, waits)
    return known.earned()


def box_in_hindsight(parameters: BoxParameters, luck: BoxLuck, row: int = 0) -> Floats:
    """[days] at least what anybody earns who knows all demand and all lead times of a box without substitutes.

    Each item is solved alone, and what the box shares is relaxed in the decision maker's favour: a truck costs by the
    unit it carries, all of them full; ordering itself costs nothing; room and limits of orders are without end. What
    spoils keeps for ever, and may be thrown away for nothing. Where nothing is shared and nothing spoils it is exact.

    Args:
        parameters: the box.
        luck: the luck of many episodes.
        row: which one.

    Raises:
        TooLargeError: more days and levels of stock than fit into memory.
        ValueError: customers take substitutes.
    """
    p = parameters
    if p.substitutes:
        raise ValueError("customers who take substitutes buy more than one item's demand; this is no bound for them")
    carried = p.truck_cost / p.truck_size if p.truck_size else 0.0
    drawn = iter(luck.lead_time[row].T.astype(np.int64))
    earned = np.zeros(p.days)
    for k, item in enumerate(p.items):
        fixed = np.full(p.days, item.lead_times[0])
        lead_time = next(drawn) if len(item.lead_times) > 1 else fixed
        earned += _of_box(item, luck.demand[row, :, k].astype(np.int64), lead_time, carried)
    return earned


def _of_box(item: BoxItem, demand: Ints, lead_time: Ints, carried: float) -> Floats:
    """[days] what an item earns by itself at most, every unit carried at a price."""
    days = len(demand)
    arrival = np.arange(days) + lead_time
    most = item.max_packs * np.bincount(arrival[arrival < days], minlength=days)
    # Who waits has paid already; who does not takes his money with him.
    lost = 0.0 if item.backordered else item.price
    known = _Known(
        demand,
        most,
        item.start_on_hand,
        item.pack,
        item.holding,
        item.shortage + lost,
        item.cost + carried,
        item.line_cost,
        item.backordered,
        spoils=item.shelf_life > 0,
    )
    return known.earned() + item.price * demand


def _moved(values: Floats, by: int) -> Floats:
    """[rows, ...] the values so many rows further on; nothing is beyond the last."""
    moved = np.full_like(values, -np.inf)
    moved[: max(len(values) - by, 0)] = values[by:]
    return moved


def _window(values: Floats, width: int) -> Floats:
    """[rows, ...] the largest of each row and the ``width`` - 1 after it, by doubling."""
    reach = 1
    while 2 * reach <= width:
        values, reach = np.maximum(values, _moved(values, reach)), 2 * reach
    return np.maximum(values, _moved(values, width - reach))
