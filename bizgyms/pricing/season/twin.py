"""The compiled twin of a season: the same periods as `SeasonWorld`, for thousands of sellers at once."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.pricing.season.view import SeasonView, reward_terms
from bizgyms.twin import Twin
from envs_data.pricing.season import SeasonLuck, SeasonParameters


class Season(NamedTuple):
    """What does not change.

    Attributes:
        prices: [prices] the price steps.
        factors: [periods + 1] factor on customers.
        money: salvage value, and the weight of each reward term.
        profile: whether the factor is seen.
        hidden: whether demand is hidden.
    """

    prices: NDArray[np.float64]
    factors: NDArray[np.float64]
    money: NDArray[np.float64]
    profile: bool
    hidden: bool


class State(NamedTuple):
    """What a period changes.

    Attributes:
        period: [worlds] periods completed.
        stock: [worlds] units left.
        first: [worlds] the first customer of the next period.
        sold_at, time_at: [worlds, prices] see `SeasonWorld`.
    """

    period: NDArray[np.int64]
    stock: NDArray[np.int64]
    first: NDArray[np.int64]
    sold_at: NDArray[np.int64]
    time_at: NDArray[np.float64]


class SeasonTwin(Twin[SeasonParameters, SeasonLuck]):
    """`PricingSeason` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/PricingSeason-v0"
    view_type: ClassVar = SeasonView
    view: SeasonView

    def _allocate(self) -> None:
        p, worlds = self.parameters, self.num_envs
        money = np.array([p.salvage, *self._weights])
        self._season = Season(np.array(p.prices), self.view.factors, money, bool(p.profile), p.hidden)
        shape = (worlds, len(p.prices))
        self._state = State(
            period=np.zeros(worlds, dtype=np.int64),
            stock=np.zeros(worlds, dtype=np.int64),
            first=np.zeros(worlds, dtype=np.int64),
            sold_at=np.zeros(shape, dtype=np.int64),
            time_at=np.zeros(shape),
        )

    def _begin(self, rows: NDArray[np.intp]) -> None:
        for array in self._state:
            array[rows] = 0
        self._state.stock[rows] = self.parameters.start_stock
        self._observations[rows] = 0.0
        self._observations[rows, 0] = self.parameters.start_stock
        self._observations[rows, 1] = self.parameters.periods
        if self.parameters.profile:
            self._observations[rows, 3] = self.view.factors[0]

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        return _advance(
            actions,
            idle,
            self._luck.customers,
            self._luck.steps,
            self._season,
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
    customers: NDArray[np.signedinteger],
    steps: NDArray[np.uint8],
    season: Season,
    state: State,
    observations: NDArray[np.float32],
    results: NDArray[np.float64],
    decisions: NDArray[np.int64],
    terminated: NDArray[np.bool_],
) -> bool:
    """One period of every seller who is not idle; returns whether any episode ended."""
    ended = False
    periods = customers.shape[1]
    salvage, weight_0, weight_1 = season.money[0], season.money[1], season.money[2]
    for world in range(len(idle)):
        if idle[world]:
            continue
        period, stock, first = state.period[world], state.stock[world], state.first[world]
        step, came = actions[world], min(np.int64(customers[world, period]), steps.shape[1] - first)
        wanted, mine, price = 0, steps[world, first : first + came], np.uint8(step)
        for customer in range(len(mine)):
            wanted += mine[customer] > price
        sold = min(wanted, stock)
        stock -= sold
        last = period + 1 == periods
        terms = reward_terms(sold, season.prices[step], stock, salvage if last else 0.0)
        results[0, world] = 0.0 + weight_0 * terms[0] + weight_1 * terms[1]
        results[1, world], results[2, world] = terms
        results[3, world], results[4, world] = came, sold
        results[5, world], results[6, world] = wanted - sold, stock
        decisions[world] = step
        state.period[world], state.stock[world], state.first[world] = period + 1, stock, first + came
        terminated[world] = last
        ended |= last
        # Written here: a call that passes the season and its state costs as much as the rest of the period.
        observations[world, 0], observations[world, 1], observations[world, 2] = stock, periods - period - 1, sold
        if season.profile:
            observations[world, 3] = season.factors[period + 1]
        if season.hidden:
            _learn(world, step, sold, season.factors[period], 3 + season.profile, state, observations)
    return ended


@jit
def _learn(
    world: int, step: int, sold: int, factor: float, column: int, state: State, observations: NDArray[np.float32]
) -> None:
    """Keeps, and shows from a column on, what was sold at which price, and for how long it was charged."""
    state.sold_at[world, step] += sold
    state.time_at[world, step] += factor
    observations[world, column + step] = state.sold_at[world, step]
    observations[world, column + state.sold_at.shape[1] + step] = state.time_at[world, step]
