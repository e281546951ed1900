"""The compiled twin of a season: the same periods as `SeasonWorld`, for thousands of sellers at once."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit, neighbours
from bizgyms.luck import span
from bizgyms.pricing.season.view import SeasonView, reward_terms
from bizgyms.twin import Outcome, Twin
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
from envs_data.pricing.season import SeasonLuck, SeasonParameters, layout

# Rows of the state of all worlds: periods completed, and customers who found no seat so far.
PERIOD, LATE = range(2)


class SeasonTwin(Twin[SeasonParameters, SeasonLuck]):
    """`PricingSeason` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/PricingSeason-v0"
    view_type: ClassVar = SeasonView
    memory_order: ClassVar = "F"
    view: SeasonView

    def _allocate(self) -> None:
        p = self.parameters
        self._state = np.zeros((2, self.num_envs), dtype=np.int64)
        # Units left, as the floats of what is seen and paid: whole numbers are exact in them, and nothing is converted.
        self._stock = np.zeros(self.num_envs)
        wanting = np.zeros((3, self.num_envs), dtype=np.uint16)
        money = (p.salvage, *self._weights.tolist())
        self._played = (np.array(p.prices), *layout(p), wanting, money, self._state, self._stock)
        seen = (self.num_envs, len(p.prices) if p.hidden else 0)
        self._sold_at, self._time_at = np.zeros(seen, dtype=np.int64), np.zeros(seen)

    def _begin(self, rows: Places) -> None:
        p = self.parameters
        where = span(rows)
        self._state[:, where] = 0
        self._stock[where] = p.start_stock
        first = np.zeros(len(self.features), dtype=np.float32)
        first[0], first[1] = p.start_stock, p.periods
        if p.profile:
            first[3] = self.view.factors[0]
        self._observations[where] = first
        if p.hidden:
            self._sold_at[where], self._time_at[where] = 0, 0.0

    def _memory(self) -> tuple[Array, ...]:
        return self._state, self._stock, self._sold_at.T, self._time_at.T

    def _taken(self) -> Ints:
        return np.asarray(self._state[PERIOD])

    def _advance(self, actions: Array, idle: Flags) -> bool:
        ended = _advance(actions, idle, self._drawn, self._outcome, *self._played)
        if self.parameters.profile:
            self._observations[:, 3] = self.view.factors[self._state[PERIOD]]
        if self.parameters.hidden:
            shown = self._observations[:, self.view.hidden_columns :]
            learnt = (self._sold_at, self._time_at)
            _learn(actions, idle, self._state[PERIOD], self.view.factors, self._results[4], *learnt, shown)
        return ended


@jit
def _advance(
    actions: Ints,
    idle: Flags,
    luck: SeasonLuck,
    outcome: Outcome,
    prices: Floats,
    seats: int,
    bars: Floats,
    wanting: NDArray[np.uint16],
    money: tuple[float, float, float],
    state: Ints,
    stock: Floats,
) -> bool:
    """One period of every seller who is not idle; returns whether any episode ended.

    Neighbours in the same period are played together, one event of the period after the other: short loops over whole
    rows are what the processor takes several worlds of at once.
    """
    observations, results, decisions, terminated = outcome
    kind, rounding, keen, others, ranks = luck
    ended, periods = False, keen.shape[1]
    low, worlds = np.uint64(0), np.uint64(len(idle))
    while low < worlds:
        now = state[PERIOD, low]
        high = neighbours(low, worlds, idle, state[PERIOD])
        if not idle[low]:
            last = now + 1 == periods
            _seat(low, high, actions, kind, rounding, keen[:, now], others[:, now], bars, seats, wanting, results)
            _want(low, high, ranks, now * seats, seats, wanting, results[5])
            _want_too(low, high, keen[:, now], seats, ranks, periods * seats, wanting, state[LATE], results)
            _sell(low, high, stock, results)
            _pay(low, high, actions, prices, money[0] if last else 0.0, money, results)
            _observe(low, high, periods - now - 1, results, observations)
            for world in range(low, high):
                decisions[world] = actions[world]
                state[PERIOD, world] = now + 1
                terminated[world] = last
            ended |= last
        low = high
    return ended


@jit
def _seat(
    low: np.uint64,
    high: np.uint64,
    actions: Ints,
    kind: NDArray[np.int16],
    rounding: Floats,
    keen: NDArray[np.signedinteger],
    others: NDArray[np.signedinteger],
    bars: Floats,
    seats: int,
    wanting: NDArray[np.uint16],
    results: Floats,
) -> None:
    """Customers come; writes the last rank that pays the price, and how many customers have a seat."""
    last, seated, came = wanting[0], wanting[1], results[3]
    for world in range(low, high):
        # A random rounding turns the fractional bar into a whole rank with the right mean: ranks then compare as
        # integers, which cannot differ between engines.
        bar = np.int32(bars[np.uint64(kind[world]), np.uint64(actions[world])] + rounding[world])
        last[world] = bar - 1  # a bar behind all ranks would not fit sixteen bits
        seated[world] = min(keen[world], seats) if bar else 0
        # Added in 32 bits: the sum may not fit into the bits in which luck is stored.
        came[world] = np.int32(keen[world]) + np.int32(others[world])


@jit
def _want(
    low: np.uint64,
    high: np.uint64,
    ranks: NDArray[np.uint16],
    first: int,
    seats: int,
    wanting: NDArray[np.uint16],
    wanted: Floats,
) -> None:
    """Counts the customers with a seat who pay the price: sixteen bits wide, for sixteen worlds at once.

    Whole columns are what the compiler knows to lie together in memory; those of a part of ``ranks`` it does not.
    """
    last, seated, count = wanting[0], wanting[1], wanting[2]
    count[low:high] = 0
    for seat in range(seats):
        column, place = ranks[:, first + seat], np.uint16(seat)
        for world in range(low, high):
            count[world] += (column[world] <= last[world]) & (place < seated[world])
    for world in range(low, high):
        wanted[world] = np.int32(count[world])


@jit
def _want_too(
    low: np.uint64,
    high: np.uint64,
    keen: NDArray[np.signedinteger],
    seats: int,
    ranks: NDArray[np.uint16],
    first: int,
    wanting: NDArray[np.uint16],
    late: Ints,
    results: Floats,
) -> None:
    """Counts the customers without a seat who pay the price; a customer without a column stays away."""
    for world in range(low, high):
        # Rare: more keen customers than seats. Those read the columns behind all seats, wherever the last period
        # stopped.
        if keen[world] > seats:
            end = min(late[world] + keen[world] - seats, ranks.shape[1] - first)
            # Customers for whom there is no column are not counted as having come.
            results[3, world] -= late[world] + keen[world] - seats - end
            for customer in range(late[world], end if wanting[1, world] else 0):
                results[5, world] += ranks[world, first + customer] <= wanting[0, world]
            late[world] = end


@jit
def _sell(low: np.uint64, high: np.uint64, stock: Floats, results: Floats) -> None:
    """Customers who pay the price buy while stock lasts."""
    sold, lost, left = results[4], results[5], results[6]
    for world in range(low, high):
        sold[world] = min(lost[world], stock[world])  # who would buy is counted as lost until he has bought
        lost[world] -= sold[world]
        stock[world] -= sold[world]
        left[world] = stock[world]


@jit
def _pay(
    low: np.uint64,
    high: np.uint64,
    actions: Ints,
    prices: Floats,
    salvage: float,
    money: tuple[float, float, float],
    results: Floats,
) -> None:
    """Computes the reward of the period and its terms."""
    _, weight_0, weight_1 = money
    for world in range(low, high):
        terms = reward_terms(results[4, world], prices[np.uint64(actions[world])], results[6, world], salvage)
        results[1, world], results[2, world] = terms
        # The order of addition is the world's.
        results[0, world] = 0.0 + weight_0 * terms[0] + weight_1 * terms[1]


@jit
def _observe(low: np.uint64, high: np.uint64, left: int, results: Floats, observations: Rows) -> None:
    """Stock, periods left, and sales."""
    for world in range(low, high):
        observations[world, 0] = results[6, world]
        observations[world, 1] = left
        observations[world, 2] = results[4, world]


@jit
def _learn(
    actions: Ints,
    idle: Flags,
    period: Ints,
    factors: Floats,
    sold: Floats,
    sold_at: Ints,
    time_at: Floats,
    observations: Rows,
) -> None:
    """Records and shows sales at each price, and for how long each was charged."""
    for world in range(len(idle)):
        if not idle[world]:
            step = actions[world]
            sold_at[world, step] += np.int64(sold[world])
            # The period has already been completed, hence the factor before it.
            time_at[world, step] += factors[period[world] - 1]
            observations[world, step] = sold_at[world, step]
            observations[world, sold_at.shape[1] + step] = time_at[world, step]
