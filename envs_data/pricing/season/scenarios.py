"""Named scenarios of `SeasonParameters`: published instances and business ones."""

from __future__ import annotations

import math

from envs_data.pricing.season.parameters import SeasonParameters

# Prices of the published instance: from 1 / sensitivity, below which nobody should sell, to what the last unit of a
# whole season is worth.
_QUARTERS = tuple(10 + 0.25 * step for step in range(129))
_WIDE = (10.0, 15.0, 22.0, 33.0, 50.0, 75.0, 110.0, 160.0)
_CENTS = tuple(1 + 0.01 * step for step in range(80))


def _gallego_van_ryzin() -> dict[str, SeasonParameters]:
    """Gallego and van Ryzin (1994), Management Science 40(8): 10 units, demand 20 e exp(-.1 p), K prices a season."""
    return {
        f"gallego-van-ryzin-k{periods}": SeasonParameters(
            periods=periods,
            period_days=140 / periods,
            start_stock=10,
            prices=_QUARTERS,
            customers=20 * math.e / periods,
            sensitivity=0.1,
        )
        for periods in (1, 2, 5, 10, 20, 50)
    }


SCENARIOS: dict[str, SeasonParameters] = {
    # Coats for a winter, twenty weeks: a fixed price is good, marking down with stock and time a little better.
    "winter-coats": SeasonParameters(
        salvage=15.0,
    ),
    # More stock than customers and a known demand: one price does it.
    "rule-enough": SeasonParameters(
        start_stock=200,
        prices=(20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0),
    ),
    # Many who count every cent, or few who do not? Either would pay for another price, and ten weeks are soon over.
    "rule-fails": SeasonParameters(
        periods=10,
        start_stock=60,
        prices=_WIDE,
        levels=(0.4, 4.0),
        sensitivities=(0.3, 3.0),
    ),
    # Nobody knows at the start whether this is a fad or a flop.
    "fad-or-flop": SeasonParameters(
        start_stock=30,
        prices=_WIDE,
        customers=8.0,
        levels=(0.25, 2.0),
    ),
    # Few units for many customers: the price should follow every sale.
    "scarce-stock": SeasonParameters(
        start_stock=3,
        prices=(60.0, 80.0, 100.0, 120.0, 140.0, 160.0, 180.0, 200.0, 220.0, 240.0, 260.0),
        customers=4.0,
    ),
    # Prices printed in a catalogue, twice a season.
    "few-changes": SeasonParameters(
        periods=2,
        period_days=70.0,
        start_stock=20,
        customers=50.0,
        salvage=15.0,
    ),
    # Demand that comes late: a seller who sells out early misses it.
    "late-season": SeasonParameters(
        periods=10,
        start_stock=25,
        profile=(0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.2, 1.6, 2.0, 2.2),
    ),
    # How many customers come and how they take a price are both to be found out.
    "unknown-elasticity": SeasonParameters(
        start_stock=60,
        prices=_WIDE,
        customers=8.0,
        levels=(0.5, 0.5, 2.0, 2.0),
        sensitivities=(0.4, 2.5, 0.4, 2.5),
    ),
    "gallego-van-ryzin-n1": SeasonParameters(
        periods=50, start_stock=1, prices=_CENTS, customers=math.e / 50, sensitivity=1.0
    ),
    **_gallego_van_ryzin(),
}
