"""Numbers of restocking for comparison with published ones, counted as the papers do: costs are positive."""

from __future__ import annotations

import functools

import numpy as np

from bizgyms.restock.item.evaluate import Order, average_cost
from bizgyms.restock.item.optimum import TablePolicy, solve
from bizgyms.restock.newsvendor import newsvendor
from envs_data.arrays import Ints
from envs_data.chance import demand_pmf
from envs_data.restock.item import ItemParameters


def poisson_newsvendor(mean: float, holding: float, shortage: float) -> tuple[int, float]:
    """Best order of a newsvendor with Poisson demand, and its expected cost."""
    return newsvendor(demand_pmf("poisson", mean), holding, shortage)


def _order_up_to(reorder_point: int, level: int, pack: int) -> Order:
    def order(position: Ints) -> Ints:
        return np.where(position <= reorder_point, (level - position) // pack, 0)

    return order


@functools.cache
def best_base_stock(p: ItemParameters) -> tuple[float, int]:
    """Average cost a day of the best base-stock level, and the level in units of inventory position.

    The search goes downhill from lead time demand.
    """
    level = round(p.mean * (p.lead_time + 1))
    cost = functools.cache(lambda s: average_cost(p, _order_up_to(s - 1, s, p.pack), s))
    step = 1 if cost(level + 1) < cost(level) else -1
    while cost(level + step) < cost(level):
        level += step
    return cost(level), level


@functools.cache
def best_reorder(p: ItemParameters) -> tuple[float, int, int]:
    """Average cost a day of the best (s, S) rule (order up to S when the position is s or less), s and S.

    With backorders it is read off the optimum, which has this form; else it is the best of a grid.
    """
    if p.unmet == "backordered":
        return _reorder_of_optimum(p)
    center = round(p.mean * (p.lead_time + 1))
    grid = ((s, level) for s in range(max(0, center - 2), center + 6) for level in range(s + 1, s + 10))
    return min((average_cost(p, _order_up_to(s, level, p.pack), level), s, level) for s, level in grid)


def _reorder_of_optimum(p: ItemParameters) -> tuple[float, int, int]:
    solution = solve(p, "average")
    assert isinstance(solution.policy, TablePolicy)
    packs = solution.policy.packs[0].astype(int)
    position = np.arange(len(packs)) + solution.policy.lowest
    point = int(position[packs > 0].max())
    return -solution.value, point, point + int(packs[position == point][0]) * p.pack
