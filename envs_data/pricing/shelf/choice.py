"""How customers choose, and how their reference prices move: as tables, so that nothing is computed twice.

A reference price lies on a grid of `REFERENCES` points from a product's lowest price to its highest. After each
period it moves to the point nearest to ``memory * reference + (1 - memory) * price``.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from envs_data.arrays import Floats, Ints
from envs_data.pricing.shelf.parameters import ShelfParameters, ShelfProduct

REFERENCES = 101
# A wish is a whole number below this, every one as likely.
WISHES = 65536.0


class Tables(NamedTuple):
    """A shelf's choices. Steps a product does not have are never asked for and hold the highest price.

    Attributes:
        prices: [products, steps] the price ladders.
        references: [products, references] the grid of reference prices; one point if nobody remembers.
        weights: [products, references, steps] weight of each product beside 1 for buying nothing.
        moves: [products, references, steps] the next reference.
        start: [products] the reference before the first period.
    """

    prices: Floats
    references: Floats
    weights: Floats
    moves: Ints
    start: Ints


@functools.lru_cache(maxsize=8)
def tables(parameters: ShelfParameters) -> Tables:
    """The tables of a shelf."""
    steps = max(len(product.prices) for product in parameters.products)
    parts = [_of_product(parameters, product, steps) for product in parameters.products]
    return Tables(*(np.array(part) for part in zip(*parts, strict=True)))


def _of_product(p: ShelfParameters, product: ShelfProduct, steps: int) -> tuple[Floats, Floats, Floats, Ints, int]:
    prices = np.pad(np.array(product.prices), (0, steps - len(product.prices)), mode="edge")
    count = REFERENCES if p.remembers else 1
    low, high = prices[0], prices[-1]
    references = np.linspace(low, high, count) if count > 1 else np.array([prices[product.start_step]])
    over = prices - references[:, None]
    utility = (
        product.appeal - product.sensitivity * prices - p.loss * np.maximum(over, 0) + p.gain * np.maximum(-over, 0)
    )
    place = (prices - low) / (high - low) * (count - 1) if high > low else np.zeros(steps)
    kept = p.memory * np.arange(count)[:, None] + (1 - p.memory) * place
    moves = np.floor(kept + 0.5).astype(np.int64)
    return prices, references, np.exp(utility), moves, int(np.floor(place[product.start_step] + 0.5))


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
