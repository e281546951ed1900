"""Small shops of every kind, drawn from hidden parameters: everything about them can be computed exactly."""

from __future__ import annotations

import numpy as np

from envs_data.restock.item import ItemParameters

KIOSK = (0.1, 0.1, 0.2, 0.4, 1.0, 2.6, 2.6)
STALL = (0.0, 0.0, 0.1, 0.1, 1.0, 2.9, 2.9)
# Days on which hardly anybody comes, and an order that costs: no level fits both kinds of day, so that rules fail.
MARKET = (0.0, 0.0, 0.0, 0.0, 0.0, 3.5, 3.5)
MIDWEEK = (0.0, 0.1, 3.4, 3.4, 0.1, 0.0, 0.0)
GROCERY = (0.85, 0.8, 0.85, 0.95, 1.25, 1.5, 0.8)
GIFTS = (0.6, 0.7, 0.7, 0.8, 0.9, 0.9, 0.8, 0.8, 0.9, 1.1, 1.6, 2.2)

_COMMON = {"days": 56, "start_on_hand": 6, "holding": 1.0, "shortage": 6.0, "demand_law": "poisson"}
# Kind of scenario to what sets it apart. Where stock comes at once, and with backorders, the optimum is a rule.
KINDS: dict[str, dict[str, object]] = {
    "corner shop": {"mean": 3.0, "demand_law": "negative_binomial", "size": 4.0, "weekday": GROCERY, "lead_time": 1,
                    "max_packs": 10},
    "rule enough": {"mean": 2.5, "lead_time": 1, "max_packs": 8, "holding": 0.1},
    "kiosk": {"mean": 2.5, "weekday": KIOSK, "lead_time": 0, "pack": 2, "max_packs": 8, "order_cost": 14.0},
    "kiosk, a day ahead": {"mean": 2.5, "weekday": KIOSK, "lead_time": 1, "pack": 3, "max_packs": 6,
                           "order_cost": 20.0},
    "gift season": {"mean": 2.0, "season": GIFTS, "start_date": "2025-11-03", "lead_time": 1, "max_packs": 10},
    "spare part": {"mean": 0.5, "lead_time": 2, "pack": 2, "max_packs": 3, "order_cost": 4.0, "shortage": 30.0},
    "lost sales, two days ahead": {"mean": 3.0, "lead_time": 2, "max_packs": 6},
    "at once": {"mean": 3.0, "demand_law": "negative_binomial", "size": 3.0, "lead_time": 0, "max_packs": 10},
    "weekend stall": {"mean": 2.0, "weekday": STALL, "lead_time": 0, "pack": 2, "max_packs": 8, "order_cost": 8.0},
    "weekly market": {"mean": 2.0, "weekday": MARKET, "lead_time": 0, "pack": 4, "max_packs": 5, "order_cost": 10.0},
    "weekly market, midweek": {"mean": 2.0, "weekday": MIDWEEK, "lead_time": 0, "pack": 5, "max_packs": 3,
                               "order_cost": 8.0},
    "backorders": {"mean": 3.0, "lead_time": 0, "unmet": "backordered", "max_packs": 10, "order_cost": 3.0},
}  # fmt: skip
EACH = 3


def world(kind: str, number: int) -> ItemParameters:
    """A shop of a kind; its demand and costs are drawn by its number."""
    rng = np.random.default_rng(np.random.SeedSequence([sorted(KINDS).index(kind), number]))
    fields = {**_COMMON, **KINDS[kind]}
    for name, low, high in (("mean", 0.8, 1.25), ("shortage", 0.7, 1.4), ("order_cost", 0.7, 1.4), ("size", 0.7, 1.5)):
        if name in fields:
            fields[name] = round(float(fields[name]) * float(rng.uniform(low, high)), 2)  # type: ignore[arg-type]  # a number
    return ItemParameters.from_dict(fields)


def worlds(each: int = EACH) -> dict[str, ItemParameters]:
    """All shops by name: ``each`` of every kind."""
    return {f"{kind} {number + 1}": world(kind, number) for kind in KINDS for number in range(each)}
