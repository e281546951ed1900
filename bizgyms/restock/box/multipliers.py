"""Charges for what the items of a box share: their layout in one vector, their bound and its slope."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from bizgyms.restock.box.part import Charges, Part
from bizgyms.restock.box.part_laws import second_chances
from envs_data.arrays import Floats
from envs_data.restock.box.parameters import BoxParameters


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where each charge stands in the vector that is searched.

    Attributes:
        parameters: the box.
        days: days charged for.
        size: length of the vector.
        places: slice of each kind of charge: ``order`` and ``room`` a unit and day, ``least`` for the smallest
            order, ``fluid`` the share of trucks charged by the unit, ``shares`` of what is paid once a day (before a
            softmax), ``transfer`` prices of substitutes.
        riders: items that forget and ride along with their ``host``: they pay once a day together.
        host: the item that may take riders, or -1.
    """

    parameters: BoxParameters
    days: int
    size: int
    places: dict[str, slice]
    riders: tuple[int, ...] = ()
    host: int = -1

    @property
    def scale(self) -> float:
        """A size of money to divide by."""
        p = self.parameters
        means = p.factors().mean(axis=0) * [item.mean for item in p.items]
        worth = [item.price + item.cost + item.shortage + item.holding for item in p.items]
        return float(means @ worth) * self.days + 1e-9

    def start(self) -> Floats:
        """The vector to start from."""
        x = np.zeros(self.size)
        x[self.places["fluid"]] = 1.0
        if self.places["transfer"].start < self.places["transfer"].stop:
            x[self.places["transfer"]] = [0.5 * item.cost for item in self.parameters.items]
        return x

    def start_together(self) -> Floats:
        """Another vector to start from: half a truck a day is paid by the day, most of that by the host of riders."""
        x = self.start()
        x[self.places["fluid"]] = 0.5
        if self.riders:
            x[self.places["shares"].start + self.host] = 3.0
        return x

    def bounds(self) -> list[tuple[float | None, float | None]]:
        """Least and most of each charge."""
        limits: list[tuple[float | None, float | None]] = [(0.0, None)] * self.size
        for at in range(self.places["fluid"].start, self.places["fluid"].stop):
            limits[at] = (0.0, 1.0)
        for at in range(self.places["shares"].start, self.places["shares"].stop):
            limits[at] = (-20.0, 20.0)
        return limits

    def stretched(self, x: Floats, longer: Layout) -> Floats:
        """The same charges for a longer episode: days beyond are charged as the same weekday was on average."""
        y = np.zeros(longer.size)
        for name, place in self.places.items():
            known = x[place]
            if name in ("order", "room") and known.size and longer.days > self.days:
                inner = np.arange(min(7, self.days // 4), self.days - min(7, self.days // 4))
                week = [known[inner[inner % 7 == d]].mean() for d in range(7)]
                beyond = np.array(week)[np.arange(self.days, longer.days) % 7]
                known = np.concatenate([known, beyond])
            y[longer.places[name]] = known
        return y

    def value(self, parts: Sequence[Part], x: Floats, slope: bool = False) -> tuple[float, Floats]:
        """The bound at these charges and, if asked for, its slope."""
        p, places = self.parameters, self.places
        order, room = self._daily(x, "order"), self._daily(x, "room")
        least, fluid = self._single(x, "least", 0.0), self._single(x, "fluid", 1.0)
        truck = p.truck_cost / p.truck_size if p.truck_size else 0.0
        fixed = p.order_cost + (1 - fluid) * p.truck_cost + least * p.min_order
        shares = self._shares(x)
        transfer = x[places["transfer"]] if p.substitutes else np.zeros(len(p.items))
        unit = order + fluid * truck - least
        total = float(order.sum() * p.max_order + room.sum() * p.capacity)
        lines = {k: np.full(self.days, shares[k] * fixed) for k in range(len(p.items))}
        charges = {
            part.k: Charges(unit, room, lines[part.k], transfer[part.k], self._turned_away(part.k, transfer)[0])
            for part in parts
        }
        rides = [Ride(part, charges[part.k]) for part in parts if part.k in self.riders]
        if rides:
            aboard = sum((ride.gain for ride in rides), np.zeros(self.days))
            once = lines[self.host]
            charges[self.host] = dataclasses.replace(charges[self.host], line=np.maximum(once - aboard, 0))
            total += sum(float(ride.without.sum()) for ride in rides) + float(np.maximum(aboard - once, 0).sum())
        uses = {part.k: np.zeros((0, 6)) for part in parts}
        for part in parts:
            if part.k not in self.riders:
                value, uses[part.k] = part.value(charges[part.k], slope)
                total += value
        if not slope:
            return total, np.zeros(0)
        paid = {part.k: uses[part.k][:, 2] for part in parts if part.k not in self.riders}
        if rides:
            paid[self.host] = np.where(aboard > once, 1.0, paid[self.host])
            for ride in rides:
                uses[ride.k] = ride.use(paid[self.host])
        return total, self._slope(parts, [uses[part.k] for part in parts], paid, unit, fixed, shares, transfer)

    def _slope(
        self,
        parts: Sequence[Part],
        uses: Sequence[Floats],
        paid: dict[int, Floats],
        unit: Floats,
        fixed: float,
        shares: Floats,
        transfer: Floats,
    ) -> Floats:
        p, places = self.parameters, self.places
        g, ordered, lines = np.zeros(self.size), np.zeros(self.days), np.zeros(len(parts))
        for part, use in zip(parts, uses, strict=True):
            sources = part.sources(unit)
            np.add.at(ordered, sources[sources >= 0], use[sources >= 0, 0])
            lines[part.k] = paid[part.k].sum() if part.k in paid else 0.0
        once = float(shares @ lines)
        if p.max_order:
            g[places["order"]] = p.max_order - ordered
        if p.capacity:
            g[places["room"]] = p.capacity - np.sum([use[:, 1] for use in uses], axis=0)
        g[places["least"]] = ordered.sum() - p.min_order * once
        if p.truck_cost:
            g[places["fluid"]] = p.truck_cost * (once - ordered.sum() / p.truck_size)
        if places["shares"].stop > places["shares"].start:
            g[places["shares"]] = -fixed * shares * (lines - once)
        if p.substitutes:
            turned_away = sum(
                use[:, 4].sum() * self._turned_away(part.k, transfer)[1] for part, use in zip(parts, uses, strict=True)
            )
            g[places["transfer"]] = np.array([use[:, 3].sum() for use in uses]) + turned_away
        return g

    def _daily(self, x: Floats, name: str) -> Floats:
        place = self.places[name]
        return x[place] if place.stop > place.start else np.zeros(self.days)

    def _single(self, x: Floats, name: str, default: float) -> float:
        place = self.places[name]
        return float(x[place.start]) if place.stop > place.start else default

    def _shares(self, x: Floats) -> Floats:
        count = len(self.parameters.items)
        place = self.places["shares"]
        if place.stop == place.start:
            return np.full(count, 1 / count)
        weights = np.exp(x[place] - x[place].max())
        weights[list(self.riders)] = 0.0
        return np.asarray(weights / weights.sum())

    def _turned_away(self, k: int, transfer: Floats) -> tuple[float, Floats]:
        """What a customer who finds item ``k`` out brings at best, and its slope in the transfer prices."""
        p, item = self.parameters, self.parameters.items[k]
        chances = second_chances(p)[k]
        gains = np.array([other.price for other in p.items]) - transfer
        if item.backordered:
            best = max((float(gain) for gain, chance in zip(gains, chances, strict=True) if chance), default=-np.inf)
            return best, np.zeros(len(chances))
        taken = (gains + item.shortage > 0) * chances
        return float(-item.shortage + taken @ (gains + item.shortage)), -taken


class Ride:
    """What an item that forgets earns on days on which the charge of a day is paid by its host, and on others.

    Attributes:
        k: the item.
        without: [days] what it earns where nothing may be ordered.
        gain: [days] what being allowed to order adds.
    """

    def __init__(self, part: Part, charges: Charges) -> None:
        free = dataclasses.replace(charges, line=np.zeros(len(charges.line)))
        self.k = part.k
        self.without, self._use_without = part.each_day(free, may_order=False)
        with_orders, self._use_with = part.each_day(free, may_order=True)
        self.gain = with_orders - self.without

    def use(self, paid: Floats) -> Floats:
        """[days, 6] what its orders use where the charge is paid so often."""
        return np.asarray(paid[:, None] * self._use_with + (1 - paid[:, None]) * self._use_without)


def _travellers(parameters: BoxParameters) -> tuple[tuple[int, ...], int]:
    """Items that forget a day, and another item for them to ride with: the shortest-lived, the dearest of those."""
    items = parameters.items
    riders = tuple(k for k, item in enumerate(items) if item.shelf_life == 1 and item.lead_times == (0,))
    others = [k for k in range(len(items)) if k not in riders]
    if not riders or not others:
        return (), -1
    return riders, min(others, key=lambda k: (items[k].shelf_life or 999, -items[k].mean * items[k].price))


def search_days(parameters: BoxParameters, days: int) -> Layout:
    """The layout of the charges that this box needs, for its first days."""
    p, count = parameters, len(parameters.items)
    once = bool(p.order_cost or p.min_order or p.truck_cost)
    sizes = {
        "order": days if p.max_order else 0,
        "room": days if p.capacity else 0,
        "least": int(p.min_order > 0),
        "fluid": int(p.truck_cost > 0),
        "shares": count if once and count > 1 else 0,
        "transfer": count if p.substitutes else 0,
    }
    places, at = {}, 0
    for name, size in sizes.items():
        places[name] = slice(at, at + size)
        at += size
    return Layout(p, days, at, places, *(_travellers(p) if sizes["shares"] else ((), -1)))
