"""The exact optimum of a small shelf: dynamic programming over stock, reference prices, last prices and changes left.

Within a period customers come one by one: what a shelf earns from n of them is what the next one pays, and what it
earns from n - 1 with what he leaves. A Poisson number of them is a mixture of such values. What cannot run out is left
out of the state, and so are reference prices that nobody remembers and last prices that nobody pays for changing.

Reference prices are any number between a product's lowest and highest price. Values are computed on a grid of them and
interpolated in between, which is the only rounding; `reference` says how far a grid half as fine is from it.
"""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np

from bizgyms.pricing.shelf.remembered import corners_of, grid_of, interpolated
from bizgyms.pricing.shelf.view import NO_LIMIT, ShelfView
from bizgyms.reference import Solution, TooLargeError
from envs_data.arrays import Floats, Ints, Mask, Places, Rows
from envs_data.chance import demand_pmf
from envs_data.pricing.shelf import ShelfParameters, tables, weights_at
from envs_data.pricing.shelf.choice import moved

MOST_STATES = 4_000_000
MOST_WORK = 3e9
# Intervals on the grid of reference prices of a product, the most that can be afforded.
INTERVALS = (1600, 800, 400, 200, 100)
# Worths of decisions beyond which a coarser grid is taken.
COMFORTABLE = 2e7
# The worth of what may not be done: finite, since its share in a mean may be zero.
NEVER = -1e300


@dataclasses.dataclass(frozen=True)
class Space:
    """The states of a shelf beside its stock, and what may be decided in them.

    Attributes:
        stock: units of each product from none to the most there can be, as a shape; () where nothing can run out.
        grids: reference prices of each product on its grid, rising; one where nobody remembers.
        references: [references, products] every combination of them, the last product's changing first.
        actions: price steps, a tuple an action.
        lasts: actions that may have been the last; one stand-in where changing is free.
        lefts: changes that may be left; one stand-in where there is no limit.
    """

    stock: tuple[int, ...]
    grids: tuple[Floats, ...]
    references: Floats
    actions: list[tuple[int, ...]]
    lasts: list[int]
    lefts: list[int]

    def states(self) -> int:
        """States of one period."""
        return math.prod(self.stock) * len(self.references) * len(self.lasts) * len(self.lefts)


def space_of(p: ShelfParameters, intervals: int = 0) -> Space:
    """The states of a shelf small enough.

    Args:
        p: a shelf.
        intervals: about so many on each product's grid of reference prices; 0 for as many as can be afforded.

    Raises:
        TooLargeError: too many; the message says how many, and what would help.
    """
    most = max(len(demand_pmf("poisson", p.customers * level * float(p.factors().sum()))) for level in p.kinds())
    ample = all(product.start_stock >= most for product in p.products)
    stock = () if ample else tuple(product.start_stock + product.delivery + 1 for product in p.products)
    steps = [len(product.prices) for product in p.products]
    priced = bool(p.change_cost or p.max_changes)
    others = math.prod(stock) * (math.prod(steps) if priced else 1) * (p.max_changes + 1) * p.periods
    for fineness in (intervals,) if intervals else INTERVALS:
        grids = tuple(grid_of(p, product, fineness) for product in p.products)
        states = others * math.prod(len(grid) for grid in grids)
        if states * math.prod(steps) <= COMFORTABLE:
            break
    customers = max(p.kinds()) * float(p.means().max())
    # Without stock nothing is played customer by customer, but the worth of every decision is kept all the same.
    depth = customers + 8 * math.sqrt(customers) + 8 if stock else 30.0
    if states > MOST_STATES or states * math.prod(steps) * depth > MOST_WORK:
        raise TooLargeError(
            f"{states:,} states and {math.prod(steps):,} price vectors are too many to solve exactly; "
            "there is a bound, reference(parameters). Fewer products, price steps or units would help"
        )
    actions = list(itertools.product(*(range(count) for count in steps)))
    return Space(
        stock=stock,
        grids=grids,
        references=np.stack([grid.ravel() for grid in np.meshgrid(*grids, indexing="ij")], axis=1),
        actions=actions,
        lasts=list(range(len(actions))) if priced else [0],
        lefts=list(range(p.max_changes + 1)) if p.max_changes else [NO_LIMIT],
    )


class Values:
    """What each decision earns from each state on, if the best is done after it.

    Args:
        parameters: a shelf.
        level: factor on customers.
        intervals: about so many on each product's grid of reference prices; 0 for as many as can be afforded.

    Attributes:
        worth: [periods, references, lasts, lefts, actions, *stock]; `NEVER` where changes do not suffice.

    Raises:
        TooLargeError: too many states.
    """

    def __init__(self, parameters: ShelfParameters, level: float = 1.0, intervals: int = 0) -> None:
        self.space = space_of(parameters, intervals)
        self._p, self._level, self._tables = parameters, level, tables(parameters)
        self._costs = np.array([product.cost for product in parameters.products])
        self._weights = weights_at(parameters, self.space.references)
        self._changes = self._changes_of()
        shape = (len(self.space.references), len(self.space.lasts), len(self.space.lefts))
        self.worth = np.empty((parameters.periods, *shape, len(self.space.actions), *self.space.stock))
        after = np.zeros((*shape, *self.space.stock))
        for period in reversed(range(parameters.periods)):
            self.worth[period] = self._period(period, self._delivered(period + 1, after))
            after = self.worth[period].max(axis=3)

    def start(self) -> float:
        """The value of the first state."""
        p, space = self._p, self.space
        steps = tuple(product.start_step for product in p.products)
        last = space.actions.index(steps) if len(space.lasts) > 1 else 0
        corners = corners_of(space.grids, self._tables.start[None])
        worth = sum(share[0] * self.worth[0, place[0], last, len(space.lefts) - 1] for place, share in corners)
        for product in p.products if space.stock else ():
            worth = worth[:, product.start_stock]
        return float(np.max(worth))

    def _after(self, action: tuple[int, ...], after: Floats) -> Floats:
        """[references, ...] the values ``after``, of the same shape, that follow once reference prices have moved."""
        prices, grids = self._tables.prices, self.space.grids
        then = [
            moved(grid, prices[k, step], self._p.memory)
            for k, (grid, step) in enumerate(zip(grids, action, strict=True))
        ]
        return interpolated(grids, after, then)

    def _changes_of(self) -> Ints:
        """[lasts, actions] prices that change."""
        actions = np.array(self.space.actions)
        if len(self.space.lasts) == 1:
            return np.zeros((1, len(actions)), dtype=np.int64)
        return np.asarray((actions[:, None] != actions[None]).sum(axis=2))

    def _delivered(self, period: int, after: Floats) -> Floats:
        """The values of the next period's states with what is delivered before it added to the stock."""
        if period != self._p.delivery_period or not self._p.delivery_period or not self.space.stock:
            return after
        for k, product in enumerate(self._p.products):
            axis = after.ndim - len(self._p.products) + k
            units = np.minimum(np.arange(after.shape[axis]) + product.delivery, after.shape[axis] - 1)
            after = np.take(after, units, axis=axis)
        return after

    def _period(self, period: int, after: Floats) -> Floats:
        space, mean = self.space, self._level * float(self._p.means()[period])
        shape = (len(space.references), len(space.lasts), len(space.lefts), len(space.actions), *space.stock)
        found = np.full(shape, NEVER)
        every = np.arange(len(self._costs))
        for a, action in enumerate(space.actions):
            weights, prices = self._weights[:, every, action], self._tables.prices[every, action]
            last = a if len(space.lasts) > 1 else 0
            earned = sold_by(mean, weights, prices - self._costs, self._after(action, after[:, last]))
            for before in space.lasts:
                changes = int(self._changes[before, a])
                paid = self._p.change_cost * changes
                if len(space.lefts) == 1:
                    found[:, before, 0, a] = earned[:, 0] - paid
                else:
                    found[:, before, changes:, a] = earned[:, : len(space.lefts) - changes] - paid
        return found


def sold_by(mean: float, weights: Floats, margins: Floats, after: Floats) -> Floats:
    """[references, lefts, *stock] expected margins of a Poisson number of customers, and the value of what they leave.

    Args:
        mean: customers expected.
        weights: [references, products] weight of each product in stock, beside 1 for buying nothing.
        margins: [products] margin of each.
        after: [references, lefts, *stock] value of the stock they leave; no stock where nothing runs out.
    """
    if after.ndim == 2:
        return np.asarray(after + (mean * (weights @ margins) / (1 + weights.sum(axis=1)))[:, None])
    products = weights.shape[1]
    grids = np.indices(after.shape[2:]) > 0  # [products, *stock] whether each product is in stock
    offered = weights.T.reshape(products, -1, *[1] * (1 + products)) * grids[:, None, None]
    chances = offered / (1 + offered.sum(axis=0))
    nothing, chances_of = 1 - chances.sum(axis=0), list(chances)
    earned, mixed = after, np.zeros_like(after)
    for chance in demand_pmf("poisson", mean):
        mixed = mixed + chance * earned
        following = nothing * earned
        for k, chosen in enumerate(chances_of):
            less = np.roll(earned, 1, axis=2 + k)  # what rolls round to the empty shelf has no chance
            following = following + chosen * (margins[k] + less)
        earned = following
    return mixed


@dataclasses.dataclass(frozen=True)
class TablePolicy:
    """The best decision in each state; with several levels, weighted by how well they explain what was sold.

    Attributes:
        values: of each level.
        levels: factors on customers.
        view: the features the observations come in.
    """

    values: tuple[Values, ...]
    levels: tuple[float, ...]
    view: ShelfView

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, products] price steps."""
        period, *others = self._index(observations)
        beliefs, corners = (
            self._beliefs(observations),
            corners_of(self.values[0].space.grids, self.view.references(observations)),
        )
        worth = sum(
            beliefs[:, [k]] * share[:, None] * values.worth[(period, place, *others)]
            for k, values in enumerate(self.values)
            for place, share in corners
        )
        actions = np.array(self.values[0].space.actions, dtype=np.int64)
        return np.asarray(actions[np.asarray(worth).argmax(axis=1)])

    def _index(self, rows: Rows) -> tuple[Places | slice, ...]:
        """Where each row's state is among the values, reference prices apart."""
        space, view, zeros = self.values[0].space, self.view, np.zeros(len(rows), dtype=np.intp)
        last = zeros
        for k, product in enumerate(view.parameters.products):
            last = last * len(product.prices) + view.steps(rows)[:, k]
        left = view.changes_left(rows) if len(space.lefts) > 1 else zeros
        stock = [view.stock(rows)[:, k] for k in range(len(space.stock))]
        return (view.period(rows), last if len(space.lasts) > 1 else zeros, left, slice(None), *stock)

    def _beliefs(self, rows: Rows) -> Floats:
        """[worlds, levels] probability of each level given what was sold (as if Poisson)."""
        if len(self.levels) == 1:
            return np.ones((len(rows), 1))
        sold, expected = (rows[:, self.view.columns[name]].astype(float) for name in ("sold_so_far", "expected_so_far"))
        levels = np.array(self.levels)
        score = sold[:, None] * np.log(levels) - expected[:, None] * levels
        weights = np.exp(score - score.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def solve(parameters: ShelfParameters) -> Solution:
    """The exact optimum of a small shelf whose number of customers is known: the total return of an episode.

    Raises:
        ValueError: the level is hidden.
        TooLargeError: too many states; the message says how many, and what would help.
    """
    if parameters.hidden:
        raise ValueError("the level is hidden: there is a bound, reference(parameters), and no exact solution")
    level = parameters.kinds()[0]
    values = Values(parameters, level)
    policy = TablePolicy((values,), (level,), ShelfView(parameters))
    return Solution(values.start(), policy, "total", states=values.space.states() * parameters.periods)
