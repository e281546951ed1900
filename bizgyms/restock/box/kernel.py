"""One day of many boxes. Arrays of state have the worlds last, so that the processor takes several at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.restock.box import rows
from bizgyms.restock.box.view import item_terms, order_terms, project
from envs_data.restock.box import BoxLuck, luck

customer_bits = jit(luck.customer_bits)
next_customer = jit(luck.next_customer)
second_choice = jit(luck.second_choice)

# Worlds that are played together: enough to share a call's cost, few enough for their state to stay in a near cache.
TOGETHER = 256
# Columns of `Box.items`: first and number of rows of stock; whether it spoils, goes freshest first, is waited for; lead
# time (-1 - c: column c of the luck), first and number of rows on the road, and how many of these are seen (-1: a sum).
FIRST, SLOTS, SPOILS, LIFO, WAITED_FOR, LEAD, ROAD, LONGEST, SEEN = range(9)
# Rows of `State.units`.
ORDERED, THERE, DEMAND, SOLD, UNMET, WANTED, LEFT, WASTED, UNITS = range(9)


class Box(NamedTuple):
    """What does not change.

    Attributes:
        items: [items, 9] whole numbers of each item.
        pack, money: [items], [items, 6] units in a pack and rates of each item.
        limits: capacity, largest and smallest order, size of a truck, whether sales are seen instead of demand.
        fees: cost of ordering at all, and of a truck.
        choices: [items * items] thresholds of `second_choices`, row after row.
        weights, calendar_columns: [terms], [days + 1, columns] weight of each term; what the calendar decides.
    """

    items: NDArray[np.int64]
    pack: NDArray[np.int64]
    money: NDArray[np.float64]
    limits: NDArray[np.int64]
    fees: NDArray[np.float64]
    choices: NDArray[np.int64]
    weights: NDArray[np.float64]
    calendar_columns: NDArray[np.float32]


class State(NamedTuple):
    """What a day changes.

    Attributes:
        day: [worlds] days completed.
        stock: [slots, worlds] units by item and days of life left, the oldest first.
        road: [days, worlds] units by item and days until they arrive, from tomorrow on.
        units: [8, items, worlds] what happened to each item in the last day.
        lacking: [worlds] whether somebody found his item out.
        counts: [3, items] one world's customers to come, stock and unmet demand.
    """

    day: NDArray[np.int64]
    stock: NDArray[np.int32]
    road: NDArray[np.int32]
    units: NDArray[np.int32]
    lacking: NDArray[np.bool_]
    counts: NDArray[np.int64]


class Paid(NamedTuple):
    """What a step gives back: see `bizgyms.twin.Twin`."""

    rewards: NDArray[np.float64]
    terms: NDArray[np.float64]
    figures: NDArray[np.float64]
    decisions: NDArray[np.int64]
    terminated: NDArray[np.bool_]


@jit
def advance(
    actions: NDArray[np.int64],
    idle: NDArray[np.bool_],
    drawn: BoxLuck,
    box: Box,
    state: State,
    observations: NDArray[np.float32],
    paid: Paid,
) -> bool:
    """One day of every box that is not idle; returns whether any episode ended."""
    ended = False
    day, terminated, days = state.day, paid.terminated, drawn.demand.shape[1]
    low, worlds = 0, len(idle)
    while low < worlds:
        if idle[low]:
            low += 1
            continue
        high = low + 1
        while high < min(low + TOGETHER, worlds) and not idle[high]:
            high += 1
        _order(low, high, actions, drawn.lead_time, box, state, paid)
        _serve(low, high, drawn, box, state)
        _close(low, high, box, state, paid)
        _pay_order(low, high, box, paid)
        _deliver(low, high, box, state)
        for world in range(low, high):
            day[world] += 1
            terminated[world] = day[world] == days
            ended |= terminated[world]
        _observe(low, high, box, state, observations)
        low = high
    return ended


@jit
def _order(
    low: int, high: int, actions: NDArray[np.int64], lead_time: NDArray[np.int16], box: Box, state: State, paid: Paid
) -> None:
    """Cuts the orders to what is possible and puts them on the road; what needs no time arrives at once."""
    held = np.zeros(high - low, dtype=np.int64)
    ordered = np.empty(len(box.pack), dtype=np.int64)
    if box.limits[0] > 0:
        rows.hold(held, state.stock, low, high)
        rows.hold(held, state.road, low, high)
    limits, pack, units, decisions, totals = box.limits, box.pack, state.units, paid.decisions, paid.figures
    for world in range(low, high):
        room = limits[1]
        if limits[0] > 0:
            room = min(room, max(limits[0] - held[world - low], 0))
        totals[5, world] = project(actions, world, pack, room, limits[2], ordered)
        for k in range(len(ordered)):
            decisions[world, k] = ordered[k]
            units[ORDERED, k, world] = ordered[k]
    for k in range(len(pack)):
        lead, road = box.items[k, LEAD], box.items[k, ROAD]
        fresh = box.items[k, FIRST] + box.items[k, SLOTS] - 1
        if lead > 0:
            rows.add(state.road[road + lead - 1, low:high], units[ORDERED, k, low:high])
        elif lead == 0:
            rows.add(state.stock[fresh, low:high], units[ORDERED, k, low:high])
        else:
            rows.send(
                low,
                high,
                units[ORDERED, k, low:high],
                lead_time,
                -1 - lead,
                state.day,
                state.stock,
                fresh,
                state.road,
                road,
            )


@jit
def _serve(low: int, high: int, drawn: BoxLuck, box: Box, state: State) -> None:
    """The day's customers: who finds his item out makes their order matter."""
    day, units, lacking, demand, crowd = state.day, state.units, state.lacking, drawn.demand, drawn.crowd
    for world in range(low, high):
        today = day[world]
        lacking[world] = False
        for k in range(demand.shape[2]):
            units[DEMAND, k, world] = demand[world, today, k]
    for k in range(demand.shape[2]):
        there, sold = units[THERE, k, low:high], units[SOLD, k, low:high]
        rows.count(there, state.stock, box.items[k, FIRST], box.items[k, SLOTS], low, high)
        rows.sell(there, units[DEMAND, k, low:high], sold, units[UNMET, k, low:high], lacking[low:high])
    if crowd.shape[1] > 0:
        choices, counts = box.choices, state.counts
        for world in range(low, high):
            if lacking[world]:
                _customers(world, int(crowd[world, day[world]]), choices, units, counts)


@jit
def _customers(
    world: int, crowd: int, choices: NDArray[np.int64], units: NDArray[np.int32], counts: NDArray[np.int64]
) -> None:
    """The customers of one world's day, one by one."""
    to_come, there, unmet = counts[0], counts[1], counts[2]
    count = 0
    for k in range(len(there)):
        count += units[DEMAND, k, world]
        to_come[k] = count
        there[k] = units[THERE, k, world]
        unmet[k] = 0
    for n in range(count):
        bits = customer_bits(crowd, n)
        k = next_customer(bits, to_come)
        taken = k if there[k] > 0 else second_choice(bits, k, len(there), choices)
        if taken >= 0 and there[taken] > 0:
            there[taken] -= 1
        else:
            unmet[k] += 1
    for k in range(len(there)):
        units[SOLD, k, world] = units[THERE, k, world] - there[k]
        units[UNMET, k, world] = unmet[k]


@jit
def _close(low: int, high: int, box: Box, state: State, paid: Paid) -> None:
    """Takes what was sold off the shelves, ages what is left and adds up what each item brought."""
    for term in range(6):
        rows.clear(paid.terms[term, low:high])
    for figure in range(5):
        rows.clear(paid.figures[figure, low:high])
    units = state.units
    for k in range(len(box.items)):
        first, slots = box.items[k, FIRST], box.items[k, SLOTS]
        wanted, left, wasted = units[WANTED, k, low:high], units[LEFT, k, low:high], units[WASTED, k, low:high]
        sold, unmet = units[SOLD, k, low:high], units[UNMET, k, low:high]
        rows.copy(wanted, sold)
        rows.issue(state.stock, first, slots, low, high, wanted, box.items[k, LIFO])
        rows.copy(wanted, sold)  # from here on: what was paid for
        if box.items[k, WAITED_FOR]:
            rows.promise(state.stock[first, low:high], wanted, unmet)
        rows.age(state.stock, first, slots, low, high, wasted, box.items[k, SPOILS])
        rows.count(left, state.stock, first, slots, low, high)
        _pay(low, high, k, box.money, units, paid.terms)
        rows.total(paid.figures[0, low:high], units[DEMAND, k, low:high])
        rows.total(paid.figures[1, low:high], sold)
        rows.total(paid.figures[2, low:high], unmet)
        rows.total(paid.figures[3, low:high], left)
        rows.total(paid.figures[4, low:high], wasted)


@jit
def _pay(
    low: int, high: int, k: int, money: NDArray[np.float64], units: NDArray[np.int32], terms: NDArray[np.float64]
) -> None:
    bought, ordered, left = units[WANTED, k, low:high], units[ORDERED, k, low:high], units[LEFT, k, low:high]
    wasted, unmet = units[WASTED, k, low:high], units[UNMET, k, low:high]
    sales, purchase, holding = terms[0, low:high], terms[1, low:high], terms[2, low:high]
    waste, shortage, lines = terms[3, low:high], terms[4, low:high], terms[5, low:high]
    for w in range(high - low):
        parts = item_terms(bought[w], ordered[w], left[w], wasted[w], unmet[w], money, k)
        sales[w] += parts[0]
        purchase[w] += parts[1]
        holding[w] += parts[2]
        waste[w] += parts[3]
        shortage[w] += parts[4]
        lines[w] += parts[5]


@jit
def _pay_order(low: int, high: int, box: Box, paid: Paid) -> None:
    totals, terms, rewards, weights = paid.figures, paid.terms, paid.rewards, box.weights
    order_cost, truck_cost, truck_size = box.fees[0], box.fees[1], box.limits[3]
    for w in range(low, high):
        terms[6, w], terms[7, w] = order_terms(int(totals[5, w]), order_cost, truck_cost, truck_size)
        reward = 0.0
        for term in range(8):
            reward += weights[term] * terms[term, w]
        rewards[w] = reward


@jit
def _deliver(low: int, high: int, box: Box, state: State) -> None:
    """The next morning's trucks."""
    for k in range(len(box.items)):
        first, longest = box.items[k, ROAD], box.items[k, LONGEST]
        if longest > 0:
            rows.add(state.stock[box.items[k, FIRST] + box.items[k, SLOTS] - 1, low:high], state.road[first, low:high])
            for day in range(first, first + longest - 1):
                rows.copy(state.road[day, low:high], state.road[day + 1, low:high])
            rows.clear(state.road[first + longest - 1, low:high])


@jit
def _observe(low: int, high: int, box: Box, state: State, observations: NDArray[np.float32]) -> None:
    """Writes what is seen of some worlds."""
    column = 0
    for k in range(len(box.items)):
        item = box.items[k]
        for slot in range(item[FIRST], item[FIRST] + item[SLOTS]):
            rows.show(observations[low:high, column], state.stock[slot, low:high])
            column += 1
        for day in range(item[ROAD], item[ROAD] + item[SEEN]):
            rows.show(observations[low:high, column], state.road[day, low:high])
            column += 1
        if item[SEEN] < 0:
            rows.clear(observations[low:high, column])
            for day in range(item[ROAD], item[ROAD] + item[LONGEST]):
                rows.show_more(observations[low:high, column], state.road[day, low:high])
            column += 1
    yesterday = SOLD if box.limits[4] else DEMAND
    for k in range(len(box.items)):
        rows.show(observations[low:high, column], state.units[yesterday, k, low:high])
        column += 1
    calendar, today = box.calendar_columns, state.day
    for world in range(low, high):
        for entry in range(calendar.shape[1]):
            observations[world, column + entry] = calendar[today[world], entry]


@jit
def observe_rows(worlds: NDArray[np.intp], box: Box, state: State, observations: NDArray[np.float32]) -> None:
    """Writes what is seen of each of these worlds."""
    for world in worlds:
        _observe(world, world + 1, box, state, observations)
