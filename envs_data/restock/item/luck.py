"""All randomness of restocking one item."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Places
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


@functools.lru_cache(maxsize=8)
def _tables(parameters: ItemParameters) -> tuple[CountTables, Places]:
    pmfs, law_of_day = parameters.laws()
    return CountTables(pmfs), law_of_day
