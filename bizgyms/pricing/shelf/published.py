"""Published numbers of a shelf, by plain values."""

from __future__ import annotations

import numpy as np
from scipy import special


def equal_markup(appeals: list[float], costs: list[float], sensitivity: float) -> float:
    """The markup of every product, m = (1 + W(sum exp(a - b c - 1))) / b with Lambert's W, never out of stock."""
    total = np.exp(np.array(appeals) - sensitivity * np.array(costs) - 1).sum()
    return float((1 + special.lambertw(total).real) / sensitivity)


def equal_markup_profit(appeals: list[float], costs: list[float], sensitivity: float) -> float:
    """Profit a customer at the equal markup: m - 1 / b."""
    return equal_markup(appeals, costs, sensitivity) - 1 / sensitivity
