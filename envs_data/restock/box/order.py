"""Cuts orders to the limits of box and supplier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Ints
from envs_data.restock.box.parameters import BoxParameters

if TYPE_CHECKING:
    from envs_data.restock.box.world import BoxWorld

NO_LIMIT = 1 << 62


def project(packs: NDArray[np.integer], row: int, pack: Ints, room: int, min_order: int, units: Ints) -> int:
    """Cuts an order to the limits of box and supplier.

    An order that is too large is cut in proportion: every line to floor(packs * room / units ordered) packs. An
    order smaller than ``min_order`` (perhaps because it was cut) is not placed at all.

    Args:
        packs: [orders, items] packs asked for.
        row: which order.
        pack: [items] units in a pack.
        room: most units the order may have.
        min_order: fewest units of an order.
        units: [orders, items] where the units ordered are written.

    Returns:
        The units of the whole order.
    """
    wanted = 0
    for k in range(len(pack)):
        line = np.int64(packs[row, k]) * pack[k]
        units[row, k] = line
        wanted += line
    total = wanted
    if wanted > room:
        total = 0
        for k in range(len(pack)):
            line = np.int64(packs[row, k]) * room // wanted * pack[k]
            units[row, k] = line
            total += line
    if total < min_order:
        total = 0
        for k in range(len(pack)):
            units[row, k] = 0
    return total


def allowed(
    parameters: BoxParameters, pack: Ints, packs: Sequence[int] | NDArray[np.integer], held: int
) -> tuple[int, ...]:
    """The units of an order after the limits of box and supplier (see `project`).

    Args:
        parameters: the box.
        pack: [items] units in a pack.
        packs: [items] packs asked for.
        held: units on hand and on order.
    """
    units = np.zeros((1, len(pack)), dtype=np.int64)
    room = parameters.max_order or NO_LIMIT
    if parameters.capacity:
        room = min(room, max(parameters.capacity - held, 0))
    project(np.asarray(packs)[np.newaxis], 0, pack, room, parameters.min_order, units)
    return tuple(units[0].tolist())


def held(world: BoxWorld) -> int:
    """Units of all items on hand (backorders not subtracted) and on order."""
    on_hand = sum(max(sum(shelf), 0) for shelf in world.shelf)
    return on_hand + sum(sum(on_order.values()) for on_order in world.on_order)
