"""Names for the array types of every package."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Amounts, probabilities, parameters."""
Rows = NDArray[np.float32]
"""Observations: [worlds, features] or [features]."""
Ints = NDArray[np.int64]
"""Counts and indices."""
Flags = NDArray[np.bool_]
"""Yes or no."""
Places = NDArray[np.intp]
"""Places in another array, as NumPy sorts and searches them."""
Array = NDArray[Any]
"""Numbers of any kind: actions, whose kind the action space decides."""
Mask = NDArray[np.bool_] | None
"""[worlds, actions] which actions are possible; None if the case has no masks."""
