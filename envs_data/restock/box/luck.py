"""All randomness of restocking a box."""

from __future__ import annotations

import functools
from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph

from envs_data.arrays import Ints, Places
from envs_data.branching import each, spliced
from envs_data.chance import CountTables
from envs_data.restock.box.parameters import BoxParameters

# Random bits of a customer: how many choose whose turn it is, and how many the second choice.
TURN_BITS, SECOND_BITS = 32, 30
# Customers of a group are numbered from the group's number times 2^GROUP_SHIFT on.
GROUP_SHIFT = 32
_BITS = TURN_BITS + SECOND_BITS
_MASK = (1 << _BITS) - 1
# The increment and the multipliers of SplitMix64 (Steele, Lea and Flood 2014, OOPSLA, figure 17), cut to 62 bits
# so that Python's integers and the processor's agree.
_STEP = 0x9E3779B97F4A7C15 & _MASK
_MIX_1, _MIX_2 = 0xBF58476D1CE4E5B9 & _MASK, 0x94D049BB133111EB & _MASK


class BoxLuck(NamedTuple):
    """Everything chance decides in an episode. What a box leaves to no chance has no days (an axis of length 0).

    Customers of a group of items come in random order: each is picked among those of the day who have not come yet,
    and has a second choice in case the first is out. Both are read off `customer_bits`, which makes
    as many as come from the day's ``crowd``, so that no day has too many customers. Nobody turns from one of `groups`
    to another, so that the order of customers of different groups changes nothing and is left open.

    In memory the worlds come last: all worlds' first day, then the second.

    Attributes:
        demand: [worlds, days, items] units asked for, as the first choice.
        lead_time: [worlds, days, items with random lead times] days from order to delivery of an order given that
            day.
        crowd: [worlds, days] 62 random bits: where the day's customers come from; no days without substitution.
    """

    demand: NDArray[np.signedinteger]
    lead_time: NDArray[np.int16]
    crowd: Ints


def draw(parameters: BoxParameters, rng: np.random.Generator, worlds: int) -> BoxLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the box.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    days = parameters.days if parameters.substitutes else 0
    return BoxLuck(
        demand=_demand(parameters, rng, worlds),
        lead_time=_lead_time(parameters, rng, worlds),
        crowd=rng.integers(0, _MASK, size=(days, worlds), endpoint=True).T,
    )


def redraw(parameters: BoxParameters, luck: BoxLuck, step: int | Ints, rng: np.random.Generator) -> BoxLuck:
    """Draws the days anew that have not come yet; orders on the road keep their lead times.

    Args:
        parameters: the box.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    days = each(step, len(luck.demand))
    return spliced(luck, draw(parameters, rng, len(days)), dict.fromkeys(BoxLuck._fields, days))


def _demand(parameters: BoxParameters, rng: np.random.Generator, worlds: int) -> NDArray[np.signedinteger]:
    tables, law_of = _demand_tables(parameters)
    drawn = tables.draw(rng, worlds, law_of.T.ravel())
    return drawn.T.reshape(*law_of.T.shape, worlds).T


@functools.lru_cache(maxsize=4)
def _demand_tables(parameters: BoxParameters) -> tuple[CountTables, Places]:
    pmfs, law_of = parameters.laws()
    return CountTables(pmfs), law_of


def _lead_time(parameters: BoxParameters, rng: np.random.Generator, worlds: int) -> NDArray[np.int16]:
    tables = _lead_time_tables(parameters)
    days = parameters.days if tables else 0
    lead_time = np.empty((worlds, days, len(tables)), dtype=np.int16, order="F")
    for column, table in enumerate(tables):
        lead_time[:, :, column] = table.draw(rng, worlds, np.zeros(days, dtype=np.intp))
    return lead_time


@functools.lru_cache(maxsize=4)
def _lead_time_tables(parameters: BoxParameters) -> list[CountTables]:
    return [CountTables([item.lead_time_pmf()]) for item in parameters.items if len(item.lead_times) > 1]


def second_choices(parameters: BoxParameters) -> Ints:
    """[items, items] thresholds: a customer of item i turns to j or an earlier item if the bits are below (i, j)."""
    count = len(parameters.items)
    matrix = np.asarray(parameters.substitution or np.zeros((count, count)))
    return np.asarray(np.rint(np.cumsum(matrix, axis=1) * (1 << SECOND_BITS)), dtype=np.int64)


def groups(parameters: BoxParameters) -> list[list[int]]:
    """The items in groups that customers do not turn between: each group as numbers of items, in order."""
    matrix = np.asarray(parameters.substitution or np.zeros((len(parameters.items),) * 2))
    _, group_of = csgraph.connected_components(matrix, directed=False)
    return [np.flatnonzero(group_of == group).tolist() for group in range(group_of.max() + 1)]


def customer_bits(crowd: int, group: int, n: int) -> int:
    """The 62 random bits of customer ``n`` of a group on a day, both from 0 on, by the mixing of SplitMix64."""
    bits = (crowd + ((group << GROUP_SHIFT) + n + 1) * _STEP) & _MASK
    bits = ((bits ^ (bits >> 30)) * _MIX_1) & _MASK
    bits = ((bits ^ (bits >> 27)) * _MIX_2) & _MASK
    return bits ^ (bits >> 31)


def place_in_line(bits: int, count: int | np.signedinteger) -> int:
    """Whose turn it is among ``count`` customers who have not come yet, from 0 on."""
    return int(((bits >> SECOND_BITS) * count) >> TURN_BITS)


def next_customer(bits: int, count: int, to_come: MutableSequence[int]) -> int:
    """Picks who comes next: all who have not come yet are equally likely (to within their number / 2^32).

    Args:
        bits: the customer's `customer_bits`.
        count: how many have not come yet, at least one.
        to_come: [items of the group] how many of them want this item or one before it, the last ``count``; the one who
            comes is taken out.

    Returns:
        The place in the group of the item the next customer wants.
    """
    place = place_in_line(bits, count)
    item = 0
    for k in range(len(to_come)):
        later = 1 if to_come[k] > place else 0
        to_come[k] -= later
        item += 1 - later
    return item


def second_choice(bits: int, item: int, items: int, thresholds: Sequence[int]) -> int:
    """The item asked for next by a customer whose item is out.

    Args:
        bits: the customer's `customer_bits`.
        item: the item that is out.
        items: how many items there are.
        thresholds: [items * items] `second_choices`, row after row.

    Returns:
        The substitute, or ``items`` for none.
    """
    place = bits & ((1 << SECOND_BITS) - 1)
    other = 0
    for k in range(items):
        other += 1 if place >= thresholds[item * items + k] else 0
    return other
