"""Named scenarios of `BoxParameters`: business ones and published instances."""

from __future__ import annotations

from typing import Any

from envs_data.parameters import Scenarios
from envs_data.restock.box.parameters import BoxItem, BoxParameters

GROCERY_WEEK = (0.85, 0.8, 0.85, 0.95, 1.25, 1.5, 0.8)
# Whose item is out asks for its neighbour: (item that is out, item asked for next) to probability.
_GROCERY_CHOICES = {
    ("milk", "oat drink"): 0.2,
    ("oat drink", "milk"): 0.5,
    ("bread", "rolls"): 0.5,
    ("rolls", "bread"): 0.4,
    ("salad", "berries"): 0.1,
    ("yoghurt", "berries"): 0.15,
    ("berries", "yoghurt"): 0.3,
    ("eggs", "yoghurt"): 0.05,
}
_SIZES = ("S", "M", "L", "XL")
_FASHION_CHOICES = {
    ("S", "M"): 0.3,
    ("M", "L"): 0.25,
    ("L", "M"): 0.2,
    ("L", "XL"): 0.15,
    ("XL", "L"): 0.3,
}


def _choices(items: tuple[BoxItem, ...], shares: dict[tuple[str, str], float]) -> tuple[tuple[float, ...], ...]:
    """The substitution matrix of items by name."""
    return tuple(tuple(shares.get((a.name, b.name), 0.0) for b in items) for a in items)


def _fresh(name: str, mean: float, price: float, shelf_life: int, **fields: Any) -> BoxItem:
    """A grocery item that spoils: bought for .6 of its price, thrown away at a fee."""
    return BoxItem(
        name=name,
        mean=mean,
        price=price,
        cost=0.6 * price,
        shelf_life=shelf_life,
        waste=0.1,
        shortage=0.5 * price,
        holding=0.01,
        line_cost=0.3,
        start_on_hand=round(2 * mean),
        **fields,
    )


def _grocery() -> BoxParameters:
    late = {"lead_times": (1, 2), "lead_time_probabilities": (0.85, 0.15)}
    items = (
        _fresh("milk", 5.0, 1.3, 5, demand_law="negative_binomial", size=15.0, pack=2, max_packs=10),
        _fresh("oat drink", 1.5, 2.2, 8, pack=3, max_packs=4),
        _fresh("bread", 4.0, 3.2, 2, lead_times=(0,), issue="LIFO", max_packs=12),
        _fresh("rolls", 3.5, 0.9, 1, lead_times=(0,), max_packs=12),
        _fresh("salad", 1.8, 1.8, 3, issue="LIFO", pack=2, max_packs=5, **late),
        _fresh("yoghurt", 2.0, 1.1, 9, pack=4, max_packs=4, **late),
        _fresh("berries", 1.7, 3.5, 3, issue="LIFO", pack=2, max_packs=5, **late),
        BoxItem(
            name="eggs",
            mean=1.5,
            price=2.9,
            cost=1.9,
            holding=0.01,
            shortage=1.2,
            line_cost=0.3,
            lead_times=(1, 2, 3),
            lead_time_probabilities=(0.2, 0.6, 0.2),
            pack=6,
            max_packs=3,
            start_on_hand=12,
        ),
    )
    return BoxParameters(
        weekday=GROCERY_WEEK,
        promotion_every=8,
        promotion_lift=1.8,
        capacity=160,
        min_order=6,
        truck_size=40,
        truck_cost=6.0,
        substitution=_choices(items, _GROCERY_CHOICES),
        observed="sales",
        items=items,
    )


def _spare_parts() -> BoxParameters:
    names, means, costs = ("pump", "valve", "seal", "board"), (0.05, 0.15, 0.6, 0.03), (220.0, 60.0, 4.0, 480.0)
    items = tuple(
        BoxItem(
            name=name,
            mean=mean,
            lead_times=(3, 5, 10),
            lead_time_probabilities=(0.3, 0.5, 0.2),
            unmet="backordered",
            max_packs=8,
            start_on_hand=max(1, round(8 * mean)),
            holding=cost * 0.0006,
            shortage=120.0,
            line_cost=5.0,
        )
        for name, mean, cost in zip(names, means, costs, strict=True)
    )
    return BoxParameters(items=items, order_cost=25.0)


def _fashion() -> BoxParameters:
    items = tuple(
        BoxItem(
            name=size,
            mean=mean,
            demand_law="negative_binomial",
            size=3.0,
            lead_times=(7,),
            max_packs=12,
            start_on_hand=round(14 * mean),
            price=39.0,
            cost=14.0,
            holding=0.04,
            shortage=4.0,
        )
        for size, mean in zip(_SIZES, (1.2, 2.5, 2.2, 0.9), strict=True)
    )
    return BoxParameters(
        days=182,
        start_date="2025-03-01",
        season=(0.6, 0.7, 0.9, 1.2, 1.4, 1.3, 1.0, 0.6, 0.7, 0.8, 0.9, 1.0),
        capacity=220,
        order_cost=18.0,
        substitution=_choices(items, _FASHION_CHOICES),
        observed="sales",
        items=items,
    )


def _rule_enough() -> BoxParameters:
    items = tuple(
        BoxItem(
            name=name,
            mean=mean,
            max_packs=12,
            start_on_hand=round(2 * mean),
            price=price,
            cost=0.7 * price,
            holding=0.002 * price,
            shortage=0.3 * price,
        )
        for name, mean, price in (("soap", 4.0, 1.2), ("tissues", 6.0, 2.0))
    )
    return BoxParameters(items=items)


def _lunch_vans() -> BoxParameters:
    items = tuple(
        BoxItem(
            name=name,
            mean=2.0,
            shelf_life=2,
            issue="LIFO",
            max_packs=7,
            start_on_hand=2,
            price=5.0,
            cost=2.0,
            waste=0.5,
            line_cost=line_cost,
        )
        for name, line_cost in (("sushi", 3.0), ("maki", 1.0))
    )
    return BoxParameters(truck_size=6, truck_cost=8.0, substitution=((0.0, 0.8), (0.4, 0.0)), items=items)


def _de_moor() -> dict[str, BoxParameters]:
    """De Moor et al. (2022) with the values of Farrington et al. (2025): one item that lives for two days."""
    scenarios = {}
    for issue in ("LIFO", "FIFO"):
        for waste in (7, 10):
            item = BoxItem(
                mean=4.0,
                demand_law="rounded_gamma",
                shelf_life=2,
                issue=issue,
                cost=3.0,
                holding=1.0,
                waste=float(waste),
                shortage=5.0,
            )
            scenarios[f"de-moor-l1-{issue.lower()}-w{waste}"] = BoxParameters(items=(item,))
    return scenarios


def _hendrix() -> dict[str, BoxParameters]:
    """Hendrix et al. (2019): profit of items that live for two or three days, one of them a substitute."""
    items = {m: BoxItem(mean=5.0, shelf_life=m, price=1.0, cost=0.5) for m in (2, 3)}
    pair = (items[2].replace(name="A"), items[2].replace(name="B"))
    scenarios = {f"hendrix-m{m}": BoxParameters(days=100, items=(item,)) for m, item in items.items()}
    scenarios["hendrix-two-items"] = BoxParameters(days=100, substitution=((0.0, 0.0), (0.5, 0.0)), items=pair)
    return scenarios


def _vanvuchelen() -> BoxParameters:
    """Vanvuchelen et al. (2020), setting 5: two items share trucks; at most three set out a day."""
    items = tuple(
        BoxItem(
            name=name,
            mean=mean,
            demand_law="uniform",
            lead_times=(0,),
            unmet="backordered",
            max_packs=18,
            holding=1.0,
            shortage=19.0,
            line_cost=line_cost,
        )
        for name, mean, line_cost in (("one", 2.5, 40.0), ("two", 1.5, 10.0))
    )
    return BoxParameters(days=100, max_order=18, truck_size=6, truck_cost=75.0, items=items)


def _shared_order() -> dict[str, BoxParameters]:
    """Two items that share an order limit: exact, though perfect information misjudges it widely."""
    items = tuple(
        BoxItem(name=name, mean=mean, lead_times=(0,), max_packs=9, holding=1.0, shortage=shortage)
        for name, mean, shortage in (("one", 2.0, 9.0), ("two", 3.0, 4.0))
    )
    return {f"shared-order-c{c}": BoxParameters(days=12, max_order=c, items=items) for c in (5, 6, 7, 9)}


_NAMED: dict[str, BoxParameters] = {
    # A shop's chilled goods and bakery, everything on: spoilage, substitutes, promotions, late trucks, a full store.
    "grocery-box": _grocery(),
    # The same shop with customers who take no substitute, so that each item sells on its own.
    "loyal-customers": _grocery().replace(substitution=()),
    # A workshop's slow, dear parts from abroad; machines stand still while a part is owed.
    "spare-parts-box": _spare_parts(),
    # One shirt in four sizes for a season, ordered a week ahead; customers may take the next size.
    "fashion-box": _fashion(),
    # Two staples that keep and share nothing: a base-stock level each is within a hair of the optimum.
    "rule-enough": _rule_enough(),
    # Lunch that lives two days, sold freshest first and brought in small dear vans: levels order half-empty vans, a
    # timetable of whole ones does not.
    "lunch-vans": _lunch_vans(),
    **_de_moor(),
    **_hendrix(),
    # Backorders, no lead time, trucks of six: at stock (5, 0) only item two is ordered, a whole truck of it.
    "vanvuchelen-setting5": _vanvuchelen(),
    **_shared_order(),
}

SCENARIOS = Scenarios(_NAMED, former={"rule-fails": "lunch-vans"})
