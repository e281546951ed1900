"""Named scenarios of `ItemParameters`: published instances and business ones."""

from __future__ import annotations

from envs_data.parameters import Scenarios
from envs_data.restock.item.parameters import ItemParameters

KIOSK_WEEK = (0.1, 0.1, 0.2, 0.4, 1.0, 2.6, 2.6)
GROCERY_WEEK = (0.85, 0.8, 0.85, 0.95, 1.25, 1.5, 0.8)
# Largest order by shortage cost: Zipkin searches orders up to the
# critical fractile of one day's demand plus one.
_POISSON_ORDERS = {4: 8, 9: 9, 39: 11}
_GEOMETRIC_ORDERS = {4: 9, 19: 17}


def _zipkin() -> dict[str, ItemParameters]:
    """Zipkin (2008), Operations Research 56(5), Tables 3 and 4: lost sales, holding 1, mean demand 5."""
    scenarios = {}
    for law, orders in (("poisson", _POISSON_ORDERS), ("geometric", _GEOMETRIC_ORDERS)):
        for shortage, max_packs in orders.items():
            for lead_time in (1, 2, 3, 4):
                scenarios[f"zipkin-{law}-p{shortage}-l{lead_time}"] = ItemParameters(
                    days=100,
                    mean=5.0,
                    demand_law=law,
                    lead_time=lead_time,
                    max_packs=max_packs,
                    start_on_hand=10,
                    shortage=float(shortage),
                )
    return scenarios


_NAMED: dict[str, ItemParameters] = {
    # A shop's steady seller, ordered daily for the day after tomorrow: the walk-through of the README.
    "corner-shop": ItemParameters(
        weekday=GROCERY_WEEK,
        lead_time=2,
        start_on_hand=30,
        price=3.5,
        holding=0.25,
        shortage=1.4,
    ),
    # Next-day delivery and cheap storage: base-stock is within a hair of the optimum.
    "rule-enough": ItemParameters(
        mean=6.0,
        demand_law="poisson",
        max_packs=20,
        start_on_hand=12,
        price=20.0,
        holding=0.02,
        shortage=8.0,
    ),
    # A weekend kiosk that pays for every delivery: rules of levels alone order too often or at the wrong end of the
    # week; a review on chosen weekdays does not.
    "weekend-kiosk": ItemParameters(
        mean=4.0,
        demand_law="poisson",
        weekday=KIOSK_WEEK,
        lead_time=2,
        max_packs=24,
        start_on_hand=8,
        price=10.0,
        shortage=6.0,
        order_cost=30.0,
    ),
    # Demand that more than doubles before Christmas.
    "gift-season": ItemParameters(
        mean=5.0,
        size=8.0,
        season=(0.6, 0.7, 0.7, 0.8, 0.9, 0.9, 0.8, 0.8, 0.9, 1.1, 1.6, 2.2),
        lead_time=3,
        max_packs=24,
        start_on_hand=20,
        price=12.0,
        holding=0.3,
        shortage=6.0,
    ),
    # Few units, each dear to miss, ordered in pairs from far away.
    "spare-part": ItemParameters(
        mean=0.4,
        demand_law="poisson",
        lead_time=4,
        pack=2,
        max_packs=3,
        start_on_hand=4,
        price=180.0,
        holding=0.5,
        shortage=90.0,
        order_cost=15.0,
    ),
    # Customers wait: the optimum is an (s, S) rule, so no learner can gain over it.
    "backorders": ItemParameters(
        mean=6.0,
        demand_law="poisson",
        lead_time=0,
        unmet="backordered",
        max_packs=20,
        start_on_hand=10,
        order_cost=5.0,
    ),
    **_zipkin(),
}

SCENARIOS = Scenarios(_NAMED, former={"rule-fails": "weekend-kiosk"})
