"""One item's stock, state by state: what an order and a day's customers can turn it into."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from envs_data.arrays import Ints, Places
from envs_data.restock.box.parameters import BoxItem

Shelf = tuple[int, ...]
State = tuple[Shelf, tuple[int, ...]]


class Lattice:
    """All states of one item with a fixed lead time L, numbered.

    A day leads from a morning state through a *shelf* (stock by days of life left, what came at once included) and a
    *road* (units due in 1 to L days, today's order last) to what is *left* at closing; left and road make the next
    morning. Keeping them apart makes a sweep of the dynamic programme a matrix product.

    Args:
        item: the item.
        most: most units on hand and on order together, counted after ordering.
        owed: the largest number of units backordered that is distinguished (0 for lost sales).

    Attributes:
        mornings: states: (shelf, units due in 1 to L - 1 days).
        shelves: stock by days of life left before the customers come.
        roads: units due in 1 to L days after ordering.
        lefts: stock by days of life left after closing.
        shelf_of, road_of: [mornings, actions] number of the shelf and the road an order leads to, -1 where
            the order is beyond ``most``.
        left_of: [shelves, units] number of the left when so many units stay before what expires is thrown away;
            column 0 stands for -``owed`` units. -1 where there are not so many.
        morning_of: [lefts, roads] number of the next morning, -1 where the two never meet.
        total: [shelves] units on a shelf.
        expired: [shelves, units] units thrown away at closing when so many stay.
    """

    def __init__(self, item: BoxItem, most: int, owed: int = 0) -> None:
        self.item = item
        self.lead_time = item.longest_lead_time
        self.most, self.owed = most, owed
        self._ahead: dict[State, list[tuple[Shelf, tuple[int, ...]] | None]] = {}
        self._after: dict[Shelf, list[tuple[Shelf, int]]] = {}
        first = (0,) * (item.shelf_slots - 1) + (item.start_on_hand,), (0,) * max(self.lead_time - 1, 0)
        self._explore(first)
        self.mornings = sorted(self._ahead)
        self.start = self.mornings.index(first)
        self._number()

    def _explore(self, first: State) -> None:
        """Follows every order and every day of customers from the first morning."""
        waiting = [first]
        self._ahead[first] = []
        met: set[tuple[Shelf, tuple[int, ...]]] = set()
        while waiting:
            morning = waiting.pop()
            self._ahead[morning] = [self._ordered(morning, packs) for packs in range(self.item.max_packs + 1)]
            for pair in self._ahead[morning]:
                if pair is None or pair in met:
                    continue
                met.add(pair)
                for state in self._mornings_after(*pair):
                    if state not in self._ahead:
                        self._ahead[state] = []
                        waiting.append(state)

    def _ordered(self, morning: State, packs: int) -> tuple[Shelf, tuple[int, ...]] | None:
        shelf, road = morning
        units = packs * self.item.pack
        if units and sum(shelf) + sum(road) + units > self.most:
            return None
        if self.lead_time:
            return shelf, (*road, units)
        return (*shelf[:-1], shelf[-1] + units), ()

    def _mornings_after(self, shelf: Shelf, road: tuple[int, ...]) -> Iterator[State]:
        if shelf not in self._after:
            self._after[shelf] = [self._closed(shelf, stay) for stay in range(-self.owed, sum(shelf) + 1)]
        for left, _ in self._after[shelf]:
            yield self._morning(left, road)

    def _morning(self, left: Shelf, road: tuple[int, ...]) -> State:
        return ((*left[:-1], left[-1] + road[0]), road[1:]) if road else (left, ())

    def _closed(self, shelf: Shelf, stay: int) -> tuple[Shelf, int]:
        """What is left when ``stay`` units are not sold, and how many of them expire."""
        if not self.item.shelf_life:
            return (stay,), 0
        ages = range(len(shelf)) if self.item.issue == "LIFO" else range(len(shelf) - 1, -1, -1)
        kept, rest = [0] * len(shelf), stay
        for age in ages:
            kept[age] = min(shelf[age], rest)
            rest -= kept[age]
        return (*kept[1:], 0), kept[0]

    def _number(self) -> None:
        pairs = [pair for ahead in self._ahead.values() for pair in ahead if pair]
        self.shelves = sorted({shelf for shelf, _ in pairs})
        self.roads = sorted({road for _, road in pairs})
        self.lefts = sorted({left for after in self._after.values() for left, _ in after})
        shelf_number = {shelf: n for n, shelf in enumerate(self.shelves)}
        road_number = {road: n for n, road in enumerate(self.roads)}
        left_number = {left: n for n, left in enumerate(self.lefts)}
        ahead = [self._ahead[morning] for morning in self.mornings]
        self.shelf_of = np.array([[shelf_number[pair[0]] if pair else -1 for pair in row] for row in ahead])
        self.road_of = np.array([[road_number[pair[1]] if pair else -1 for pair in row] for row in ahead])
        self.total = np.array([sum(shelf) for shelf in self.shelves])
        self.left_of = np.full((len(self.shelves), self.total.max() + self.owed + 1), -1)
        self.expired = np.zeros(self.left_of.shape, dtype=np.int64)
        for n, shelf in enumerate(self.shelves):
            for column, (left, expired) in enumerate(self._after[shelf]):
                self.left_of[n, column], self.expired[n, column] = left_number[left], expired
        self.morning_of = self._numbered_mornings()

    def _numbered_mornings(self) -> Places:
        number = {morning: n for n, morning in enumerate(self.mornings)}
        return np.array(
            [[number.get(self._morning(left, road), -1) for road in self.roads] for left in self.lefts], dtype=np.intp
        )

    @property
    def position(self) -> Ints:
        """[mornings] units on hand (nothing owed counted) and on order."""
        return np.array([max(sum(shelf), 0) + sum(road) for shelf, road in self.mornings])
