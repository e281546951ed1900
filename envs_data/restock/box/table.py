"""The table a shop keeps of a box: a row a day and item, made by the simulated world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from envs_data.chance import demand_pmf
from envs_data.restock.box.luck import draw
from envs_data.restock.box.order import allowed, held
from envs_data.restock.box.parameters import BoxItem, BoxParameters
from envs_data.restock.box.world import BoxWorld
from envs_data.restock.item.table import EPSILON

# A policy looks at the world and returns, for each item, packs to ask for and the probability of asking for just them.
Policy = Callable[[BoxWorld], tuple[Sequence[int], Sequence[float]]]


def soft_base_stock(
    parameters: BoxParameters,
    rng: np.random.Generator,
    levels: Sequence[int] | None = None,
    epsilon: float = EPSILON,
) -> Policy:
    """Orders each item up to a level and now and then, item by item, at random.

    Args:
        parameters: the box.
        rng: source of the random orders.
        levels: [items] units on hand and on order to order up to; by default `base_stock_level` of each.
        epsilon: probability, item by item, of an order drawn evenly from all that are possible.
    """
    items = parameters.items
    levels = [base_stock_level(item) for item in items] if levels is None else levels

    def policy(world: BoxWorld) -> tuple[list[int], list[float]]:
        packs, propensities = [], []
        for k, item in enumerate(items):
            missing = levels[k] - sum(world.shelf[k]) - sum(world.on_order[k].values())
            usual = min(max(-(-missing // item.pack), 0), item.max_packs)
            orders = item.max_packs + 1
            packs.append(int(rng.integers(orders)) if rng.random() < epsilon else usual)
            propensities.append(epsilon / orders + (1 - epsilon) * (packs[-1] == usual))
        return packs, propensities

    return policy


def base_stock_level(item: BoxItem) -> int:
    """The critical ratio's quantile of an item's demand over its mean lead time and one day, at mean demand."""
    pmf = item.lead_time_pmf()
    periods = round(float(pmf @ np.arange(len(pmf)))) + 1
    total = demand_pmf(item.demand_law, item.mean * periods, item.size * periods, item.cv)
    return int(np.searchsorted(np.cumsum(total), min(item.critical_ratio, 1 - 1e-6)))


def generate(
    parameters: BoxParameters, policy: Policy | None = None, seed: int = 0, days: int | None = None
) -> pd.DataFrame:
    """The table a shop with these parameters would keep, lived day by day in the SimPy world.

    Args:
        parameters: the box.
        policy: what is asked for; by default `soft_base_stock`.
        seed: same seed, same table.
        days: length of the table, by default the scenario's; it may be longer.

    Returns:
        One row a day and item: date, item, units (sold, or where customers wait paid for), on_hand (at closing, after
        what expired was thrown away; below zero what is owed), wasted, asked (units the policy asked for), ordered
        (what was left of them when the order was cut to what box and supplier allow), delivered, price (when there is
        one), promotion (when there are any), propensity (the probability with which the policy asked for just so many
        units of the item).
    """
    lived = parameters if days is None else parameters.replace(days=days)
    for_luck, for_policy = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    policy = policy or soft_base_stock(lived, for_policy)
    world = BoxWorld(lived, draw(lived, for_luck, 1))
    world.start()
    pack = np.array([item.pack for item in lived.items], dtype=np.int64)
    rows: list[dict[str, Any]] = []
    before = [item.start_on_hand for item in lived.items]
    while not world.over:
        packs, propensities = policy(world)
        world.play(allowed(lived, pack, packs, held(world)))
        rows += [_row(world, k, before[k], packs[k], propensities[k]) for k in range(len(before))]
        before = [row["on_hand"] for row in rows[-len(before) :]]
    return _dressed(pd.DataFrame(rows), lived)


def _row(world: BoxWorld, k: int, before: int, packs: int, propensity: float) -> dict[str, Any]:
    """An item's day. What was delivered follows from the stock the evening before."""
    item = world.items[k]
    units = world.sold[k] + world.promised[k]
    on_hand = world.left[k] - (world.unmet[k] if item.backordered else 0)
    return {
        "item": item.name,
        "units": units,
        "on_hand": on_hand,
        "wasted": world.wasted[k],
        "asked": packs * item.pack,
        "ordered": world.ordered[k],
        "delivered": on_hand - before + units + world.wasted[k],
        "propensity": propensity,
    }


def _dressed(frame: pd.DataFrame, lived: BoxParameters) -> pd.DataFrame:
    """Adds what does not depend on luck: dates, prices and promotions."""
    count = len(lived.items)
    days = len(frame) // count
    frame.insert(0, "date", np.repeat(pd.date_range(lived.start_date, periods=days, unit="s"), count))
    place = frame.columns.get_loc("propensity")
    assert isinstance(place, int)
    if lived.promotion_every:
        frame.insert(place, "promotion", lived.promoted(days).ravel().astype(int))
    if all(item.price for item in lived.items):
        frame.insert(place, "price", np.tile([item.price for item in lived.items], days))
    return frame
