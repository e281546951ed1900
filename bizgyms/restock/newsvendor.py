"""The newsvendor: one order, one demand, and a cost for each unit left over or short."""

from __future__ import annotations

import numpy as np
from scipy import stats

from envs_data.arrays import Floats


def normal_newsvendor(mean: float, sd: float, holding: float, shortage: float) -> tuple[float, float]:
    """Best order and its expected cost when demand is normal.

    Args:
        mean: mean demand, units.
        sd: standard deviation of demand, units.
        holding: cost of a unit left over.
        shortage: cost of a unit short.

    Returns:
        S* = mean + z sd and (holding + shortage) phi(z) sd, with Phi(z) = shortage / (shortage + holding)
        (Snyder & Shen, Fundamentals of Supply Chain Theory, section 4.3).
    """
    z = stats.norm.ppf(shortage / (shortage + holding))
    return float(mean + z * sd), float((holding + shortage) * stats.norm.pdf(z) * sd)


def newsvendor(pmf: Floats, holding: float, shortage: float) -> tuple[int, float]:
    """Best order and its expected cost when demand is a whole number.

    Args:
        pmf: probability of each demand 0, 1, 2, ...
        holding: cost of a unit left over.
        shortage: cost of a unit short.

    Returns:
        The smallest S with P(D <= S) >= shortage / (shortage + holding), and its expected cost.
    """
    level = int(np.searchsorted(np.cumsum(pmf), shortage / (shortage + holding)))
    over = level - np.arange(len(pmf))
    cost = holding * np.maximum(over, 0) + shortage * np.maximum(-over, 0)
    return level, float(cost @ pmf)
