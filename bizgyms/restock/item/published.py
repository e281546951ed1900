"""Published numbers of restocking, computed the way the papers count them: costs are positive.

Each function takes plain values, so that a table of data can say which number it wants.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from bizgyms.registry import case
from bizgyms.restock import newsvendor as vendor
from bizgyms.restock.item.evaluate import Order, average_cost
from bizgyms.restock.item.optimum import TablePolicy, solve
from bizgyms.scenario import resolve
from envs_data.arrays import Ints
from envs_data.chance import demand_pmf
from envs_data.restock.item import ItemParameters


def optimal_cost(item: str | Mapping[str, Any]) -> float:
    """Smallest average cost a day of a `RestockItem` scenario (a name, or fields)."""
    return -solve(_item(item), "average").value


def base_stock_cost(item: str | Mapping[str, Any]) -> float:
    """Average cost a day of the best base-stock level."""
    return _best_base_stock(_item(item))[0]


def base_stock_level(item: str | Mapping[str, Any]) -> int:
    """The best base-stock level, units of inventory position."""
    return _best_base_stock(_item(item))[1]


def reorder_cost(item: str | Mapping[str, Any]) -> float:
    """Average cost a day of the best (s, S) rule: order up to S when the position is s or less."""
    return _best_reorder(_item(item))[0]


def reorder_point(item: str | Mapping[str, Any]) -> int:
    """The s of the best (s, S) rule."""
    return _best_reorder(_item(item))[1]


def reorder_level(item: str | Mapping[str, Any]) -> int:
    """The S of the best (s, S) rule."""
    return _best_reorder(_item(item))[2]


def newsvendor_level(mean: float, holding: float, shortage: float, sd: float | None = None) -> float:
    """Best order of a newsvendor, demand Poisson or (with ``sd``) normal."""
    return _newsvendor(mean, holding, shortage, sd)[0]


def newsvendor_cost(mean: float, holding: float, shortage: float, sd: float | None = None) -> float:
    """Expected cost of a newsvendor's best order, demand Poisson or (with ``sd``) normal."""
    return _newsvendor(mean, holding, shortage, sd)[1]


def _newsvendor(mean: float, holding: float, shortage: float, sd: float | None) -> tuple[float, float]:
    if sd is not None:
        return vendor.normal_newsvendor(mean, sd, holding, shortage)
    return vendor.newsvendor(demand_pmf("poisson", mean), holding, shortage)


def _item(item: str | Mapping[str, Any]) -> ItemParameters:
    parameters = resolve(case("RestockItem"), item)
    assert isinstance(parameters, ItemParameters)
    return parameters


def _order_up_to(reorder_point: int, level: int, pack: int) -> Order:
    def order(position: Ints) -> Ints:
        return np.where(position <= reorder_point, (level - position) // pack, 0)

    return order


@functools.cache
def _best_base_stock(p: ItemParameters) -> tuple[float, int]:
    """The cheapest level, downhill from lead time demand."""
    level = round(p.mean * (p.lead_time + 1))
    cost = functools.cache(lambda s: average_cost(p, _order_up_to(s - 1, s, p.pack), s))
    step = 1 if cost(level + 1) < cost(level) else -1
    while cost(level + step) < cost(level):
        level += step
    return cost(level), level


@functools.cache
def _best_reorder(p: ItemParameters) -> tuple[float, int, int]:
    """The cheapest (s, S): read off the optimum with backorders, which has this form; else the best of a grid."""
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
