"""Parameters of a box: several items that share room, truck and customers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator
from typing import ClassVar

import numpy as np

from envs_data.arrays import Flags, Floats, Places
from envs_data.chance import DEMAND_LAWS, MOST_A_DAY, demand_pmf, tail_problem
from envs_data.parameters import Parameters, nested, quantity
from envs_data.restock import calendar

MAX_ACTIONS = 64
MAX_ITEMS = 64


@dataclasses.dataclass(frozen=True)
class BoxItem(Parameters):
    """One item of a box. `quantities()` gives unit and meaning of each field."""

    name: str = quantity("item", "name", "what the item is called")
    mean: float = quantity(
        5.0, "units a day", "mean demand before weekday, season and promotion", low=0, high=MOST_A_DAY
    )
    demand_law: str = quantity("poisson", "law", "law of a day's demand", choices=DEMAND_LAWS)
    size: float = quantity(12.0, "", "size r of a negative binomial: variance = mean + mean^2 / r", low=1e-3, high=1e6)
    cv: float = quantity(0.5, "", "coefficient of variation of a rounded gamma", low=0.01, high=10)
    zero_inflation: float = quantity(
        0.0,
        "share of days",
        "days on which nobody asks at all, beside those the law leaves empty",
        low=0,
        high=0.99,
        later=True,
    )
    lead_times: tuple[int, ...] = quantity(
        (1,), "days", "possible times from order to delivery; 0 is before the day's customers", low=0, high=30
    )
    lead_time_probabilities: tuple[float, ...] = quantity(
        (), "", "probability of each lead time; none when there is but one", low=0, high=1
    )
    shelf_life: int = quantity(
        0, "days", "days on the shelf, the day of delivery included; 0 keeps for ever", low=0, high=60
    )
    issue: str = quantity(
        "FIFO", "rule", "which units customers take: FIFO the oldest, LIFO the freshest", choices=("FIFO", "LIFO")
    )
    unmet: str = quantity("lost", "rule", "what becomes of unmet demand", choices=("lost", "backordered"))
    pack: int = quantity(1, "units", "orders come in multiples of this", low=1, high=100_000)
    max_packs: int = quantity(10, "packs", "largest order a day", low=1, high=MAX_ACTIONS - 1)
    start_on_hand: int = quantity(0, "units", "stock on the first morning, all fresh", low=0, high=10_000_000)
    price: float = quantity(
        0.0, "money a unit", "received a unit sold (backordered: as soon as it is asked for)", low=0, high=1e9
    )
    cost: float = quantity(0.0, "money a unit", "paid a unit ordered", low=0, high=1e9)
    holding: float = quantity(
        0.0, "money a unit and day", "cost of a unit left at closing that does not expire", low=0, high=1e9
    )
    waste: float = quantity(0.0, "money a unit", "cost of a unit that expires, beside what it was bought for", low=0)
    shortage: float = quantity(
        0.0, "money a unit", "cost of a unit not served (backordered: a day of waiting)", low=0, high=1e9
    )
    line_cost: float = quantity(0.0, "money an order line", "fixed cost of ordering this item at all", low=0, high=1e9)

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        problem = tail_problem(self.demand_law, self.mean / (1 - self.zero_inflation), self.size, self.cv)
        if problem:
            yield problem
        if not self.lead_times or any(not isinstance(days, int) for days in self.lead_times):
            yield f"lead_times is {self.lead_times!r}; it must be whole numbers of days, at least one"
        elif len(set(self.lead_times)) < len(self.lead_times):
            yield f"lead_times is {self.lead_times!r}; each lead time may stand there once"
        elif self.lead_time_probabilities or len(self.lead_times) > 1:
            yield from self._probability_problems()
        if self.unmet == "backordered" and self.shelf_life:
            yield "unmet is 'backordered' with a shelf_life; customers wait only for what keeps: set shelf_life to 0"

    def _probability_problems(self) -> Iterator[str]:
        given = self.lead_time_probabilities
        if len(given) != len(self.lead_times):
            yield f"lead_time_probabilities has {len(given)} entries; lead_times has {len(self.lead_times)}"
        elif not math.isclose(sum(given), 1, abs_tol=1e-9):
            yield f"lead_time_probabilities sum to {sum(given):g}; they must sum to 1"

    @property
    def backordered(self) -> bool:
        """Whether customers wait for what is out."""
        return self.unmet == "backordered"

    @property
    def shelf_slots(self) -> int:
        """Entries of the item's stock by days of life left: one when it keeps for ever."""
        return max(self.shelf_life, 1)

    @property
    def longest_lead_time(self) -> int:
        """Most days from order to delivery."""
        return max(self.lead_times)

    @property
    def critical_ratio(self) -> float:
        """Probability with which demand should be met: what a lost sale costs against a unit left.

        A unit that keeps costs holding; one that spoils costs its purchase and disposal, spread over its life.
        """
        missed = self.shortage + (0.0 if self.backordered else max(self.price - self.cost, 0.0))
        left = self.holding + ((self.cost + self.waste) / self.shelf_life if self.shelf_life else 0.0)
        return min(max(missed / (missed + left), 0.01), 0.9999) if missed + left > 0 else 0.5

    def day_pmf(self, mean: float) -> Floats:
        """Probabilities of 0, 1, 2, ... units on a day with this mean demand."""
        return demand_pmf(self.demand_law, mean, self.size, self.cv, self.zero_inflation)

    def lead_time_pmf(self) -> Floats:
        """Probabilities of a lead time of 0, 1, 2, ... days."""
        pmf = np.zeros(self.longest_lead_time + 1)
        pmf[list(self.lead_times)] = self.lead_time_probabilities or 1.0
        return pmf


@dataclasses.dataclass(frozen=True)
class BoxParameters(Parameters):
    """Items ordered together once a day, which share room, truck and customers.

    Money is counted as profit: what sales bring less what purchase, stock, waste, shortage and transport cost.
    `quantities()` gives unit and meaning of each field. Item k is promoted in week w, counted from the first day,
    when (w + k) is a multiple of ``promotion_every``; everybody knows it in advance.
    """

    case: ClassVar[str] = "bizgyms/RestockBox-v0"

    days: int = quantity(365, "days", "length of an episode", low=1, high=3660)
    start_date: str = quantity("2025-01-06", "date", "first day of an episode")
    weekday: tuple[float, ...] = quantity(
        (), "factors", "demand by weekday, Monday first", low=0, high=100, lengths=(0, 7)
    )
    season: tuple[float, ...] = quantity(
        (), "factors", "demand by month, January first", low=0, high=100, lengths=(0, 12)
    )
    promotion_every: int = quantity(0, "weeks", "an item is promoted every so many weeks; 0 never", low=0, high=520)
    promotion_lift: float = quantity(1.0, "factor", "demand of an item in its promotion week", low=0, high=100)
    capacity: int = quantity(
        0, "units", "most units on hand and on order together, counted at ordering; 0 no limit", low=0, high=10**9
    )
    max_order: int = quantity(0, "units", "most units of a day's order; 0 no limit", low=0, high=10**9)
    min_order: int = quantity(0, "units", "fewest units of a day's order, if anything is ordered", low=0, high=10**9)
    truck_size: int = quantity(0, "units", "units a truck carries; 0 no trucks are counted", low=0, high=10**9)
    truck_cost: float = quantity(0.0, "money a truck", "cost of each truck that sets out", low=0, high=1e9)
    order_cost: float = quantity(0.0, "money an order", "fixed cost of ordering anything at all", low=0, high=1e9)
    substitution: tuple[tuple[float, ...], ...] = quantity(
        (), "probability", "row i, column j: whose item i is out asks for item j next", low=0, high=1
    )
    observed: str = quantity(
        "demand", "rule", "what is seen of yesterday: demand, or only sales", choices=("demand", "sales")
    )
    items: tuple[BoxItem, ...] = nested(BoxItem, (BoxItem(),), "", "the items of the box, one by one")
    money: str = quantity("EUR", "name", "what sales and costs are counted in")

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        problem = calendar.date_problem("start_date", self.start_date)
        if problem:
            yield problem
        elif not any(item.mean for item in self.items) or not self.factors().any():
            yield "demand is zero on every day; the items' means and the factors must leave some"
        else:
            yield from self._tail_problems()
        if not 1 <= len(self.items) <= MAX_ITEMS:
            yield f"items has {len(self.items)} entries; it must have 1 to {MAX_ITEMS}"
        names = [item.name for item in self.items]
        if len(set(names)) < len(names):
            yield f"items are called {', '.join(names)}; each must have a name of its own"
        if self.truck_cost and not self.truck_size:
            yield "truck_cost is set without a truck_size; say how many units a truck carries"
        yield from self._limit_problems()
        yield from self._substitution_problems()

    def _tail_problems(self) -> Iterator[str]:
        for item, most in zip(self.items, self.factors().max(axis=0).tolist(), strict=True):
            problem = tail_problem(item.demand_law, item.mean * most, item.size, item.cv)
            if problem:
                yield f"{item.name}: {problem}"

    def _limit_problems(self) -> Iterator[str]:
        for name, limit in (("capacity", self.capacity), ("max_order", self.max_order)):
            if limit and limit < max(self.min_order, min((item.pack for item in self.items), default=0)):
                yield f"{name} is {limit}; not even the smallest order fits: raise it or lower min_order and pack"
        on_hand = sum(item.start_on_hand for item in self.items)
        if self.capacity and on_hand > self.capacity:
            yield f"capacity is {self.capacity}; the items start with {on_hand} units on hand"

    def _substitution_problems(self) -> Iterator[str]:
        count = len(self.items)
        rows = self.substitution
        if not rows:
            return
        if len(rows) != count or any(not isinstance(row, tuple) or len(row) != count for row in rows):
            yield f"substitution must have {count} rows of {count} entries, one for each item, or none at all"
            return
        for i, row in enumerate(rows):
            if sum(row) > 1 + 1e-9:
                yield f"substitution[{i}] sums to {sum(row):g}; a customer asks for one substitute at most: at most 1"
            if row[i]:
                yield f"substitution[{i}][{i}] is {row[i]!r}; an item that is out is no substitute for itself: 0"

    @property
    def substitutes(self) -> bool:
        """Whether customers ever ask for a substitute."""
        return any(any(row) for row in self.substitution)

    @property
    def random_lead_times(self) -> bool:
        """Whether any item's lead time is left to chance."""
        return any(len(item.lead_times) > 1 for item in self.items)

    def promoted(self, days: int | None = None) -> Flags:
        """[days, items] whether each item is promoted, for ``days`` days from the first (default: all)."""
        count = self.days if days is None else days
        if not self.promotion_every:
            return np.zeros((count, len(self.items)), dtype=np.bool_)
        weeks = np.arange(count)[:, None] // 7 + np.arange(len(self.items))
        return np.asarray(weeks % self.promotion_every == 0)

    def factors(self) -> Floats:
        """[days, items] what the items' means are multiplied with, day by day."""
        calendar_factor = calendar.factors(self.start_date, self.days, self.weekday, self.season)
        return calendar_factor[:, None] * np.where(self.promoted(), self.promotion_lift, 1.0)

    def laws(self) -> tuple[list[Floats], Places]:
        """The laws of a day's demand for an item.

        Returns:
            Probabilities of 0, 1, 2, ... units for each distinct law, and [days, items] which law is followed.
        """
        factors = self.factors()
        law_of = np.empty(factors.shape, dtype=np.intp)
        pmfs: list[Floats] = []
        for k, item in enumerate(self.items):
            distinct, index = np.unique(factors[:, k], return_inverse=True)
            law_of[:, k] = index + len(pmfs)
            pmfs += [item.day_pmf(item.mean * factor) for factor in distinct]
        return pmfs, law_of
