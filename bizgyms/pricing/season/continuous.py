"""A season in continuous time: the closed form of Gallego and van Ryzin (1994), Management Science 40(8), section 2.

Demand comes at rate a exp(-alpha p) and the price may change at any moment. With a price grid and few changes the best
possible is lower; `bizgyms.pricing.season.optimum` computes it.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, stats

from envs_data.arrays import Floats


def value(stock: int, time: float, rate: float, sensitivity: float) -> float:
    """Best expected revenue J*(n, t) = ln(sum_{i<=n} (a t / e)^i / i!) / alpha.

    Args:
        stock: n, units.
        time: t, length of the season.
        rate: a, customers in a unit of time.
        sensitivity: alpha, 1 / money.
    """
    return float(np.log(_sums(stock, time, rate)[-1]) / sensitivity)


def price(stock: int, time: float, rate: float, sensitivity: float) -> float:
    """Best price p*(n, t) = J*(n, t) - J*(n - 1, t) + 1 / alpha, for a stock of one or more."""
    return value(stock, time, rate, sensitivity) - value(stock - 1, time, rate, sensitivity) + 1 / sensitivity


def _sums(stock: int, time: float, rate: float) -> Floats:
    i = np.arange(1, stock + 1)
    return np.cumsum(np.cumprod(np.append(1.0, rate * time / math.e / i)))


def fluid_price(stock: int, time: float, rate: float, sensitivity: float) -> float:
    """The price p^D at which expected demand is the smaller of the stock and what maximises revenue."""
    return math.log(rate / min(rate / math.e, stock / time)) / sensitivity


def fluid_bound(stock: int, time: float, rate: float, sensitivity: float) -> float:
    """Revenue J^D if demand were its expectation: an upper bound."""
    sold = min(rate / math.e, stock / time)
    return time * sold * fluid_price(stock, time, rate, sensitivity)


def fixed_price_revenue(stock: int, time: float, rate: float, sensitivity: float, price: float | None = None) -> float:
    """Expected revenue of one price for the whole season; of the fluid price by default."""
    p = fluid_price(stock, time, rate, sensitivity) if price is None else price
    mean = rate * time * math.exp(-sensitivity * p)
    return p * float(stats.poisson.sf(np.arange(stock), mean).sum())


def best_fixed_price(stock: int, time: float, rate: float, sensitivity: float) -> float:
    """The fixed price with the highest expected revenue."""
    top = fluid_price(stock, time, rate, sensitivity) + 5 / sensitivity
    found = optimize.minimize_scalar(
        lambda p: -fixed_price_revenue(stock, time, rate, sensitivity, p),
        bounds=(0.0, top),
        method="bounded",
        options={"xatol": 1e-10 * top},
    )
    return float(found.x)


def best_fixed_revenue(stock: int, time: float, rate: float, sensitivity: float) -> float:
    """Expected revenue of the best fixed price."""
    best = best_fixed_price(stock, time, rate, sensitivity)
    return fixed_price_revenue(stock, time, rate, sensitivity, best)


def simulate(
    stock: int, time: float, rate: float, sensitivity: float, seasons: int, rng: np.random.Generator
) -> Floats:
    """[seasons] revenue of the best price when it follows every sale and every moment.

    Customers come at rate a; each has an exponential worth and buys if the price of that moment is at most that.
    """
    revenue = np.zeros(seasons)
    left = np.full(seasons, stock)
    now = rng.exponential(1 / rate, seasons)
    prices = np.zeros(seasons)
    while (selling := (now < time) & (left > 0)).any():
        for units in np.unique(left[selling]):
            rows = np.flatnonzero(selling & (left == units))
            prices[rows] = _prices(int(units), time - now[rows], rate, sensitivity)
        buys = selling & (rng.exponential(1 / sensitivity, seasons) >= prices)
        revenue += np.where(buys, prices, 0.0)
        left -= buys
        now += rng.exponential(1 / rate, seasons)
    return revenue


def _prices(stock: int, times: Floats, rate: float, sensitivity: float) -> Floats:
    """The best price of one stock at many moments."""
    i = np.arange(1, stock + 1)
    parts = np.cumprod(rate * times[:, None] / math.e / i, axis=1)
    whole = 1 + parts.sum(axis=1)
    return np.asarray((np.log(whole / (whole - parts[:, -1])) + 1) / sensitivity)
