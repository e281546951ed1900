"""The compiled twin of a box: the same days as `BoxWorld`, for thousands of boxes at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.restock.box import kernel, lanes
from bizgyms.restock.box import state as at
from bizgyms.restock.box.view import BoxView
from bizgyms.twin import Twin
from envs_data.arrays import Array, Flags, Ints, Places
from envs_data.restock.box import BoxLuck, BoxParameters
from envs_data.restock.box.luck import groups, second_choices
from envs_data.restock.box.order import NO_LIMIT

PADDING = 16


class BoxTwin(Twin[BoxParameters, BoxLuck]):
    """`RestockBox` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/RestockBox-v0"
    view_type: ClassVar = BoxView
    memory_order: ClassVar = "F"
    view: BoxView

    def _allocate(self) -> None:
        p, worlds, count = self.parameters, self.num_envs, len(self.parameters.items)
        view = self.view
        self._box = at.Box(
            items=_items(p),
            pack=view.pack,
            money=view.money_of_items,
            limits=np.array([p.capacity, p.max_order or NO_LIMIT, p.min_order, p.truck_size, p.observed == "sales"]),
            fees=np.array([p.order_cost, p.truck_cost]),
            choices=lanes.choices(groups(p), second_choices(p)),
            weights=self._weights,
            calendar_columns=view.calendar_columns,
        )
        # Rows a power of two apart would fall into the same few lines of the processor's cache.
        width = worlds + PADDING
        slots = sum(item.shelf_slots for item in p.items)
        self._state = at.State(
            day=np.zeros(worlds, dtype=np.int64),
            stock=np.zeros((slots, width), dtype=np.int32),
            road=np.zeros((sum(item.longest_lead_time for item in p.items), width), dtype=np.int32),
            units=np.zeros((at.UNITS, count, width), dtype=np.int32),
            held=np.zeros(worlds, dtype=np.int32),
            spare=np.zeros(worlds, dtype=np.int32),
            lanes=lanes.lanes(min(worlds, at.TOGETHER), count, _most_customers(p)),
        )
        self._runs = _runs(np.zeros(worlds, dtype=np.bool_))
        self._fresh = np.zeros((slots, 1), dtype=np.int32)
        for item, row in zip(p.items, self._box.items, strict=True):
            self._fresh[row[at.FIRST] + row[at.SLOTS] - 1] = item.start_on_hand

    def _inject(self, luck: Any, rows: Places) -> None:
        super()._inject(luck, rows)
        lanes = self._state.lanes
        # Injected days may be busier than any that the box's own law allows.
        most = int(self._luck.demand.sum(axis=2).max(initial=0))
        if most + 2 > len(lanes.begins):
            self._state = self._state._replace(lanes=lanes._replace(begins=np.zeros(most + 2, dtype=np.int64)))

    def _begin(self, rows: Places) -> None:
        state = self._state
        state.day[rows] = 0
        state.stock[:, rows] = self._fresh
        state.road[:, rows] = 0
        state.units[:, :, rows] = 0
        others = np.ones(self.num_envs, dtype=np.bool_)
        others[rows] = False
        kernel.observe(_runs(others), self._box, state, self._observations)

    def _memory(self) -> tuple[Array, ...]:
        return self._state.day, *(part[..., : self.num_envs] for part in self._state[1:5])

    def _taken(self) -> Ints:
        return self._state.day

    def _advance(self, actions: Array, idle: Flags) -> bool:
        # Worlds last, as in the state: what happens to neighbours then lies together.
        luck: Any = tuple(array.T for array in self._luck)
        runs = self._runs if idle is self._nobody else _runs(idle)
        return kernel.advance(runs, actions, luck, self._outcome, self._box, self._state)

    def action_masks(self) -> Flags:
        """See `Twin.action_masks`."""
        return self.view.masks_of(self._state.held)


def _runs(idle: Flags) -> NDArray[np.uint64]:
    """[runs, 2] first of, and first after, neighbouring worlds that are not idle: few enough to play together."""
    edges = np.flatnonzero(np.diff(idle, prepend=True, append=True)).reshape(-1, 2)
    runs = [
        (low, min(low + at.TOGETHER, last)) for first, last in edges.tolist() for low in range(first, last, at.TOGETHER)
    ]
    return np.array(runs, dtype=np.uint64).reshape(-1, 2)


def _most_customers(p: BoxParameters) -> int:
    """No day can have more customers."""
    pmfs, law_of = p.laws()
    largest = np.array([len(pmf) - 1 for pmf in pmfs])
    return int(largest[law_of].sum(axis=1).max())


def _items(p: BoxParameters) -> Ints:
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
