"""One day of many boxes. Arrays of state have the worlds last, so that the processor takes several at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import inline, jit
from bizgyms.restock.box import demand_kernel, rows, view
from bizgyms.restock.box.state import Box, State
from bizgyms.twin import Outcome
from envs_data.arrays import Floats, Ints, Rows
from envs_data.restock.box import BoxLuck, order

order_terms = inline(view.order_terms)
project = inline(order.project)

# Worlds that are played together: enough to share a call's cost, few enough for their state to stay in a near cache.
TOGETHER = 256
# Columns of `Box.items`: first and number of rows of stock; whether it spoils, goes freshest first, is waited for; lead
# time (-1 - c: column c of the luck), first and number of rows on the road, and how many of these are seen (-1: a sum).
FIRST, SLOTS, SPOILS, LIFO, WAITED_FOR, LEAD, ROAD, LONGEST, SEEN = range(9)
# Rows of `State.units`; first those that are paid for, in the order of `BoxView.terms`, then others.
PAID_FOR, ORDERED, LEFT, WASTED, UNMET, LINES, DEMAND, SOLD, THERE, UNITS = range(10)
# The rows that are business figures, in the order of `BoxView.figures`.
COUNTED = (DEMAND, SOLD, UNMET, LEFT, WASTED)
# Rows of the results: the first business figure, and the last, units ordered.
FIGURES = 1 + len(view.BoxView.terms)
ORDERED_IN_ALL = FIGURES + len(COUNTED)


@jit
def advance(
    runs: NDArray[np.uint64],
    actions: Ints,
    luck: BoxLuck,
    outcome: Outcome,
    box: Box,
    state: State,
) -> bool:
    """One day of all boxes from the first to before the last of each run; returns whether any episode ended.

    Neighbours on the same day are played together. Worlds are numbered without sign: then no index can be from the
    end, and the compiler need not provide for it.
    """
    demand, lead_time, seeds = luck
    observations, results, decisions, terminated = outcome
    ended, totals = False, results[ORDERED_IN_ALL]
    for run in range(len(runs)):
        low = runs[run, 0]
        while low < runs[run, 1]:
            high = _same_day(low, runs[run, 1], state.day)
            today = state.day[low]
            # The order of the world's day. Money is counted at closing, before the next morning's trucks arrive.
            _order(low, high, today, actions, lead_time, box, state, totals, decisions)
            _serve(low, high, today, demand, seeds, box, state)
            _close(low, high, box, state)
            _pay(low, high, box, state.units, results)
            _deliver(low, high, box, state)
            last = today + 1 == demand.shape[1]
            ended |= last
            for world in range(low, high):
                state.day[world] = today + 1
                terminated[world] = last
            _observe(low, high, today + 1, box, state, observations)
            low = high
    return ended


@jit
def _same_day(low: int, high: int, day: Ints) -> int:
    """The first world from ``low`` on, and before ``high``, that is on another day."""
    for world in range(low, high):
        if day[world] != day[low]:
            return world
    return high


@jit
def _order(
    low: int,
    high: int,
    today: int,
    actions: Ints,
    lead_time: NDArray[np.int16],
    box: Box,
    state: State,
    totals: Floats,
    decisions: Ints,
) -> None:
    """Cuts the orders to what is possible and puts them on the road; what needs no time arrives at once."""
    units, stock, road = state.units, state.stock, state.road
    rows.clear(totals, low, high)
    for k in range(len(box.pack)):
        rows.order(units[ORDERED, k], totals, decisions[:, k], actions[:, k], box.pack[k], low, high)
    _cut(low, high, actions, box, state, totals, decisions)
    for k in range(len(box.pack)):
        lead, first, longest = box.items[k, LEAD], box.items[k, ROAD], box.items[k, LONGEST]
        fresh = box.items[k, FIRST] + box.items[k, SLOTS] - 1
        ordered, lines = units[ORDERED, k], units[LINES, k]
        for world in range(low, high):
            lines[world] = 1 if ordered[world] > 0 else 0
        if lead >= 0:
            rows.add(road[first + lead - 1] if lead > 0 else stock[fresh], ordered, low, high)
            continue
        for days in range(longest + 1):
            # Lead times differ between worlds: each possible day takes only the orders due on it.
            arriving = road[first + days - 1] if days > 0 else stock[fresh]
            rows.add_if(arriving, ordered, lead_time[-1 - lead, today], days, low, high)


@jit
def _cut(
    low: int,
    high: int,
    actions: Ints,
    box: Box,
    state: State,
    totals: Floats,
    decisions: Ints,
) -> None:
    """Cuts the orders that exceed a limit of the box or the supplier."""
    capacity, largest, smallest = box.limits[0], box.limits[1], box.limits[2]
    for world in range(low, high):
        room = min(largest, max(capacity - state.held[world], 0)) if capacity > 0 else largest
        # Few orders break a limit: only those are projected, one world at a time.
        if smallest <= totals[world] <= room:
            continue
        totals[world] = project(actions, world, box.pack, room, smallest, decisions)
        for k in range(len(box.pack)):
            state.units[ORDERED, k, world] = decisions[world, k]


@jit
def _serve(
    low: int,
    high: int,
    today: int,
    demand: NDArray[np.signedinteger],
    seeds: Ints,
    box: Box,
    state: State,
) -> None:
    """The day's customers: where one finds his item out, the order they come in matters."""
    units = state.units
    for k in range(len(box.pack)):
        rows.copy(units[DEMAND, k], demand[k, today], low, high)
        rows.count(units[THERE, k], state.stock, box.items[k, FIRST], box.items[k, SLOTS], low, high)
        # As if nobody turned to another item; where one runs out, the groups below are served again.
        rows.sell(units[THERE, k], units[DEMAND, k], units[SOLD, k], units[UNMET, k], low, high)
    groups = box.choices.groups if len(seeds) > 0 else box.choices.groups[:0]
    demanded, there, sold, unmet = units[DEMAND], units[THERE], units[SOLD], units[UNMET]
    for group in range(len(groups)):
        if groups[group, 0] > 1:
            demand_kernel.serve(low, high, seeds[today], group, box.choices, demanded, there, sold, unmet, state.lanes)


@jit
def _close(low: int, high: int, box: Box, state: State) -> None:
    """Removes sold units from stock, ages the rest, and counts waste and leftovers."""
    units, stock = state.units, state.stock
    for k in range(len(box.pack)):
        first, slots = box.items[k, FIRST], box.items[k, SLOTS]
        sold, unmet, paid_for, wasted = units[SOLD, k], units[UNMET, k], units[PAID_FOR, k], units[WASTED, k]
        wanted = state.spare
        # Sold units are taken off shelf by shelf, from whichever end the item is issued.
        rows.copy(wanted, sold, low, high)
        for step in range(slots):
            rows.issue(stock[first + (slots - 1 - step if box.items[k, LIFO] else step)], wanted, low, high)
        # Backordered customers pay today as well, so that units paid for are not always units sold.
        rows.copy(paid_for, sold, low, high)
        if box.items[k, WAITED_FOR]:
            rows.promise(stock[first], paid_for, unmet, low, high)
        if box.items[k, SPOILS]:
            # After the sales: only what nobody bought expires. The rest moves one day nearer to its end.
            rows.copy(wasted, stock[first], low, high)
            for slot in range(first, first + slots - 1):
                rows.copy(stock[slot], stock[slot + 1], low, high)
            rows.clear(stock[first + slots - 1], low, high)
        rows.leave(units[LEFT, k], units[THERE, k], sold, wasted, low, high)


@jit
def _pay(low: int, high: int, box: Box, units: NDArray[np.int32], results: Floats) -> None:
    """Adds up the items' rewards and the cost of the order."""
    rewards, terms, figures = results[0], results[1:FIGURES], results[FIGURES:]
    # Term by term, and within a term item by item: the world adds in the same order.
    for term in range(LINES + 1):
        rows.clear(terms[term], low, high)
        for k in range(len(box.pack)):
            rows.pay(terms[term], box.money[k, term], units[term, k], low, high)
    for figure in range(len(COUNTED)):
        rows.clear(figures[figure], low, high)
        for k in range(len(box.pack)):
            rows.add(figures[figure], units[COUNTED[figure], k], low, high)
    order_cost, truck_cost, truck_size = box.fees[0], box.fees[1], box.limits[3]
    for w in range(low, high):
        # The order as a whole, which no single item can be charged for.
        terms[6, w], terms[7, w] = order_terms(int(figures[5, w]), order_cost, truck_cost, truck_size)
    rows.clear(rewards, low, high)
    for term in range(len(terms)):
        rows.pay(rewards, box.weights[term], terms[term], low, high)


@jit
def _deliver(low: int, high: int, box: Box, state: State) -> None:
    """The next morning's trucks."""
    road = state.road
    for k in range(len(box.items)):
        first, longest = box.items[k, ROAD], box.items[k, LONGEST]
        if longest > 0:
            rows.add(state.stock[box.items[k, FIRST] + box.items[k, SLOTS] - 1], road[first], low, high)
            # Nearest day first, so that each row is read before the next one is copied into it.
            for day in range(first, first + longest - 1):
                rows.copy(road[day], road[day + 1], low, high)
            rows.clear(road[first + longest - 1], low, high)


@jit
def _observe(low: int, high: int, today: int, box: Box, state: State, observations: Rows) -> None:
    """Writes the observations of some worlds."""
    stock, road, column = state.stock, state.road, 0
    # Only a capacity needs the units held; stock that is owed takes no room.
    if box.limits[0] > 0:
        rows.clear(state.held, low, high)
        for slot in range(len(stock)):
            rows.hold(state.held, stock[slot], low, high)
        for slot in range(len(road)):
            rows.hold(state.held, road[slot], low, high)
    for k in range(len(box.items)):
        item = box.items[k]
        for slot in range(item[FIRST], item[FIRST] + item[SLOTS]):
            rows.show(observations, column, stock[slot], low, high)
            column += 1
        for day in range(item[ROAD], item[ROAD] + item[SEEN]):
            rows.show(observations, column, road[day], low, high)
            column += 1
        if item[SEEN] < 0:
            # With random lead times nobody knows the day of arrival: all that is seen is the sum.
            under_way = state.spare
            rows.clear(under_way, low, high)
            for day in range(item[ROAD], item[ROAD] + item[LONGEST]):
                rows.add(under_way, road[day], low, high)
            rows.show(observations, column, under_way, low, high)
            column += 1
    yesterday = SOLD if box.limits[4] else DEMAND
    for k in range(len(box.items)):
        rows.show(observations, column, state.units[yesterday, k], low, high)
        column += 1
    for foreseen in box.calendar_columns[today]:
        rows.show_all(observations, column, foreseen, low, high)
        column += 1


@jit
def observe(runs: NDArray[np.uint64], box: Box, state: State, observations: Rows) -> None:
    """Writes the observations of the boxes of each run."""
    for run in range(len(runs)):
        low = runs[run, 0]
        while low < runs[run, 1]:
            high = _same_day(low, runs[run, 1], state.day)
            _observe(low, high, state.day[low], box, state, observations)
            low = high
