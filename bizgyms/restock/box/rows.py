"""Rows of state, one number of units a world: what a day does to the worlds from ``low`` to before ``high``.

Inlined: in a call, passing the arrays would cost more than the work. Constants are of the rows' own type, so that the
processor takes as many worlds at once as fit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import inline
from envs_data.arrays import Array, Floats, Ints, Rows

NONE = np.int32(0)


@inline
def add(row: Array, more: NDArray[np.int32], low: int, high: int) -> None:
    """Adds units to a row."""
    for w in range(low, high):
        row[w] += more[w]


@inline
def add_if(
    row: NDArray[np.int32], more: NDArray[np.int32], days: NDArray[np.int16], wanted: int, low: int, high: int
) -> None:
    """Adds units to a row where their lead time is ``wanted`` days."""
    those = np.int16(wanted)
    for w in range(low, high):
        row[w] += more[w] if days[w] == those else NONE


@inline
def order(
    ordered: NDArray[np.int32],
    totals: Floats,
    decisions: Ints,
    packs: Ints,
    pack: int,
    low: int,
    high: int,
) -> None:
    """Turns packs into units: as the decision, and added to the units of other items."""
    size = np.int32(pack)
    for w in range(low, high):
        ordered[w] = np.int32(packs[w]) * size
    for w in range(low, high):
        decisions[w] = ordered[w]
        totals[w] += ordered[w]


@inline
def clear(row: Array, low: int, high: int) -> None:
    """Sets a row to zero."""
    for w in range(low, high):
        row[w] = 0


@inline
def copy(row: NDArray[np.int32], other: NDArray[np.signedinteger], low: int, high: int) -> None:
    """Copies a row."""
    for w in range(low, high):
        row[w] = other[w]


@inline
def hold(held: NDArray[np.int32], row: NDArray[np.int32], low: int, high: int) -> None:
    """Counts a row's units, backorders apart."""
    for w in range(low, high):
        held[w] += max(row[w], NONE)


@inline
def count(there: NDArray[np.int32], stock: NDArray[np.int32], first: int, slots: int, low: int, high: int) -> None:
    """Units of an item on the shelf, whatever their age; backorders do not count."""
    row = stock[first]
    for w in range(low, high):
        there[w] = max(row[w], NONE)
    for slot in range(first + 1, first + slots):
        add(there, stock[slot], low, high)


@inline
def sell(
    there: NDArray[np.int32],
    demand: NDArray[np.int32],
    sold: NDArray[np.int32],
    unmet: NDArray[np.int32],
    low: int,
    high: int,
) -> None:
    """Customers take units of an item until it runs out."""
    for w in range(low, high):
        sold[w] = min(there[w], demand[w])
    for w in range(low, high):
        unmet[w] = demand[w] - sold[w]


@inline
def issue(row: NDArray[np.int32], wanted: NDArray[np.int32], low: int, high: int) -> None:
    """Takes the units wanted, as far as stock allows."""
    for w in range(low, high):
        taken = min(max(row[w], NONE), wanted[w])
        row[w] -= taken
        wanted[w] -= taken


@inline
def promise(
    stock: NDArray[np.int32], paid_for: NDArray[np.int32], unmet: NDArray[np.int32], low: int, high: int
) -> None:
    """Customers who are not served pay and wait; unmet then counts all backorders."""
    for w in range(low, high):
        stock[w] -= unmet[w]
        paid_for[w] += unmet[w]
        unmet[w] = max(-stock[w], 0)


@inline
def leave(
    left: NDArray[np.int32],
    there: NDArray[np.int32],
    sold: NDArray[np.int32],
    wasted: NDArray[np.int32],
    low: int,
    high: int,
) -> None:
    """Units neither sold nor thrown away stay."""
    for w in range(low, high):
        left[w] = there[w] - sold[w]
    for w in range(low, high):
        left[w] -= wasted[w]


@inline
def pay(money: Floats, rate: float, units: Array, low: int, high: int) -> None:
    """Adds a rate per unit."""
    for w in range(low, high):
        money[w] += rate * units[w]


@inline
def show(seen: Rows, column: int, row: NDArray[np.int32], low: int, high: int) -> None:
    """Writes a row into a column of the observations."""
    for w in range(low, high):
        seen[w, column] = row[w]


@inline
def show_all(seen: Rows, column: int, value: np.float32, low: int, high: int) -> None:
    """Writes the same value into a column of the observations."""
    for w in range(low, high):
        seen[w, column] = value
