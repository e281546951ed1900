"""The exact long-run cost of a rule for one item with lost sales."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Floats, Ints
from envs_data.restock.item import ItemParameters

Order = Callable[[Ints], Ints]
PRECISION = 1e-10


def average_cost(parameters: ItemParameters, order: Order, ceiling: int) -> float:
    """Average cost a day of a rule on the inventory position, by value iteration over the states it can reach.

    Args:
        parameters: the item; lost sales, a lead time of at least one day, the same demand every day.
        order: ``order(position) -> packs``, on arrays; never orders above the ceiling.
        ceiling: largest inventory position the rule orders up to, units.

    Raises:
        ValueError: an item of another kind.
    """
    p = parameters
    if p.unmet != "lost" or p.lead_time < 1 or len(p.laws()[0]) > 1:
        raise ValueError("average_cost() needs lost sales, a lead time, and the same demand every day")
    states = _states(p, ceiling)
    packs = order(states @ np.array([1] + [p.pack] * (p.lead_time - 1)))
    weights, after = _moves(p, states, packs, ceiling)
    cost = day_cost(p, states[:, 0]) + p.order_cost * (packs > 0)
    values = np.zeros(len(states))
    while True:
        fresh = cost + (weights * values[after]).sum(axis=1)
        change = fresh - values
        if np.ptp(change) < PRECISION * max(1.0, float(np.abs(change).max())):
            return float(change.max() + change.min()) / 2
        values = fresh - fresh[0]


def _states(p: ItemParameters, ceiling: int) -> Ints:
    """[states, 1 + pipeline] units on hand and packs arriving, with at most ``ceiling`` units in all."""
    most = ceiling // p.pack
    grid = np.indices((ceiling + 1, *(most + 1,) * (p.lead_time - 1))).reshape(p.lead_time, -1).T
    return np.asarray(grid[grid[:, 0] + p.pack * grid[:, 1:].sum(axis=1) <= ceiling], dtype=np.int64)


def _moves(p: ItemParameters, states: Ints, packs: Ints, ceiling: int) -> tuple[Floats, NDArray[np.int32]]:
    """[states, demands] probability and next state of each demand; the last demand sells out whatever is there."""
    pmf = p.laws()[0][0]
    demand = np.arange(ceiling + 1)
    chance = np.append(pmf, np.zeros(max(0, ceiling + 1 - len(pmf))))[: ceiling + 1]
    stock = states[:, :1]
    weights = np.where(demand < stock, chance, 0.0)
    weights[:, -1] = 1.0 - weights.sum(axis=1)
    left = np.maximum(stock - demand, 0)
    left[:, -1] = 0
    pipeline = np.column_stack([states[:, 1:], packs])
    number = np.full((ceiling + 1, *(ceiling // p.pack + 1,) * (p.lead_time - 1)), -1, dtype=np.int32)
    number[tuple(states.T)] = np.arange(len(states))
    onward = tuple(pipeline[:, [k]] for k in range(1, p.lead_time))
    return weights, number[(left + p.pack * pipeline[:, :1], *onward)]


def day_cost(p: ItemParameters, stock: Ints) -> Floats:
    """Expected holding and shortage cost of a day that begins with so much stock on hand."""
    pmf = p.laws()[0][0]
    levels, where = np.unique(stock, return_inverse=True)
    left = levels[:, None] - np.arange(len(pmf))
    cost = p.holding * np.maximum(left, 0) + p.shortage * np.maximum(-left, 0)
    return np.asarray((cost @ pmf)[where])
