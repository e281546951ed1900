"""Kernels: scalar Python in the shape of the story, compiled by numba where it is installed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

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
