"""All randomness of restocking one item."""

from __future__ import annotations

import functools
import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Floats, Ints, Places
from envs_data.branching import each, spliced
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
    return _at(parameters, rng, hidden_level.draw(rng, worlds, len(law_of_day), parameters.level_persistence))


def redraw(parameters: ItemParameters, luck: ItemLuck, step: int | Ints, rng: np.random.Generator) -> ItemLuck:
    """Draws the days anew that have not come yet; a hidden level is as likely as the days so far make it.

    Args:
        parameters: the item.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    p, days = parameters, each(step, len(luck.demand))
    if not p.level_spread:
        return spliced(luck, draw(p, rng, len(days)), {"demand": days})
    today = hidden_level.belief(_likely(p, luck.demand), days, p.level_persistence)
    level = hidden_level.go_on(rng, today, days, luck.demand.shape[1], p.level_persistence)
    return spliced(luck, _at(p, rng, level), {"demand": days})


def _at(parameters: ItemParameters, rng: np.random.Generator, level: NDArray[np.int8]) -> ItemLuck:
    """Draws whole episodes with these levels, [worlds, days]."""
    tables, law_of_day = _tables(parameters)
    drawn = [of_level.draw(rng, len(level), law_of_day).T for of_level in tables]
    return ItemLuck(demand=np.choose(level.T, drawn).T)


def _likely(parameters: ItemParameters, demand: NDArray[np.signedinteger]) -> Floats:
    """[days, worlds, levels] how likely each day's demand is at each level."""
    levels, law_of_day = range(len(parameters.levels())), _tables(parameters)[1]
    laws = [parameters.laws(level)[0] for level in levels]
    found = np.zeros((demand.shape[1], len(demand), len(levels)))
    for level, day in itertools.product(levels, range(demand.shape[1])):
        pmf = np.append(laws[level][law_of_day[day]], 0.0)
        found[day, :, level] = pmf[np.minimum(demand[:, day], len(pmf) - 1)]
    return found


@functools.lru_cache(maxsize=8)
def _tables(parameters: ItemParameters) -> tuple[list[CountTables], Places]:
    """A table for each hidden level, and [days] which of its laws each day follows."""
    levels = range(len(parameters.levels()))
    return [CountTables(parameters.laws(level)[0]) for level in levels], parameters.laws()[1]
