"""Computations with the law of demand: critical levels, expected stock, myopic costs."""

from __future__ import annotations

import functools
import math

import numpy as np

from bizgyms.restock.item.evaluate import day_cost
from envs_data.arrays import Floats, Ints, Places
from envs_data.restock.item import ItemParameters

LARGEST_TABLE = 4_000_000


def critical_ratio(p: ItemParameters) -> float:
    """Probability with which demand should be met: shortage / (shortage + holding), short of one."""
    paid = p.shortage + p.holding
    return min(p.shortage / paid, 1 - 1e-9) if paid > 0 else 0.5


def fractile(pmf: Floats, ratio: float) -> int:
    """Smallest number whose cumulated probability reaches ``ratio``."""
    return int(np.searchsorted(np.cumsum(pmf), ratio - 1e-12))


def windows(p: ItemParameters, span: int) -> tuple[Places, Places]:
    """Sequences of daily laws that ``span`` days in a row can follow; the last day's law goes on after the end.

    Returns:
        [windows, span] laws of each distinct sequence, and [days] which sequence begins on which day.
    """
    laws = p.laws()[1]
    longer = np.append(laws, np.repeat(laws[-1], span))
    rows = np.lib.stride_tricks.sliding_window_view(longer, span)[: p.days]
    distinct, window_of_day = np.unique(rows, axis=0, return_inverse=True)
    return distinct, window_of_day.ravel()


@functools.lru_cache(maxsize=32)
def _levels(p: ItemParameters, ratio: float) -> tuple[Floats, Places]:
    pmfs = p.laws()[0]
    distinct, window_of_day = windows(p, p.lead_time + 1)
    levels = [fractile(functools.reduce(np.convolve, [pmfs[k] for k in row]), ratio) for row in distinct]
    return np.array(levels, dtype=np.float64), window_of_day


def newsvendor_levels(p: ItemParameters, ratio: float | None = None) -> Floats:
    """[days] fractile of the demand of each day and the ``lead_time`` days after it.

    Today's order has to cover that span; its demand is pooled, so that days of little demand pay for others.

    Args:
        p: the item.
        ratio: the fractile; None for the critical ratio.
    """
    levels, window_of_day = _levels(p, critical_ratio(p) if ratio is None else ratio)
    return levels[window_of_day]


def _next_stock(pmf: Floats, stock: int) -> Floats:
    """[stock, stock] probability that stock on hand a falls to b by one day's demand, lost sales."""
    padded = np.append(pmf[:stock], np.zeros(max(0, stock - len(pmf))))
    moves = np.zeros((stock, stock))
    for a in range(stock):
        moves[a, 1 : a + 1] = padded[:a][::-1]
        moves[a, 0] = 1.0 - moves[a, 1:].sum()
    return moves


def _before_delivery(after: Floats, moves: Floats, units: Ints) -> Floats:
    """[stock, packs, ...]: expectation of ``after`` [stock, ...] once a day's demand is over and packs arrive."""
    stock = len(moves)
    landed = np.minimum(np.arange(stock)[:, None] + units, stock - 1)
    return np.asarray(np.tensordot(moves, after[landed], axes=1))


@functools.lru_cache(maxsize=8)
def expected_stock(p: ItemParameters, stock: int) -> tuple[Floats, Places]:
    """Expected stock just before today's order arrives, if it is lost-sales inventory.

    Args:
        p: the item, with a lead time.
        stock: stock on hand is cut at ``stock - 1`` units.

    Returns:
        [windows, stock on hand, packs on order 1 .. lead_time - 1] expected units, and [days] the window of each day.
    """
    pmfs = p.laws()[0]
    moves = [_next_stock(pmf, stock) for pmf in pmfs]
    units = np.arange(p.max_packs + 1) * p.pack
    distinct, window_of_day = windows(p, p.lead_time)
    tables = []
    for row in distinct:
        table = moves[row[-1]] @ np.arange(stock, dtype=np.float64)
        for law in row[-2::-1]:
            table = _before_delivery(table, moves[law], units)
        tables.append(table)
    return np.array(tables), window_of_day


def table_size(p: ItemParameters, stock: int, orders: int) -> int:
    """Entries of a table over stock on hand and so many orders."""
    return stock * int((p.max_packs + 1) ** orders)


def stock_limit(p: ItemParameters) -> int:
    """Stock on hand beyond which no sensible rule would order: twice the critical level, and an order more."""
    return 2 * int(newsvendor_levels(p).max()) + p.pack + 10


@functools.lru_cache(maxsize=4)
def myopic_orders(p: ItemParameters, stock: int, looks: int = 2) -> Ints:
    """Packs that minimise the expected cost of the days today's (and tomorrow's) order first serves.

    With q(x, z) the expected cost of the day on which order z arrives, myopic-1 minimises q(x, z), and myopic-2
    q(x, z) + E min q(x', z'), over z (Zipkin 2008, Operations Research 56(5), section 4, after Morton 1971).

    Args:
        p: an item with stationary demand, lost sales and a lead time.
        stock: stock on hand is cut at ``stock - 1`` units.
        looks: 1 for myopic-1, 2 for myopic-2.

    Returns:
        [stock on hand, packs on order 1 .. lead_time - 1] packs to order.
    """
    moves = _next_stock(p.laws()[0][0], stock)
    units = np.arange(p.max_packs + 1) * p.pack
    cost = day_cost(p, np.arange(stock))
    for _ in range(p.lead_time):
        cost = _before_delivery(cost, moves, units)
    if looks == 1:
        return np.asarray(cost.argmin(axis=-1))
    # Tomorrow the first delivery is on hand, and today's order is the last one under way.
    following = _before_delivery(cost.min(axis=-1), moves, units)
    return np.asarray((cost + following).argmin(axis=-1))


def periods(p: ItemParameters) -> list[int]:
    """Days between fixed orders that the largest order can bridge."""
    most = max(1, math.floor(p.max_packs * p.pack / max(p.mean, 1e-9)))
    return [n for n in (1, 2, 3, 4, 5, 7, 14) if n <= most]
