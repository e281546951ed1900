"""Forecasts in observations: they belong to the observer, not to the world."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def with_calendar(observations: NDArray[np.float32], columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Observations with their last features, which only the calendar decides, taken from other parameters.

    Args:
        observations: [worlds, features]; the last feature is the days left.
        columns: [days + 1, columns] the calendar's features from the first day to after the last.
    """
    left = observations[:, -1].astype(np.intp)
    stock = observations[:, : observations.shape[1] - columns.shape[1]]
    return np.hstack([stock, columns[np.clip(len(columns) - 1 - left, 0, len(columns) - 1)]])
