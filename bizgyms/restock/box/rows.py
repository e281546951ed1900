"""Rows of state, a few worlds long: what a day does to one of them. Numbers are of units, one a world."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit


@jit
def add(row: NDArray[np.int32], more: NDArray[np.int32]) -> None:
    """More units in a row."""
    for w in range(len(row)):
        row[w] += more[w]


@jit
def clear(row: NDArray[Any]) -> None:
    """Nothing left in a row."""
    for w in range(len(row)):
        row[w] = 0


@jit
def copy(row: NDArray[np.int32], other: NDArray[np.int32]) -> None:
    """A row becomes another."""
    for w in range(len(row)):
        row[w] = other[w]


@jit
def hold(held: NDArray[np.int64], rows: NDArray[np.int32], low: int, high: int) -> None:
    """Counts units of all rows, what is owed not counted."""
    for number in range(len(rows)):
        row = rows[number, low:high]
        for w in range(len(held)):
            held[w] += max(row[w], 0)


@jit
def count(there: NDArray[np.int32], stock: NDArray[np.int32], first: int, slots: int, low: int, high: int) -> None:
    """Units of an item that are there, whatever their age."""
    clear(there)
    for slot in range(first, first + slots):
        add(there, stock[slot, low:high])
    for w in range(len(there)):
        there[w] = max(there[w], 0)


@jit
def issue(
    stock: NDArray[np.int32], first: int, slots: int, low: int, high: int, wanted: NDArray[np.int32], lifo: int
) -> None:
    """Takes the units wanted, the oldest or the freshest first."""
    for step in range(slots):
        row = stock[first + (slots - 1 - step if lifo else step), low:high]
        for w in range(len(row)):
            taken = min(max(row[w], 0), wanted[w])
            row[w] -= taken
            wanted[w] -= taken


@jit
def age(
    stock: NDArray[np.int32], first: int, slots: int, low: int, high: int, wasted: NDArray[np.int32], spoils: int
) -> None:
    """Throws away the units in their last day and ages the others."""
    clear(wasted)
    if not spoils:
        return
    copy(wasted, stock[first, low:high])
    for slot in range(first, first + slots - 1):
        copy(stock[slot, low:high], stock[slot + 1, low:high])
    clear(stock[first + slots - 1, low:high])


@jit
def promise(stock: NDArray[np.int32], paid_for: NDArray[np.int32], unmet: NDArray[np.int32]) -> None:
    """Who is not served pays and waits; then unmet is all that is owed."""
    for w in range(len(stock)):
        stock[w] -= unmet[w]
        paid_for[w] += unmet[w]
        unmet[w] = max(-stock[w], 0)


@jit
def total(figure: NDArray[np.float64], units: NDArray[np.int32]) -> None:
    """Adds units to a business figure."""
    for w in range(len(figure)):
        figure[w] += units[w]


@jit
def show(seen: NDArray[np.float32], row: NDArray[np.int32]) -> None:
    """Writes a row into what is seen."""
    for w in range(len(row)):
        seen[w] = row[w]


@jit
def show_more(seen: NDArray[np.float32], row: NDArray[np.int32]) -> None:
    """Adds a row to what is seen."""
    for w in range(len(row)):
        seen[w] += row[w]


@jit
def send(
    low: int,
    high: int,
    ordered: NDArray[np.int32],
    lead_time: NDArray[np.int16],
    column: int,
    day: NDArray[np.int64],
    stock: NDArray[np.int32],
    fresh: int,
    road: NDArray[np.int32],
    first: int,
) -> None:
    """Sends one item's orders on roads of random length."""
    for world in range(low, high):
        days = lead_time[world, day[world], column]
        if days == 0:
            stock[fresh, world] += ordered[world - low]
        else:
            road[first + days - 1, world] += ordered[world - low]


@jit
def sell(
    there: NDArray[np.int32],
    demand: NDArray[np.int32],
    sold: NDArray[np.int32],
    unmet: NDArray[np.int32],
    lacking: NDArray[np.bool_],
) -> None:
    """Everybody who wants an item takes one while there are any; marks worlds where there are too few."""
    for w in range(len(there)):
        sold[w] = min(there[w], demand[w])
        unmet[w] = demand[w] - sold[w]
    for w in range(len(there)):
        lacking[w] |= unmet[w] > 0
