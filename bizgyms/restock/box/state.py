"""What the box's kernel keeps: names of columns and rows, the box itself, and the state that a day changes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bizgyms.restock.box import lanes, view
from envs_data.arrays import Floats, Ints, Rows

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


class Box(NamedTuple):
    """Constants of the kernel.

    Attributes:
        items: [items, 9] whole numbers of each item.
        pack, money: [items], [items, 6] units in a pack and `BoxView.money_of_items`.
        limits: capacity, largest and smallest order, size of a truck, whether sales are seen instead of demand.
        fees: cost of ordering at all, and of a truck.
        choices: what customers do whose item is out.
        weights, calendar_columns: [terms], [days + 1, columns] weight of each term; what the calendar decides.
    """

    items: Ints
    pack: Ints
    money: Floats
    limits: Ints
    fees: Floats
    choices: lanes.Choices
    weights: Floats
    calendar_columns: Rows


class State(NamedTuple):
    """The state that a day changes.

    Attributes:
        day: [worlds] days completed.
        stock: [slots, worlds] units by item and days of life left, the oldest first.
        road: [days, worlds] units by item and days until they arrive, from tomorrow on.
        units: [9, items, worlds] what happened to each item in the last day.
        held: [worlds] units on hand (what is owed not counted) and on order, if the box has a capacity.
        spare: [worlds] room for a row of units.
        lanes: room for customers who come one by one.
    """

    day: Ints
    stock: NDArray[np.int32]
    road: NDArray[np.int32]
    units: NDArray[np.int32]
    held: NDArray[np.int32]
    spare: NDArray[np.int32]
    lanes: lanes.Lanes
