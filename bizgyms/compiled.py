"""Kernels: scalar Python in the shape of the story, compiled by numba where it is installed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Array, Flags

P = ParamSpec("P")
R = TypeVar("R")
FIRST_LOOK = np.uint64(8)

numba: Any
try:
    import numba
except ImportError:
    numba = None


class PlainPythonWarning(UserWarning):
    """numba is missing, so that kernels run as plain Python."""


def jit(function: Callable[P, R]) -> Callable[P, R]:
    """Compiles a kernel on its first call and keeps the result on disk; without numba returns it as it is.

    No fast-math: a kernel must add and multiply exactly as Python does, for the twin to equal the world.
    """
    if numba is None:
        return function
    try:
        compiled: Any = numba.njit(cache=True)(function)
    except RuntimeError:  # numba found no folder it may keep compiled code in
        compiled = numba.njit(function)
    return cast("Callable[P, R]", compiled)


def inline(function: Callable[P, R]) -> Callable[P, R]:
    """Compiles a small helper of kernels into its callers: a call that passes arrays costs as much as a whole day."""
    if numba is None:
        return function
    return cast("Callable[P, R]", numba.njit(inline="always")(function))


@jit
def neighbours(low: np.uint64, worlds: np.uint64, idle: Flags, step: Array) -> np.uint64:
    """The first world from ``low`` on that is on another step, or idle where that one is not.

    A kernel that plays worlds together whatever their steps hands over ``idle`` for the steps too.

    Numbers are without sign in kernels that play neighbours together: no index can then be from the end, and the
    compiler need not provide for it.
    """
    today, resting, ahead = step[low], idle[low], FIRST_LOOK
    while low < worlds:
        # Without a branch, so that the processor compares several at once; first of a few, for where worlds have parted
        # most have no neighbours.
        high, together = min(low + ahead, worlds), True
        for world in range(low, high):
            together &= (step[world] == today) & (idle[world] == resting)
        if not together:
            for world in range(low, high):
                if step[world] != today or idle[world] != resting:
                    return np.uint64(world)
        low, ahead = high, ahead * FIRST_LOOK
    return worlds


@jit
def luck_of_now(luck: Array, step: NDArray[np.signedinteger], ahead: int, room: Array) -> Array:
    """[worlds] the luck of each world's step, or of one ``ahead``; the last there is where a world has no such step.

    Args:
        luck: [worlds, steps].
        step: [worlds] number of the step each world is on.
        ahead: how many steps later.
        room: [worlds] to be written where worlds are on different steps.
    """
    first, last, together = step[0], luck.shape[1] - 1, True
    for world in range(len(step)):
        together &= step[world] == first
    if together:
        return luck[:, min(first + ahead, last)]
    for world in range(len(step)):
        room[world] = luck[world, min(step[world] + ahead, last)]
    return room


_warned: set[str] = set()


def warn_once_without_numba() -> None:
    """Warns on the first use of a twin that kernels run as plain Python."""
    if numba is None and "numba" not in _warned:
        _warned.add("numba")
        warnings.warn(
            "numba is not installed: the compiled engine runs as plain Python, a hundred times slower. "
            'Install it with: pip install "bizgyms[fast]"',
            PlainPythonWarning,
            stacklevel=3,
        )
