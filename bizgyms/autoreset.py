"""How Gymnasium's vector environments begin anew, as far as all twins do it alike, and whom their infos are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode

from envs_data.arrays import Flags
from envs_data.parameters import ParameterError


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
    return {
        key: rows if key.startswith("_") else only_for(value, rows) if isinstance(value, dict) else value
        for key, value in infos.items()
    }


def unbatched(infos: Mapping[str, Any]) -> dict[str, Any]:
    """One world's info out of a vector environment's, as plain Python numbers."""
    return {
        key: unbatched(value) if isinstance(value, dict) else _plain(value[0])
        for key, value in infos.items()
        if not key.startswith("_")
    }


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype == np.bool_:
        return value
    return tuple(value.tolist()) if isinstance(value, np.ndarray) else value.item()
