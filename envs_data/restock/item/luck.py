"""All randomness of restocking one item."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Places
from envs_data.chance import CountTables
from envs_data.restock import hidden_level
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
    if len(tables) == 1:
        return ItemLuck(demand=tables[0].draw(rng, worlds, law_of_day))
    level = hidden_level.draw(rng, worlds, len(law_of_day), parameters.level_persistence)
    drawn = [of_level.draw(rng, worlds, law_of_day).T for of_level in tables]
    return ItemLuck(demand=np.choose(level.T, drawn).T)


@functools.lru_cache(maxsize=8)
def _tables(parameters: ItemParameters) -> tuple[list[CountTables], Places]:
    """A table for each hidden level, and [days] which of its laws each day follows."""
    levels = range(len(parameters.levels()))
    return [CountTables(parameters.laws(level)[0]) for level in levels], parameters.laws()[1]
