"""Customers one by one where the order they come in matters: the n-th of every world at the same time.

A lane is a world in which an item of the group runs out. Lanes with more customers come first, so that those who still
have customers are always the first ones. Numbers of lanes and items are without sign in loops that look something up:
no index can then be from the end, and the compiler need not provide for it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import inline, jit
from bizgyms.restock.box.lanes import HINT_SHIFT, SECOND_MASK, Choices, Lanes
from envs_data.arrays import Ints
from envs_data.restock.box import luck

customer_bits = inline(luck.customer_bits)
place_in_line = inline(luck.place_in_line)

NONE, ONE = np.int32(0), np.int32(1)


@jit
def serve(
    low: int,
    high: int,
    seeds: Ints,
    number: int,
    found: Choices,
    demand: NDArray[np.int32],
    there: NDArray[np.int32],
    sold: NDArray[np.int32],
    unmet: NDArray[np.int32],
    room: Lanes,
) -> None:
    """Serves a group's customers in the worlds in which an item runs out.

    Args:
        low: the first world.
        high: the first one after the last.
        seeds: [worlds] ``crowd`` of the luck, of this day.
        number: of the group.
        found: what customers do when their item is out of stock.
        demand: [items, worlds] units asked for.
        there: [items, worlds] units on the shelf.
        sold: [items, worlds] units sold if nobody turned to another item; corrected here.
        unmet: [items, worlds] likewise, customers who leave with nothing.
        room: see `Lanes`.
    """
    items = found.groups[number, 1 : 1 + found.groups[number, 0]]
    many, most = _line_up(low, high, items, demand, unmet, room)
    if many == 0:
        return
    _most_first(many, most, room)
    _open(many, items, seeds, demand, there, room)
    thresholds, hints = found.thresholds[number], found.hints[number]
    to_come, active = room.to_come[: len(items)], many
    for n in range(most):
        # Lanes are sorted, so that those without an n-th customer are cut off at the end.
        while room.coming[1, active - 1] <= n:
            active -= 1
        _who(active, number, n, room.seed, room.coming[1], room.place, room.second)
        _wants(to_come[:, :active], room.place, room.item[:active])
        out = room.out[: _finds(room.item[:active], room.there, room.out)]
        _turns(out, room.item, room.second, thresholds, hints, room.there, room.unmet)
    for k in range(len(items)):
        _leave(room.world[1, :many], there[items[k]], room.there[k], sold[items[k]])
        _write(room.world[1, :many], room.unmet[k], unmet[items[k]])


@jit
def _line_up(
    low: int,
    high: int,
    items: Ints,
    demand: NDArray[np.int32],
    unmet: NDArray[np.int32],
    room: Lanes,
) -> tuple[int, int]:
    """Finds the worlds in which an item runs out; returns how many, and the most customers one of them has."""
    many = most = 0
    for world in range(low, high):
        lacking = coming = 0
        for k in items:
            lacking += unmet[k, world]
            coming += demand[k, world]
        # Where nothing runs out the order of customers changes nothing, and the world gets no lane.
        if lacking > 0:
            room.world[0, many], room.coming[0, many] = world, coming
            many += 1
            most = max(most, coming)
    return many, most


@jit
def _most_first(many: int, most: int, room: Lanes) -> None:
    """Puts the lanes in order, by counting how many have how many customers."""
    begins, coming = room.begins, room.coming
    begins[: most + 1] = 0
    for lane in range(many):
        begins[coming[0, lane]] += 1
    first = 0
    # Counting sort, largest first: lanes that run out of customers are always the last ones.
    for count in range(most, -1, -1):
        begins[count], first = first, first + begins[count]
    for lane in range(many):
        place = begins[coming[0, lane]]
        begins[coming[0, lane]] += 1
        room.world[1, place], coming[1, place] = room.world[0, lane], coming[0, lane]


@jit
def _open(
    many: int,
    items: Ints,
    seeds: Ints,
    demand: NDArray[np.int32],
    there: NDArray[np.int32],
    room: Lanes,
) -> None:
    """Fills the shelves, and the lines in front of the doors."""
    worlds = room.world[1, :many]
    for lane in range(many):
        room.seed[lane] = seeds[np.uint64(worlds[lane])]
    for k in range(len(items)):
        _read(worlds, there[items[k]], room.there[k])
        _read(worlds, demand[items[k]], room.to_come[k])
        room.unmet[k, :many] = 0
        if k > 0:
            one_before, line = room.to_come[k - 1], room.to_come[k]
            for lane in range(many):
                # Cumulated over items: a place in line is then compared with one number per item.
                line[lane] += one_before[lane]
    # The row of no item is always empty, so that a customer who turns to nothing finds nothing.
    room.there[len(items), :many] = 0


@jit
def _read(worlds: Ints, row: NDArray[np.int32], into: NDArray[np.int32]) -> None:
    for lane in range(len(worlds)):
        into[lane] = row[np.uint64(worlds[lane])]


@jit
def _write(worlds: Ints, row: NDArray[np.int32], into: NDArray[np.int32]) -> None:
    for lane in range(len(worlds)):
        into[np.uint64(worlds[lane])] = row[lane]


@jit
def _leave(worlds: Ints, there: NDArray[np.int32], left: NDArray[np.int32], sold: NDArray[np.int32]) -> None:
    """Counts units that left the shelf as sold."""
    for lane in range(len(worlds)):
        world = np.uint64(worlds[lane])
        sold[world] = there[world] - left[lane]


@jit
def _who(
    active: int,
    number: int,
    n: int,
    seed: Ints,
    coming: Ints,
    place: NDArray[np.int32],
    second: Ints,
) -> None:
    """The bits of customer ``n`` of each lane."""
    for lane in range(active):
        bits = customer_bits(seed[lane], number, n)
        place[lane] = place_in_line(bits, coming[lane] - n)
        second[lane] = bits & SECOND_MASK


@jit
def _wants(to_come: NDArray[np.int32], place: NDArray[np.int32], item: NDArray[np.int32]) -> None:
    """Takes each lane's next customer out of the line: what `luck.next_customer` does in one world."""
    for lane in range(len(item)):
        item[lane] = NONE
    for k in range(len(to_come)):
        line = to_come[k]
        for lane in range(len(item)):
            # Everybody behind the place moves up by one; the item is the number of lines that end before it.
            later = ONE if line[lane] > place[lane] else NONE
            line[lane] -= later
            item[lane] += ONE - later


@jit
def _finds(item: NDArray[np.int32], there: NDArray[np.int32], out: Ints) -> int:
    """Each customer takes his item if it is there; returns in how many lanes it is not, and lists them."""
    many = np.uint64(0)
    for lane in range(len(item)):
        k = np.uint64(item[lane])
        # Arithmetic instead of a branch: whether an item is still there is hard to foresee.
        taken = ONE if there[k, lane] > 0 else NONE
        there[k, lane] -= taken
        # Always written and kept only if the item was out: the next one overwrites it otherwise.
        out[many] = lane
        many += np.uint64(ONE - taken)
    return int(many)


@jit
def _turns(
    out: Ints,
    item: NDArray[np.int32],
    second: Ints,
    thresholds: Ints,
    hints: Ints,
    there: NDArray[np.int32],
    unmet: NDArray[np.int32],
) -> None:
    """Customers whose item is out turn to another: what `luck.second_choice` says in one world."""
    for j in range(len(out)):
        lane = np.uint64(out[j])
        k, bits = np.uint64(item[lane]), second[lane]
        other = np.uint64(hints[k, np.uint64(bits >> HINT_SHIFT)])
        # The last threshold is beyond all bits, so that the search ends without a test of its own.
        while bits >= thresholds[k, other]:
            other += np.uint64(1)
        taken = ONE if there[other, lane] > 0 else NONE
        there[other, lane] -= taken
        unmet[k, lane] += ONE - taken
