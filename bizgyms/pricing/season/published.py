"""Published numbers of a season, each by plain values, so that a table of data can say which number it wants."""

from __future__ import annotations

import math

from bizgyms.pricing.season import continuous
from bizgyms.pricing.season.optimum import solve
from envs_data.pricing.season import SCENARIOS

# rate = 20e is no number that can be written down, so the table gives it in units of e.


def best_revenue(stock: int, time: float, rate_e: float, sensitivity: float) -> float:
    """Best expected revenue in continuous time; the rate is ``rate_e`` times e."""
    return continuous.value(stock, time, rate_e * math.e, sensitivity)


def best_price(stock: int, time: float, rate_e: float, sensitivity: float) -> float:
    """Best price at the beginning, in continuous time."""
    return continuous.price(stock, time, rate_e * math.e, sensitivity)


def fluid_bound(stock: int, time: float, rate_e: float, sensitivity: float) -> float:
    """The fluid bound."""
    return continuous.fluid_bound(stock, time, rate_e * math.e, sensitivity)


def fixed_price_revenue(stock: int, time: float, rate_e: float, sensitivity: float, price: float) -> float:
    """Expected revenue of one price for the whole season."""
    return continuous.fixed_price_revenue(stock, time, rate_e * math.e, sensitivity, price)


def fluid_price_revenue(stock: int, time: float, rate_e: float, sensitivity: float) -> float:
    """Expected revenue of the fluid price."""
    return continuous.fixed_price_revenue(stock, time, rate_e * math.e, sensitivity)


def share_of_continuous(scenario: str) -> float:
    """Optimum of a `PricingSeason` scenario as a share of the optimum in continuous time."""
    p = SCENARIOS[scenario]
    best = continuous.value(p.start_stock, float(p.periods), p.customers, p.sensitivity)
    return solve(p).value / best
