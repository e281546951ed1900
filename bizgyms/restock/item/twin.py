"""The compiled twin of one item: the same days as `ItemWorld`, for thousands of shops at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import inline, jit
from bizgyms.restock.item.view import ItemView, reward_terms
from bizgyms.twin import Twin
from envs_data.restock.item import ItemLuck, ItemParameters


class ItemTwin(Twin[ItemParameters, ItemLuck]):
    """`RestockItem` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/RestockItem-v0"
    view_type: ClassVar = ItemView
    view: ItemView

    def _allocate(self) -> None:
        p = self.parameters
        self._day = np.zeros(self.num_envs, dtype=np.int64)
        self._on_hand = np.zeros(self.num_envs, dtype=np.int64)
        # Units that arrive in 1, 2, .. lead_time days.
        self._arriving = np.zeros((self.num_envs, p.lead_time), dtype=np.int64)
        self._costs = np.array([p.holding, p.shortage, p.order_cost])

    def _begin(self, rows: NDArray[np.intp]) -> None:
        self._day[rows] = 0
        self._on_hand[rows] = self.parameters.start_on_hand
        self._arriving[rows] = 0
        _observe_rows(rows, self._day, self._on_hand, self._arriving, self.view.calendar_columns, self._observations)

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        p = self.parameters
        return _advance(
            actions,
            idle,
            self._luck.demand,
            p.pack,
            p.unmet == "backordered",
            self._costs,
            self._weights,
            self.view.calendar_columns,
            self._day,
            self._on_hand,
            self._arriving,
            self._observations,
            self._rewards,
            self._terms,
            self._figures,
            self._decisions,
            self._terminated,
        )


@inline
def _observe(
    world: int,
    day: int,
    on_hand: int,
    arriving: NDArray[np.int64],
    calendar_columns: NDArray[np.float32],
    observations: NDArray[np.float32],
) -> None:
    observations[world, 0] = on_hand
    first = max(arriving.shape[1], 1)
    for k in range(first - 1):
        observations[world, 1 + k] = arriving[world, k]
    for column in range(calendar_columns.shape[1]):
        observations[world, first + column] = calendar_columns[day, column]


@jit
def _observe_rows(
    rows: NDArray[np.intp],
    day: NDArray[np.int64],
    on_hand: NDArray[np.int64],
    arriving: NDArray[np.int64],
    calendar_columns: NDArray[np.float32],
    observations: NDArray[np.float32],
) -> None:
    for world in rows:
        _observe(world, day[world], on_hand[world], arriving, calendar_columns, observations)


@jit
def _advance(
    actions: NDArray[np.int64],
    idle: NDArray[np.bool_],
    demand: NDArray[np.signedinteger],
    pack: int,
    backorders: bool,
    costs: NDArray[np.float64],
    weights: NDArray[np.float64],
    calendar_columns: NDArray[np.float32],
    day: NDArray[np.int64],
    on_hand: NDArray[np.int64],
    arriving: NDArray[np.int64],
    observations: NDArray[np.float32],
    rewards: NDArray[np.float64],
    terms: NDArray[np.float64],
    figures: NDArray[np.float64],
    decisions: NDArray[np.int64],
    terminated: NDArray[np.bool_],
) -> bool:
    """One day of every shop that is not idle; returns whether any episode ended."""
    lead_time = arriving.shape[1]
    ended = False
    for world in range(len(idle)):
        if idle[world]:
            continue
        today = day[world]
        ordered = np.int64(actions[world]) * pack
        stock = on_hand[world]
        if lead_time == 0:  # the truck comes before the customers
            stock += ordered
        else:
            arriving[world, lead_time - 1] += ordered

        wanted = np.int64(demand[world, today])
        sold = min(wanted, max(stock, 0))
        stock -= wanted if backorders else sold

        left = max(stock, 0)
        lost = max(-stock, 0) if backorders else wanted - sold
        figures[0, world], figures[1, world], figures[2, world], figures[3, world] = wanted, sold, lost, left
        decisions[world] = ordered

        today += 1
        if lead_time > 0:
            stock += arriving[world, 0]
            for k in range(lead_time - 1):
                arriving[world, k] = arriving[world, k + 1]
            arriving[world, lead_time - 1] = 0
        day[world] = today
        on_hand[world] = stock
        terminated[world] = today == demand.shape[1]
        ended |= terminated[world]
        _observe(world, today, stock, arriving, calendar_columns, observations)
    _pay(decisions, figures, costs, weights, rewards, terms)
    return ended


@inline
def _pay(
    decisions: NDArray[np.int64],
    figures: NDArray[np.float64],
    costs: NDArray[np.float64],
    weights: NDArray[np.float64],
    rewards: NDArray[np.float64],
    terms: NDArray[np.float64],
) -> None:
    """Counts the money of a day that is over; idle worlds, whose figures are 0, come out at 0."""
    per_left, per_lost, per_order = costs[0], costs[1], costs[2]
    for world in range(len(rewards)):
        lost, left = figures[2, world], figures[3, world]
        holding, shortage, ordering = reward_terms(left, lost, decisions[world], per_left, per_lost, per_order)
        terms[0, world], terms[1, world], terms[2, world] = holding, shortage, ordering
        rewards[world] = 0.0 + weights[0] * holding + weights[1] * shortage + weights[2] * ordering
