"""Cells of a table: where observations are cut, and which cell each falls into."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bizgyms.compiled import jit
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows

MOST_BINS = 24
LEAST_CELLS = 12


def nearest_visited(visited: Flags) -> Places:
    """[cells] the visited cell with the nearest number; the last feature's neighbours have neighbouring numbers."""
    places = np.flatnonzero(visited) if visited.any() else np.array([0])
    right = np.clip(np.searchsorted(places, np.arange(len(visited))), 0, len(places) - 1)
    left = np.maximum(right - 1, 0)
    closer_left = np.abs(places[left] - np.arange(len(visited))) <= np.abs(places[right] - np.arange(len(visited)))
    return np.where(closer_left, places[left], places[right])


def cut_cells(seen: Rows, labelled: Sequence[bool], most: float) -> tuple[Floats, Ints]:
    """Edges [features, bins] (padded with infinity) and number of bins of each feature.

    Where there are too many cells, what only counts time goes first: a feature that is the same in all worlds at any
    moment and has no names for its values. Then the finest feature is cut half as fine.

    Args:
        seen: [turns, worlds, features].
        labelled: [features] whether the values have names, such as weekdays.
        most: cells there may be.
    """
    shared = ~(seen != seen[:, :1]).any(axis=(0, 1)) & ~np.array(labelled)
    columns = seen.reshape(-1, seen.shape[2]).T
    edges = [bin_edges(column, MOST_BINS) for column in columns]
    while np.prod([len(cut) + 1.0 for cut in edges]) > max(most, LEAST_CELLS):
        counting = [k for k, cut in enumerate(edges) if shared[k] and len(cut)]
        finest = max(counting or range(len(edges)), key=lambda k: len(edges[k]))
        edges[finest] = bin_edges(columns[finest], (len(edges[finest]) + 1) // 2)
    padded = np.full((len(edges), max(1, *(len(cut) for cut in edges))), np.inf)
    for row, cut in zip(padded, edges, strict=True):
        row[: len(cut)] = cut
    return padded, np.array([len(cut) + 1 for cut in edges], dtype=np.int64)


def bin_edges(column: Array, bins: int) -> Floats:
    """Where a feature is cut: between all its values where these are few, else at quantiles."""
    if bins <= 1:
        return np.empty(0)
    distinct = np.unique(column)
    if len(distinct) > bins:
        distinct = np.unique(np.quantile(column, np.linspace(0, 1, bins + 1)[:-1], method="nearest"))
    return np.asarray((distinct[1:] + distinct[:-1]) / 2.0, dtype=np.float64)


@jit
def find_cells(observations: Rows, edges: Floats, bins: Ints, cell: Ints) -> None:
    """Writes the number of each observation's cell."""
    for world in range(len(observations)):
        number = 0
        for feature in range(len(bins)):
            low, high = 0, bins[feature] - 1
            while low < high:
                middle = (low + high) // 2
                if observations[world, feature] > edges[feature, middle]:
                    low = middle + 1
                else:
                    high = middle
            number = number * bins[feature] + low
        cell[world] = number
