"""Parameters of a finite stock that is sold in a finite season."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from typing import ClassVar, NamedTuple

import numpy as np

from envs_data.arrays import Floats
from envs_data.chance import crowd_problem
from envs_data.parameters import Parameters, quantity

MAX_PRICES = 200
MAX_KINDS = 16


class Kind(NamedTuple):
    """One of the demands an episode may have.

    Attributes:
        customers: factor on the number of customers.
        sensitivity: factor on the price sensitivity.
    """

    customers: float
    sensitivity: float


@dataclasses.dataclass(frozen=True)
class SeasonParameters(Parameters):
    """A stock that cannot be refilled, sold at a price that may change from period to period.

    A customer buys one unit if the price is at most what it is worth to them; that worth is exponential, so that
    demand is ``customers * exp(-sensitivity * price)`` (Gallego and van Ryzin 1994, Management Science 40(8)).
    `quantities()` gives unit and meaning of each field.
    """

    case: ClassVar[str] = "bizgyms/PricingSeason-v0"

    periods: int = quantity(20, "periods", "length of a season: how often the price is decided", low=1, high=1000)
    period_days: float = quantity(7.0, "days", "length of a period", low=0.01, high=366)
    start_stock: int = quantity(40, "units", "stock at the beginning of the season", low=1, high=1000)
    prices: tuple[float, ...] = quantity(
        (40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0, 115.0, 130.0, 150.0),
        "money a unit",
        "the price steps, rising",
        low=0,
        high=1e9,
        lengths=tuple(range(1, MAX_PRICES + 1)),
    )
    customers: float = quantity(10.0, "customers a period", "mean number of customers", low=1e-6, high=1000)
    profile: tuple[float, ...] = quantity((), "factors", "customers by period", low=0, high=100)
    sensitivity: float = quantity(
        0.02, "1 / money", "price sensitivity: one over the mean of what a unit is worth", low=1e-9, high=1e6
    )
    salvage: float = quantity(0.0, "money a unit", "what a unit left at the end brings", low=0, high=1e9)
    levels: tuple[float, ...] = quantity(
        (), "factors", "factor on customers of each hidden demand; one demand is drawn a season", low=1e-3, high=100
    )
    sensitivities: tuple[float, ...] = quantity(
        (),
        "factors",
        "factor on the sensitivity of each hidden demand, in their order",
        low=1e-3,
        high=100,
    )
    money: str = quantity("EUR", "name", "what revenue is counted in")

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        if any(low >= high for low, high in itertools.pairwise(self.prices)):
            yield "prices must rise from step to step"
        if self.profile and len(self.profile) != self.periods:
            yield f"profile has {len(self.profile)} entries; it must have one a period ({self.periods}), or none"
        if self.profile and not any(self.profile):
            yield "profile is zero in every period; it must leave some demand"
        counts = {len(self.levels), len(self.sensitivities)} - {0}
        if len(counts) > 1:
            yield "levels and sensitivities describe the same hidden demands: give one of each for every demand"
        if max(counts, default=0) > MAX_KINDS:
            yield f"{max(counts)} hidden demands; at most {MAX_KINDS} are possible"
        most = self.customers * sum(self.profile or (self.periods,)) * max(self.levels or (1.0,))
        yield from filter(None, [crowd_problem("customers", most, "customers, profile or levels")])

    def kinds(self) -> list[Kind]:
        """The demands a season may have, equally likely; one where demand is known."""
        count = max(len(self.levels), len(self.sensitivities), 1)
        factors = zip(self.levels or (1.0,) * count, self.sensitivities or (1.0,) * count, strict=True)
        return [Kind(*factor) for factor in factors]

    @property
    def hidden(self) -> bool:
        """Whether the agent does not know the demand of a season."""
        return len(self.kinds()) > 1

    def factors(self) -> Floats:
        """[periods] what ``customers`` is multiplied with, period by period."""
        return np.array(self.profile or (1.0,) * self.periods)

    def chances(self, kind: Kind) -> Floats:
        """[prices] probability that a customer buys at each price."""
        return np.exp(-self.sensitivity * kind.sensitivity * np.array(self.prices))

    def rates(self, kind: Kind) -> Floats:
        """[periods, prices] mean number of customers who want to buy."""
        return self.customers * kind.customers * np.outer(self.factors(), self.chances(kind))
