"""Kernels: scalar Python in the shape of the story, compiled by numba where it is installed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Flags

P = ParamSpec("P")
R = TypeVar("R")

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
def neighbours(low: np.uint64, worlds: np.uint64, idle: Flags, step: NDArray[np.signedinteger]) -> np.uint64:
    """The first world from ``low`` on that is on another step, or idle where that one is not.

    Numbers are without sign in kernels that play neighbours together: no index can then be from the end, and the
    compiler need not provide for it.
    """
    today, resting, together = step[low], idle[low], True
    for world in range(low, worlds):
        together &= (step[world] == today) & (idle[world] == resting)
    if together:
        return worlds
    for world in range(low, worlds):
        if step[world] != today or idle[world] != resting:
            return np.uint64(world)
    return worlds


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
