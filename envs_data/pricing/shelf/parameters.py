"""Parameters of a shelf: several products of which a customer takes one or none."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from envs_data.arrays import Floats
from envs_data.chance import crowd_problem
from envs_data.parameters import Parameters, nested, quantity

MAX_PRODUCTS = 32
MAX_PRICES = 64
MAX_LEVELS = 16
# Utilities beyond this count as it: a weight of 10^130 leaves nobody undecided, and a thousand of them can be added.
UTMOST = 300.0


@dataclasses.dataclass(frozen=True)
class ShelfProduct(Parameters):
    """One product of a shelf. `quantities()` gives unit and meaning of each field."""

    case: ClassVar[str] = ""

    name: str = quantity("product", "name", "what the product is called in observations and tables")
    appeal: float = quantity(
        1.0,
        "",
        "utility at price 0 over buying nothing; the weight of a customer's choice is exp(utility)",
        low=-50,
        high=50,
    )
    sensitivity: float = quantity(
        1.0, "1 / money", "utility lost with each unit of money of the price", low=1e-9, high=1e6
    )
    prices: tuple[float, ...] = quantity(
        (1.0, 2.0, 3.0),
        "money a unit",
        "the price steps, rising",
        low=0,
        high=1e9,
        lengths=tuple(range(1, MAX_PRICES + 1)),
    )
    start_step: int = quantity(
        0, "step", "the price before the first period, as a step of prices", low=0, high=MAX_PRICES
    )
    cost: float = quantity(0.0, "money a unit", "what a unit sold has to be replaced for", low=0, high=1e9)
    start_stock: int = quantity(1000, "units", "stock at the beginning", low=0, high=1_000_000)
    delivery: int = quantity(0, "units", "units that come with the one delivery", low=0, high=1_000_000)

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        if any(low >= high for low, high in itertools.pairwise(self.prices)):
            yield "prices must rise from step to step"
        if self.start_step >= len(self.prices):
            yield f"start_step is {self.start_step}; prices has steps 0 to {len(self.prices) - 1}"


@dataclasses.dataclass(frozen=True)
class ShelfParameters(Parameters):
    """Products side by side, each with a price that may change from period to period.

    Customers choose by the multinomial logit among what is in stock and buying nothing. A product's utility is
    ``appeal - sensitivity * price - loss * max(price - reference, 0) + gain * max(reference - price, 0)``, where the
    reference price becomes ``memory * reference + (1 - memory) * price`` after each period. Utilities beyond 300 and
    -300 count as these. `quantities()` gives unit and meaning of each field.
    """

    case: ClassVar[str] = "bizgyms/PricingShelf-v1"

    periods: int = quantity(26, "periods", "length of an episode", low=1, high=1000)
    period_days: float = quantity(7.0, "days", "length of a period", low=0.01, high=366)
    customers: float = quantity(20.0, "customers a period", "mean number of customers", low=1e-6, high=10_000)
    profile: tuple[float, ...] = quantity((), "factors", "customers by period", low=0, high=100)
    memory: float = quantity(
        0.7, "share", "share of the reference price that is kept; the rest is the price of the period", low=0, high=0.99
    )
    loss: float = quantity(
        0.0, "1 / money", "utility lost with each unit of money above the reference price", low=0, high=1e6
    )
    gain: float = quantity(
        0.0, "1 / money", "utility gained with each unit of money below the reference price", low=0, high=1e6
    )
    change_cost: float = quantity(0.0, "money a change", "cost of changing the price of a product", low=0, high=1e9)
    max_changes: int = quantity(
        0, "changes", "most price changes in an episode, all products together; 0 no limit", low=0, high=100_000
    )
    delivery_period: int = quantity(
        0, "period", "periods completed when the one delivery comes; 0 there is none", low=0, high=1000
    )
    levels: tuple[float, ...] = quantity(
        (), "factors", "hidden, equally likely factors on customers; one is drawn an episode", low=1e-3, high=100
    )
    products: tuple[ShelfProduct, ...] = nested(
        ShelfProduct, (ShelfProduct(),), "", "the products of the shelf, one by one"
    )
    money: str = quantity("EUR", "name", "what revenue and costs are counted in")

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        if not 1 <= len(self.products) <= MAX_PRODUCTS:
            yield f"products has {len(self.products)} entries; it must have 1 to {MAX_PRODUCTS}"
        names = [product.name for product in self.products]
        if len(set(names)) < len(names):
            yield f"products are called {', '.join(names)}; each must have a name of its own"
        if self.profile and len(self.profile) != self.periods:
            yield f"profile has {len(self.profile)} entries; it must have one a period ({self.periods}), or none"
        if self.profile and not any(self.profile):
            yield "profile is zero in every period; it must leave some demand"
        most = self.customers * sum(self.profile or (self.periods,)) * max(self.kinds())
        yield from filter(None, [crowd_problem("customers", most, "customers, profile or levels")])
        if len(self.levels) > MAX_LEVELS:
            yield f"{len(self.levels)} levels; at most {MAX_LEVELS} are possible"
        if self.delivery_period >= self.periods:
            yield f"delivery_period is {self.delivery_period}; it must be below the number of periods ({self.periods})"
        if any(product.delivery for product in self.products) and not self.delivery_period:
            yield "products have a delivery, but delivery_period is 0; say when it comes"

    @property
    def hidden(self) -> bool:
        """Whether the number of customers depends on a hidden level."""
        return len(self.levels) > 1

    @property
    def remembers(self) -> bool:
        """Whether customers compare prices with a reference price."""
        return self.loss > 0 or self.gain > 0

    def kinds(self) -> tuple[float, ...]:
        """The factors on customers an episode may have, equally likely; one where it is known."""
        return self.levels or (1.0,)

    def factors(self) -> Floats:
        """[periods] what ``customers`` is multiplied with, period by period."""
        return np.array(self.profile or (1.0,) * self.periods)

    def means(self) -> Floats:
        """[periods] customers expected at level 1."""
        return self.customers * self.factors()
