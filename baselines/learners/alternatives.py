"""What else could be decided: alternatives to a rule's decision, never the product over dimensions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from gymnasium import spaces

from baselines.agents import Problem
from baselines.batching import nearest_actions
from envs_data.arrays import Array, Flags, Floats, Ints, Mask

# Up to so many actions each is an alternative of its own; of more the nearest ones are, and the lowest.
FEW_ACTIONS = 12
# So many steps up or down, to about a third of the range.
OFFSETS = (1, 2, 3, 4, 6, 9, 14, 20, 30, 45, 70, 100)
SHARES = (0.02, 0.05, 0.1, 0.2, 0.4)
FACTORS = (0.0, 0.7, 0.85, 1.2, 1.5)
# Of several quantities each goes up and down so far that all together are about so many alternatives.
ONE_BY_ONE = 32
# Steps by which all of them go up and down together.
TOGETHER = 3
# Pairs are exchanged only where alternatives stay so few.
MOST = 100


class Move(NamedTuple):
    """One way from a decision to another: its dimensions in some order, times ``factor``, plus ``by``.

    Attributes:
        factor: [dimensions].
        by: [dimensions].
        order: [dimensions] which of the decision's dimensions each takes.
    """

    factor: Floats
    by: Floats
    order: Ints


class Alternatives:
    """Decisions near a given one, by number; number 0 is the decision itself.

    A few actions are each an alternative; a quantity goes up or down; of several quantities one goes, or all are
    scaled; of several yes or no one is turned, or two are exchanged; real numbers go by shares of their range.

    Args:
        problem: what is decided.

    Attributes:
        count: number of alternatives.
    """

    def __init__(self, problem: Problem) -> None:
        self._view = problem.view
        moves = [*_moves(problem.view.action_space, *problem.view.action_range())]
        self._factor, self._by, self._order = (np.array(part) for part in zip(*moves, strict=True))
        self.count = len(moves)

    def of(self, decided: Array, numbers: Ints, mask: Mask = None) -> Array:
        """[worlds, ...] for each decision its alternative of a number; itself where that is impossible.

        Args:
            decided: [worlds, ...] decisions.
            numbers: [worlds] numbers of alternatives.
            mask: [worlds, actions] which actions are possible, where the case has masks.
        """
        flat = decided.reshape(len(decided), -1).astype(np.float64)
        taken = np.take_along_axis(flat, self._order[numbers], axis=1) if flat.shape[1] > 1 else flat
        found = nearest_actions(self._view, taken * self._factor[numbers] + self._by[numbers])
        if mask is not None:
            found = np.where(self._possible(found, mask).reshape(-1, *(1,) * (found.ndim - 1)), found, decided)
        return found.astype(decided.dtype, copy=False)

    def _possible(self, actions: Array, mask: Flags) -> Flags:
        """[worlds] whether the mask allows an action in every dimension."""
        low, high = self._view.action_range()
        first = np.concatenate([[0], np.cumsum(high - low + 1)[:-1]])
        entries = (actions.reshape(len(actions), -1) - low + first).astype(np.int64)
        return np.asarray(np.take_along_axis(mask, entries, axis=1).all(axis=1))


def _moves(space: spaces.Space[object], low: Array, high: Array) -> Iterator[Move]:
    unit, stay, nowhere, same = np.eye(len(low)), np.ones(len(low)), np.zeros(len(low)), np.arange(len(low))
    yield Move(stay, nowhere, same)
    if isinstance(space, spaces.MultiBinary):
        yield from (Move(stay - 2 * one, one, same) for one in unit)
        pairs = [*itertools.combinations(range(len(low)), 2)]
        yield from (Move(stay, nowhere, _exchanged(same, *pair)) for pair in pairs if len(pairs) + len(low) < MOST)
    elif isinstance(space, spaces.Box):
        steps = [sign * share for share in SHARES for sign in (-1, 1)]
        yield from (Move(stay, step * (high - low) * one, same) for one in unit for step in steps)
    elif len(low) > 1:
        most = max(1, ONE_BY_ONE // (2 * len(low)))
        for one, width in zip(unit, high - low, strict=True):
            yield from (Move(stay, by * one, same) for by in _up_and_down(width, most))
        yield from (Move(stay, by * stay, same) for by in _up_and_down(float(np.median(high - low)), TOGETHER))
        yield from (Move(factor * stay, nowhere, same) for factor in FACTORS)
    elif high[0] - low[0] < FEW_ACTIONS:
        yield from (Move(nowhere, to * stay, same) for to in range(int(low[0]), int(high[0]) + 1))
    else:
        yield from (Move(stay, by * stay, same) for by in _up_and_down(high[0] - low[0], len(OFFSETS)))
        yield Move(nowhere, low.astype(np.float64), same)


def _up_and_down(width: float, most: int) -> Iterator[int]:
    """Steps up and down, the smallest first: at least one, and no more than a third of the range."""
    for offset in OFFSETS[:most]:
        if offset == 1 or 3 * offset <= width:
            yield from (-offset, offset)


def _exchanged(order: Ints, first: int, second: int) -> Ints:
    exchanged = order.copy()
    exchanged[[first, second]] = second, first
    return exchanged
