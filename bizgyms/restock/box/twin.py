"""The compiled twin of a box: the same days as `BoxWorld`, for thousands of boxes at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.restock.box import kernel
from bizgyms.restock.box.view import NO_LIMIT, BoxView
from bizgyms.twin import Twin
from envs_data.restock.box import BoxLuck, BoxParameters
from envs_data.restock.box.luck import second_choices

PADDING = 16


class BoxTwin(Twin[BoxParameters, BoxLuck]):
    """`RestockBox` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/RestockBox-v0"
    view_type: ClassVar = BoxView
    view: BoxView

    def _allocate(self) -> None:
        p, worlds, count = self.parameters, self.num_envs, len(self.parameters.items)
        view = self.view
        self._box = kernel.Box(
            items=_items(p),
            pack=view.pack,
            money=view.money_of_items,
            limits=np.array([p.capacity, p.max_order or NO_LIMIT, p.min_order, p.truck_size, p.observed == "sales"]),
            fees=np.array([p.order_cost, p.truck_cost]),
            choices=second_choices(p).ravel(),
            weights=self._weights,
            calendar_columns=view.calendar_columns,
        )
        # Rows a power of two apart would fall into the same few lines of the processor's cache.
        width = worlds + PADDING
        slots = sum(item.shelf_slots for item in p.items)
        self._state = kernel.State(
            day=np.zeros(worlds, dtype=np.int64),
            stock=np.zeros((slots, width), dtype=np.int32),
            road=np.zeros((sum(item.longest_lead_time for item in p.items), width), dtype=np.int32),
            units=np.zeros((kernel.UNITS, count, width), dtype=np.int32),
            lacking=np.zeros(worlds, dtype=np.bool_),
            counts=np.zeros((3, count), dtype=np.int64),
        )
        self._fresh = np.zeros((slots, 1), dtype=np.int32)
        for item, row in zip(p.items, self._box.items, strict=True):
            self._fresh[row[kernel.FIRST] + row[kernel.SLOTS] - 1] = item.start_on_hand

    def _begin(self, rows: NDArray[np.intp]) -> None:
        state = self._state
        state.day[rows] = 0
        state.stock[:, rows] = self._fresh
        state.road[:, rows] = 0
        state.units[:, :, rows] = 0
        kernel.observe_rows(rows, self._box, state, self._observations)

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        paid = kernel.Paid(self._rewards, self._terms, self._figures, self._decisions, self._terminated)
        return kernel.advance(actions, idle, self._luck, self._box, self._state, self._observations, paid)


def _items(p: BoxParameters) -> NDArray[np.int64]:
    """[items, columns] what the kernel knows of each item; see the columns' names there."""
    rows, first, road, column = [], 0, 0, 0
    for item in p.items:
        random = len(item.lead_times) > 1
        ahead = -1 if random else max(item.longest_lead_time - 1, 0)
        lead = -1 - column if random else item.longest_lead_time
        flags = (item.shelf_life > 0, item.issue == "LIFO", item.backordered)
        rows.append((first, item.shelf_slots, *flags, lead, road, item.longest_lead_time, ahead))
        first, road, column = first + item.shelf_slots, road + item.longest_lead_time, column + random
    return np.array(rows, dtype=np.int64)
