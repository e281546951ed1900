"""Numbers of boxes for comparison with published ones, counted as the papers do."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from bizgyms.restock.box.optimum import solve
from bizgyms.restock.box.programme import Programme
from envs_data.arrays import Places
from envs_data.restock.box import BoxParameters

# De Moor et al. (2022) and Farrington et al. (2025): days from empty that do not count, and discounted days that do.
WARM_UP, DAYS, DISCOUNT = 100, 365, 0.99
SWEEPS = 2_000
LEVELS = range(3, 10)

Orders = Places


def optimal_return(p: BoxParameters) -> float:
    """Mean discounted return of 365 days after 100 warm-up days from empty, under the discounted-optimal policy."""
    return _after_warm_up(p, _optimal_orders)


@functools.cache
def best_base_stock(p: BoxParameters) -> tuple[float, int]:
    """The same return of the best base-stock level, and the level in units of inventory position."""

    def up_to(level: int) -> Callable[[Programme, Any], Orders]:
        return lambda programme, _: np.clip(level - programme.lattices[0].position, 0, programme.orders[0] - 1)

    returns = {level: _after_warm_up(p, up_to(level)) for level in LEVELS}
    best = max(returns, key=returns.__getitem__)
    return returns[best], best


def discounted_cost(p: BoxParameters, discount: float) -> float:
    """(1 - discount) times the smallest discounted cost from the start of a scenario."""
    return -(1 - discount) * solve(p, "discounted", discount).value


def optimal_order(p: BoxParameters, discount: float, on_hand: list[int], item: int) -> int:
    """Packs of one item that are best to order at some stock on hand, nothing on order (no lead time)."""
    solution = solve(p, "discounted", discount)
    seen = np.array([[*on_hand, *(0 for _ in on_hand), p.days]], dtype=np.float32)
    return int(solution.policy.act(seen)[0, item])


def _after_warm_up(p: BoxParameters, orders_of: Callable[[Programme, Any], Orders]) -> float:
    programme = Programme(p, [100], [0])
    day = programme.day(p.laws()[0])
    orders = orders_of(programme, day)
    values = np.zeros(programme.shape)
    for _ in range(DAYS):
        values = programme.chosen(programme.worth(values, day, DISCOUNT), orders)
    today = programme.chosen(programme.worth(np.zeros(programme.shape), day, 1.0), orders)
    for _ in range(WARM_UP):
        values = programme.chosen(programme.worth(values, day, 1.0), orders) - today
    return float(values[programme.start])


def _optimal_orders(programme: Programme, day: Any) -> Orders:
    values = np.zeros(programme.shape)
    for _ in range(SWEEPS):
        values, orders = programme.best(programme.worth(values, day, DISCOUNT))
    return orders
