"""Named scenarios of `ShelfParameters`: published instances and business ones."""

from __future__ import annotations

from envs_data.parameters import Scenarios
from envs_data.pricing.shelf.parameters import ShelfParameters, ShelfProduct

_JUICE = (1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0)


def _juices(stock: int, **fields: int) -> tuple[ShelfProduct, ...]:
    """Five juices from plain to fine."""
    rows = [("own", 2.2, 1.9, 0.9), ("plain", 2.6, 1.7, 1.0), ("known", 3.2, 1.7, 1.2), ("fresh", 3.4, 1.5, 1.4)]
    rows.append(("organic", 3.5, 1.4, 1.5))
    return tuple(
        ShelfProduct(
            name=name,
            appeal=appeal,
            sensitivity=sensitivity,
            cost=cost,
            prices=_JUICE,
            start_step=3,
            start_stock=stock,
            **fields,
        )
        for name, appeal, sensitivity, cost in rows
    )


def _one(**fields: object) -> ShelfProduct:
    return ShelfProduct(
        name="coffee", appeal=3.0, sensitivity=0.5, prices=(4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0), cost=2.0
    ).replace(**fields)


_NAMED: dict[str, ShelfParameters] = {
    # Five juices for half a year with one delivery in the middle; a change of a label costs a little.
    "juice-shelf": ShelfParameters(
        customers=20.0, change_cost=0.5, delivery_period=13, products=_juices(stock=45, delivery=40)
    ),
    # Always enough of everything and no memory: the markup of a textbook is optimal.
    "rule-enough": ShelfParameters(products=_juices(stock=1000)),
    # Buyers who love a bargain and forget slowly: a low price works best after a high one.
    "price-memory": ShelfParameters(
        periods=52,
        memory=0.8,
        gain=1.2,
        loss=0.3,
        products=(_one(start_stock=5000, start_step=3),),
    ),
    # Buyers who resent every price rise.
    "loss-aversion": ShelfParameters(loss=1.0, products=(_one(start_stock=5000, start_step=1),)),
    # Little stock and many customers who would take either: the dearer stock should be kept for the end.
    "scarce-shelf": ShelfParameters(
        periods=8,
        customers=6.0,
        products=(
            ShelfProduct(name="plain", appeal=2.0, sensitivity=0.5, prices=(2.0, 4.0, 6.0), start_stock=6),
            ShelfProduct(name="fine", appeal=3.0, sensitivity=0.4, prices=(4.0, 7.0, 10.0), start_stock=5),
        ),
    ),
    # A price list that may be changed three times only.
    "few-changes": ShelfParameters(
        periods=20,
        customers=5.0,
        max_changes=3,
        products=(_one(start_stock=30, start_step=3),),
    ),
    # Nobody knows how many customers there are.
    "unknown-demand": ShelfParameters(
        periods=8,
        levels=(0.25, 2.5),
        products=(
            ShelfProduct(name="plain", appeal=2.0, sensitivity=0.5, prices=(2.0, 4.0, 6.0, 8.0), start_stock=30),
            ShelfProduct(name="fine", appeal=3.0, sensitivity=0.4, prices=(4.0, 7.0, 10.0, 13.0), start_stock=30),
        ),
    ),
    # The three products of the equal-markup example, never out of stock.
    "equal-markup": ShelfParameters(
        periods=4,
        products=tuple(
            ShelfProduct(
                name=name,
                appeal=appeal,
                sensitivity=1.2,
                cost=cost,
                prices=tuple(round(cost + 1.749216 + 0.1 * k, 6) for k in range(-6, 7)),
                start_step=6,
            )
            for name, appeal, cost in (("first", 2.0, 0.5), ("second", 1.5, 0.4), ("third", 1.0, 0.2))
        ),
    ),
}

SCENARIOS = Scenarios(_NAMED, former={"rule-fails": "price-memory"})
