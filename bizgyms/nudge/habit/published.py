"""Published numbers of the habituation model. Each function takes plain values, for a table of data."""

from __future__ import annotations

import numpy as np

from bizgyms.nudge.habit.optimum import solve, value_of
from envs_data.nudge.habit.scenarios import tailoring

GENERIC, TAILORED = 1, 2


def optimal_return(q: float) -> float:
    """Best expected return of an episode when tailoring is right with probability ``q``."""
    return solve(tailoring(q)).value


def share_of_always(q: float, kind: int) -> float:
    """What sending one kind of message at every step earns, as a share of the optimum."""
    return value_of(tailoring(q), np.array(kind)) / optimal_return(q)


def share_of_threshold(q: float, kind: int = TAILORED) -> float:
    """What the best threshold earns (a message up to some habituation, else none), as a share of the optimum."""
    p = tailoring(q)
    habituation = np.arange(p.levels + 1)[:, None]
    values = [value_of(p, np.where(habituation <= most, kind, 0)) for most in range(p.levels + 1)]
    return max(values) / optimal_return(q)
