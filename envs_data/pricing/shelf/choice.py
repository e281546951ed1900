"""How customers choose, and how their reference prices move: what both engines compute with."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np

from envs_data.arrays import Floats
from envs_data.pricing.shelf.parameters import UTMOST, ShelfParameters

# A wish is a whole number below this, every one as likely.
WISHES = 65536.0
# ln 2 in two parts, the first so short that its product with a whole number is exact.
LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
# 1 / n! from the fifteenth term of the exponential series to the first.
SERIES = tuple(1.0 / math.factorial(n) for n in reversed(range(15)))


class Tables(NamedTuple):
    """A shelf's choices. Steps a product does not have are never asked for.

    Attributes:
        prices: [products, steps] the price ladders, filled up with the highest price.
        utilities: [products, steps] utility over buying nothing where the price is its own reference.
        weights: [products, steps] weight of each such choice beside 1 for buying nothing; 0 where there is no step.
        start: [products] the reference prices before the first period.
        law: ``loss``, ``gain`` and ``memory``.
    """

    prices: Floats
    utilities: Floats
    weights: Floats
    start: Floats
    law: Floats


@functools.lru_cache(maxsize=8)
def tables(parameters: ShelfParameters) -> Tables:
    """The tables of a shelf."""
    products = parameters.products
    steps = max(len(product.prices) for product in products)
    prices = np.array([product.prices + product.prices[-1:] * (steps - len(product.prices)) for product in products])
    appeal, sensitivity = (np.array([[getattr(one, name)] for one in products]) for name in ("appeal", "sensitivity"))
    utilities = appeal - sensitivity * prices
    start = np.array([product.prices[product.start_step] for product in products])
    law = np.array([parameters.loss, parameters.gain, parameters.memory])
    there = np.arange(steps) < np.array([[len(product.prices)] for product in products])
    weights = np.where(there, np.exp(np.clip(utilities, -UTMOST, UTMOST)), 0.0)
    return Tables(prices, utilities, weights, start, law)


def weights_at(parameters: ShelfParameters, references: Floats) -> Floats:
    """[..., products, steps] weights beside 1 for buying nothing; 0 for steps a product does not have.

    Args:
        parameters: a shelf.
        references: [..., products] reference prices.
    """
    found = tables(parameters)
    over = found.prices - references[..., None]
    utilities = found.utilities - parameters.loss * np.maximum(over, 0) + parameters.gain * np.maximum(-over, 0)
    return np.where(found.weights > 0, np.exp(np.clip(utilities, -UTMOST, UTMOST)), 0.0)


def weight(utility: float, price: float, reference: float, law: Any) -> float:
    """The weight of a product for customers who compare its price with a reference price.

    The exponential is its series, of additions and multiplications alone: libraries differ in its last digit, and
    the two engines, on every machine, must not.

    Args:
        utility: that at this price where it is its own reference.
        price: the price.
        reference: the reference price.
        law: ``Tables.law``; a list, or an array in a kernel.
    """
    over = price - reference
    felt = utility - law[0] * over if over > 0 else utility - law[1] * over
    felt = min(max(felt, -UTMOST), UTMOST)
    doublings = math.floor(felt / (LN2_HIGH + LN2_LOW) + 0.5)
    rest = felt - doublings * LN2_HIGH - doublings * LN2_LOW
    total = 0.0
    for term in SERIES:
        total = total * rest + term
    return math.ldexp(total, int(doublings))


def moved(reference: Any, price: float, memory: float) -> Any:
    """The reference price, or an array of them, after a period at a price."""
    return memory * reference + (1.0 - memory) * price


def choice_law(weights: Any, stock: Any, rounding: float, bars: Any) -> float:
    """The law of the next customer's choice among what is in stock.

    Args:
        weights: weight of each product; a list, or an array in a kernel, as the others are.
        stock: units of each product.
        rounding: from 0 to 1, what makes bars whole; evenly drawn, it leaves every product exactly its share.
        bars: receives the wishes at which each product ends: the sum of the weights in stock up to it, as a share of
            all, times `WISHES`.

    Returns:
        The sum of all weights in stock, and 1 for buying nothing.
    """
    total = 1.0
    for k in range(len(bars)):
        if stock[k] > 0:
            total += weights[k]
    scale, below = WISHES / total, 0.0
    for k in range(len(bars)):
        if stock[k] > 0:
            below += weights[k]
        bars[k] = int(below * scale + rounding)
    return total


def chosen(wish: Any, bars: Any) -> int:
    """The product a customer takes: the first whose bar exceeds the wish; behind the last, none."""
    product = 0
    for k in range(len(bars)):
        product += wish >= bars[k]
    return product
