"""Published numbers of boxes, computed the way the papers count them.

Each function takes plain values, so that a table of data can say which number it wants.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from bizgyms.restock.box.optimum import reference, solve
from bizgyms.restock.box.programme import Programme
from envs_data.arrays import Places
from envs_data.restock.box import SCENARIOS

# De Moor et al. (2022) and Farrington et al. (2025): days from empty that do not count, and discounted days that do.
WARM_UP, DAYS, DISCOUNT = 100, 365, 0.99
SWEEPS = 2_000
LEVELS = range(3, 10)

Orders = Places


def optimal_return(scenario: str) -> float:
    """Mean discounted return of 365 days after 100 warm-up days from empty, under the discounted-optimal policy."""
    return _after_warm_up(scenario, _optimal_orders)


def base_stock_return(scenario: str) -> float:
    """The same of the best base-stock level."""
    return max(_base_stock_returns(scenario).values())


def base_stock_level(scenario: str) -> int:
    """The best base-stock level, units of inventory position."""
    returns = _base_stock_returns(scenario)
    return max(returns, key=returns.__getitem__)


def profit(scenario: str) -> float:
    """Largest average profit a period."""
    return solve(SCENARIOS[scenario], "average").value


def discounted_cost(scenario: str, discount: float) -> float:
    """(1 - discount) times the smallest discounted cost from the start of a scenario."""
    return -(1 - discount) * solve(SCENARIOS[scenario], "discounted", discount).value


def optimal_order(scenario: str, discount: float, on_hand: list[int], item: int) -> int:
    """Packs of one item that are best to order at some stock on hand, nothing on order (no lead time)."""
    solution = solve(SCENARIOS[scenario], "discounted", discount)
    days = SCENARIOS[scenario].days
    seen = np.array([[*on_hand, *(0 for _ in on_hand), days]], dtype=np.float32)
    return int(solution.policy.act(seen)[0, item])


def episode_cost(scenario: str) -> float:
    """Smallest mean cost of an episode."""
    return -reference(SCENARIOS[scenario]).value


def _after_warm_up(scenario: str, orders_of: Callable[[Programme, Any], Orders]) -> float:
    parameters = SCENARIOS[scenario]
    programme = Programme(parameters, [100], [0])
    day = programme.day(parameters.laws()[0])
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


@functools.cache
def _base_stock_returns(scenario: str) -> dict[int, float]:
    def up_to(level: int) -> Callable[[Programme, Any], Orders]:
        return lambda programme, _: np.clip(level - programme.lattices[0].position, 0, programme.orders[0] - 1)

    return {level: _after_warm_up(scenario, up_to(level)) for level in LEVELS}
