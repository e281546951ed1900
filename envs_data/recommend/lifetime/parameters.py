"""Parameters of a customer's lifetime in a shop that recommends."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import ClassVar

import numpy as np

from envs_data.arrays import Floats, Ints
from envs_data.parameters import Parameters, nested, quantity

MOST_ITEMS = 255
MOST_TOPICS = 32
MOST_SEGMENTS = 64


@dataclasses.dataclass(frozen=True)
class Item(Parameters):
    """One item of the catalogue. `quantities()` gives unit and meaning of each field."""

    name: str = quantity("item", "name", "what the item is called")
    topic: int = quantity(0, "topic", "which topic it belongs to, 0 the first", low=0, high=MOST_TOPICS - 1)
    appeal: float = quantity(
        0.0, "", "utility over clicking nothing; the weight of a customer's choice is exp(utility)", low=-20, high=20
    )
    quality: float = quantity(0.5, "share", "how good it is to who clicked it: 0 a disappointment", low=0, high=1)
    margin: float = quantity(10.0, "money a purchase", "earned by a purchase", low=0, high=1e9)
    buys: float = quantity(0.2, "probability", "who clicked it buys it", low=0, high=1)
    returns: float = quantity(0.0, "probability", "who bought it sends it back", low=0, high=1)
    minutes: float = quantity(3.0, "minutes a click", "time spent with it by who clicked", low=0, high=1e6)
    arrives: int = quantity(0, "day", "day on which it is new; 0 it has always been there", low=0, high=36_600)


@dataclasses.dataclass(frozen=True)
class Segment(Parameters):
    """Customers with the same tastes."""

    name: str = quantity("everybody", "name", "what they are called")
    share: float = quantity(1.0, "weight", "how many there are, beside the other segments", low=1e-9, high=1e9)
    tastes: tuple[float, ...] = quantity(
        (), "", "utility added to each topic's items; none: all are liked alike", low=-20, high=20
    )


@dataclasses.dataclass(frozen=True)
class LifetimeParameters(Parameters):
    """A customer with hidden tastes, boredom and satisfaction, and the catalogue recommended from.

    Visits and drop-out follow the BG/NBD model: a customer's rate of visits is drawn from a gamma law with shape ``r``
    and rate ``alpha``, and after every visit but the first the customer leaves for good with a probability drawn from a
    beta law with parameters ``a`` and ``b``. Satisfaction pushes both: with x from -1 (lowest level) to 1 (highest) the
    rate is multiplied with exp(pull x) and the drop-out with exp(-hold x). `quantities()` gives units and meanings.
    """

    case: ClassVar[str] = "bizgyms/RecommendLifetime-v0"

    days: int = quantity(365, "days", "length of an episode, from the first visit on", low=1, high=36_600)
    visits: int = quantity(150, "visits", "the last visit that is played, should the days not end before", low=1)
    slate: int = quantity(5, "places", "items shown at a visit", low=1, high=20)
    topics: int = quantity(1, "topics", "number of topics", low=1, high=MOST_TOPICS)
    position: float = quantity(0.85, "factor", "weight of a place beside that of the one above", low=0, high=1)
    boredom: tuple[float, ...] = quantity(
        (1.0,), "factors", "weight of a topic's items by the topic's boredom, from 0 on", low=0, high=1
    )
    bores: int = quantity(1, "levels", "boredom of a topic rises on a click; it falls by one without", low=1, high=100)
    levels: int = quantity(8, "levels", "highest level of satisfaction", low=1, high=100)
    start: int = quantity(4, "level", "satisfaction at the first visit", low=0, high=100)
    rises: float = quantity(0.5, "probability", "satisfaction rises by a level on a click of quality 1", low=0, high=1)
    falls: float = quantity(0.5, "probability", "satisfaction falls by a level on a click of quality 0", low=0, high=1)
    neglect: float = quantity(0.0, "probability", "satisfaction falls by a level without a click", low=0, high=1)
    r: float = quantity(2.0, "", "shape of the gamma law of visit rates", low=1e-3, high=1e6)
    alpha: float = quantity(14.0, "days", "rate of the gamma law of visit rates", low=1e-6, high=1e9)
    a: float = quantity(1.0, "", "first parameter of the beta law of drop-out", low=1e-3, high=1e6)
    b: float = quantity(19.0, "", "second parameter of the beta law of drop-out", low=1e-3, high=1e6)
    alike: bool = quantity(False, "", "everybody has the mean rate of visits and the mean drop-out")
    pull: float = quantity(0.0, "", "how much satisfaction speeds up the next visit", low=0, high=10)
    hold: float = quantity(0.0, "", "how much satisfaction holds customers", low=0, high=10)
    drift: float = quantity(0.0, "probability", "before a visit the customer's segment is drawn anew", low=0, high=1)
    shift_day: int = quantity(
        0, "day", "from here on each topic is liked as the one before it was; 0 never", low=0, high=36_600
    )
    sold_out: float = quantity(0.0, "probability", "an item is sold out for a period", low=0, high=0.99)
    period: int = quantity(7, "days", "for which an item is sold out or in stock", low=1, high=366)
    known_after: int = quantity(28, "days", "from its arrival until an item's popularity is known", low=0, high=36_600)
    return_days: int = quantity(14, "days", "from a purchase to its return", low=1, high=366)
    handling: float = quantity(0.0, "money a return", "cost of a return beside the margin lost", low=0, high=1e9)
    revealed: bool = quantity(False, "", "the hidden state is in the observation")
    items: tuple[Item, ...] = nested(Item, (Item(),), "list", "the catalogue, item by item")
    segments: tuple[Segment, ...] = nested(Segment, (Segment(),), "list", "the kinds of customers")
    money: str = quantity("EUR", "name", "what margins are counted in")

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        if not 1 <= len(self.items) <= MOST_ITEMS:
            yield f"items has {len(self.items)} entries; it must have 1 to {MOST_ITEMS}"
        if not 1 <= len(self.segments) <= MOST_SEGMENTS:
            yield f"segments has {len(self.segments)} entries; it must have 1 to {MOST_SEGMENTS}"
        if self.slate > len(self.items):
            yield f"slate is {self.slate}; there are only {len(self.items)} items to show"
        if self.start > self.levels:
            yield f"start is {self.start}; the highest level of satisfaction is {self.levels}"
        if self.visits > 100_000:
            yield f"visits is {self.visits}; at most 100,000 can be played"
        if not self.boredom:
            yield "boredom is empty; give at least the factor without boredom, 1"
        yield from self._name_problems()

    def _name_problems(self) -> Iterator[str]:
        names = [item.name for item in self.items]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            yield f"two items are called {twice}; each must have a name of its own"
        for item in self.items:
            if item.arrives >= self.days:
                yield f"arrives of {item.name} is {item.arrives}; an episode ends on day {self.days}: leave it out"
            if item.topic >= self.topics:
                yield f"topic of {item.name} is {item.topic}; topics are 0 to {self.topics - 1}"
            if self.rises * item.quality + self.falls * (1 - item.quality) > 1 + 1e-12:
                yield f"rises and falls add up to more than 1 for {item.name}: lower one of them"
        for segment in self.segments:
            if len(segment.tastes) not in (0, self.topics):
                yield f"tastes of {segment.name} has {len(segment.tastes)} entries; it must have one a topic, or none"

    @property
    def periods(self) -> int:
        """Periods of stock until the end."""
        return -(-self.days // self.period)

    @property
    def changes(self) -> bool:
        """Whether some items are not there at some time."""
        return self.sold_out > 0 or any(item.arrives for item in self.items)

    def shares(self) -> Floats:
        """[segments] probability that a customer is of a segment."""
        weights = np.array([segment.share for segment in self.segments])
        return np.asarray(weights / weights.sum())

    def topic_of(self) -> Ints:
        """[items] topic of each item."""
        return np.array([item.topic for item in self.items], dtype=np.int64)
