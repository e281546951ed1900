"""What a row stands for: a day, a week or a month."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

Spacing = Literal["day", "week", "month"]
# Share of the gaps between dates that have to agree, and how many dates there have to be.
MOST, LEAST_DATES = 0.9, 4
SHORTEST_MONTH, LONGEST_MONTH = 28, 31


def spacing(dates: pd.Series) -> Spacing:
    """How far apart the rows of one thing are.

    Args:
        dates: its dates.

    Returns:
        ``month`` where nearly all gaps are those of a calendar month, ``week`` where nearly all are whole weeks and
        most are one; else ``day``.
    """
    days = np.unique(dates.dropna().to_numpy().astype("datetime64[D]"))
    if len(days) < LEAST_DATES:
        return "day"
    gaps = np.diff(days).astype(int)
    if np.mean((gaps >= SHORTEST_MONTH) & (gaps <= LONGEST_MONTH)) >= MOST:
        return "month"
    weekly = np.mean(gaps % 7 == 0) >= MOST and np.mean(gaps == 7) > 1 / 2
    return "week" if weekly else "day"
