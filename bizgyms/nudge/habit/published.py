"""Numbers of the habituation model, for comparison with published ones."""

from __future__ import annotations

import numpy as np

from bizgyms.nudge.habit.optimum import solve, value_of
from envs_data.nudge.habit import HabitParameters

GENERIC, TAILORED = 1, 2


def share_of_always(p: HabitParameters, kind: int) -> float:
    """What sending one kind of message at every step earns, as a share of the optimum."""
    return value_of(p, np.array(kind)) / solve(p).value


def share_of_threshold(p: HabitParameters, kind: int = TAILORED) -> float:
    """What the best threshold earns (a message up to some habituation, else none), as a share of the optimum."""
    habituation = np.arange(p.levels + 1)[:, None]
    values = [value_of(p, np.where(habituation <= most, kind, 0)) for most in range(p.levels + 1)]
    return max(values) / solve(p).value
