"""An item's last days as a world and its luck."""

from __future__ import annotations

import numpy as np

from envs_data.restock.item.luck import ItemLuck, draw
from envs_data.restock.item.parameters import ItemParameters
from envs_data.restock.last_days import LastDays, as_luck


def world_of(days: LastDays, fitted: ItemParameters) -> ItemParameters:
    """A fitted world over these days: it begins with the stock of the evening before, where that is known."""
    (on_hand,) = days.evening_before()
    start = fitted.start_on_hand if on_hand is None else on_hand
    return fitted.replace(start_date=str(days.first), days=len(days), start_on_hand=start)


def luck_of(days: LastDays, world: ItemParameters, rng: np.random.Generator, fillings: int) -> ItemLuck:
    """What customers asked for, a row a filling.

    Args:
        days: the days as the table has them.
        world: the fitted world over them.
        rng: the source of randomness.
        fillings: how often sold-out days are filled; once if there are none.
    """
    pmfs, law_of_day = world.laws()
    demand = days.demand(pmfs, law_of_day[:, None], rng, fillings if days.sold_out.any() else 1)
    return ItemLuck(as_luck(demand[:, :, 0], draw(world, np.random.default_rng(0), 1).demand.dtype))
