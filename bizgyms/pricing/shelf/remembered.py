"""Reference prices on a grid, and values interpolated between them: the only rounding of the exact optimum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from envs_data.arrays import Floats, Places
from envs_data.pricing.shelf import ShelfParameters, ShelfProduct


def grid_of(p: ShelfParameters, product: ShelfProduct, intervals: int) -> Floats:
    """Reference prices of a product: its prices, where values have kinks, and as many between each two of them.

    Args:
        p: the shelf.
        product: one of its products.
        intervals: about so many; a product has one reference price where nobody remembers.
    """
    steps = np.arange(len(product.prices))
    if not p.remembers or len(steps) == 1:
        return np.array([product.prices[product.start_step]])
    each = max(round(intervals / int(steps[-1])), 1)
    return np.asarray(np.interp(np.arange(each * steps[-1] + 1) / each, steps, product.prices))


def between(grid: Floats, values: Floats) -> tuple[Places, Floats]:
    """The place on a grid below each value, and how far the value is to the next, from 0 to 1."""
    place = np.interp(values, grid, np.arange(len(grid)))
    below = np.minimum(place.astype(np.intp), len(grid) - 2)
    return below, place - below


def corners_of(grids: tuple[Floats, ...], references: Floats) -> list[tuple[Places, Floats]]:
    """[rows] states around each row's reference prices, corner by corner, and the weight of each.

    Args:
        grids: of each product, as `Space` has them.
        references: [rows, products] reference prices.
    """
    found = [(np.zeros(len(references), dtype=np.intp), np.ones(len(references)))]
    for grid, own in zip(grids, references.T, strict=True):
        if len(grid) > 1:
            below, share = between(grid, own)
            ends = ((below, 1 - share), (below + 1, share))
            found = [(place * len(grid) + end, weight * part) for place, weight in found for end, part in ends]
    return found


def interpolated(grids: Sequence[Floats], values: Floats, references: Sequence[Floats]) -> Floats:
    """[references, ...] values at other reference prices, which are combined as the grids' are.

    Args:
        grids: of each product.
        values: [references, ...] values at every combination of the grids', the last product's changing first.
        references: of each product, one for each entry of its grid.
    """
    found = values.reshape(*(len(grid) for grid in grids), -1)
    for k, (grid, own) in enumerate(zip(grids, references, strict=True)):
        if len(grid) > 1:
            below, share = between(grid, own)
            share = share.reshape(-1, *[1] * (found.ndim - 1 - k))
            low, high = found.take(below, axis=k), found.take(below + 1, axis=k)
            found = low + share * (high - low)
    return found.reshape(values.shape)
