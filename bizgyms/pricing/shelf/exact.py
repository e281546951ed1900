"""The exact optimum of a small shelf: dynamic programming over stock, reference prices, last prices and changes left.

Within a period customers come one by one: what a shelf earns from n of them is what the next one pays, and what it
earns from n - 1 with what he leaves. A Poisson number of them is a mixture of such values. What cannot run out is left
out of the state, and so are reference prices that nobody remembers and last prices that nobody pays for changing.
"""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np

from bizgyms.pricing.shelf.view import NO_LIMIT, ShelfView
from bizgyms.reference import Solution, TooLargeError
from envs_data.arrays import Floats, Ints, Mask, Places, Rows
from envs_data.chance import demand_pmf
from envs_data.pricing.shelf import ShelfParameters, tables

MOST_STATES = 4_000_000
MOST_WORK = 3e9


@dataclasses.dataclass(frozen=True)
class Space:
    """The states of a shelf beside its stock, and what may be decided in them.

    Attributes:
        stock: units of each product from none to the most there can be, as a shape; () where nothing can run out.
        references: places of the reference prices, a tuple a state; one state where nobody remembers.
        actions: price steps, a tuple an action.
        lasts: actions that may have been the last; one stand-in where changing is free.
        lefts: changes that may be left; one stand-in where there is no limit.
    """

    stock: tuple[int, ...]
    references: list[tuple[int, ...]]
    actions: list[tuple[int, ...]]
    lasts: list[int]
    lefts: list[int]

    def states(self) -> int:
        """States of one period."""
        return math.prod(self.stock) * len(self.references) * len(self.lasts) * len(self.lefts)


def space_of(p: ShelfParameters) -> Space:
    """The states of a shelf small enough.

    Raises:
        TooLargeError: too many; the message says how many, and what would help.
    """
    most = max(len(demand_pmf("poisson", p.customers * level * float(p.factors().sum()))) for level in p.kinds())
    ample = all(product.start_stock >= most for product in p.products)
    stock = () if ample else tuple(product.start_stock + product.delivery + 1 for product in p.products)
    points, steps = tables(p).references.shape[1], [len(product.prices) for product in p.products]
    priced = bool(p.change_cost or p.max_changes)
    states = math.prod(stock) * points ** len(steps) * (math.prod(steps) if priced else 1) * (p.max_changes + 1)
    customers = max(p.kinds()) * float(p.means().max())
    depth = customers + 8 * math.sqrt(customers) + 8 if stock else 1.0
    if states * p.periods > MOST_STATES or states * p.periods * math.prod(steps) * depth > MOST_WORK:
        raise TooLargeError(
            f"{states * p.periods:,} states and {math.prod(steps):,} price vectors are too many to solve exactly; "
            "there is a bound, reference(parameters). Fewer products, price steps or units would help"
        )
    actions = list(itertools.product(*(range(count) for count in steps)))
    return Space(
        stock=stock,
        references=list(itertools.product(range(points), repeat=len(steps))),
        actions=actions,
        lasts=list(range(len(actions))) if priced else [0],
        lefts=list(range(p.max_changes + 1)) if p.max_changes else [NO_LIMIT],
    )


class Values:
    """What each decision earns from each state on, if the best is done after it.

    Args:
        parameters: a shelf.
        level: factor on customers.

    Attributes:
        worth: [periods, references, lasts, lefts, actions, *stock]; minus infinity where changes do not suffice.

    Raises:
        TooLargeError: too many states.
    """

    def __init__(self, parameters: ShelfParameters, level: float = 1.0) -> None:
        self.space = space_of(parameters)
        self._p, self._level, self._tables = parameters, level, tables(parameters)
        self._costs = np.array([product.cost for product in parameters.products])
        place = {reference: k for k, reference in enumerate(self.space.references)}
        self._next = np.array([[place[self._moved(r, a)] for a in self.space.actions] for r in self.space.references])
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
        first = space.references.index(tuple(self._tables.start.tolist()))
        steps = tuple(product.start_step for product in p.products)
        last = space.actions.index(steps) if len(space.lasts) > 1 else 0
        worth = self.worth[0, first, last, len(space.lefts) - 1]
        for product in p.products if space.stock else ():
            worth = worth[:, product.start_stock]
        return float(worth.max())

    def _moved(self, reference: tuple[int, ...], action: tuple[int, ...]) -> tuple[int, ...]:
        moves = self._tables.moves
        return tuple(int(moves[k, r, a]) for k, (r, a) in enumerate(zip(reference, action, strict=True)))

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
        found = np.full(shape, -np.inf)
        for (r, reference), (a, action) in itertools.product(enumerate(space.references), enumerate(space.actions)):
            weights = [self._tables.weights[k, i, j] for k, (i, j) in enumerate(zip(reference, action, strict=True))]
            prices = [self._tables.prices[k, j] for k, j in enumerate(action)]
            margins, last = np.array(prices) - self._costs, a if len(space.lasts) > 1 else 0
            earned = sold_by(mean, np.array(weights), margins, after[self._next[r, a], last])
            for before in space.lasts:
                changes = int(self._changes[before, a])
                paid = self._p.change_cost * changes
                if len(space.lefts) == 1:
                    found[r, before, 0, a] = earned[0] - paid
                else:
                    found[r, before, changes:, a] = earned[: len(space.lefts) - changes] - paid
        return found


def sold_by(mean: float, weights: Floats, margins: Floats, after: Floats) -> Floats:
    """[lefts, *stock] expected margins of a Poisson number of customers, and the value of what they leave.

    Args:
        mean: customers expected.
        weights: [products] weight of each product in stock, beside 1 for buying nothing.
        margins: [products] margin of each.
        after: [lefts, *stock] value of the stock they leave; no stock where nothing runs out.
    """
    if after.ndim == 1:
        return np.asarray(after + mean * float(weights @ margins) / (1 + float(weights.sum())))
    products = len(weights)
    grids = np.indices(after.shape[1:]) > 0  # [products, *stock] whether each product is in stock
    offered = weights.reshape(-1, *[1] * products) * grids
    chances = offered / (1 + offered.sum(axis=0))
    nothing, chances_of = 1 - chances.sum(axis=0), list(chances)
    earned, mixed = after, np.zeros_like(after)
    for chance in demand_pmf("poisson", mean):
        mixed = mixed + chance * earned
        following = nothing * earned
        for k, chosen in enumerate(chances_of):
            less = np.roll(earned, 1, axis=1 + k)  # what rolls round to the empty shelf has no chance
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
        index = self._index(observations)
        beliefs = self._beliefs(observations)
        worth = sum(beliefs[:, [k]] * values.worth[index] for k, values in enumerate(self.values))
        actions = np.array(self.values[0].space.actions, dtype=np.int64)
        return np.asarray(actions[np.asarray(worth).argmax(axis=1)])

    def _index(self, rows: Rows) -> tuple[Places | slice, ...]:
        """Where each row's state is among the values."""
        space, view, zeros = self.values[0].space, self.view, np.zeros(len(rows), dtype=np.intp)
        points = view.tables.references.shape[1]
        reference = last = zeros
        for k, product in enumerate(view.parameters.products):
            reference = reference * points + view.references(rows)[:, k]
            last = last * len(product.prices) + view.steps(rows)[:, k]
        left = view.changes_left(rows) if len(space.lefts) > 1 else zeros
        stock = [view.stock(rows)[:, k] for k in range(len(space.stock))]
        return (view.period(rows), reference, last if len(space.lasts) > 1 else zeros, left, slice(None), *stock)

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
