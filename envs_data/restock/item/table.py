"""Tables of one item, made by the simulated world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from envs_data.chance import demand_pmf
from envs_data.restock.item.luck import draw
from envs_data.restock.item.parameters import ItemParameters
from envs_data.restock.item.world import ItemWorld

# A policy looks at the world and returns units ordered and the probability with which it orders just that.
Policy = Callable[[ItemWorld], tuple[int, float]]
EPSILON = 0.1


def soft_base_stock(
    parameters: ItemParameters, rng: np.random.Generator, level: int | None = None, epsilon: float = EPSILON
) -> Policy:
    """An order-up-to rule that now and then orders at random, so that the log shows what other orders would do.

    Args:
        parameters: the item.
        rng: source of the random orders.
        level: units on hand and on order to order up to; by default the quantile shortage / (shortage + holding)
            of demand over lead time and one day, at the mean.
        epsilon: probability of an order drawn evenly from all that are possible.
    """
    level = base_stock_level(parameters) if level is None else level
    orders = parameters.max_packs + 1

    def policy(world: ItemWorld) -> tuple[int, float]:
        missing = level - world.on_hand - sum(world.on_order.values())
        usual = min(max(-(-missing // parameters.pack), 0), parameters.max_packs)
        packs = int(rng.integers(orders)) if rng.random() < epsilon else usual
        return packs * parameters.pack, epsilon / orders + (1 - epsilon) * (packs == usual)

    return policy


def base_stock_level(parameters: ItemParameters) -> int:
    """The newsvendor's quantile of demand over lead time and one day, at mean demand."""
    periods = parameters.lead_time + 1
    total = demand_pmf(parameters.demand_law, parameters.mean * periods, parameters.size * periods, parameters.cv)
    worth = parameters.shortage + parameters.holding
    fractile = parameters.shortage / worth if worth > 0 else 0.5
    return int(np.searchsorted(np.cumsum(total), min(fractile, 1 - 1e-6)))


def generate(
    parameters: ItemParameters, policy: Policy | None = None, seed: int = 0, days: int | None = None
) -> pd.DataFrame:
    """The table a shop with these parameters would keep, lived day by day in the SimPy world.

    ``units`` are units sold, so demand beyond the stock is not in the table; where customers wait, ``units`` are the
    units asked for, and ``on_hand`` falls below zero by what is owed.

    Args:
        parameters: the item.
        policy: what is ordered; by default `soft_base_stock`.
        seed: same seed, same table.
        days: length of the table, by default the scenario's; it may be longer.

    Returns:
        One row a day: date, units, on_hand (at closing), ordered, delivered, price (when there is one), propensity
        (the probability with which the policy ordered what it did).
    """
    lived = parameters if days is None else parameters.replace(days=days)
    for_luck, for_policy = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    policy = policy or soft_base_stock(lived, for_policy)
    world = ItemWorld(lived, draw(lived, for_luck, 1))
    world.start()
    rows = []
    before = lived.start_on_hand
    while not world.over:
        rows.append(_live_a_day(world, policy, before))
        before = int(rows[-1]["on_hand"])
    frame = pd.DataFrame(rows)
    frame.insert(0, "date", pd.date_range(lived.start_date, periods=len(frame), unit="s"))
    if lived.price:
        frame.insert(5, "price", lived.price)
    return frame


def _live_a_day(world: ItemWorld, policy: Policy, before: int) -> dict[str, Any]:
    """Plays one day. What was delivered follows from the stock the evening before."""
    ordered, propensity = policy(world)
    world.play(ordered)
    waiting = world.parameters.unmet == "backordered"
    units = world.demand if waiting else world.sold
    on_hand = world.left - world.lost if waiting else world.left
    delivered = on_hand - before + units
    return {
        "units": units,
        "on_hand": on_hand,
        "ordered": ordered,
        "delivered": delivered,
        "propensity": propensity,
    }
