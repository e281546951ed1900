"""The compiled twin of a shelf: the same periods as `ShelfWorld`, for thousands of shelves at once."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import inline, jit
from bizgyms.pricing.shelf import view as views
from bizgyms.pricing.shelf.view import NO_LIMIT, ShelfView
from bizgyms.twin import Twin
from envs_data.pricing.shelf import ShelfLuck, ShelfParameters, choice
from envs_data.pricing.shelf.luck import WISH

project = inline(views.project)
product_terms = inline(views.product_terms)
choice_law = inline(choice.choice_law)
chosen = inline(choice.chosen)


class Shelf(NamedTuple):
    """What does not change.

    Attributes:
        tables: prices, references, weights and moves, as `envs_data.pricing.shelf.choice.Tables` has them.
        money: [products] costs of replacement.
        weights: cost of a change, and the weight of each reward term.
        means, factors: [periods], [periods + 1] customers expected at level 1, and their factor.
        delivery: [products] units delivered.
        flags: period of the delivery, most changes, and whether references, factor, changes and level are seen.
    """

    tables: choice.Tables
    money: NDArray[np.float64]
    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    factors: NDArray[np.float64]
    delivery: NDArray[np.int64]
    flags: NDArray[np.int64]


class State(NamedTuple):
    """What a period changes.

    Attributes:
        counts: [worlds, 4] periods completed, first customer of the next, prices changed and units sold so far.
        expected: [worlds] see `ShelfWorld`.
        stock, step, reference, sold: [worlds, products] see `ShelfWorld`.
        law: [2, products] room for the weights of one shelf and their cumulative sums.
    """

    counts: NDArray[np.int64]
    expected: NDArray[np.float64]
    stock: NDArray[np.int64]
    step: NDArray[np.int64]
    reference: NDArray[np.int64]
    sold: NDArray[np.int64]
    law: NDArray[np.float64]


PERIOD, FIRST, CHANGED, SOLD = range(4)
DELIVERY_PERIOD, MOST_CHANGES, REMEMBERS, PROFILE, LIMITED, HIDDEN = range(6)


class ShelfTwin(Twin[ShelfParameters, ShelfLuck]):
    """`PricingShelf` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/PricingShelf-v0"
    view_type: ClassVar = ShelfView
    view: ShelfView

    def _allocate(self) -> None:
        p, worlds, products = self.parameters, self.num_envs, self.parameters.products
        most = p.max_changes or NO_LIMIT
        self._shelf = Shelf(
            tables=self.view.tables,
            money=np.array([product.cost for product in products]),
            weights=np.array([p.change_cost, *self._weights]),
            means=p.means(),
            factors=self.view.factors,
            delivery=np.array([product.delivery for product in products], dtype=np.int64),
            flags=np.array([p.delivery_period, most, p.remembers, bool(p.profile), p.max_changes > 0, p.hidden]),
        )
        shape = (worlds, len(products))
        self._state = State(
            counts=np.zeros((worlds, 4), dtype=np.int64),
            expected=np.zeros(worlds),
            stock=np.zeros(shape, dtype=np.int64),
            step=np.zeros(shape, dtype=np.int64),
            reference=np.zeros(shape, dtype=np.int64),
            sold=np.zeros(shape, dtype=np.int64),
            law=np.zeros((2, len(products))),
        )

    def _begin(self, rows: NDArray[np.intp]) -> None:
        state, products = self._state, self.parameters.products
        state.counts[rows] = 0
        state.expected[rows] = 0.0
        state.sold[rows] = 0
        state.stock[rows] = [product.start_stock for product in products]
        state.step[rows] = [product.start_step for product in products]
        state.reference[rows] = self.view.tables.start
        _observe_rows(rows, self._shelf, state, self._observations)

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        return _advance(
            actions,
            idle,
            self._luck.customers,
            self._luck.wishes,
            self._shelf,
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
    wishes: NDArray[np.uint32],
    shelf: Shelf,
    state: State,
    observations: NDArray[np.float32],
    results: NDArray[np.float64],
    decisions: NDArray[np.int64],
    terminated: NDArray[np.bool_],
) -> bool:
    """One period of every shelf that is not idle; returns whether any episode ended."""
    ended = False
    for world in range(len(idle)):
        if idle[world]:
            continue
        counts, decision = state.counts[world], decisions[world]
        period, first = counts[PERIOD], counts[FIRST]
        left = shelf.flags[MOST_CHANGES] - counts[CHANGED]
        changes = project(actions[world], state.step[world], left, decision)
        came = np.int64(customers[world, period])
        _serve(world, period, decision, wishes[world, first : first + came], shelf, state)
        counts[FIRST], counts[CHANGED] = first + came, counts[CHANGED] + changes
        _pay(world, decision, came, changes, shelf, state, results)
        _close(world, decision, shelf, state)
        terminated[world] = period + 1 == customers.shape[1]
        ended |= terminated[world]
        _observe(world, shelf, state, observations[world])
    return ended


@jit
def _serve(
    world: int, period: int, decision: NDArray[np.int64], wishes: NDArray[np.uint32], shelf: Shelf, state: State
) -> None:
    """Customers come one by one and choose among what is in stock at that moment."""
    stock, sold, weights, cumulative = state.stock[world], state.sold[world], state.law[0], state.law[1]
    for k in range(len(stock)):
        weights[k] = shelf.tables.weights[k, state.reference[world, k], decision[k]]
        sold[k] = 0
    total = choice_law(weights, stock, cumulative)
    state.expected[world] += shelf.means[period] * ((total - 1.0) / total)
    for customer in range(len(wishes)):
        k = chosen(wishes[customer] * WISH * total, cumulative)
        if k < len(stock):
            stock[k] -= 1
            sold[k] += 1
            if stock[k] == 0:
                total = choice_law(weights, stock, cumulative)


@inline
def _pay(
    world: int,
    decision: NDArray[np.int64],
    came: np.int64,
    changes: int,
    shelf: Shelf,
    state: State,
    results: NDArray[np.float64],
) -> None:
    """Counts the money of the period."""
    stock, sold = state.stock[world], state.sold[world]
    revenue, cost, units, left, out = 0.0, 0.0, 0, 0, 0
    for k in range(len(stock)):
        parts = product_terms(sold[k], shelf.tables.prices[k, decision[k]], shelf.money[k])
        revenue += parts[0]
        cost += parts[1]
        units += sold[k]
        left += stock[k]
        out += stock[k] == 0
    weights, result = shelf.weights, results[:, world]
    paid = -weights[0] * changes
    result[0] = 0.0 + weights[1] * revenue + weights[2] * cost + weights[3] * paid
    result[1], result[2], result[3] = revenue, cost, paid
    result[4], result[5], result[6], result[7], result[8] = came, units, left, changes, out
    state.counts[world, SOLD] += units


@inline
def _close(world: int, decision: NDArray[np.int64], shelf: Shelf, state: State) -> None:
    """Reference prices move, and the delivery comes if it is due."""
    state.counts[world, PERIOD] += 1
    due = state.counts[world, PERIOD] == shelf.flags[DELIVERY_PERIOD]
    for k in range(len(decision)):
        state.reference[world, k] = shelf.tables.moves[k, state.reference[world, k], decision[k]]
        state.step[world, k] = decision[k]
        if due:
            state.stock[world, k] += shelf.delivery[k]


@inline
def _observe(world: int, shelf: Shelf, state: State, row: NDArray[np.float32]) -> None:
    products, flags, counts = state.stock.shape[1], shelf.flags, state.counts[world]
    for k in range(products):
        row[k] = state.stock[world, k]
        row[products + k] = shelf.tables.prices[k, state.step[world, k]]
        row[2 * products + k] = state.sold[world, k]
    column = 3 * products
    if flags[REMEMBERS]:
        for k in range(products):
            row[column + k] = shelf.tables.references[k, state.reference[world, k]]
        column += products
    if flags[PROFILE]:
        row[column] = shelf.factors[counts[PERIOD]]
        column += 1
    if flags[LIMITED]:
        row[column] = flags[MOST_CHANGES] - counts[CHANGED]
        column += 1
    if flags[HIDDEN]:
        row[column] = counts[SOLD]
        row[column + 1] = state.expected[world]
        column += 2
    row[column] = len(shelf.means) - counts[PERIOD]


@jit
def _observe_rows(rows: NDArray[np.intp], shelf: Shelf, state: State, observations: NDArray[np.float32]) -> None:
    for world in rows:
        _observe(world, shelf, state, observations[world])
