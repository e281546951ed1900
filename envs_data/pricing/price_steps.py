"""The price steps of a table: a fit never uses a price that was not charged."""

from __future__ import annotations

import numpy as np

from envs_data.arrays import Floats

# More prices than this are replaced by as many even steps between the rare ones at either end.
MOST_STEPS = 15
USUAL = (0.05, 0.95)


def ladder(prices: Floats) -> tuple[float, ...]:
    """Every price charged, or even steps over the usual range if there were many.

    Args:
        prices: the price of each row; at least two distinct values.
    """
    distinct = np.unique(prices)
    if len(distinct) <= MOST_STEPS:
        return tuple(distinct.tolist())
    low, high = np.quantile(prices, USUAL)
    if low == high:
        low, high = distinct[0], distinct[-1]
    even = np.linspace(low, high, MOST_STEPS)
    digits = 2 - int(np.floor(np.log10((high - low) / MOST_STEPS * 10)))
    return tuple(np.unique(np.round(even, max(digits, 0) if digits >= 0 else digits)).tolist())


def nearest(steps: tuple[float, ...], price: float) -> int:
    """The step nearest to a price."""
    return int(np.abs(np.array(steps) - price).argmin())
