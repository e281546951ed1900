"""The compiled twin of one item: the same days as `ItemWorld`, for thousands of shops at once."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit, neighbours
from bizgyms.restock.item.view import ItemView, reward_terms
from bizgyms.twin import Outcome, Twin
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
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
        self._played = (p.pack, p.unmet == "backordered", self._money, self.view.calendar_columns, self._state)

    def _begin(self, rows: Places) -> None:
        self._state[:, rows] = 0
        self._state[ON_HAND, rows] = self.parameters.start_on_hand
        self._observations[rows] = self._first_morning()

    def _first_morning(self) -> Rows:
        stock = np.zeros(max(self.parameters.lead_time, 1), dtype=np.float32)
        stock[0] = self.parameters.start_on_hand
        return np.append(stock, self.view.calendar_columns[0])

    def _memory(self) -> tuple[Array, ...]:
        return (self._state,)

    def _taken(self) -> Ints:
        return np.asarray(self._state[DAY])

    def _advance(self, actions: Array, idle: Flags) -> bool:
        return _advance(actions, idle, self._drawn, self._outcome, *self._played)


@jit
def _advance(
    actions: Ints,
    idle: Flags,
    luck: ItemLuck,
    outcome: Outcome,
    pack: int,
    backorders: bool,
    money: Floats,
    calendar_columns: Rows,
    state: Ints,
) -> bool:
    """One day of every shop that is not idle; returns whether any episode ended.

    Neighbours on the same day are played together, one event of the day after the other: short loops over whole rows
    are what the processor takes several worlds of at once.
    """
    observations, results, decisions, terminated = outcome
    (demand,) = luck
    ended, days = False, demand.shape[1]
    low, worlds = np.uint64(0), np.uint64(len(idle))
    while low < worlds:
        today = state[DAY, low]
        high = neighbours(low, worlds, idle, state[DAY])
        if not idle[low]:
            # The order of the world's day. Money is counted at closing, before the next morning's truck changes the
            # stock.
            _order(low, high, actions, pack, decisions, state)
            _sell(low, high, demand[:, today], backorders, state[ON_HAND], results)
            _pay(low, high, decisions, money, results)
            _deliver(low, high, state)
            _observe(low, high, state, calendar_columns[today + 1], observations)
            for shop in range(low, high):
                state[DAY, shop] = today + 1
                terminated[shop] = today + 1 == days
            ended |= today + 1 == days
        low = high
    return ended


@jit
def _order(
    low: np.uint64,
    high: np.uint64,
    actions: Ints,
    pack: int,
    ordered: Ints,
    state: Ints,
) -> None:
    """Orders are on the road, or with a lead time of 0 delivered before the customers come."""
    last = state[len(state) - 1] if len(state) > ARRIVING else state[ON_HAND]
    for shop in range(low, high):
        # One array is written per loop: the processor can then take several shops at once.
        ordered[shop] = actions[shop] * pack
    for shop in range(low, high):
        last[shop] += ordered[shop]


@jit
def _sell(
    low: np.uint64,
    high: np.uint64,
    demand: NDArray[np.signedinteger],
    backorders: bool,
    on_hand: Ints,
    results: Floats,
) -> None:
    """Customers come; stock below zero counts customers who wait."""
    demanded, sold, lost, left = results[4], results[5], results[6], results[7]
    for shop in range(low, high):
        # Demand may be stored in a few bits; stock below zero must not wrap around in them.
        wanted = np.int64(demand[shop])
        bought = min(wanted, max(on_hand[shop], 0))
        stock = on_hand[shop] - (wanted if backorders else bought)
        demanded[shop] = wanted
        sold[shop] = bought
        # Everybody still waiting costs money every day, not only today's unmet customers.
        lost[shop] = max(-stock, 0) if backorders else wanted - bought
        left[shop] = max(stock, 0)
        on_hand[shop] = stock


@jit
def _pay(
    low: np.uint64,
    high: np.uint64,
    ordered: Ints,
    money: Floats,
    results: Floats,
) -> None:
    """Computes the reward of the day and its terms."""
    rewards, holding, shortage, ordering = results[0], results[1], results[2], results[3]
    lost, left = results[6], results[7]
    per_left, per_lost, per_order, weight_0, weight_1, weight_2 = money
    for shop in range(low, high):
        terms = reward_terms(left[shop], lost[shop], ordered[shop], per_left, per_lost, per_order)
        holding[shop], shortage[shop], ordering[shop] = terms
        # The world starts at 0.0 and adds term by term; any other order could differ in the last bit.
        rewards[shop] = 0.0 + weight_0 * terms[0] + weight_1 * terms[1] + weight_2 * terms[2]


@jit
def _deliver(low: np.uint64, high: np.uint64, state: Ints) -> None:
    """The truck of the next morning comes, and the others are a day nearer."""
    for row in range(ARRIVING, len(state)):
        # Nearest row first, so that each row is read before the next one is moved into it.
        nearer, later = state[row - 1 if row > ARRIVING else ON_HAND], state[row]
        for shop in range(low, high):
            nearer[shop] = later[shop] + (nearer[shop] if row == ARRIVING else 0)
    if len(state) > ARRIVING:
        state[len(state) - 1, low:high] = 0


@jit
def _observe(
    low: np.uint64,
    high: np.uint64,
    state: Ints,
    today: Rows,
    observations: Rows,
) -> None:
    """Stock, deliveries under way except the last order, and the calendar."""
    units = observations.shape[1] - len(today)
    for k in range(observations.shape[1]):
        # Column by column: observations lie in Fortran order, where a column is contiguous.
        column = observations[:, k]
        if k < units:
            row = state[ON_HAND + k]
            for shop in range(low, high):
                column[shop] = row[shop]
        else:
            for shop in range(low, high):
                column[shop] = today[k - units]
