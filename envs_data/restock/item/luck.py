"""All randomness of restocking one item."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Floats, Ints, Places
from envs_data.branching import each, spliced
from envs_data.chance import CountTables
from envs_data.restock import hidden_level
from envs_data.restock.item.parameters import ItemParameters

# Probability that keeps demand no level can give from making all of them impossible.
TINY = 1e-300


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
    level = None
    if parameters.level_spread:
        level = hidden_level.draw(rng, worlds, parameters.days, parameters.level_persistence)
    return _drawn(parameters, rng, worlds, level)


def _drawn(
    parameters: ItemParameters, rng: np.random.Generator, worlds: int, level: NDArray[np.int8] | None
) -> ItemLuck:
    """Demand at each day's hidden level [worlds, days]."""
    tables, law_of_day = _tables(parameters)
    drawn = [of_level.draw(rng, worlds, law_of_day) for of_level in tables]
    return ItemLuck(demand=drawn[0] if level is None else np.choose(level.T, [one.T for one in drawn]).T)


def redraw(parameters: ItemParameters, luck: ItemLuck, step: int | Ints, rng: np.random.Generator) -> ItemLuck:
    """Draws the days anew that have not come yet; a hidden level goes on from one as likely as days so far make it.

    Args:
        parameters: the item.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    worlds = len(luck.demand)
    steps = each(step, worlds)
    if not parameters.level_spread:
        return spliced(luck, draw(parameters, rng, worlds), {"demand": steps})
    chances = _levels_after(parameters, luck, steps).cumsum(axis=1)
    first = (rng.random((worlds, 1)) > chances[:, :-1]).sum(axis=1)
    ahead = hidden_level.draw(rng, worlds, parameters.days, parameters.level_persistence, first)
    day = np.maximum(np.arange(parameters.days) - steps[:, None], 0)
    future = _drawn(parameters, rng, worlds, np.take_along_axis(ahead, day, axis=1))
    return spliced(luck, future, {"demand": steps})


def _levels_after(parameters: ItemParameters, luck: ItemLuck, steps: Ints) -> Floats:
    """[worlds, levels] probability of each level on the day after so many, given what was asked for on them."""
    moves = hidden_level.moves(parameters.level_persistence)
    laws = [parameters.laws(level)[0] for level in range(len(moves))]
    most = max(int(luck.demand.max()) + 1, *(len(pmf) for pmfs in laws for pmf in pmfs))
    table = np.array([[np.pad(pmf, (0, most - len(pmf))) for pmf in pmfs] for pmfs in laws])
    chances = np.tile(hidden_level.WEIGHTS, (len(steps), 1))
    for day, law in enumerate(parameters.laws()[1][: steps.max(initial=0)].tolist()):
        given = np.maximum(chances * table[:, law, luck.demand[:, day]].T, TINY) @ moves
        chances = np.where((day < steps)[:, None], given / given.sum(axis=1, keepdims=True), chances)
    return chances


@functools.lru_cache(maxsize=8)
def _tables(parameters: ItemParameters) -> tuple[list[CountTables], Places]:
    """A table for each hidden level, and [days] which of its laws each day follows."""
    levels = range(len(parameters.levels()))
    return [CountTables(parameters.laws(level)[0]) for level in levels], parameters.laws()[1]
