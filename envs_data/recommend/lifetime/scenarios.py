"""Named scenarios of `LifetimeParameters`."""

from __future__ import annotations

from envs_data.recommend.lifetime.parameters import Item, LifetimeParameters, Segment

# The golden ratio's fraction and a cousin: multiples of them spread evenly over 0 to 1, whatever their number.
_SPREADS = (0.6180339887, 0.7548776662, 0.5698402910, 0.8191725134)


def _even(k: int, which: int) -> float:
    return (0.5 + (k + 1) * _SPREADS[which]) % 1.0


def catalogue(
    count: int, topics: int, bait: float, new_every: int = 0, margins: float = 10.0, noise: float = 1.2
) -> tuple[Item, ...]:
    """Items whose quality and appeal are spread evenly.

    Args:
        count: number of items.
        topics: number of topics, taken in turn.
        bait: how much the appeal falls with quality: above 0 what is clicked most disappoints.
        new_every: an item that is not there from the beginning arrives every so many days; 0 all are there.
        margins: from the lowest margin to the highest; the mean is 11.
        noise: range of the appeal that has nothing to do with quality.
    """
    items = []
    for k in range(count):
        quality = _even(k, 0)
        new = new_every > 0 and k % 5 == 4
        items.append(
            Item(
                name=f"item_{k:02d}",
                topic=k % topics,
                appeal=round(-1.5 + noise * (_even(k, 1) - 0.5) - bait * (quality - 0.5), 3),
                quality=round(quality, 3),
                margin=round(11.0 + margins * (_even(k, 2) - 0.5), 2),
                buys=round(0.12 + 0.16 * quality, 3),
                returns=round(0.3 - 0.25 * quality, 3),
                minutes=round(2.0 + 6.0 * (1.0 - quality), 2),
                arrives=(k // 5 + 1) * new_every if new else 0,
            )
        )
    return tuple(items)


def segments(count: int, topics: int, strength: float) -> tuple[Segment, ...]:
    """Segments that each like some topics and dislike others."""
    return tuple(
        Segment(
            name=f"segment_{g}",
            tastes=tuple(round(strength * (2 * _even(g * topics + k, 3) - 1), 3) for k in range(topics)),
        )
        for g in range(count)
    )


def topics_in_order(topics: int, spread: float) -> tuple[Segment, ...]:
    """One segment that likes the first topic most and the last one least."""
    tastes = tuple(round(spread * (0.5 - k / (topics - 1)), 3) for k in range(topics))
    return (Segment(name="everybody", tastes=tastes),)


_SHOP = LifetimeParameters(
    topics=8,
    boredom=(1.0, 0.8, 0.5, 0.25, 0.1),
    neglect=0.1,
    alpha=16.0,
    b=15.0,
    pull=0.5,
    hold=1.0,
    drift=0.02,
    sold_out=0.06,
    period=14,
    handling=2.0,
    items=catalogue(50, 8, 1.5, 30),
    segments=segments(4, 8, 1.0),
)

# Everything is seen and everybody is alike, so that the optimum is exact. Lives end by leaving, or after 40 visits.
_TINY = LifetimeParameters(
    visits=40,
    slate=1,
    levels=4,
    start=2,
    falls=0.55,
    neglect=0.05,
    r=1.0,
    alpha=1.0,
    b=15.0,
    alike=True,
    hold=1.2,
    revealed=True,
    items=(
        Item("kale", appeal=-0.5, quality=1.0, margin=8.0, buys=0.3),
        Item("mixed", appeal=0.0, quality=0.5, margin=9.0, buys=0.3, returns=0.1),
        Item("clickbait", appeal=0.8, quality=0.0, margin=10.0, buys=0.3, returns=0.3),
    ),
)

SCENARIOS: dict[str, LifetimeParameters] = {
    # A year of a customer in a shop with fifty items, new ones and sold-out ones among them.
    "web-shop": _SHOP,
    # What is clicked most disappoints most, and who is disappointed leaves.
    "clickbait": _SHOP.replace(
        hold=1.5,
        pull=0.8,
        falls=0.6,
        drift=0.0,
        sold_out=0.0,
        boredom=[1.0, 0.9, 0.7, 0.5],
        items=[item.to_dict() for item in catalogue(50, 8, 3.0)],
        segments=[segment.to_dict() for segment in segments(4, 8, 0.5)],
    ),
    # What is clicked most is the best for customer and shop, so that showing it is enough.
    "honest": _SHOP.replace(
        drift=0.0,
        sold_out=0.0,
        boredom=[1.0],
        items=[item.to_dict() for item in catalogue(50, 8, -3.0, margins=0.0, noise=0.1)],
        segments=[Segment().to_dict()],
    ),
    # Satisfaction does nothing, but a topic that is clicked often loses all interest for a while.
    "boredom": _SHOP.replace(
        topics=6,
        slate=3,
        boredom=[1.0, 0.6, 0.3, 0.1, 0.03, 0.0, 0.0, 0.0, 0.0],
        bores=4,
        pull=0.0,
        hold=0.0,
        drift=0.0,
        sold_out=0.0,
        items=[item.to_dict() for item in catalogue(24, 6, 0.0)],
        segments=[segment.to_dict() for segment in topics_in_order(6, 2.5)],
    ),
    # Half way through the year everybody likes the topics nobody liked.
    "drift": _SHOP.replace(
        boredom=[1.0],
        pull=0.0,
        hold=0.0,
        b=39.0,
        drift=0.0,
        sold_out=0.0,
        shift_day=182,
        items=[item.to_dict() for item in catalogue(40, 8, 0.0, margins=4.0)],
        segments=[Segment("everybody", tastes=(1.2, -1.2) * 4).to_dict()],
    ),
    # Customers of CDNOW, a shop for music, in the published fit (in weeks there); satisfaction does nothing.
    "cdnow": LifetimeParameters(
        days=273,
        visits=100,
        slate=3,
        topics=4,
        r=0.243,
        alpha=7 * 4.414,
        a=0.793,
        b=2.426,
        items=catalogue(20, 4, 0.0),
        segments=segments(3, 4, 0.8),
    ),
    "tiny": _TINY,
    # Two topics that bore, a slate of two.
    "tiny-boredom": _TINY.replace(
        slate=2,
        topics=2,
        boredom=[1.0, 0.5, 0.1],
        items=[
            Item("song", topic=0, appeal=0.3, quality=0.6, margin=6.0, buys=0.25).to_dict(),
            Item("album", topic=0, appeal=0.6, quality=0.3, margin=12.0, buys=0.15, returns=0.2).to_dict(),
            Item("novel", topic=1, appeal=0.0, quality=0.8, margin=7.0, buys=0.2).to_dict(),
            Item("thriller", topic=1, appeal=0.7, quality=0.2, margin=7.0, buys=0.2).to_dict(),
        ],
    ),
    # What is clicked most is also what keeps customers.
    "tiny-honest": _TINY.replace(
        items=[
            Item("good", appeal=0.8, quality=1.0, margin=9.0, buys=0.3).to_dict(),
            Item("poor", appeal=-0.5, quality=0.0, margin=9.0, buys=0.3).to_dict(),
        ]
    ),
}
