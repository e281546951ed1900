"""Rules for a box. Each item is ordered by its own inventory position; one setting serves all items."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from baselines.agents import Problem
from baselines.batching import JoinedByFields
from baselines.rules.restock_box_reader import Reader, estimated_waste
from baselines.rules.restock_orders import OrderUpTo
from bizgyms.compiled import jit
from envs_data.arrays import Flags, Floats, Ints, Mask, Rows
from envs_data.parameters import ParameterError


@dataclasses.dataclass(frozen=True)
class Levels(JoinedByFields):
    """Order-up-to levels that go with the season.

    Attributes:
        units: [items] units on an average day; [worlds, items] where rules are joined, as the others.
        waste: [items] whether to order, in addition, the units likely to expire before the order comes.
    """

    stacked: ClassVar = ("units", "waste")
    reader: Reader
    units: Floats
    waste: Flags

    def missing(self, rows: Rows) -> Floats:
        """[worlds, items] units that the inventory positions lack."""
        missing = self.units * self.reader.busy(rows) - self.reader.position(rows)
        if self.waste.any():
            missing += np.where(self.waste, estimated_waste(self.reader, rows), 0.0)
        return missing


@dataclasses.dataclass(frozen=True)
class FillTheTruck(JoinedByFields):
    """Rounds another rule's order to whole trucks, by the items with the fewest or most days of cover.

    Attributes:
        rule: the rule.
        fill: a last truck less full than this share does not set out; [worlds] where rules are joined.
    """

    stacked: ClassVar = ("rule", "fill")
    reader: Reader
    rule: OrderUpTo
    fill: float | Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, items] packs."""
        reader, packs = self.reader, self.rule.act(observations)
        fill = np.broadcast_to(np.asarray(self.fill, dtype=np.float64), len(packs))
        mean = np.maximum(reader.mean, 1e-9)
        size = reader.parameters.truck_size
        round_to_trucks(packs, reader.position(observations), mean, reader.pack, reader.max_packs, fill, size)
        return packs


@jit
def round_to_trucks(
    packs: Ints,
    position: Floats,
    mean: Floats,
    pack: Ints,
    max_packs: Ints,
    fill: Floats,
    truck: int,
) -> None:
    """Adds packs of the items with the least cover, or takes away those with most, until trucks are full.

    Adding stops before a truck overflows; taking away goes on until nothing is left over.

    Args:
        packs: [worlds, items] orders, changed.
        position: [worlds, items] inventory position before them, in units.
        mean: [items] mean demand a day.
        pack: [items] units in a pack.
        max_packs: [items] largest orders.
        fill: [worlds] a last truck less full than this share does not set out.
        truck: units a truck carries.
    """
    for world in range(len(packs)):
        total = (packs[world] * pack).sum()
        full = max(fill[world] * truck, 1.0)
        short = (total // truck + (1 if total % truck >= full else 0)) * truck - total
        sign = 1 if short > 0 else -1
        while short != 0:
            chosen, least = -1, np.inf
            for k in range(len(pack)):
                possible = packs[world, k] < max_packs[k] and pack[k] <= short if sign > 0 else packs[world, k] > 0
                cover = sign * (position[world, k] + packs[world, k] * pack[k]) / mean[k]
                if possible and cover < least:
                    chosen, least = k, cover
            if chosen < 0:
                break
            packs[world, chosen] += sign
            short -= sign * pack[chosen]
            if sign * short < 0:
                break


@dataclasses.dataclass(frozen=True)
class CanOrder(JoinedByFields):
    """Once an item must be ordered, all that may be are filled up with it.

    Attributes:
        level: the levels S.
        must: [items] units below them at which an item must be ordered; [worlds, items] where rules are joined.
        can: [items] units below them at which it may be; likewise.
    """

    stacked: ClassVar = ("level", "must", "can")
    reader: Reader
    level: Levels
    must: Floats
    can: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, items] packs."""
        missing = self.level.missing(observations)
        ordered = (missing >= self.must).any(axis=1, keepdims=True)
        return self.reader.packs(np.where(ordered & (missing >= self.can), missing, 0.0))


@dataclasses.dataclass(frozen=True)
class Periodic(JoinedByFields):
    """Orders the same quantity every so many days, regardless of stock.

    Attributes:
        every: days; [worlds] where rules are joined.
        order: [items] units; [worlds, items] where rules are joined.
    """

    stacked: ClassVar = ("every", "order")
    reader: Reader
    every: int | Ints
    order: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, items] packs."""
        today = self.reader.day(observations) % self.every == 0
        return np.where(
            today[:, None], self.reader.packs(np.asarray(np.round(np.atleast_2d(self.order)), dtype=np.float64)), 0
        )


def levels(reader: Reader, service: float | None, S: float | None) -> Floats:  # noqa: N803  S is its name in every textbook
    """[items] order-up-to levels: the same service level, or the same number of units, for all items.

    Raises:
        ParameterError: both given, or neither.
    """
    if (S is None) == (service is None):
        raise ParameterError(
            "base-stock", ["give either service or S, such as base_stock:service=.95 or base_stock:S=16"]
        )
    return np.full(len(reader.mean), float(S)) if S is not None else reader.fractiles(float(service or 0.0))


def order_up_to(
    reader: Reader, levels: Floats, largest: Floats | float = np.inf, gap: Floats | float = 0.0, waste: bool = False
) -> OrderUpTo:
    """An order-up-to rule; a single number holds for every item."""
    most, below = (np.broadcast_to(np.asarray(part, dtype=np.float64), levels.shape) for part in (largest, gap))
    return OrderUpTo(reader, Levels(reader, levels, np.full(levels.shape, waste)), most, below)


def base_stock(problem: Problem, service: float | None = None, S: float | None = None) -> OrderUpTo:  # noqa: N803  as above
    """Base-stock: order each item up to the level that meets demand with probability ``service``."""
    reader = Reader(problem)
    return order_up_to(reader, levels(reader, service, S))


def capped_base_stock(problem: Problem, service: float, largest: float) -> OrderUpTo:
    """Capped base-stock: at most ``largest`` days' mean demand at a time."""
    reader = Reader(problem)
    return order_up_to(reader, reader.fractiles(service), largest=np.maximum(reader.mean * largest, 1.0))


def s_S(problem: Problem, service: float, gap: float) -> OrderUpTo:  # noqa: N802  its name in every textbook
    """(s, S): s meets demand with probability ``service``, S is ``gap`` days' mean demand above."""
    reader = Reader(problem)
    units = reader.mean * gap
    return order_up_to(reader, reader.fractiles(service) + units, gap=units)


def can_order(problem: Problem, service: float, gap: float, can: float) -> CanOrder:
    """(s, c, S): s meets demand with probability ``service``, S is ``gap`` days' mean demand above (Balintfy 1964).

    Args:
        problem: the box.
        service: that probability.
        gap: S - s in days of mean demand.
        can: S - c as a share of S - s.
    """
    reader = Reader(problem)
    units = reader.mean * gap
    level = Levels(reader, reader.fractiles(service) + units, np.zeros(len(units), dtype=np.bool_))
    return CanOrder(reader, level, np.maximum(units, 1.0), np.maximum(can * units, 1.0))


def newsvendor(problem: Problem) -> OrderUpTo:
    """Each item up to its own critical fractile."""
    reader = Reader(problem)
    return order_up_to(reader, reader.fractiles(reader.critical_ratios))


def base_stock_with_waste(problem: Problem, service: float) -> OrderUpTo:
    """Base-stock that also replaces the units likely to expire before the order comes."""
    reader = Reader(problem)
    return order_up_to(reader, reader.fractiles(service), waste=True)


def fill_the_truck(problem: Problem, service: float, fill: float) -> FillTheTruck:
    """Base-stock rounded to whole trucks; a last truck less than ``fill`` full does not set out."""
    return FillTheTruck(Reader(problem), base_stock(problem, service=service), fill)


def periodic(problem: Problem, every: int, share: float) -> Periodic:
    """Periodic fixed order: ``share`` of mean demand every ``every`` days."""
    reader = Reader(problem)
    return Periodic(reader, int(every), reader.mean * int(every) * share)
