"""A visit and the days until the next one: kernels that take all customers through one event after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import inline, jit
from bizgyms.keys import keyed
from bizgyms.recommend.lifetime import columns as at
from bizgyms.recommend.lifetime import view as views
from bizgyms.recommend.lifetime.observe import show
from bizgyms.recommend.lifetime.random_bits import piece, word
from bizgyms.recommend.lifetime.state import Shop, State
from bizgyms.recommend.lifetime.view import NOTHING
from bizgyms.twin import Outcome
from envs_data import random_bits
from envs_data.arrays import Flags, Floats, Ints
from envs_data.recommend.lifetime import LifetimeLuck, laws
from envs_data.recommend.lifetime.laws import KEPT, WORD
from envs_data.recommend.lifetime.luck import (
    BUY,
    CLICK,
    DRIFTS,
    GAP,
    LEAVE,
    RETURN,
    SATISFIED,
    TASTES,
)

clicked, project, key_at = inline(laws.clicked), inline(views.project), inline(random_bits.key_at)


@keyed
def advance(
    actions: Ints,
    idle: Flags,
    luck: LifetimeLuck,
    outcome: Outcome,
    shop: Shop,
    state: State,
    elapsed: Floats,
) -> bool:
    """One visit of every customer who is not idle; returns whether any episode ended."""
    observations, results, slates, terminated = outcome
    for world in range(len(idle)):
        if not idle[world]:
            results[at.EMPTY, world] = project(actions[world], state.stock[world], slates[world])
    # Each event is a loop of its own over all customers. Boredom moves only after the click that it has influenced.
    find_keys(idle, luck, state)
    choose(idle, state.keys, slates, shop, state)
    get_used_to(idle, slates, shop, state)
    respond(idle, state.keys, slates, shop, state, results)
    ended = wait(idle, state.keys, shop, state, results, elapsed, terminated)
    take_back(idle, state, terminated, results)
    pay(idle, shop, results)
    # What is sold out at the next visit is seen before it, so it still follows the key of this one.
    show(idle, state.keys, slates, shop, state, observations)
    return ended


@jit
def find_keys(idle: Flags, luck: LifetimeLuck, state: State) -> None:
    """The key in force at each customer's visit."""
    for world in range(len(idle)):
        if not idle[world]:
            visit = state.counts[world, at.VISIT]
            state.keys[world] = key_at(luck.key[world], luck.later[world], luck.since[world], visit)


@keyed
def choose(idle: Flags, keys: NDArray[np.uint64], slates: Ints, shop: Shop, state: State) -> None:
    """Customers click one place of their slate, or none, by the multinomial logit."""
    counts, time, bored, cumulative = state.counts, state.time, state.bored, state.cumulative
    topic_of, weights, factors, fresh = shop.topic, shop.laws.weights, shop.laws.places, shop.laws.boredom
    shift, places = shop.whole[at.SHIFT_DAY], slates.shape[1]
    for world in range(len(idle)):
        if idle[world]:
            continue
        shifted = 1 if shift > 0 and time[world, at.NOW] >= shift * at.DAY else 0
        segment, total = counts[world, at.SEGMENT], 0.0
        for place in range(places):
            item = slates[world, place]
            if item != NOTHING:
                total += weights[shifted, segment, item] * factors[place] * fresh[bored[world, topic_of[item]]]
            # An empty place adds nothing, so that no wish can fall on it.
            cumulative[place] = total
        # No click has the weight 1 beside the slate's, hence total + 1.
        wish = piece(word(keys[world], 1 + 2 * counts[world, at.VISIT]), CLICK) * WORD
        counts[world, at.PLACE] = clicked(wish * (total + 1.0), cumulative, places)


@jit
def get_used_to(idle: Flags, slates: Ints, shop: Shop, state: State) -> None:
    """Boredom of the topic clicked rises, that of all others falls; recent clicks and impressions are updated."""
    counts, bored, recent, topic_of = state.counts, state.bored, state.recent, shop.topic
    bores, most = shop.whole[at.BORES], len(shop.laws.boredom) - 1
    places, topics = slates.shape[1], bored.shape[1]
    for world in range(len(idle)):
        if idle[world]:
            continue
        place = counts[world, at.PLACE]
        item = slates[world, place] if place < places else NOTHING
        topic = topic_of[item] if item != NOTHING else NOTHING
        for k in range(topics):
            here = k == topic
            # Clipped because it is an index into the table of boredom factors.
            bored[world, k] = min(max(bored[world, k] + (bores if here else -1), 0), most)
            recent[world, 0, k] = recent[world, 0, k] * KEPT + (1.0 if here else 0.0)
            recent[world, 1, k] *= KEPT
        for place in range(places):
            item = slates[world, place]
            if item != NOTHING:
                recent[world, 1, topic_of[item]] += 1.0


@keyed
def respond(idle: Flags, keys: NDArray[np.uint64], slates: Ints, shop: Shop, state: State, results: Floats) -> None:
    """Satisfaction rises or falls by what was clicked; a click may become a purchase, and that a parcel."""
    counts, time, due, lost = state.counts, state.time, state.due, state.lost
    rises, falls, buys, returns = shop.laws.rises, shop.laws.falls, shop.laws.buys, shop.laws.returns
    margins, minutes, handling = shop.margin, shop.minutes, shop.money[0]
    most, wait = shop.whole[at.LEVELS], shop.whole[at.RETURN_DAYS] * at.DAY
    places, items = slates.shape[1], len(shop.topic)
    for world in range(len(idle)):
        if idle[world]:
            continue
        found, place = word(keys[world], 1 + 2 * counts[world, at.VISIT]), counts[world, at.PLACE]
        # No click is the last entry of these tables.
        item = slates[world, place] if place < places else items
        mood = piece(found, SATISFIED)
        # One draw decides both: low pieces raise satisfaction, high ones lower it, so that both can never happen.
        level = counts[world, at.SATISFACTION] + (1 if mood < rises[item] else 0) - (1 if mood >= falls[item] else 0)
        counts[world, at.SATISFACTION] = min(max(level, 0), most)
        counts[world, at.VISIT] += 1
        buying = item < items and piece(found, BUY) < buys[item]
        counts[world, at.BOUGHT] = buying
        results[at.CLICKED, world], results[at.PURCHASED, world] = item < items, buying
        results[at.MINUTES, world], results[at.SALES, world] = 0.0, 0.0
        if item < items:
            counts[world, at.CLICKS] += 1
            results[at.MINUTES, world] = minutes[item]
        if buying:
            counts[world, at.PURCHASES] += 1
            time[world, at.EARNED] += margins[item]
            results[at.SALES, world] = margins[item]
            if piece(found, RETURN) < returns[item]:
                # All parcels take equally long, so they come back in the order of purchase: a queue without sorting.
                parcel = counts[world, at.SENT_BACK] + counts[world, at.PARCELS]
                due[world, parcel] = time[world, at.NOW] + wait
                lost[world, parcel] = margins[item] + handling
                counts[world, at.PARCELS] += 1


@keyed
def wait(
    idle: Flags,
    keys: NDArray[np.uint64],
    shop: Shop,
    state: State,
    results: Floats,
    elapsed: Floats,
    terminated: Flags,
) -> bool:
    """Customers leave, or come back when their days have passed, perhaps with other tastes; whether any life ended."""
    counts, time, nature, whole = state.counts, state.time, state.nature, shop.whole
    leaves, gaps, waits, segments = shop.laws.leaves, shop.laws.gaps, shop.laws.waits, shop.laws.segments
    end, drift, visits, ended = np.float64(whole[at.DAYS]), whole[at.DRIFT], state.due.shape[1], False
    for world in range(len(idle)):
        if idle[world]:
            continue
        visit, level, began = counts[world, at.VISIT], counts[world, at.SATISFACTION], time[world, at.NOW]
        found = word(keys[world], 2 * visit)
        # Nobody drops out after the first visit, as in the BG/NBD model; + 0.5 takes the middle of the piece's
        # interval.
        churned = visit > 1 and (piece(found, LEAVE) + 0.5) * WORD < nature[world, 1] * leaves[level]
        # Churn comes first: a customer who leaves at the last visit allowed has churned and was not capped.
        capped = visit == visits and not churned
        over = churned or capped
        if not over:
            now = began + gaps[piece(found, GAP)] / nature[world, 0] * waits[level] * at.DAY
            over = now >= end
            # The clock stops at the horizon even where the next visit would lie beyond it.
            time[world, at.PREVIOUS], time[world, at.NOW] = began, min(now, end)
            if not over and drift > 0 and piece(found, DRIFTS) < drift:
                counts[world, at.SEGMENT] = segments[piece(found, TASTES)]
        elapsed[world] = time[world, at.NOW] - began
        results[at.ELAPSED, world] = elapsed[world] / at.DAY
        results[at.VISITS, world], results[at.CHURNED, world], results[at.CAPPED, world] = 1.0, churned, capped
        terminated[world] = over
        ended |= over
    return ended


@jit
def take_back(idle: Flags, state: State, over: Flags, results: Floats) -> None:
    """Books returns that have come back by now; at the end, all that are still to come."""
    counts, time, due, lost = state.counts, state.time, state.due, state.lost
    for world in range(len(idle)):
        if idle[world]:
            continue
        now, refunds = time[world, at.NOW], 0.0
        while counts[world, at.PARCELS] > 0 and (over[world] or due[world, counts[world, at.SENT_BACK]] <= now):
            # At the end everything still on its way is booked at once, so that no refund escapes the episode.
            gone = lost[world, counts[world, at.SENT_BACK]]
            counts[world, at.PARCELS] -= 1
            counts[world, at.SENT_BACK] += 1
            time[world, at.EARNED] -= gone
            refunds += -gone
        results[at.REFUNDS, world] = refunds


@jit
def pay(idle: Flags, shop: Shop, results: Floats) -> None:
    """Writes rewards: the weighted terms, or the figure chosen as the objective."""
    goal, sales, refunds = shop.whole[at.GOAL], shop.money[1], shop.money[2]
    for world in range(len(idle)):
        if not idle[world]:
            margin = 0.0 + sales * results[at.SALES, world] + refunds * results[at.REFUNDS, world]
            # Another goal replaces the reward only; the terms stay in money.
            results[at.REWARD, world] = margin if goal == 0 else results[goal, world]
