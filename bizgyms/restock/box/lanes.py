"""What the kernel of customers who come one by one works on: room for its lanes, and second choices laid out for it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Ints
from envs_data.restock.box.luck import SECOND_BITS

# Second choices are looked up by so many of their bits, and then searched from there.
HINT_BITS = 8
HINT_SHIFT = SECOND_BITS - HINT_BITS
SECOND_MASK = (1 << SECOND_BITS) - 1


class Choices(NamedTuple):
    """What customers of each group do when their item is out of stock.

    Attributes:
        groups: [groups, 1 + items] of each of `luck.groups`, how many items it has, and which.
        thresholds: [groups, items, items + 1] `luck.second_choices` among a group's items, and one that nobody passes.
        hints: [groups, items, 2 ** HINT_BITS] the first item that the leading bits of a second choice may mean.
    """

    groups: Ints
    thresholds: Ints
    hints: Ints


class Lanes(NamedTuple):
    """Room for the worlds that are played together.

    Attributes:
        world, coming: [2, lanes] number of the world and its customers today: as found, and in order.
        begins: [customers + 2] where lanes with so many customers begin.
        seed, place, second, item: [lanes] of the customer who comes now: where his bits come from, his place in line,
            the bits of his second choice, and the item he wants.
        out: [lanes] lanes whose customer finds his item out.
        to_come, unmet: [items, lanes] customers to come who want this item or one before it; customers who left with
            nothing.
        there: [items + 1, lanes] stock; the last row is of no item, what customers turn to who turn to none.
    """

    world: Ints
    coming: Ints
    begins: Ints
    seed: Ints
    place: NDArray[np.int32]
    second: Ints
    item: NDArray[np.int32]
    out: Ints
    to_come: NDArray[np.int32]
    unmet: NDArray[np.int32]
    there: NDArray[np.int32]


def choices(groups: list[list[int]], matrix: Ints) -> Choices:
    """Lays out second choices for the kernel.

    Args:
        groups: as `luck.groups` has them.
        matrix: as `luck.second_choices` has them.
    """
    count = len(matrix)
    rows = np.zeros((len(groups), 1 + count), dtype=np.int64)
    thresholds = np.full((len(groups), count, count + 1), SECOND_MASK + 1)
    hints = np.zeros((len(groups), count, 1 << HINT_BITS), dtype=np.int64)
    first = np.arange(1 << HINT_BITS) << HINT_SHIFT
    for g, group in enumerate(groups):
        rows[g, 0], rows[g, 1 : 1 + len(group)] = len(group), group
        thresholds[g, : len(group), : len(group)] = matrix[np.ix_(group, group)]
        for k in range(len(group)):
            # Leading bits narrow the search to about one comparison per customer.
            hints[g, k] = np.searchsorted(thresholds[g, k, : len(group)], first, side="right")
    return Choices(rows, thresholds, hints)


def lanes(count: int, items: int, most: int) -> Lanes:
    """Room for so many lanes and items, and days with at most so many customers."""
    return Lanes(
        world=np.zeros((2, count), dtype=np.int64),
        coming=np.zeros((2, count), dtype=np.int64),
        begins=np.zeros(most + 2, dtype=np.int64),
        seed=np.zeros(count, dtype=np.int64),
        place=np.zeros(count, dtype=np.int32),
        second=np.zeros(count, dtype=np.int64),
        item=np.zeros(count, dtype=np.int32),
        out=np.zeros(count, dtype=np.int64),
        to_come=np.zeros((items, count), dtype=np.int32),
        unmet=np.zeros((items, count), dtype=np.int32),
        there=np.zeros((items + 1, count), dtype=np.int32),
    )
