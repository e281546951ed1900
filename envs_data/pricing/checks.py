"""What a verdict on prices rests on, and the fitted demand must reproduce: by price, by time, memory and spread."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from envs_data.arrays import Flags, Floats, Ints
from envs_data.posterior_checks import Check, by_group, fifths, levels_of, spread_of
from envs_data.reading.missing_days import WEEKDAYS

# Drifts of the level up to this share do not matter.
DRIFT_MATTERS = 0.15
# How many prices customers may remember, the weight of each beside the next, and how far the ranks of those before a
# sale must be off to matter.
REMEMBERED, KEPT, MEMORY_MATTERS = 6, 0.7, 0.03
# Days from one row to the next up to which weekdays are looked at.
DAILY = 1.5
CURVE = "the fitted curve says, so what other prices would gain is off"
MEMORY = "sales follow the prices before: customers remember them, and what a change brings does not last"
DRIFT = "expected: the level drifts, and a year from now is not the mean of the past"
WEEKDAY = "expected: prices cannot follow the weekday"
PROMOTION = "the price explains, and the fitted world has no promotions"


@dataclasses.dataclass(frozen=True)
class Cells:
    """What each product sold in each period, product by product and those of one in the order of time.

    Attributes:
        names: the products.
        product: [cells] number of the product.
        period: [cells] number of the period, from 0 on.
        price: [cells].
        expected: [cells] units that the fit expects.
    """

    names: Sequence[str]
    product: Ints
    period: Ints
    price: Floats
    expected: Floats

    def checks(self) -> Iterator[Check]:
        """The curve of each product, its memory of prices, and its level over time."""
        levels = [levels_of(self.price[self.product == k]) for k in range(len(self.names))]
        yield from self.by_product(levels, "at {1} {0}", CURVE)
        yield from self._memory()
        fifth, times = fifths(self.period)
        parts = [(fifth[self.product == k], times) for k in range(len(self.names))]
        yield from self.by_product(parts, "in {1} of the table {0}", DRIFT, DRIFT_MATTERS)

    def _memory(self) -> Iterator[Check]:
        """Whether sales come after dear prices or cheap ones more than the fit has it, all products together."""
        rank = np.full(len(self.price), np.nan)
        for k in range(len(self.names)):
            own = np.flatnonzero(self.product == k)[REMEMBERED:]
            if len(own) > REMEMBERED:
                lags = np.array([self.price[own - lag] for lag in range(1, REMEMBERED + 1)])
                rank[own] = stats.rankdata(KEPT ** np.arange(REMEMBERED) @ lags) / len(own)
        told = np.isfinite(rank)
        if self.expected[told].sum() > 0:
            yield Check([""], lambda units: _mean_rank(rank[told], units[told]), MEMORY, MEMORY_MATTERS)

    def by_product(
        self, groups: Sequence[tuple[Ints, Sequence[str]]], part: str, than: str, matters: float = 0.1
    ) -> Iterator[Check]:
        """Whether each group of each product's cells sold its share.

        Args:
            groups: for each product the number of each cell's group, below 0 for none, and the groups' names.
            part: the clause's beginning, from the product's name and the group's.
            than: its end.
            matters: shares up to this do not matter.
        """
        first = np.cumsum([0, *(len(names) for _, names in groups)])
        numbers = np.full(len(self.product), -1)
        for k, (group, _) in enumerate(groups):
            numbers[self.product == k] = np.where(group >= 0, group + first[k], -1)
        names = [part.format(name, one) for name, (_, own) in zip(self.names, groups, strict=True) for one in own]
        yield from by_group(
            numbers,
            names,
            self.expected,
            f"{{part}} sold {{off}} than {than}",
            matters=matters,
        )


def _mean_rank(rank: Floats, units: Floats) -> Floats:
    return np.array([rank @ units / max(float(units.sum()), 1e-12)])


def of_calendar(date: pd.Series, expected: Floats) -> Iterator[Check]:
    """Checks of weekdays, for a table of days.

    Args:
        date: [cells].
        expected: [cells] units.
    """
    days = np.unique(date.to_numpy())
    if len(days) > 1 and np.median(np.diff(days)) <= np.timedelta64(round(24 * DAILY), "h"):
        yield from by_group(
            date.dt.day_of_week, WEEKDAYS, expected,
            f"on {{part}} {{off}} was sold than {WEEKDAY}",
        )  # fmt: skip


def of_promotions(promotion: Flags, expected: Floats) -> Iterator[Check]:
    """Checks of cells with a promotion, which the fitted world does not have."""
    yield from by_group(
        np.where(promotion, 0, -1), ("with a promotion",), expected,
        f"{{part}} {{off}} was sold than {PROMOTION}",
    )  # fmt: skip


def of_totals(what: str, block: ArrayLike, expected: Floats) -> Iterator[Check]:
    """Checks of the spread of totals.

    Args:
        what: the totals, such as "totals of four periods".
        block: [cells] number of the total that each belongs to.
        expected: [cells] units.
    """
    yield from spread_of(block, expected, f"{what} vary {{times}} times as much as in the fitted world")
