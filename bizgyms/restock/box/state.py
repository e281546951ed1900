"""The constants and the state of many boxes, as the kernel holds them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bizgyms.restock.box.lanes import Choices, Lanes
from envs_data.arrays import Floats, Ints, Rows


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
    choices: Choices
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
    lanes: Lanes
