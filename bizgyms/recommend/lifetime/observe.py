"""Kernels that write observations of customers and catalogue."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.keys import keyed
from bizgyms.recommend.lifetime import columns as at
from bizgyms.recommend.lifetime.random_bits import piece, word
from bizgyms.recommend.lifetime.state import Shop, State
from envs_data.arrays import Flags, Ints, Places, Rows
from envs_data.recommend.lifetime.luck import CATALOGUE, DROPOUT, FIRST_TASTES, IN_A_WORD, RATE


@keyed
def begin(rows: Places, keys: NDArray[np.uint64], shop: Shop, state: State, first: Rows, observations: Rows) -> None:
    """Puts customers to their first visit: ``first``, with catalogue and hidden state filled in, is the observation."""
    counts, time, tables = state.counts, state.time, shop.laws
    for world in rows:
        found = word(keys[world], 0)
        counts[world, :], time[world, :], state.bored[world, :], state.recent[world, :, :] = 0, 0.0, 0, 0.0
        counts[world, at.SATISFACTION], counts[world, at.PLACE] = shop.whole[at.START], len(state.cumulative)
        counts[world, at.SEGMENT] = tables.segments[piece(found, FIRST_TASTES)]
        state.shelves[world, 0], state.shelves[world, 1] = keys[world], np.uint64(0)
        state.nature[world, 0] = tables.rates[piece(found, RATE)]
        state.nature[world, 1] = tables.dropouts[piece(found, DROPOUT)]
        observations[world, :] = first
        restock(world, keys[world], shop, state, observations)
        if shop.whole[at.REVEALED]:
            reveal(world, state, observations)


@keyed
def show(idle: Flags, keys: NDArray[np.uint64], slates: Ints, shop: Shop, state: State, observations: Rows) -> None:
    """Writes what is seen of every customer who is not idle; what never changes is there already."""
    counts, time, recent, dates, revealed = state.counts, state.time, state.recent, shop.dates, shop.whole[at.REVEALED]
    places, topics, first = slates.shape[1], recent.shape[2], 5 * len(shop.topic)
    for world in range(len(idle)):
        if idle[world]:
            continue
        now = time[world, at.NOW]
        # The catalogue changes on a few dates only; on all others its columns stand as they were written.
        if now >= dates[counts[world, at.DATE]]:
            restock(world, keys[world], shop, state, observations)
        column = first
        observations[world, column] = now / at.DAY
        observations[world, column + 1] = (now - time[world, at.PREVIOUS]) / at.DAY
        observations[world, column + 2] = counts[world, at.VISIT]
        observations[world, column + 3] = counts[world, at.CLICKS]
        observations[world, column + 4] = counts[world, at.PURCHASES]
        observations[world, column + 5] = counts[world, at.SENT_BACK]
        observations[world, column + 6] = time[world, at.EARNED]
        column += 7
        for k in range(topics):
            observations[world, column + k] = recent[world, 0, k]
            observations[world, column + topics + k] = recent[world, 1, k]
        column += 2 * topics
        for place in range(places):
            observations[world, column + place] = slates[world, place]
        column += places
        observations[world, column] = counts[world, at.PLACE] + 1 if counts[world, at.PLACE] < places else 0
        observations[world, column + 1] = counts[world, at.BOUGHT]
        if revealed:
            reveal(world, state, observations)


@jit
def reveal(world: int, state: State, observations: Rows) -> None:
    """Writes the hidden state."""
    topics = state.bored.shape[1]
    column = observations.shape[1] - topics - 4
    observations[world, column] = state.counts[world, at.SATISFACTION]
    observations[world, column + 1] = state.counts[world, at.SEGMENT]
    for k in range(topics):
        observations[world, column + 2 + k] = state.bored[world, k]
    observations[world, column + 2 + topics] = state.nature[world, 0]
    observations[world, column + 3 + topics] = state.nature[world, 1]


@keyed
def restock(world: int, key: Any, shop: Shop, state: State, observations: Rows) -> None:
    """Writes current availability, and the popularity shown of new items."""
    whole, stock, arrives, items = shop.whole, state.stock, shop.arrives, len(shop.topic)
    now, limit, period = state.time[world, at.NOW], whole[at.SOLD_OUT], whole[at.PERIOD]
    while now >= shop.dates[state.counts[world, at.DATE]]:
        state.counts[world, at.DATE] += 1
    # An episode that ends at the horizon must not read luck of a period that was never drawn.
    last = (whole[at.DAYS] - 1) // (24 * period)
    this = min(int(now // (period * at.DAY)), last)
    if np.uint64(this) != state.shelves[world, 1]:
        # A period keeps the key by which it was first seen.
        state.shelves[world, 0], state.shelves[world, 1] = key, np.uint64(this)
    key = state.shelves[world, 0]
    first = CATALOGUE + this * ((items + IN_A_WORD - 1) // IN_A_WORD)
    found = np.uint64(0)
    for item in range(items):
        # A word serves several items; it is mixed anew only where the next word begins.
        if item % IN_A_WORD == 0 and limit > 0:
            found = word(key, first + item // IN_A_WORD)
        there = now >= arrives[item] * at.DAY and (limit == 0 or piece(found, item) >= limit)
        stock[world, item] = there
        observations[world, item] = 1.0 if there else 0.0
        # A new item shows the usual popularity until it has been on sale for long enough to be known.
        known = arrives[item] == 0 or now >= (arrives[item] + whole[at.KNOWN_AFTER]) * at.DAY
        observations[world, items + item] = shop.popularity[item if known else items]
