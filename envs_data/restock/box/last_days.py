"""A box's last days as a world and its luck."""

from __future__ import annotations

import numpy as np

from envs_data.parameters import ParameterError
from envs_data.restock.box.luck import BoxLuck, draw
from envs_data.restock.box.parameters import BoxParameters
from envs_data.restock.last_days import WITHOUT, LastDays, as_luck


def world_of(days: LastDays, fitted: BoxParameters) -> BoxParameters:
    """A fitted world over these days: it begins with the stock of the evening before, where that is known.

    Raises:
        ParameterError: promotions, whose dates a world does not keep, or substitutes, which hide the first choice.
    """
    promoted = any((frame["promotion"] > 0).any() for frame in days.frames.values() if "promotion" in frame)
    if promoted or fitted.promotion_every:
        why = "the promotions of the table fall on other days than those of the fitted world"
        raise ParameterError("replay", [f"{why}; {WITHOUT}, or a table without promotions"])
    if fitted.substitutes:
        why = "customers who take a substitute leave no record of what they came for"
        raise ParameterError("replay", [f"{why}; {WITHOUT}"])
    known = zip(fitted.items, days.of([item.name for item in fitted.items]).evening_before(), strict=True)
    items = tuple(item if start is None else item.replace(start_on_hand=start) for item, start in known)
    return fitted.replace(start_date=str(days.first), days=len(days), items=items)


def luck_of(days: LastDays, world: BoxParameters, rng: np.random.Generator, fillings: int) -> BoxLuck:
    """What customers asked for and how long deliveries take, a row a filling.

    Args:
        days: the days as the table has them.
        world: the fitted world over them.
        rng: the source of randomness.
        fillings: how often what is unknown is filled; once if nothing is.
    """
    own = days.of([item.name for item in world.items])
    rows = fillings if own.sold_out.any() or world.random_lead_times else 1
    drawn = draw(world, rng, rows)
    return drawn._replace(demand=as_luck(own.demand(*world.laws(), rng, rows), drawn.demand.dtype))
