"""How Gymnasium's vector environments begin anew, as far as all twins do it alike, and whom their infos are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode

from envs_data.arrays import Flags
from envs_data.parameters import ParameterError

MASK = "action_mask"
TERM = "term_"
"""Entries of an info that begin so are parts of the reward."""


def mode_of(mode: str | AutoresetMode) -> AutoresetMode:
    """An autoreset mode by its name, its value or itself.

    Raises:
        ParameterError: no such mode.
    """
    for known in AutoresetMode:
        if mode in (known, known.value, known.name):
            return known
    names = ", ".join(repr(known.value) for known in AutoresetMode)
    raise ParameterError("autoreset_mode", [f"{mode!r} is not possible; it must be one of {names}"])


def only_for(infos: dict[str, Any], rows: Flags) -> dict[str, Any]:
    """A copy of infos that says it holds for some worlds only."""
    return {key: rows if key.startswith("_") else value for key, value in infos.items()}


def cleared(infos: Mapping[str, Any], rows: Flags, everybody: Flags) -> dict[str, Any]:
    """Infos in which nothing has happened yet in some worlds, as after a reset of theirs.

    Args:
        infos: name to an array with a row a world, and ``_name`` to the worlds it holds for.
        rows: [worlds] the worlds that begin anew.
        everybody: [worlds] all true.
    """
    found: dict[str, Any] = {}
    for key, value in infos.items():
        found[key] = everybody if key.startswith("_") else value.copy()
        if not key.startswith("_"):
            found[key][rows] = 0
    return found


def unbatched(infos: Mapping[str, Any]) -> dict[str, Any]:
    """One world's info out of a vector environment's, as plain Python numbers; a mask stays an array."""
    return {
        key: value[0] if key == MASK else plain(value[0]) for key, value in infos.items() if not key.startswith("_")
    }


def plain(value: Any) -> Any:
    """A number, or a tuple of numbers, as Python has them."""
    return tuple(value.tolist()) if np.ndim(value) else value.item()
