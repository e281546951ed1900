"""The best possible at a shelf: exact where it is small, else an upper bound by the sales-based linear programme.

Whatever is charged, a customer takes product i at step j with probability w_ij / (1 + sum of the weights offered).
Let y_ij be expected sales and y_0 expected customers who take nothing. Then sum_j y_ij / w_ij <= y_0 for each product,
all customers are counted once, and no product sells more than its stock: the linear programme of Gallego, Ratliff and
Shebalov (2015), Operations Research 63(1). Any policy's expected sales satisfy it, so its value is a bound.

Price memory is relaxed in the seller's favour: reference prices are at their kindest, and any product may be withheld.
Revenue is monotone in each weight, so that an extreme of each, kindest or withheld, is at least as good as what is
possible. Kindness alone would not do: a cheap product that everybody loves takes customers from a dear one. Price
changes are free, and a hidden level is known (the mean over the levels).
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, sparse

from bizgyms.pricing.shelf.decomposed import BidPrices, Programme, bound, own_values
from bizgyms.pricing.shelf.exact import TablePolicy, Values
from bizgyms.pricing.shelf.view import ShelfView
from bizgyms.reference import Reference, TooLargeError
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.pricing.shelf import ShelfParameters, tables, weights_at

# Price vectors from which on the linear programme stands in for an exact solution.
MOST_DECISIONS = 3_000


def reference(parameters: ShelfParameters) -> Reference:
    """The mean return of an episode nobody can beat: exact where a shelf is small and its level known, else a bound.

    Where customers remember prices, values are interpolated between the reference prices of a grid, and the method
    says to what the value is exact: by how much that of a grid half as fine differs, which was always more than the
    finer grid's own error wherever every sequence of prices could be tried.
    """
    levels = parameters.kinds()
    try:
        solved = solved_levels(parameters)
    except TooLargeError:
        return bounded(parameters)
    value = float(np.mean([one.start() for one in solved]))
    policy = TablePolicy(solved, levels, ShelfView(parameters))
    method, error = f"dynamic programming over {solved[0].space.states() * parameters.periods:,} states", 0.0
    if parameters.remembers:
        points = max(len(grid) for grid in solved[0].space.grids)
        error = abs(value - float(np.mean([Values(parameters, level, points // 2).start() for level in levels])))
        method += (
            f", {points:,} reference prices a product, to {max(error, 1e-9 * value):.1g} (what half as many differ by)"
        )
    if not parameters.hidden:
        return Reference(value, "exact", 0.0, method, policy)
    return Reference(value + error, "bound", 0.0, f"{method}, full information over {len(levels)} levels", policy)


def bounded(p: ShelfParameters) -> Reference:
    """The smaller of the linear programme and its decomposition by product, and the policy of its bid prices."""
    weights, margins = kindest(p), unit_margins(p)
    found: list[tuple[float, list[Floats]]] = []
    for level in p.kinds():
        programme = sales_programme(p, level)
        if not programme.prices.any():  # nothing is scarce, so that there is nothing to decompose
            found.append((programme.value, []))
            continue
        own = [own_values(p, level, k, weights, margins, programme) for k in range(len(p.products))]
        found.append((bound(own, p, programme), own))
    told = f", full information over {len(found)} levels" if p.hidden else ""
    values = [own for _, own in found]
    policy = BidPrices(p, _mean(values), margins) if all(values) else Myopic(p)
    method = f"sales-based linear programme, decomposed by product{told}"
    return Reference(float(np.mean([value for value, _ in found])), "bound", 0.0, method, policy)


def _mean(values: list[list[Floats]]) -> list[Floats]:
    """[products] values averaged over the levels."""
    return [np.asarray(np.mean(own, axis=0)) for own in zip(*values, strict=True)]


def solved_levels(parameters: ShelfParameters) -> tuple[Values, ...]:
    """The exact values for each level.

    Raises:
        TooLargeError: too many states or decisions.
    """
    decisions = math.prod(len(product.prices) for product in parameters.products)
    if decisions > MOST_DECISIONS:
        raise TooLargeError(f"{decisions:,} price vectors")
    return tuple(Values(parameters, level) for level in parameters.kinds())


def sales_bound(parameters: ShelfParameters, level: float) -> float:
    """Value of the sales-based linear programme for one number of customers."""
    return sales_programme(parameters, level).value


def sales_programme(parameters: ShelfParameters, level: float) -> Programme:
    """The sales-based linear programme for one number of customers, with the prices of stock in it."""
    weights, margins = kindest(parameters), unit_margins(parameters)
    spans = _spans(parameters)
    means = [level * float(parameters.means()[first:last].sum()) for first, last in spans]
    return _solve(weights, margins, means, _stocks(parameters, len(spans)))


def kindest(parameters: ShelfParameters) -> Floats:
    """[products, steps] the largest weight any reference price gives, which the highest does."""
    return weights_at(parameters, tables(parameters).prices[:, -1])


def unit_margins(parameters: ShelfParameters) -> Floats:
    """[products, steps] price less cost."""
    costs = np.array([product.cost for product in parameters.products])
    return np.asarray(tables(parameters).prices - costs[:, None])


def _spans(p: ShelfParameters) -> list[tuple[int, int]]:
    """The periods before the delivery, and those after."""
    return [(0, p.delivery_period), (p.delivery_period, p.periods)] if p.delivery_period else [(0, p.periods)]


def _stocks(p: ShelfParameters, spans: int) -> Floats:
    """[spans, products] units that may be sold until the end of each span."""
    first = [product.start_stock for product in p.products]
    both = [product.start_stock + product.delivery for product in p.products]
    return np.array([first, both][:spans], dtype=np.float64)


def _solve(weights: Floats, margins: Floats, means: list[float], stocks: Floats) -> Programme:
    """The programme over spans of time; a span's variables are z_ij = y_ij / w_ij of its offers, then y_0."""
    product, step = np.nonzero(weights > 0)
    spans, products, weight = len(means), len(weights), weights[product, step]
    worth = np.tile(np.append(weight * margins[product, step], 0.0), spans)
    once = np.append(weight, 1.0)[None]
    member = (product == np.arange(products)[:, None]).astype(float)
    fair = np.hstack([member, -np.ones((products, 1))])
    sold = np.hstack([member * weight, np.zeros((products, 1))])
    upper = sparse.vstack(
        [sparse.block_diag([fair] * spans), sparse.csr_matrix(np.kron(np.tri(spans), sold))], format="csr"
    )
    limits = np.concatenate([np.zeros(products * spans), stocks.ravel()])
    found = optimize.linprog(
        -worth, A_ub=upper, b_ub=limits, A_eq=sparse.block_diag([once] * spans), b_eq=means, method="highs"
    )
    if found.status != 0:
        raise RuntimeError(f"the linear programme was not solved: {found.message}")
    prices = -np.asarray(found.ineqlin.marginals)[products * spans :].reshape(spans, products)
    return Programme(float(-found.fun), np.maximum(prices, 0.0))


class Myopic:
    """The prices that earn most from the next customer among the products in stock, memory and scarcity apart.

    Args:
        parameters: the shelf.
    """

    def __init__(self, parameters: ShelfParameters) -> None:
        self._steps = myopic_steps(weights_at_rest(parameters), unit_margins(parameters))

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, products] price steps."""
        return np.asarray(np.tile(self._steps, (len(observations), 1)), dtype=np.int64)


def weights_at_rest(parameters: ShelfParameters) -> Floats:
    """[products, steps] weights when each price is its own reference price; 0 for steps a product does not have."""
    return tables(parameters).weights


def myopic_steps(weights: Floats, margins: Floats) -> Ints:
    """[products] steps with the highest expected margin per customer, by Dinkelbach's iteration.

    Args:
        weights: [products, steps] weights beside 1 for buying nothing; 0 where there is no step.
        margins: [products, steps] margins.
    """
    value, steps = 0.0, np.zeros(len(weights), dtype=np.int64)
    every = np.arange(len(weights))
    while True:
        steps = np.where(weights > 0, weights * (margins - value), -np.inf).argmax(axis=1)
        chosen = weights[every, steps]
        better = float((chosen * margins[every, steps]).sum() / (1 + chosen.sum()))
        if better <= value + 1e-12:
            return np.asarray(steps, dtype=np.int64)
        value = better
