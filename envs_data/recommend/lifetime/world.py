"""A customer's lifetime in a shop as a SimPy simulation."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import Any

import simpy

from envs_data.random_bits import key_at
from envs_data.recommend.lifetime import luck as bits
from envs_data.recommend.lifetime.laws import KEPT, RANGE, WORD, clicked, tables
from envs_data.recommend.lifetime.luck import LifetimeLuck
from envs_data.recommend.lifetime.parameters import LifetimeParameters
from envs_data.world import World

DAY = 24.0
NOTHING = -1


class LifetimeWorld(World):
    """A customer who comes back or leaves, parcels that come back, and a catalogue that changes meanwhile.

    A decision is the item at each place of the slate, `NOTHING` where the place stays empty. The world stops at each
    visit.

    Args:
        parameters: the shop and its customers.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        visit: visits completed.
        there: whether each item is in stock now.
        shifted: whether tastes have shifted.
        segment: the customer's segment.
        satisfaction: level of satisfaction.
        bored: boredom of each topic.
        recent, shown: clicks, and places shown, of each topic, of late.
        slate, place: the last slate, and the place clicked: 0 the first, ``len(slate)`` none.
        bought, comes_back: whether the last visit brought a purchase, and whether that will be sent back.
        clicks, purchases, sent_back: how many so far.
        earned: margin so far, returns taken off.
        previous: hour of the visit before this one.
        churned, capped: whether the customer has left, or the last visit that is played is over.
    """

    def __init__(self, parameters: LifetimeParameters, luck: LifetimeLuck, row: int = 0, record: bool = False) -> None:
        super().__init__(record, until=parameters.days * DAY)
        p = self.parameters = parameters
        self._laws = tables(p)
        self.visit = self.clicks = self.purchases = self.sent_back = 0
        self.earned = self.previous = 0.0
        self.there = [item.arrives == 0 for item in p.items]
        self._out = [False] * len(p.items)
        self.shifted = self.bought = self.comes_back = self.churned = self.capped = False
        self.satisfaction = p.start
        self.bored = [0] * p.topics
        self.recent, self.shown = [0.0] * p.topics, [0.0] * p.topics
        self.slate: tuple[int, ...] = (NOTHING,) * p.slate
        self.place = p.slate
        self._keys = luck.key[row], luck.later[row], luck.since[row]
        nature = bits.of_customer(luck.key[row])
        self.rate, self.leaves = (
            float(self._laws.rates[nature[bits.RATE]]),
            float(self._laws.dropouts[nature[bits.DROPOUT]]),
        )
        self.segment = int(self._laws.segments[nature[bits.FIRST_TASTES]])
        self._words = bits.of_visits(*self._keys, p.visits)
        self._parcels: deque[float] = deque()
        self.clock.process(self.catalogue())
        self.clock.process(self.customer())

    def catalogue(self) -> Generator[simpy.Event, Any, None]:
        """Items arrive, sell out and come back in; tastes shift."""
        p = self.parameters
        for item in {item.arrives for item in p.items if item.arrives}:
            self.clock.process(self.arrival(item))
        if p.shift_day:
            self.clock.process(self.shift())
        if p.sold_out:
            for period in range(p.periods):
                limit = round(p.sold_out * RANGE)
                # What is sold out at a visit has been seen before it, so it still follows the key before.
                key = key_at(*self._keys, self.visit - 1)
                self._out = [piece < limit for piece in bits.of_period(key, period, len(p.items))]
                self.stock()
                yield self.clock.timeout(p.period * DAY)

    def stock(self) -> None:
        """What is on the shelves now."""
        now = self.clock.now
        for k, (item, out) in enumerate(zip(self.parameters.items, self._out, strict=True)):
            self.there[k] = now >= item.arrives * DAY and not out
        self.note("shop", "items in stock", sum(self.there))

    def arrival(self, day: int) -> Generator[simpy.Event, Any, None]:
        """The items that are new on a day."""
        yield self.clock.timeout(day * DAY)
        self.stock()

    def shift(self) -> Generator[simpy.Event, Any, None]:
        """Everybody's tastes move on by a topic."""
        yield self.clock.timeout(self.parameters.shift_day * DAY)
        self.shifted = True
        self.note("customers", "tastes shift", 1)

    def customer(self) -> Generator[simpy.Event, Any, None]:
        """The visits, until the customer leaves."""
        p, laws = self.parameters, self._laws
        for visit in range(p.visits):
            if visit and p.drift:
                self.drift(self._words[visit - 1])
            self.slate = yield self.decide()
            self.look(self._words[visit])
            self.visit += 1
            self.churned = visit > 0 and (self._words[visit][bits.LEAVE] + 0.5) * WORD < self.leaves * float(
                laws.leaves[self.satisfaction]
            )
            if self.churned:
                self.note("customer", "leaves", 1)
                break
            if self.visit < p.visits:
                self.previous = self.clock.now
                yield self.clock.timeout(self.gap(visit) * float(laws.waits[self.satisfaction]) * DAY)
        self.capped = not self.churned
        self.finish()

    def gap(self, visit: int) -> float:
        """Days from a visit to the next at middle satisfaction."""
        return float(self._laws.gaps[self._words[visit][bits.GAP]]) / self.rate

    def drift(self, words: list[int]) -> None:
        """Tastes change now and then between two visits."""
        if words[bits.DRIFTS] < round(self.parameters.drift * RANGE):
            self.segment = int(self._laws.segments[words[bits.TASTES]])

    def look(self, words: list[int]) -> None:
        """A customer looks at the slate, clicks one item or none, and may buy it."""
        self.place = self.choose(words[bits.CLICK])
        item = self.slate[self.place] if self.place < len(self.slate) else NOTHING
        self.get_used_to(item)
        rises, falls = int(self._laws.rises[item]), int(self._laws.falls[item])
        change = (words[bits.SATISFIED] < rises) - (words[bits.SATISFIED] >= falls)
        self.satisfaction = min(max(self.satisfaction + change, 0), self.parameters.levels)
        self.bought = item != NOTHING and words[bits.BUY] < int(self._laws.buys[item])
        if item != NOTHING:
            self.clicks += 1
            self.count("clicks")
            self.count("minutes", self.parameters.items[item].minutes)
            self.note("customer", f"clicks {self.parameters.items[item].name}", 1)
        self.comes_back = self.bought and words[bits.RETURN] < int(self._laws.returns[item])
        if self.bought:
            self.buy(item)

    def choose(self, word: int) -> int:
        """The place that is clicked, by the multinomial logit with no click as an outside option."""
        weights = self._laws.weights[int(self.shifted), self.segment]
        cumulative, total = [], 0.0
        for place, item in enumerate(self.slate):
            if item != NOTHING:
                fresh = float(self._laws.boredom[self.bored[self.parameters.items[item].topic]])
                total += float(weights[item]) * float(self._laws.places[place]) * fresh
            cumulative.append(total)
        return clicked(word * WORD * (total + 1.0), cumulative, len(cumulative))

    def get_used_to(self, item: int) -> None:
        """Boredom of the topic clicked rises, that of all others falls; what was shown and clicked is remembered."""
        items = self.parameters.items
        topic = items[item].topic if item != NOTHING else NOTHING
        for k in range(len(self.bored)):
            more = self.bored[k] + self.parameters.bores if k == topic else self.bored[k] - 1
            self.bored[k] = min(max(more, 0), len(self._laws.boredom) - 1)
            self.recent[k] = self.recent[k] * KEPT + (k == topic)
            self.shown[k] *= KEPT
        for shown in self.slate:
            if shown != NOTHING:
                self.shown[items[shown].topic] += 1.0

    def buy(self, item: int) -> None:
        """A purchase, and its parcel if it comes back."""
        bought = self.parameters.items[item]
        self.purchases += 1
        self.earned += bought.margin
        self.count("purchases")
        self.count("sales", bought.margin)
        self.note("customer", f"buys {bought.name}", bought.margin)
        if self.comes_back:
            self._parcels.append(bought.margin + self.parameters.handling)
            self.clock.process(self.parcel())

    def parcel(self) -> Generator[simpy.Event, Any, None]:
        """A purchase that is sent back."""
        yield self.clock.timeout(self.parameters.return_days * DAY)
        self.take_back()

    def take_back(self) -> None:
        """Books the oldest return."""
        lost = self._parcels.popleft()
        self.sent_back += 1
        self.earned -= lost
        self.count("refunds", -lost)
        self.note("customer", "sends back", lost)

    def finish(self, **seen: float) -> None:
        """Ends the episode; outstanding returns are booked at once."""
        while self._parcels:
            self.take_back()
        super().finish(**seen)
