"""All randomness of a shelf."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Floats, Ints, Places
from envs_data.branching import each, spliced
from envs_data.chance import CountTables, demand_pmf, random_kinds, random_words
from envs_data.pricing.shelf.parameters import ShelfParameters


class ShelfLuck(NamedTuple):
    """Everything chance decides in an episode.

    Attributes:
        kind: [worlds] which of `ShelfParameters.kinds` the number of customers follows.
        rounding: [worlds] from 0 to 1, what makes the bars of `choice_law` whole.
        customers: [worlds, periods] customers who come.
        wishes: [worlds, customers] uniform from 0 to 65,535: inverted over the law of the choice each customer of
            the episode finds. Customers are numbered through the episode.
    """

    kind: NDArray[np.int16]
    rounding: Floats
    customers: NDArray[np.signedinteger]
    wishes: NDArray[np.uint16]


def draw(parameters: ShelfParameters, rng: np.random.Generator, worlds: int) -> ShelfLuck:
    """Draws the luck of whole episodes.

    More customers than columns of `ShelfLuck.wishes` come once in 10^13 episodes; those beyond stay away.

    Args:
        parameters: the shelf.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    return _draw(parameters, rng, random_kinds(rng, len(_laws(parameters)[0]), worlds))


def redraw(parameters: ShelfParameters, luck: ShelfLuck, step: int | Ints, rng: np.random.Generator) -> ShelfLuck:
    """Draws the periods anew that have not come yet; which kind of demand it is stays.

    Args:
        parameters: the shelf.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    periods = each(step, len(luck.kind))
    past = np.arange(parameters.periods) < periods[:, np.newaxis]
    came = np.where(past, luck.customers, 0).sum(axis=1)
    return spliced(luck, _draw(parameters, rng, luck.kind), {"customers": periods, "wishes": came})


def _draw(parameters: ShelfParameters, rng: np.random.Generator, kind: NDArray[np.int16]) -> ShelfLuck:
    """Draws the luck of whole episodes, each of its kind."""
    (counts, law_of_period, most), worlds = _laws(parameters), len(kind)
    customers = np.empty((worlds, parameters.periods), dtype=np.result_type(*(law.dtype for law in counts)))
    for number, law in enumerate(counts):
        rows = np.flatnonzero(kind == number)
        customers[rows] = law.draw(rng, len(rows), law_of_period)
    wishes = random_words(rng, worlds * most).reshape(worlds, most)
    return ShelfLuck(kind, rng.random(worlds), customers, wishes)


@functools.lru_cache(maxsize=8)
def _laws(p: ShelfParameters) -> tuple[list[CountTables], Places, int]:
    """Customers of a period for each kind and each distinct factor, and the most in an episode."""
    distinct, law_of_period = np.unique(p.factors(), return_inverse=True)
    means = [p.customers * level for level in p.kinds()]
    most = max(len(demand_pmf("poisson", mean * float(p.factors().sum()))) for mean in means)
    counts = [CountTables([demand_pmf("poisson", mean * float(factor)) for factor in distinct]) for mean in means]
    return counts, law_of_period.astype(np.intp), most
