"""Periodic review: an item is looked at on some days alone, and the level has to last until the next look arrives."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from typing import ClassVar

import numpy as np
from scipy import stats

from baselines.agents import Problem, Setting, Settings
from baselines.batching import JoinedByFields
from baselines.rules import restock_law as law
from baselines.rules.restock_item_reader import Reader
from baselines.rules.rule_specs import around, grid
from envs_data.arrays import Flags, Floats, Ints, Mask, Places, Rows
from envs_data.parameters import ParameterError
from envs_data.restock.calendar import weekdays
from envs_data.restock.item import ItemParameters

WEEK = 7
# Safety factors to begin with, in standard deviations, and days between reviews that follow no week.
FACTORS = (0.0, 1.0, 2.0)
LONGEST = 14


@dataclasses.dataclass(frozen=True)
class Review(JoinedByFields):
    """Orders up to a level of each review day, if the position is ``gap`` units or more below it.

    Attributes:
        reader: reads observations.
        levels: [days] units, below any position on days without a review; [worlds, days] where rules are joined.
        gap: [days] units; [worlds, days] where rules are joined.
    """

    stacked: ClassVar = ("levels", "gap")
    reader: Reader
    levels: Floats
    gap: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] packs."""
        day = self.reader.day(observations)
        missing = of_day(self.levels, day) - self.reader.position(observations)
        return self.reader.packs(np.where(missing >= of_day(self.gap, day) - 1e-9, missing, 0.0))


@dataclasses.dataclass(frozen=True)
class Multiples(JoinedByFields):
    """Orders so many times a quantity as lift the position above the reorder point.

    Attributes:
        reader: reads observations.
        point, quantity: units; [worlds] where rules are joined.
    """

    stacked: ClassVar = ("point", "quantity")
    reader: Reader
    point: Floats | float
    quantity: Floats | float

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] packs."""
        missing = np.maximum(self.point - self.reader.position(observations), 0.0)
        return self.reader.packs(np.ceil(missing / self.quantity) * self.quantity)


def of_day(values: Floats, day: Places) -> Floats:
    """[worlds] entries of [days] or, where rules are joined, [worlds, days] values."""
    return np.asarray(values[day] if values.ndim == 1 else values[np.arange(len(day)), day])


def review(problem: Problem, factor: float, weekdays: int = 0, every: int = 1, phase: int = 0) -> Review:
    """(R, S): on review days order up to expected demand until the next review's order comes, and a safety stock.

    After Silver, Pyke and Thomas (2017), Inventory and Production Management in Supply Chains, section 6.9; the level
    follows demand by weekday and season.

    Args:
        problem: the item.
        factor: safety stock in standard deviations of that demand.
        weekdays: the digits of the weekdays of review, Monday 1 to Sunday 7, such as 14; 0 for every so many days.
        every: days from one review to the next.
        phase: days until the first.

    Raises:
        ParameterError: digits that are no weekdays.
    """
    return review_with_point(problem, factor, 0.0, weekdays, every, phase)


def review_with_point(
    problem: Problem, factor: float, gap: float, weekdays: int = 0, every: int = 1, phase: int = 0
) -> Review:
    """(R, s, S): as (R, S), but only once the position is ``gap`` units or more below the level.

    Args:
        problem: the item.
        factor: safety stock in standard deviations.
        gap: S - s in units.
        weekdays: as of `review`.
        every: as of `review`.
        phase: as of `review`.

    Raises:
        ParameterError: digits that are no weekdays.
    """
    reader = Reader(problem)
    due = review_days(reader.parameters, int(weekdays), int(every), int(phase))
    mean, deviation = covered(reader.parameters, due)
    levels = np.where(due[: len(mean)], mean + factor * deviation, -np.inf)
    return Review(reader, levels, np.full(len(mean), float(gap)))


def multiples(problem: Problem, point: float, quantity: float) -> Multiples:
    """(s, nQ): once the position has fallen to s, order the multiple of Q that lifts it above.

    After Zheng and Chen (1992), Naval Research Logistics 39(3).

    Args:
        problem: the item.
        point: s + 1, the least position to be reached.
        quantity: Q in units.
    """
    return Multiples(Reader(problem), float(point), max(float(quantity), 1.0))


def review_days(p: ItemParameters, digits: int, every: int, phase: int) -> Flags:
    """[days and lead time] which days are for review.

    Raises:
        ParameterError: digits that are no weekdays.
    """
    days = np.arange(p.days + p.lead_time + 1)
    if digits == 0:
        return np.asarray(days % max(every, 1) == phase % max(every, 1))
    chosen = {int(digit) for digit in str(digits)}
    if not chosen <= set(range(1, WEEK + 1)):
        raise ParameterError("review", [f"weekdays is {digits}; its digits must be 1 (Monday) to 7 (Sunday), as in 14"])
    longer = weekdays(p.start_date, len(days))
    return np.isin(longer + 1, list(chosen))


def covered(p: ItemParameters, due: Flags) -> tuple[Floats, Floats]:
    """[days] mean and standard deviation of demand from each day until the order of the next review comes."""
    means, variances = moments(p)
    days = np.arange(p.days)
    coming = np.flatnonzero(due)
    after = np.searchsorted(coming, days, side="right")
    following = np.append(coming, len(due))[after] + p.lead_time
    last = np.minimum(following, p.days)
    sums = [np.append(0.0, np.cumsum(part)) for part in (means, variances)]
    mean, variance = (part[last] - part[days] for part in sums)
    return mean, np.sqrt(variance)


@functools.lru_cache(maxsize=8)
def moments(p: ItemParameters) -> tuple[Floats, Floats]:
    """[days and more] mean and variance of each day's demand, two lead times beyond the episode."""
    pmfs, law_of_day = p.replace(days=min(p.days + 2 * p.lead_time + LONGEST, 3660)).laws()
    means = np.array([pmf @ np.arange(len(pmf)) for pmf in pmfs])
    squares = np.array([pmf @ np.arange(len(pmf)) ** 2 for pmf in pmfs])
    return means[law_of_day], (squares - means**2)[law_of_day]


def review_settings(problem: Problem) -> Settings:
    """One to three weekdays where demand changes over the week, else every so many days; and two safety factors."""
    first = round(float(critical_factor(problem)), 2)
    if not Reader(problem).parameters.weekday:
        every = grid(every=range(1, LONGEST + 1), phase=(0,), factor=(first, *FACTORS))
        return [{**setting, "factor": float(setting["factor"])} for setting in every]
    chosen = [digits for count in (1, 2, 3) for digits in itertools.combinations("1234567", count)]
    return grid(weekdays=[int("".join(digits)) for digits in chosen], factor=(first, round(first - 1.0, 2)))


def point_settings(problem: Problem) -> Settings:
    """The same with a gap of half a day's to some days' demand."""
    mean = Reader(problem).parameters.mean
    return [{**setting, "gap": round(mean, 1)} for setting in review_settings(problem)]


def finer_reviews(problem: Problem, setting: Setting, turn: int) -> Settings:
    """One weekday more or less, or days shifted, and other safety factors and gaps."""
    mean = Reader(problem).parameters.mean
    closer = around(factor=0.5, gap=2 * mean, every=1, phase=2)(problem, setting, turn)
    return [*closer, *({**setting, "weekdays": days} for days in _neighbours(setting.get("weekdays", 0)))]


def _neighbours(digits: int) -> list[int]:
    if digits == 0:
        return []
    chosen = set(str(digits))
    found = ["".join(sorted(chosen ^ {day})) for day in "1234567"]
    return [int(days) for days in found if days]


def critical_factor(problem: Problem) -> float:
    """Standard deviations of demand above its mean that the critical ratio asks for, were demand normal."""
    return float(stats.norm.ppf(law.critical_ratio(Reader(problem).parameters)))


def multiple_settings(problem: Problem) -> Settings:
    """Points around the newsvendor's level, and quantities around that of the economic order."""
    p = Reader(problem).parameters
    level = float(np.round(law.newsvendor_levels(p).mean()))
    economic = float(np.sqrt(2 * p.order_cost * p.mean / p.holding)) if p.holding > 0 else p.mean
    packs = {max(1, round(economic * share / p.pack)) for share in (1.0, 0.5, 0.7, 1.4, 2.0)} | {1}
    points = dict.fromkeys(max(0.0, float(np.round(level * share))) for share in (1.0, 0.5, 0.7, 0.85, 1.15, 1.3))
    return grid(point=points, quantity=[float(number * p.pack) for number in sorted(packs)])


def finer_multiples(problem: Problem, setting: Setting, turn: int) -> Settings:
    """Other points and whole packs more or less."""
    p = Reader(problem).parameters
    step = max(1, round(4 / 2**turn)) * p.pack
    closer = around(point=max(1.0, 0.2 * p.mean * (p.lead_time + 1)))(problem, setting, turn)
    more = [{**setting, "quantity": setting["quantity"] + sign * step} for sign in (-1, 1)]
    return [*closer, *(one for one in more if one["quantity"] > 0)]
