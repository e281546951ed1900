"""Published costs of restocking rules, counted as in the papers: costs are positive."""

from __future__ import annotations

from baselines.agents import problem_of
from baselines.rules.restock_item import Myopic
from baselines.rules.restock_item_reader import Reader
from baselines.rules.restock_law import myopic_orders, stock_limit
from bizgyms.registry import case
from bizgyms.restock.item.forward import episode_value
from envs_data.restock.item import ItemParameters

# The cost of the days between two horizons: by the first, nothing is left of the empty start.
SHORT, LONG = 150, 300


def myopic_cost(p: ItemParameters, looks: int) -> float:
    """Average cost a day of myopic-1 or myopic-2, exact.

    Args:
        p: a scenario with stationary demand, lost sales and a lead time.
        looks: 1 or 2.
    """
    short, long = (_value(p.replace(days=days), looks) for days in (SHORT, LONG))
    return (short - long) / (LONG - SHORT)


def _value(p: ItemParameters, looks: int) -> float:
    reader = Reader(problem_of(case("RestockItem"), p))
    return episode_value(p, Myopic(reader, myopic_orders(p, stock_limit(p), looks)))
