"""Named scenarios of `LifetimeParameters`."""

from __future__ import annotations

from envs_data.recommend.lifetime.parameters import Item, LifetimeParameters, Segment

# The golden ratio's fraction and a cousin: multiples of them spread evenly over 0 to 1, whatever their number.
_SPREADS = (0.6180339887, 0.7548776662, 0.5698402910, 0.8191725134)


def _even(k: int, which: int) -> float:
    return (0.5 + (k + 1) * _SPREADS[which]) % 1.0


def catalogue(count: int, topics: int, bait: float, new_every: int = 0) -> tuple[Item, ...]:
    """Items whose quality and appeal are spread evenly.

    Args:
        count: number of items.
        topics: number of topics, taken in turn.
        bait: how much the appeal falls with quality: above 0 what is clicked most disappoints.
        new_every: an item that is not there from the beginning arrives every so many days; 0 all are there.
    """
    found = []
    for k in range(count):
        quality = _even(k, 0)
        new = new_every > 0 and k % 5 == 4
        found.append(
            Item(
                name=f"item_{k:02d}",
                topic=k % topics,
                appeal=round(-1.5 + 1.2 * (_even(k, 1) - 0.5) - bait * (quality - 0.5), 3),
                quality=round(quality, 3),
                margin=round(6.0 + 10.0 * _even(k, 2), 2),
                buys=round(0.12 + 0.16 * quality, 3),
                returns=round(0.3 - 0.25 * quality, 3),
                minutes=round(2.0 + 6.0 * (1.0 - quality), 2),
                arrives=(k // 5 + 1) * new_every if new else 0,
            )
        )
    return tuple(found)


def segments(count: int, topics: int, strength: float) -> tuple[Segment, ...]:
    """Segments that each like some topics and dislike others."""
    return tuple(
        Segment(
            name=f"segment_{g}",
            tastes=tuple(round(strength * (2 * _even(g * topics + k, 3) - 1), 3) for k in range(topics)),
        )
        for g in range(count)
    )


_SHOP = LifetimeParameters(
    days=365,
    visits=150,
    slate=5,
    topics=8,
    boredom=(1.0, 0.8, 0.5, 0.25, 0.1),
    neglect=0.1,
    r=2.0,
    alpha=16.0,
    a=1.0,
    b=11.0,
    pull=0.5,
    hold=1.0,
    drift=0.02,
    sold_out=0.06,
    handling=2.0,
    items=catalogue(50, 8, 1.5, 30),
    segments=segments(4, 8, 1.0),
)

SCENARIOS: dict[str, LifetimeParameters] = {
    # A year of a customer in a shop with fifty items.
    "web-shop": _SHOP,
}
