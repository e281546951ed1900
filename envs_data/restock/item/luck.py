"""All randomness of restocking one item."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Ints, Places
from envs_data.branching import each, spliced
from envs_data.chance import CountTables
from envs_data.restock.item.parameters import ItemParameters


class ItemLuck(NamedTuple):
    """Everything chance decides in an episode.

    Attributes:
        demand: [worlds, days] units asked for.
    """

    demand: NDArray[np.signedinteger]


def draw(parameters: ItemParameters, rng: np.random.Generator, worlds: int) -> ItemLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the item.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    tables, law_of_day = _tables(parameters)
    return ItemLuck(demand=tables.draw(rng, worlds, law_of_day))


def redraw(parameters: ItemParameters, luck: ItemLuck, step: int | Ints, rng: np.random.Generator) -> ItemLuck:
    """Draws the days anew that have not come yet.

    Args:
        parameters: the item.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    worlds = len(luck.demand)
    return spliced(luck, draw(parameters, rng, worlds), {"demand": each(step, worlds)})


@functools.lru_cache(maxsize=8)
def _tables(parameters: ItemParameters) -> tuple[CountTables, Places]:
    pmfs, law_of_day = parameters.laws()
    return CountTables(pmfs), law_of_day
