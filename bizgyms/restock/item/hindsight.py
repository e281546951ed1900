"""The best orders for demand that is known beforehand: what nobody could reach."""

from __future__ import annotations

import numpy as np

from bizgyms.reference import TooLargeError
from envs_data.arrays import Floats, Ints
from envs_data.restock.item import ItemParameters

# Days times levels of stock that are kept.
LARGEST = 30_000_000


def best_orders(parameters: ItemParameters, demand: Ints) -> tuple[float, Ints]:
    """The most that an episode can bring where all demand is known beforehand, and the orders that bring it.

    With demand known, an order is as good as its delivery a lead time later. So stock on the morning is all there is
    to know, and backward induction over it is exact; more than all demand to come, and a pack, is never worth having.

    Args:
        parameters: the item.
        demand: [days] units asked for.

    Returns:
        The return, and [days] packs to order.

    Raises:
        TooLargeError: more days and levels of stock than fit into memory.
    """
    p, days = parameters, len(demand)
    total = int(demand.sum())
    least = -total if p.unmet == "backordered" else 0
    stock = np.arange(least, max(p.start_on_hand, total) + p.pack + 1)
    if days * len(stock) > LARGEST:
        raise TooLargeError(f"hindsight over {days} days and {len(stock):,} levels of stock is too large")
    ahead = np.zeros((days + 1, len(stock)))
    for day in reversed(range(days)):
        closed = _closed(p, stock, int(demand[day]), ahead[day + 1], least)
        ahead[day] = closed if day < p.lead_time else np.maximum(closed, _ordering(p, closed))
    return float(ahead[0, p.start_on_hand - least]), _orders(p, stock, demand, ahead)


def _closed(p: ItemParameters, stock: Ints, demand: int, ahead: Floats, least: int) -> Floats:
    """[stock] what a day with so much stock after deliveries brings, with all that follows.

    What is unmet is counted once where it is lost, and day by day where it is owed: then stock is below zero.
    """
    short = np.maximum(demand - stock, 0)
    left = stock - demand if p.unmet == "backordered" else np.maximum(stock - demand, 0)
    after = ahead[np.maximum(left - least, 0)]
    return np.asarray(-p.holding * np.maximum(left, 0) - p.shortage * short + after)


def _ordering(p: ItemParameters, closed: Floats) -> Floats:
    """[stock] the best of a day on which an order arrives."""
    rows = -(-len(closed) // p.pack)
    padded = np.full(rows * p.pack, -np.inf)
    padded[: len(closed)] = closed
    best = _window(_moved(padded.reshape(rows, p.pack), 1), p.max_packs)
    return np.asarray(best.ravel()[: len(closed)] - p.order_cost)


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


def _orders(p: ItemParameters, stock: Ints, demand: Ints, ahead: Floats) -> Ints:
    """[days] packs to order, walking forward from the first stock."""
    packs = np.zeros(len(demand), dtype=np.int64)
    on_hand = p.start_on_hand
    for day, asked in enumerate(demand.tolist()):
        if day >= p.lead_time:
            levels = np.arange(on_hand, min(on_hand + p.max_packs * p.pack, int(stock[-1])) + 1, p.pack)
            worth = _closed(p, levels, asked, ahead[day + 1], int(stock[0]))
            worth[1:] -= p.order_cost
            packs[day - p.lead_time] = int(np.argmax(worth))
            on_hand = int(levels[packs[day - p.lead_time]])
        on_hand = on_hand - asked if p.unmet == "backordered" else max(on_hand - asked, 0)
    return packs
