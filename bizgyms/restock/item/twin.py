"""The compiled twin of one item: the same days as `ItemWorld`, for thousands of shops at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.restock.item.view import ItemView, reward_terms
from bizgyms.twin import Twin
from envs_data.restock.item import ItemLuck, ItemParameters

# Rows of the state of all worlds: day, units on hand, and the units that arrive in 1, 2, .. lead_time days.
DAY, ON_HAND, ARRIVING = range(3)


class ItemTwin(Twin[ItemParameters, ItemLuck]):
    """`RestockItem` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/RestockItem-v0"
    view_type: ClassVar = ItemView
    memory_order: ClassVar = "F"
    view: ItemView

    def _allocate(self) -> None:
        p = self.parameters
        self._state = np.zeros((ARRIVING + p.lead_time, self.num_envs), dtype=np.int64)
        self._money = np.array([p.holding, p.shortage, p.order_cost, *self._weights])

    def _begin(self, rows: NDArray[np.intp]) -> None:
        self._state[:, rows] = 0
        self._state[ON_HAND, rows] = self.parameters.start_on_hand
        self._observations[rows] = self._first_morning()

    def _first_morning(self) -> NDArray[np.float32]:
        stock = np.zeros(max(self.parameters.lead_time, 1), dtype=np.float32)
        stock[0] = self.parameters.start_on_hand
        return np.append(stock, self.view.calendar_columns[0])

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        p = self.parameters
        return _advance(
            actions,
            idle,
            self._luck.demand,
            p.pack,
            p.unmet == "backordered",
            self._money,
            self.view.calendar_columns,
            self._state,
            self._observations,
            self._results,
            self._decisions,
            self._terminated,
        )


@jit
def _advance(
    actions: NDArray[np.int64],
    idle: NDArray[np.bool_],
    demand: NDArray[np.signedinteger],
    pack: int,
    backorders: bool,
    money: NDArray[np.float64],
    calendar_columns: NDArray[np.float32],
    state: NDArray[np.int64],
    observations: NDArray[np.float32],
    results: NDArray[np.float64],
    decisions: NDArray[np.int64],
    terminated: NDArray[np.bool_],
) -> bool:
    """One day of every shop that is not idle; returns whether any episode ended.

    Neighbours on the same day are played together, one event of the day after the other: loops over slices, from their
    first world on, are what the processor takes several worlds of at once.
    """
    ended = False
    low = 0
    while low < len(idle):
        today = state[DAY, low]
        high = low + 1
        while high < len(idle) and idle[high] == idle[low] and state[DAY, high] == today:
            high += 1
        if not idle[low]:
            shops, result, ordered = state[:, low:high], results[:, low:high], decisions[low:high]
            _order(actions[low:high], pack, ordered, shops)
            _sell(demand[low:high, today], backorders, shops[ON_HAND], result[4:])
            _pay(ordered, money, result)
            shops[DAY] = today + 1
            _deliver(shops)
            _observe(shops, calendar_columns[today + 1], observations[low:high])
            terminated[low:high] = today + 1 == demand.shape[1]
            ended |= today + 1 == demand.shape[1]
        low = high
    return ended


@jit
def _order(actions: NDArray[np.int64], pack: int, ordered: NDArray[np.int64], shops: NDArray[np.int64]) -> None:
    """Orders are on the road, or with a lead time of 0 delivered before the customers come."""
    last = shops[shops.shape[0] - 1] if shops.shape[0] > ARRIVING else shops[ON_HAND]
    for shop in range(len(ordered)):
        ordered[shop] = actions[shop] * pack
        last[shop] += ordered[shop]


@jit
def _sell(
    demand: NDArray[np.signedinteger], backorders: bool, on_hand: NDArray[np.int64], figures: NDArray[np.float64]
) -> None:
    """Customers come; what is left below zero are customers who wait."""
    demanded, sold, lost, left = figures[0], figures[1], figures[2], figures[3]
    for shop in range(len(on_hand)):
        wanted = np.int64(demand[shop])
        bought = min(wanted, max(on_hand[shop], 0))
        stock = on_hand[shop] - (wanted if backorders else bought)
        demanded[shop] = wanted
        sold[shop] = bought
        lost[shop] = max(-stock, 0) if backorders else wanted - bought
        left[shop] = max(stock, 0)
        on_hand[shop] = stock


@jit
def _pay(ordered: NDArray[np.int64], money: NDArray[np.float64], result: NDArray[np.float64]) -> None:
    """Counts the money of the day."""
    rewards, holding, shortage, ordering, _, _, lost, left = result
    per_left, per_lost, per_order, weight_0, weight_1, weight_2 = money
    for shop in range(len(ordered)):
        terms = reward_terms(left[shop], lost[shop], ordered[shop], per_left, per_lost, per_order)
        holding[shop], shortage[shop], ordering[shop] = terms
        rewards[shop] = 0.0 + weight_0 * terms[0] + weight_1 * terms[1] + weight_2 * terms[2]


@jit
def _deliver(shops: NDArray[np.int64]) -> None:
    """The truck of the next morning comes, and the others are a day nearer."""
    if len(shops) == ARRIVING:
        return
    on_hand, arriving = shops[ON_HAND], shops[ARRIVING]
    for shop in range(len(on_hand)):
        on_hand[shop] += arriving[shop]
    for row in range(ARRIVING, len(shops) - 1):
        nearer, later = shops[row], shops[row + 1]
        for shop in range(len(later)):
            nearer[shop] = later[shop]
    shops[len(shops) - 1] = 0


@jit
def _observe(shops: NDArray[np.int64], today: NDArray[np.float32], observations: NDArray[np.float32]) -> None:
    """Stock, what is on the road but for the last order, and the calendar."""
    units = observations.shape[1] - len(today)
    for k in range(units):
        column, seen = observations[:, k], shops[ON_HAND + k]
        for shop in range(len(seen)):
            column[shop] = seen[shop]
    for k in range(len(today)):
        column, value = observations[:, units + k], today[k]
        for shop in range(len(column)):
            column[shop] = value
