"""Parameters of one item that is restocked day by day."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from envs_data.arrays import Floats, Places
from envs_data.chance import DEMAND_LAWS, MOST_A_DAY, demand_pmf, limited, tail_problem
from envs_data.parameters import Parameters, quantity
from envs_data.restock import calendar, hidden_level

MAX_ACTIONS = 64


@dataclasses.dataclass(frozen=True)
class ItemParameters(Parameters):
    """One item, ordered in packs once a day, delivered after a lead time.

    Money is counted as cost: what stock on hand, lost sales and orders cost. A sale itself pays nothing here; the
    margin it would have brought is part of ``shortage``. `quantities()` gives unit and meaning of each field.
    """

    case: ClassVar[str] = "bizgyms/RestockItem-v0"

    days: int = quantity(365, "days", "length of an episode", low=1, high=3660)
    start_date: str = quantity("2025-01-06", "date", "first day of an episode")
    mean: float = quantity(12.0, "units a day", "mean demand before weekday and season", low=0, high=MOST_A_DAY)
    demand_law: str = quantity("negative_binomial", "law", "law of a day's demand", choices=DEMAND_LAWS)
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
    daily_limit: int = quantity(
        0,
        "units",
        "most that is asked for on a day, where the law would give more; 0 no limit",
        low=0,
        high=10_000_000,
        later=True,
    )
    level_spread: float = quantity(
        0.0,
        "",
        "standard deviation of the logarithm of a hidden level that demand wanders around; 0 none",
        low=0,
        high=1.5,
        later=True,
    )
    level_persistence: float = quantity(
        0.0, "", "correlation of the hidden level's logarithm from day to day", low=0, high=0.9999, later=True
    )
    weekday: tuple[float, ...] = quantity(
        (), "factors", "demand by weekday, Monday first", low=0, high=100, lengths=(0, 7)
    )
    season: tuple[float, ...] = quantity(
        (), "factors", "demand by month, January first", low=0, high=100, lengths=(0, 12)
    )
    lead_time: int = quantity(1, "days", "from order to delivery; 0 is before the day's demand", low=0, high=30)
    unmet: str = quantity("lost", "rule", "what becomes of unmet demand", choices=("lost", "backordered"))
    pack: int = quantity(1, "units", "orders come in multiples of this", low=1, high=100_000)
    max_packs: int = quantity(40, "packs", "largest order a day", low=1, high=MAX_ACTIONS - 1)
    start_on_hand: int = quantity(0, "units", "stock on the first morning", low=0, high=10_000_000)
    price: float = quantity(
        0.0, "money a unit", "selling price: scale of assumed costs, never paid in the reward", low=0, high=1e9
    )
    holding: float = quantity(1.0, "money a unit and day", "cost of stock left at closing", low=0, high=1e9)
    shortage: float = quantity(
        4.0, "money a unit", "all that a lost sale costs (backordered: a day of waiting)", low=0, high=1e9
    )
    order_cost: float = quantity(0.0, "money an order", "fixed cost of ordering at all", low=0, high=1e9)
    money: str = quantity("EUR", "name", "what costs are counted in")

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        problem = calendar.date_problem("start_date", self.start_date)
        if problem:
            yield problem
            return
        factors = self.factors()
        if self.mean == 0 or not factors.any():
            yield "demand is zero on every day; mean and the factors must leave some"
        busiest = self.mean * float(factors.max() * self.levels().max()) / (1 - self.zero_inflation)
        problem = tail_problem(self.demand_law, busiest, self.size, self.cv)
        if problem:
            yield problem

    def factors(self) -> Floats:
        """[days] what `mean` is multiplied with, day by day."""
        return calendar.factors(self.start_date, self.days, self.weekday, self.season)

    def levels(self) -> Floats:
        """[levels] what `mean` is multiplied with besides, by a hidden level that lasts; one where there is none."""
        return hidden_level.factors(self.level_spread)

    def day_pmf(self, mean: float, level: int | None = None) -> Floats:
        """Probabilities of 0, 1, 2, ... units on a day with this mean demand, whatever its hidden level or at one."""
        levels = self.levels()
        chosen = levels if level is None else levels[[level]]
        law = self.demand_law, self.size, self.cv, self.zero_inflation
        pmfs = [limited(demand_pmf(law[0], mean * float(one), *law[1:]), self.daily_limit) for one in chosen]
        if len(pmfs) == 1:
            return pmfs[0]
        mixed = np.zeros(max(map(len, pmfs)))
        for weight, pmf in zip(hidden_level.WEIGHTS, pmfs, strict=True):
            mixed[: len(pmf)] += weight * pmf
        return mixed

    def laws(self, level: int | None = None) -> tuple[list[Floats], Places]:
        """The laws of a day's demand.

        Args:
            level: number of the hidden level; None for whatever it is.

        Returns:
            Probabilities of 0, 1, 2, ... units for each distinct law, and [days] which law each day follows.
        """
        distinct, law_of_day = np.unique(self.factors(), return_inverse=True)
        pmfs = [self.day_pmf(self.mean * factor, level) for factor in distinct]
        return pmfs, law_of_day.astype(np.intp)
