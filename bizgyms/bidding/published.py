"""Numbers of single auctions, for comparison with known ones."""

from __future__ import annotations

import numpy as np
from scipy import integrate, optimize, special


def lognormal_share(value: float, spread: float) -> float:
    """The best first-price bid as a share of the value, against a lognormal best competing bid.

    Args:
        value: in medians of the competing bid.
        spread: its log standard deviation.
    """

    def loss(share: float) -> float:
        return -float(special.ndtr(np.log(share * value) / spread)) * (1 - share)

    return float(optimize.minimize_scalar(loss, bounds=(1e-6, 1 - 1e-9), method="bounded", options={"xatol": 1e-10}).x)


def equilibrium_share(bidders: int, value: float) -> float:
    """The equilibrium first-price bid over the value, values uniform on [0, 1]."""
    shaded = integrate.quad(lambda x: (x / value) ** (bidders - 1), 0, value)[0]
    return 1 - float(shaded) / value


def first_price_revenue(bidders: int) -> float:
    """Expected equilibrium revenue of a first-price auction, values uniform on [0, 1]."""
    bid = equilibrium_share(bidders, 1.0)
    return float(integrate.quad(lambda v: bid * v * bidders * v ** (bidders - 1), 0, 1)[0])


def second_price_revenue(bidders: int, reserve: float = 0.0) -> float:
    """Expected revenue of truthful bids in a second-price auction with a reserve, values uniform on [0, 1]."""

    def second(v: float) -> float:
        return v * bidders * (bidders - 1) * (1 - v) * v ** (bidders - 2)

    alone = bidders * (1 - reserve) * reserve ** (bidders - 1)
    return float(integrate.quad(second, reserve, 1)[0]) + reserve * alone


def best_reserve(bidders: int) -> float:
    """The reserve with the largest revenue, values uniform on [0, 1]."""

    def loss(reserve: float) -> float:
        return -second_price_revenue(bidders, reserve)

    return float(optimize.minimize_scalar(loss, bounds=(0, 1), method="bounded", options={"xatol": 1e-8}).x)


def best_reserve_revenue(bidders: int) -> float:
    """Expected revenue at the best reserve."""
    return second_price_revenue(bidders, best_reserve(bidders))
