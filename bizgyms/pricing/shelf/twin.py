"""The compiled twin of a shelf: the same periods as `ShelfWorld`, for thousands of shelves at once."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import inline, jit
from bizgyms.pricing.shelf import view as views
from bizgyms.pricing.shelf.view import NO_LIMIT, ShelfView
from bizgyms.twin import Outcome, Twin
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
from envs_data.pricing.shelf import ShelfLuck, ShelfParameters, choice

project = inline(views.project)
product_terms = inline(views.product_terms)
choice_law = inline(choice.choice_law)
chosen = inline(choice.chosen)
weight = inline(choice.weight)
moved = inline(choice.moved)


class Shelf(NamedTuple):
    """Constants of the kernel.

    Attributes:
        tables: prices, utilities and weights, as `envs_data.pricing.shelf.choice.Tables` has them.
        money: [products] costs of replacement.
        weights: cost of a change, and the weight of each reward term.
        means, factors: [periods], [periods + 1] customers expected at level 1, and their factor.
        delivery: [products] units delivered.
        flags: period of the delivery, most changes, and whether references, factor, changes and level are seen.
    """

    tables: choice.Tables
    money: Floats
    weights: Floats
    means: Floats
    factors: Floats
    delivery: Ints
    flags: Ints


class State(NamedTuple):
    """The state that a period changes.

    Attributes:
        counts: [worlds, 4] periods completed, first customer of the next, prices changed and units sold so far.
        expected: [worlds] see `ShelfWorld`.
        stock, step, sold: [worlds, products] see `ShelfWorld`.
        reference: [worlds, products] see there.
        weights: [products] room for the weights of one shelf.
        units: [products + 1] room for its stock, and behind it for those who take nothing.
        bars: [products] room for where each product's wishes end.
        counted: [products] room for units sold.
    """

    counts: Ints
    expected: Floats
    stock: Ints
    step: Ints
    reference: Floats
    sold: Ints
    weights: Floats
    units: Ints
    bars: Ints
    counted: Ints


PERIOD, FIRST, CHANGED, SOLD = range(4)
# The first field of `State` that is mere room.
ROOM = State._fields.index("weights")
MEMORY = 2  # its place in the tables' law
DELIVERY_PERIOD, MOST_CHANGES, REMEMBERS, PROFILE, LIMITED, HIDDEN = range(6)


class ShelfTwin(Twin[ShelfParameters, ShelfLuck]):
    """`PricingShelf` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/PricingShelf-v1"
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
            reference=np.zeros(shape),
            sold=np.zeros(shape, dtype=np.int64),
            weights=np.zeros(len(products)),
            units=np.zeros(len(products) + 1, dtype=np.int64),
            bars=np.zeros(len(products), dtype=np.int64),
            counted=np.zeros(len(products), dtype=np.int64),
        )
        self._played = (self._shelf, self._state)

    def _begin(self, rows: Places) -> None:
        state, products = self._state, self.parameters.products
        state.counts[rows] = 0
        state.expected[rows] = 0.0
        state.sold[rows] = 0
        state.stock[rows] = [product.start_stock for product in products]
        state.step[rows] = [product.start_step for product in products]
        state.reference[rows] = self.view.tables.start
        others = np.ones(self.num_envs, dtype=np.bool_)
        others[rows] = False
        _observe(others, self._shelf, state, self._observations)

    def _memory(self) -> tuple[Array, ...]:
        return tuple(part.T for part in self._state[:ROOM])

    def _taken(self) -> Ints:
        return self._state.counts[:, PERIOD]

    def _advance(self, actions: Array, idle: Flags) -> bool:
        return _advance(actions, idle, self._drawn, self._outcome, *self._played)


# Helpers take single arrays and never a whole shelf or state: passing one on counts the references of all its arrays,
# which costs more than a period. Indices have no sign: none can be from the end, and the compiler need not provide for
# it, which would cost half as much again.


@jit
def _advance(
    actions: Ints,
    idle: Flags,
    luck: ShelfLuck,
    outcome: Outcome,
    shelf: Shelf,
    state: State,
) -> bool:
    """One period of every shelf that is not idle; returns whether any episode ended."""
    observations, results, decisions, terminated = outcome
    _, rounding, customers, wishes = luck
    ended = False
    tables, flags, counts, products = shelf.tables, shelf.flags, state.counts, len(state.weights)
    weights, units, bars = state.weights, state.units, state.bars
    for world in range(np.uint64(len(idle))):
        if idle[world]:
            continue
        period, first, changed = counts[world, PERIOD], counts[world, FIRST], counts[world, CHANGED]
        changes = project(actions[world], state.step[world], flags[MOST_CHANGES] - changed, decisions[world])
        came = min(np.int64(customers[world, period]), wishes.shape[1] - first)
        for k in range(np.uint64(products)):
            step = decisions[world, k]
            weights[k] = tables.weights[k, step]
            if flags[REMEMBERS]:
                weights[k] = weight(
                    tables.utilities[k, step], tables.prices[k, step], state.reference[world, k], tables.law
                )
            units[k] = state.stock[world, k]
        total = choice_law(weights, units, rounding[world], bars)
        # Before anybody comes: a policy compares this with what was sold to learn the hidden level.
        state.expected[world] += shelf.means[period] * ((total - 1.0) / total)
        mine = wishes[world, first : first + came]
        # Mostly nothing runs out, and then the order in which customers come does not matter.
        if not _serve_at_once(mine, units, bars, state.counted):
            _serve(mine, weights, units, rounding[world], bars)
        revenue, cost, sold_units, left, out = 0.0, 0.0, 0, 0, 0
        due = period + 1 == flags[DELIVERY_PERIOD]
        for k in range(np.uint64(products)):
            step, sold = decisions[world, k], state.stock[world, k] - units[k]
            parts = product_terms(sold, tables.prices[k, step], shelf.money[k])
            # Added product by product, as the world does.
            revenue += parts[0]
            cost += parts[1]
            sold_units += sold
            left += units[k]
            out += units[k] == 0
            state.sold[world, k], state.step[world, k] = sold, step
            state.reference[world, k] = moved(state.reference[world, k], tables.prices[k, step], tables.law[MEMORY])
            # The delivery arrives after closing, so it is not part of what was left.
            state.stock[world, k] = units[k] + (shelf.delivery[k] if due else 0)
        paid = -shelf.weights[0] * changes
        results[0, world] = 0.0 + shelf.weights[1] * revenue + shelf.weights[2] * cost + shelf.weights[3] * paid
        results[1, world], results[2, world], results[3, world] = revenue, cost, paid
        results[4, world], results[5, world], results[6, world] = came, sold_units, left
        results[7, world], results[8, world] = changes, out
        counts[world, PERIOD], counts[world, FIRST] = period + 1, first + came
        counts[world, CHANGED], counts[world, SOLD] = changed + changes, counts[world, SOLD] + sold_units
        terminated[world] = period + 1 == customers.shape[1]
        ended |= terminated[world]
    _observe(idle, shelf, state, observations)
    return ended


@inline
def _serve_at_once(wishes: NDArray[np.uint16], units: Ints, bars: Ints, counted: Ints) -> bool:
    """Sells to all customers together, which is the same as one by one where nothing runs out; else sells nothing."""
    enough, before = True, 0
    for k in range(len(bars)):
        bar, count = np.uint32(bars[k]), 0
        for customer in range(len(wishes)):
            count += wishes[customer] < bar
        counted[k] = count - before
        before = count
        # Strictly less: a product that ends at zero may have run out while customers were still coming.
        enough &= counted[k] < units[k] or units[k] == 0
    if enough:
        for k in range(len(bars)):
            units[k] -= counted[k]
    return enough


@inline
def _serve(
    wishes: NDArray[np.uint16],
    weights: Floats,
    units: Ints,
    rounding: float,
    bars: Ints,
) -> None:
    """Customers come one by one and choose among what is in stock at that moment."""
    # Behind the products stands the choice of nothing, which never runs out.
    units[len(bars)] = len(wishes) + 1
    for customer in range(len(wishes)):
        k = chosen(np.int64(wishes[customer]), bars)
        units[k] -= 1
        if units[k] == 0:
            # Only a product that has just run out changes the law of the next choice.
            choice_law(weights, units, rounding, bars)


@jit
def _observe(idle: Flags, shelf: Shelf, state: State, observations: Rows) -> None:
    """Writes the observation of every shelf that is not idle."""
    flags, counts, prices = shelf.flags, state.counts, shelf.tables.prices
    products, one = np.uint64(state.stock.shape[1]), np.uint64(1)
    for world in range(np.uint64(len(idle))):
        if idle[world]:
            continue
        for k in range(products):
            observations[world, k] = state.stock[world, k]
            observations[world, products + k] = prices[k, state.step[world, k]]
            observations[world, products + products + k] = state.sold[world, k]
        column = products + products + products
        if flags[REMEMBERS]:
            for k in range(products):
                observations[world, column + k] = state.reference[world, k]
            column += products
        if flags[PROFILE]:
            observations[world, column] = shelf.factors[counts[world, PERIOD]]
            column += one
        if flags[LIMITED]:
            observations[world, column] = flags[MOST_CHANGES] - counts[world, CHANGED]
            column += one
        if flags[HIDDEN]:
            observations[world, column] = counts[world, SOLD]
            observations[world, column + one] = state.expected[world]
            column += one + one
        observations[world, column] = len(shelf.means) - counts[world, PERIOD]
