"""What moves demand in a table of one item and is not in its fitted world: promotions and prices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from envs_data.arrays import Floats
from envs_data.back_tests import BEYOND_CHANCE
from envs_data.restock.demand import Demand
from envs_data.restock.sales import Sales

# Least effect that is told: of days with a promotion over others, and of prices as far apart as they usually are.
MATTERS = 0.1
STEPS = 20
UNANNOUNCED = (
    "RestockItem does not know it beforehand. In the fitted world such days come unannounced: rules keep stock for "
    "them all the time, and what planning for them would gain is in no figure of the verdict."
)


class Effect(NamedTuple):
    """How many times as much is sold where a column is one higher, in logarithms, and its standard error."""

    size: float
    error: float

    def matters(self, spread: float) -> bool:
        """Whether it is beyond chance, and noticed where the column moves so much."""
        return abs(self.size) > BEYOND_CHANCE * self.error and abs(self.size) * spread > np.log1p(MATTERS)


def effect(fitted: Demand, sales: Sales, column: Floats) -> Effect:
    """The effect of a column on demand around what is expected: steps of Fisher's scoring.

    Args:
        fitted: the fit without it.
        sales: the days.
        column: [days] its values.
    """
    mean, law = np.maximum(fitted.expected(sales.dates), 1e-9), fitted.counts()
    centred, size = column - np.average(column, weights=mean), 0.0
    for _ in range(STEPS):
        moved = mean * np.exp(size * centred)
        units = law.imputed_mean(sales.units, sales.censored, moved)
        moved *= units.sum() / moved.sum()
        weight = moved**2 / law.variance(moved)
        size += float(np.sum(weight / moved * (units - moved) * centred) / np.sum(weight * centred**2))
    return Effect(size, float(1 / np.sqrt(np.sum(weight * centred**2))))


def left_out(fitted: Demand, sales: Sales, frame: pd.DataFrame) -> Iterator[str]:
    """A sentence on promotions and one on prices, where the table shows that they move demand.

    Args:
        fitted: the fit, which has neither.
        sales: the days.
        frame: the same days, with the columns ``promotion`` and ``price`` where the table has them.
    """
    if "promotion" in frame:
        promoted = (frame["promotion"].fillna(0) > 0).to_numpy().astype(np.float64)
        if 0 < promoted.mean() < 1:
            found = effect(fitted, sales, promoted)
            if found.matters(1.0):
                yield (
                    f"Days with a promotion, {promoted.mean():.0%} of all, sell {np.exp(found.size):.2g} times as "
                    f"much, and {UNANNOUNCED} RestockBox plans them: add a column for the item and --case RestockBox."
                )
            else:
                yield "Days with a promotion count like others: no difference beyond chance is seen."
    price = frame["price"].to_numpy(dtype=np.float64) if "price" in frame else np.zeros(0)
    usable = np.isfinite(price) & (price > 0)
    if usable.any() and np.ptp(price[usable]) > 0:
        log_price = np.log(price[usable])
        found = effect(fitted, sales.where(usable), log_price)
        if found.matters(2 * float(log_price.std())):
            yield (
                f"Demand moves with the price, by {found.size:+.2g} % a percent of it (+- {found.error:.1g}), and "
                f"{UNANNOUNCED} What prices do is fitted by: bizgyms fit pricing."
            )
