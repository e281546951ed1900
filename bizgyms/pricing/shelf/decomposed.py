"""A bound on a shelf product by product, and bid prices from it.

Prices for the stock of all other products stand in for their limits (those of the linear programme); what is left is
one product with its own stock, solved by dynamic programming (Zhang and Adelman 2009, Transportation Science 43(3)).
Whichever product is kept, the value is an upper bound: any policy is possible in the relaxed problem, where other
products never run out but pay their price, and it pays no more there than the limits are worth. Relaxed too are prices,
which may be set for each customer, by somebody who knows how many come in the period; and customers who remember, as in
the linear programme. What one more unit of a product is worth, by period and stock, is its bid price.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from bizgyms.pricing.shelf.view import ShelfView
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.chance import demand_pmf
from envs_data.pricing.shelf import ShelfParameters, weights_at

MOST_TURNS = 60
# The margin of what cannot be sold.
NEVER = -1e30


@dataclasses.dataclass(frozen=True)
class Programme:
    """What the linear programme says.

    Attributes:
        value: its value.
        prices: [spans, products] what one more unit until the end of each span is worth; spans are the periods before
            the delivery and those after.
    """

    value: float
    prices: Floats

    def by_period(self, p: ShelfParameters) -> Floats:
        """[periods, products] what a unit sold in a period costs of the stock."""
        late = np.arange(p.periods) >= p.delivery_period
        later = self.prices[::-1].cumsum(axis=0)[::-1]
        return np.asarray(later[(late if len(later) > 1 else np.zeros(p.periods)).astype(np.intp)])

    def stock(self, p: ShelfParameters) -> Floats:
        """[products] what the whole stock is worth at these prices, deliveries included."""
        first = np.array([product.start_stock for product in p.products])
        both = first + np.array([product.delivery for product in p.products])
        return np.asarray((self.prices * np.array([first, both])[: len(self.prices)]).sum(axis=0))


def best_offers(weights: Floats, margins: Floats) -> Floats:
    """[cases] the most a customer can be expected to pay, each product at any of its steps or withheld.

    Args:
        weights: [products, steps] weights; 0 where there is no step.
        margins: [cases, products, steps] margins.
    """
    value = np.zeros(len(margins))
    for _ in range(MOST_TURNS):
        gains = weights * (margins - value[:, None, None])
        step = gains.argmax(axis=2)[:, :, None]
        gain = np.take_along_axis(gains, step, axis=2)[:, :, 0]
        taken = np.take_along_axis(np.broadcast_to(weights, gains.shape), step, axis=2)[:, :, 0] * (gain > 0)
        paid = (taken * np.take_along_axis(margins, step, axis=2)[:, :, 0]).sum(axis=1)
        better = paid / (1 + taken.sum(axis=1))
        if (better <= value + 1e-12).all():
            break
        value = np.maximum(better, value)
    return value


def own_values(
    p: ShelfParameters, level: float, kept: int, weights: Floats, margins: Floats, programme: Programme
) -> Floats:
    """[periods + 1, stock + 1] value of the relaxed shelf in which one product keeps its limit.

    Args:
        p: the shelf.
        level: factor on customers.
        kept: the product.
        weights: [products, steps] kindest weights.
        margins: [products, steps].
        programme: prices of stock.
    """
    product, costs = p.products[kept], programme.by_period(p)
    values = np.zeros((p.periods + 1, product.start_stock + product.delivery + 1))
    for period in reversed(range(p.periods)):
        after = values[period + 1]
        if p.delivery_period and period + 1 == p.delivery_period:
            after = after[np.minimum(np.arange(len(after)) + product.delivery, len(after) - 1)]
        paid = margins - costs[period][:, None]
        paid[kept] = margins[kept]
        mixed = np.zeros_like(after)
        for chance in demand_pmf("poisson", level * float(p.means()[period])):
            mixed += chance * after
            after = after + _next_customer(weights, paid, kept, after)
        values[period] = mixed
    return values


def _next_customer(weights: Floats, paid: Floats, kept: int, after: Floats) -> Floats:
    """[stock + 1] what one more customer adds."""
    case = np.repeat(paid[None], len(after), axis=0)
    case[1:, kept] -= np.diff(after)[:, None]
    case[0, kept] = NEVER
    return best_offers(weights, np.where(weights > 0, case, NEVER))


def bound(values: list[Floats], p: ShelfParameters, programme: Programme) -> float:
    """The smallest bound over the products that may keep their limit.

    Args:
        values: of each product, from `own_values`.
        p: the shelf.
        programme: prices of stock.
    """
    stock = programme.stock(p)
    start = [product.start_stock for product in p.products]
    found = [own[0, start[k]] + stock.sum() - stock[k] for k, own in enumerate(values)]
    return float(min(programme.value, *found))


class BidPrices:
    """The prices that earn most from the next customer when each unit costs its bid price.

    Args:
        parameters: the shelf.
        values: of each product, from `own_values`.
        margins: [products, steps].
    """

    def __init__(self, parameters: ShelfParameters, values: list[Floats], margins: Floats) -> None:
        self._view, self._margins = ShelfView(parameters), margins
        self._bids = [np.diff(own, axis=1, prepend=-1e6) for own in values]

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, products] price steps."""
        view = self._view
        period, stock = view.period(observations), view.stock(observations)
        products = range(len(self._bids))
        bids = np.stack([self._bids[k][period + 1, np.minimum(stock[:, k], self._most(k))] for k in products], axis=1)
        weights = weights_at(view.parameters, view.references(observations)) * (stock > 0)[:, :, None]
        margins = np.where(weights > 0, self._margins - np.where(stock > 0, bids, 0.0)[:, :, None], NEVER)
        return best_steps(weights, margins)

    def _most(self, k: int) -> int:
        return len(self._bids[k][0]) - 1


def best_steps(weights: Floats, margins: Floats) -> Ints:
    """[worlds, products] steps that pay most from a customer, none withheld, by Dinkelbach's iteration."""
    value, steps = np.zeros(len(weights)), np.zeros(weights.shape[:2], dtype=np.int64)
    for _ in range(MOST_TURNS):
        gains = np.where(weights > 0, weights * (margins - value[:, None, None]), -np.inf)
        steps = gains.argmax(axis=2)
        taken = np.take_along_axis(weights, steps[:, :, None], axis=2)[:, :, 0]
        paid = np.where(taken > 0, np.take_along_axis(margins, steps[:, :, None], axis=2)[:, :, 0], 0.0)
        better = (taken * paid).sum(axis=1) / (1 + taken.sum(axis=1))
        if (np.abs(better - value) <= 1e-12).all():
            break
        value = better
    return np.asarray(steps, dtype=np.int64)
