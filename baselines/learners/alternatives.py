"""What else could be decided: alternatives to a rule's decision, never the product over dimensions."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator

import numpy as np
from gymnasium import spaces

from baselines.agents import Problem
from baselines.batching import nearest_actions
from envs_data.arrays import Array, Flags, Floats, Ints, Mask

Move = Callable[[Floats], Floats]
"""[worlds, dimensions] decisions to others."""
# Up to so many actions each is an alternative of its own; of more the nearest ones are, and the lowest.
FEW_ACTIONS = 12
# So many steps up or down, to about a third of the range.
OFFSETS = (1, 2, 3, 4, 6, 9, 14, 20, 30, 45, 70, 100)
SHARES = (0.02, 0.05, 0.1, 0.2, 0.4)
FACTORS = (0.7, 0.85, 1.2, 1.5)
# Pairs are exchanged only where alternatives stay so few.
MOST = 100


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
        self._moves = [_stay, *_moves(problem.view.action_space, *problem.view.action_range())]
        self.count = len(self._moves)

    def of(self, decided: Array, numbers: Ints, mask: Mask = None) -> Array:
        """[worlds, ...] for each decision its alternative of a number; itself where that is impossible.

        Args:
            decided: [worlds, ...] decisions.
            numbers: [worlds] numbers of alternatives.
            mask: [worlds, actions] which actions are possible, where the case has masks.
        """
        flat = decided.reshape(len(decided), -1).astype(np.float64)
        wanted = flat.copy()
        for number in np.unique(numbers):
            where = numbers == number
            wanted[where] = self._moves[int(number)](flat[where])
        found = nearest_actions(self._view, wanted)
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
    unit = np.eye(len(low))
    if isinstance(space, spaces.MultiBinary):
        yield from (functools.partial(_turned, places=[k]) for k in range(len(low)))
        pairs = [*itertools.combinations(range(len(low)), 2)]
        yield from (functools.partial(_exchanged, pair=pair) for pair in pairs if len(pairs) + len(low) < MOST)
    elif isinstance(space, spaces.Box):
        steps = [sign * share for share in SHARES for sign in (-1, 1)]
        yield from (functools.partial(_moved, by=step * (high - low) * one) for one in unit for step in steps)
    elif len(low) > 1:
        yield from (functools.partial(_moved, by=sign * one) for one in (*unit, unit.sum(axis=0)) for sign in (-1, 1))
        yield from (functools.partial(_scaled, factor=factor) for factor in FACTORS)
    elif high[0] - low[0] < FEW_ACTIONS:
        yield from (functools.partial(_fixed, to=to) for to in range(int(low[0]), int(high[0]) + 1))
    else:
        yield from (
            functools.partial(_moved, by=sign * offset * unit[0])
            for offset in OFFSETS
            if 3 * offset <= high[0] - low[0]
            for sign in (-1, 1)
        )
        yield functools.partial(_fixed, to=float(low[0]))


def _stay(decided: Floats) -> Floats:
    return decided


def _moved(decided: Floats, by: Floats) -> Floats:
    return decided + by


def _scaled(decided: Floats, factor: float) -> Floats:
    return decided * factor


def _fixed(decided: Floats, to: float) -> Floats:
    return np.full_like(decided, to)


def _turned(decided: Floats, places: list[int]) -> Floats:
    turned = decided.copy()
    turned[:, places] = 1 - turned[:, places]
    return turned


def _exchanged(decided: Floats, pair: tuple[int, int]) -> Floats:
    exchanged = decided.copy()
    exchanged[:, pair] = exchanged[:, pair[::-1]]
    return exchanged
