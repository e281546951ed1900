"""What is decided, seen and paid when a box of items is restocked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.restock import calendar_features
from bizgyms.view import Feature, View
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
from envs_data.restock.box import BoxItem, BoxParameters
from envs_data.restock.box.order import NO_LIMIT, allowed


def item_terms(
    paid: int, ordered: int, left: int, wasted: int, unmet: int, money: Floats, k: int
) -> tuple[float, float, float, float, float, float]:
    """What an item adds to a day's reward.

    Args:
        paid: units customers paid for: taken or promised.
        ordered: units ordered.
        left: units left at closing that do not expire.
        wasted: units that expired.
        unmet: units not served (owed).
        money: [items, 6] as `BoxView.money_of_items`.
        k: the item.

    Returns:
        The item's parts of the first six of `BoxView.terms`.
    """
    units = (paid, ordered, left, wasted, unmet, 1 if ordered > 0 else 0)
    sales, purchase, holding, waste, shortage, lines = (
        rate * count for rate, count in zip(money[k], units, strict=True)
    )
    return sales, purchase, holding, waste, shortage, lines


def order_terms(total: int, order_cost: float, truck_cost: float, truck_size: int) -> tuple[float, float]:
    """The last two of `BoxView.terms`: ordering at all, and the trucks that set out with ``total`` units."""
    if total == 0:
        return 0.0, 0.0
    trucks = -(-total // truck_size) if truck_size > 0 else 0
    return -order_cost, -truck_cost * trucks


def stock_columns(parameters: BoxParameters) -> list[Places]:
    """For each item, the observation's columns of its stock: on hand by days of life left, then on order."""
    widths = [item.shelf_slots + _columns_on_order(item) for item in parameters.items]
    starts = np.cumsum([0, *widths])
    return [np.arange(first, first + width) for first, width in zip(starts, widths, strict=False)]


def _columns_on_order(item: BoxItem) -> int:
    if len(item.lead_times) > 1:
        return 1
    return max(item.longest_lead_time - 1, 0)


class BoxView(View[BoxParameters]):
    """Spaces, features and names of `RestockBox`.

    Attributes:
        money_of_items: [items, 6] what a unit sold, ordered, left, wasted or unmet, and an order line, add to each of
            the first six terms.
        pack: [items] units in a pack.
        calendar_columns: [days + 1, columns] the features that only the calendar decides, as the kernel copies them.
    """

    clock: ClassVar = "days_left"
    terms: ClassVar = ("sales", "purchase", "holding", "waste", "shortage", "lines", "ordering", "truck")
    figures: ClassVar = ("demand", "sold", "unmet", "left", "wasted", "ordered")
    ratios: ClassVar = {"service level": ("sold", "demand"), "waste": ("wasted", "ordered")}

    def __init__(self, parameters: BoxParameters) -> None:
        items = parameters.items
        self.changes = bool(parameters.weekday or parameters.season or parameters.promotion_every)
        self._forecast = _forecast(parameters)
        super().__init__(parameters)
        self.masked = parameters.capacity > 0 or parameters.max_order > 0
        self.pack = np.array([item.pack for item in items], dtype=np.int64)
        self.money_of_items = np.array(
            [(i.price, -i.cost, -i.holding, -i.waste, -i.shortage, -i.line_cost) for i in items], dtype=np.float64
        )
        self.calendar_columns = self._calendar_columns()
        self._max_packs = np.array([item.max_packs for item in items], dtype=np.int64)
        self._stock_columns = len(np.concatenate(stock_columns(parameters)))

    def _features(self) -> tuple[Feature, ...]:
        features: list[Feature] = []
        for item, most in zip(self.parameters.items, _most_demand(self.parameters), strict=True):
            features += _on_hand_features(self.parameters, item, most)
            features += _on_order_features(self.parameters, item)
        features += self._yesterday_features()
        features += self._calendar_features()
        return tuple(features)

    def _yesterday_features(self) -> Iterator[Feature]:
        p = self.parameters
        crowd = sum(_most_demand(p)) if p.substitutes else 0
        word = "asked for" if p.observed == "demand" else "sold"
        for item, most in zip(p.items, _most_demand(p), strict=True):
            high = float(max(most, crowd if p.observed == "sales" else 0))
            name = f"{item.name}_{p.observed}"
            yield Feature(name, "units", f"{word} yesterday", 0.0, high, item.mean, item.mean + 1)

    def _calendar_features(self) -> Iterator[Feature]:
        p = self.parameters
        for k, item in enumerate(p.items if self.changes else ()):
            yield calendar_features.forecast_feature(
                f"{item.name}_forecast", self._forecast[:, k], item.longest_lead_time
            )
        for item in p.items if p.promotion_every else ():
            yield Feature(f"{item.name}_promotion", "yes or no", "promoted today", 0, 1, 0.0, 1.0, ("no", "yes"))
        yield from calendar_features.date_features(p)
        yield Feature.count("days_left", "days", "days left, today included", p.days)

    def _calendar_columns(self) -> Rows:
        p = self.parameters
        columns: list[Array] = []
        if self.changes:
            columns.append(self._forecast)
        if p.promotion_every:
            columns.append(p.promoted(p.days + 1))
        columns += [column[:, None] for column in calendar_features.date_columns(p)]
        columns.append(p.days - np.arange(p.days + 1)[:, None])
        return np.hstack(columns).astype(np.float32)

    def believed(self, observations: Rows) -> Rows:
        """With these parameters' forecast on each day."""
        return calendar_features.with_calendar(observations, self.calendar_columns)

    def _action_space(self) -> spaces.MultiDiscrete:
        return spaces.MultiDiscrete([item.max_packs + 1 for item in self.parameters.items])

    def projected(self, packs: NDArray[np.integer], held: int) -> tuple[int, ...]:
        """The units an order comes to when box and supplier have cut it (see `order.project`).

        Args:
            packs: [items] packs asked for.
            held: units on hand and on order.
        """
        return allowed(self.parameters, self.pack, packs, held)

    def action_masks(self, observations: Rows) -> Flags:
        """[worlds, packs of item 0, packs of item 1, ...] orders that fit if nothing else is ordered.

        That they must fit together is beyond a mask; the order is cut (see `order.project`).
        """
        held = np.zeros(len(observations), dtype=np.int32)
        if self.parameters.capacity:
            held += np.maximum(observations[:, : self._stock_columns], 0).sum(axis=1, dtype=np.float64).astype(np.int32)
        return self.masks_of(held)

    def masks_of(self, held: NDArray[np.int32]) -> Flags:
        """As `action_masks`, from the [worlds] units on hand and on order."""
        p = self.parameters
        masks = np.ones((len(held), int((self._max_packs + 1).sum())), dtype=np.bool_)
        if self.masked:
            _mask(held, p.capacity, p.max_order or NO_LIMIT, self._max_packs, self.pack, masks)
        return masks


@jit
def _mask(
    held: NDArray[np.int32],
    capacity: int,
    limit: int,
    max_packs: Ints,
    pack: Ints,
    masks: Flags,
) -> None:
    largest = (max_packs * pack).max()
    for world in range(len(held)):
        room = min(limit, max(capacity - held[world], 0)) if capacity > 0 else limit
        if room >= largest:
            continue
        first = 0
        for k in range(len(pack)):
            if room < max_packs[k] * pack[k]:  # seldom, and a division is slow
                for packs in range(room // pack[k] + 1, max_packs[k] + 1):
                    masks[world, first + packs] = False
            first += max_packs[k] + 1


def _forecast(p: BoxParameters) -> Floats:
    """[days + 1, items] expected demand from each day on, until another order could be delivered."""
    longest = max(item.longest_lead_time for item in p.items) + 1
    longer = p.replace(days=min(p.days + longest, 3660))
    daily = longer.factors() * np.array([item.mean for item in p.items])
    expected = [
        calendar_features.forecast(own, p.days, item.longest_lead_time)
        for own, item in zip(daily.T, p.items, strict=True)
    ]
    return np.stack(expected, axis=1)


def _most_demand(p: BoxParameters) -> list[int]:
    """For each item, the most units ever asked for on a day."""
    pmfs, law_of = p.laws()
    lengths = np.array([len(pmf) for pmf in pmfs])
    return [int(most) for most in lengths[law_of].max(axis=0) - 1]


def _most_held(p: BoxParameters, item: BoxItem, deliveries: int) -> float:
    """Most units that so many days' orders of an item, or its start, can put in one place."""
    largest = min(item.pack * item.max_packs, p.max_order or NO_LIMIT)
    most = item.start_on_hand + deliveries * largest
    return float(min(most, max(p.capacity, item.start_on_hand)) if p.capacity else most)


def _on_hand_features(p: BoxParameters, item: BoxItem, most_demand: int) -> Iterator[Feature]:
    mean, span = item.mean, item.longest_lead_time + 1
    if not item.shelf_life:
        most = _most_held(p, item, p.days)
        owed = most_demand * p.days if item.backordered else 0
        meaning = "stock after this morning's delivery" + ("; below zero, customers waiting" if owed else "")
        yield Feature(f"{item.name}_on_hand", "units", meaning, -float(owed), most, mean * span / 2, mean * span + 1)
        return
    for life in range(1, item.shelf_life + 1):
        meaning = f"stock that may be sold for {life} day{'s' if life > 1 else ''}, today included"
        most = _most_held(p, item, len(item.lead_times))
        yield Feature(f"{item.name}_on_hand_{life}", "units", meaning, 0.0, most, mean / 2, mean + 1)


def _on_order_features(p: BoxParameters, item: BoxItem) -> Iterator[Feature]:
    if len(item.lead_times) > 1:
        most = _most_held(p, item, item.longest_lead_time + 1)
        scale = item.mean * item.longest_lead_time
        yield Feature(f"{item.name}_on_order", "units", "ordered and not delivered", 0.0, most, scale / 2, scale + 1)
        return
    yield from calendar_features.arriving_features(
        f"{item.name}_on_order", item.longest_lead_time, _most_held(p, item, 1), item.mean
    )
