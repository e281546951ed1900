"""Amounts of money a year, or an episode, as a board writes them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from baselines.judge.statistics import Interval
from baselines.judge.time_scale import Period

# From here on a board writes whole units: one is less than a five-hundredth of what is earned.
WHOLE_FROM = 500
# A value this close to a printed figure, in units of its last digit, equals it: sums differ in their last bits.
SAME = 1e-6


@dataclasses.dataclass(frozen=True)
class Money:
    """Writes amounts of money a year.

    Attributes:
        unit: the unit.
        digits: decimals.
        period: the period amounts refer to: ``year``; ``episode`` where its length is unknown.
    """

    unit: str
    digits: int
    period: Period = "year"

    @classmethod
    def beside(cls, unit: str, anchor: float, period: Period = "year") -> Money:
        """Writes amounts as fits what is earned now: with cents where that is small.

        Args:
            unit: the unit.
            anchor: what the best rule earns a year.
            period: the period amounts refer to.
        """
        return cls(unit, 0 if abs(anchor) >= WHOLE_FROM else 2, period)

    @property
    def a_period(self) -> str:
        """``a year``."""
        return f"{'an' if self.period == 'episode' else 'a'} {self.period}"

    def __call__(self, amount: float) -> str:
        """An amount without its unit; never a negative zero."""
        return f"{round(amount, self.digits) + 0.0:,.{self.digits}f}"

    def a_year(self, amount: float) -> str:
        """An amount with unit and year."""
        return f"{self(amount)} {self.unit} {self.a_period}"

    def outward(self, interval: Interval) -> Interval:
        """An interval as it is printed: both ends rounded away from its middle, so that it holds what it held.

        A printed figure stands for all amounts that round to it. So an interval that would be printed as one figure
        reaches to the figures on both sides: that all trainings agree is no proof of what rounding hides.

        Args:
            interval: the interval; an infinite end stays one.
        """
        scale = 10.0**self.digits
        low = math.floor(interval.low * scale + SAME) / scale if math.isfinite(interval.low) else interval.low
        high = math.ceil(interval.high * scale - SAME) / scale if math.isfinite(interval.high) else interval.high
        if low == high:
            low, high = low - 1 / scale, high + 1 / scale
        return Interval(interval.value, low, high)

    def range(self, interval: Interval) -> str:
        """An interval in words, rounded outward."""
        printed = self.outward(interval)
        return f"{self(printed.low)} to {self(printed.high)}"

    def at_most(self, amount: float) -> str:
        """``at most`` an amount with unit and year, rounded up."""
        return f"at most {self.a_year(self.outward(Interval(0.0, -np.inf, amount)).high)}"


def per_cent(part: float, whole: float | None) -> str:
    """``(4.8 %)`` of an amount, or nothing where there is no amount."""
    return f" ({percentage(part / whole)} %)" if whole else ""


def share_taken(share: float, below: str = "below the best rule") -> str:
    """What is taken of a gain: ``81 %``; less than nothing in words, for no share of a gain is negative.

    Args:
        share: the share.
        below: the words for a negative one.
    """
    printed = round(share * 100)
    return f"{printed} %" if printed >= 0 else below


def percentage(share: float) -> str:
    """A share as a percentage: two digits, more only where there are more before the point."""
    figure = abs(share) * 100
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2g}"
