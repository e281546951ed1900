"""Rules for a box. Each item is ordered by its own inventory position; one setting serves all items."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from baselines.agents import AgentSpec, Kind, Problem
from baselines.rules.restock_box_reader import Reader
from bizgyms.compiled import jit
from envs_data.arrays import Floats, Mask, Rows
from envs_data.parameters import ParameterError

Settings = Sequence[Mapping[str, Any]]


@dataclasses.dataclass(frozen=True)
class OrderUpTo:
    """Orders each item up to a level that goes with the season, at most ``largest`` units at a time.

    Attributes:
        levels: [items] units on an average day; as the others, [worlds, items] where rules are joined.
        largest: [items] units.
        gap: [items] units below the level from which on anything is ordered.
        waste: whether to order what will probably expire before the order comes as well; [worlds, 1] where joined.
    """

    reader: Reader
    levels: Floats
    largest: Floats | float = np.inf
    gap: Floats | float = 0.0
    waste: NDArray[np.bool_] | bool = False

    @classmethod
    def joined(cls, agents: Sequence[OrderUpTo], owner: NDArray[np.intp]) -> OrderUpTo:
        """Many at once, of the same box."""
        first, shape = agents[0], agents[0].levels.shape
        columns = ((one.levels, one.largest, one.gap) for one in agents)
        parts = [np.stack([np.broadcast_to(part, shape) for part in column]) for column in zip(*columns, strict=True)]
        levels, largest, gap = (part[owner] for part in parts)
        waste = np.array([[one.waste] for one in agents])[owner]
        return cls(first.reader, levels, largest, gap, waste if waste.any() else False)

    def units(self, rows: Rows) -> Floats:
        """[worlds, items] units wanted."""
        wanted = self.levels * self.reader.busy(rows) - self.reader.position(rows)
        if self.waste is not False:
            wanted += np.where(self.waste, estimated_waste(self.reader, rows), 0.0)
        return np.where(wanted >= self.gap, np.clip(wanted, 0, self.largest), 0.0)

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds, items] packs."""
        return self.reader.packs(self.units(observations))


@dataclasses.dataclass(frozen=True)
class FillTheTruck:
    """Rounds another rule's order to whole trucks, by the items with the fewest or most days of cover.

    Attributes:
        rule: the rule.
        fill: a last truck less full than this share does not set out; [worlds] where rules are joined.
    """

    rule: OrderUpTo
    fill: float | Floats

    @classmethod
    def joined(cls, agents: Sequence[FillTheTruck], owner: NDArray[np.intp]) -> FillTheTruck:
        """Many at once, of the same box."""
        return cls(OrderUpTo.joined([one.rule for one in agents], owner), np.array([one.fill for one in agents])[owner])

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds, items] packs."""
        reader = self.rule.reader
        packs = self.rule.act(observations)
        fill = np.broadcast_to(np.asarray(self.fill, dtype=np.float64), len(packs))
        mean = np.maximum(reader.mean, 1e-9)
        size = reader.parameters.truck_size
        round_to_trucks(packs, reader.position(observations), mean, reader.pack, reader.max_packs, fill, size)
        return packs


@jit
def round_to_trucks(
    packs: NDArray[np.int64],
    position: Floats,
    mean: Floats,
    pack: NDArray[np.int64],
    max_packs: NDArray[np.int64],
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
class Periodic:
    """Orders the same every so many days, whatever is on hand.

    Attributes:
        every: days; [worlds] where rules are joined.
        order: [items] units; [worlds, items] where rules are joined.
    """

    reader: Reader
    every: int | NDArray[np.int64]
    order: Floats

    @classmethod
    def joined(cls, agents: Sequence[Periodic], owner: NDArray[np.intp]) -> Periodic:
        """Many at once, of the same box."""
        every, order = np.array([one.every for one in agents]), np.stack([one.order for one in agents])
        return cls(agents[0].reader, every[owner], order[owner])

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds, items] packs."""
        today = self.reader.day(observations) % self.every == 0
        return np.where(
            today[:, None], self.reader.packs(np.asarray(np.round(np.atleast_2d(self.order)), dtype=np.float64)), 0
        )


def estimated_waste(reader: Reader, rows: Rows) -> Floats:
    """[worlds, items] units that expire before today's order comes, if each day brings its mean demand.

    After Broekmeulen and van Donselaar (2009), Computers and Operations Research 36(11).
    """
    wasted = np.zeros((len(rows), len(reader.mean)))
    for k, item in enumerate(reader.parameters.items):
        if not item.shelf_life:
            continue
        columns = reader.stock[k]
        shelf = rows[:, columns[: item.shelf_life]].astype(np.float64)
        coming = rows[:, columns[item.shelf_life :]].astype(np.float64)
        for day in range(max(1, round(reader.cover[k] - 1))):
            wanted = np.full(len(rows), reader.mean[k])
            for slot in range(item.shelf_life) if item.issue == "FIFO" else reversed(range(item.shelf_life)):
                taken = np.minimum(shelf[:, slot], wanted)
                shelf[:, slot] -= taken
                wanted -= taken
            wasted[:, k] += shelf[:, 0]
            fresh = coming[:, day] if day < coming.shape[1] else np.zeros(len(rows))
            shelf = np.column_stack([shelf[:, 1:], fresh])
    return wasted


# How each is built.


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


def base_stock(problem: Problem, service: float | None = None, S: float | None = None) -> OrderUpTo:  # noqa: N803  as above
    """Base-stock: order each item up to the level that meets demand with probability ``service``."""
    reader = Reader(problem)
    return OrderUpTo(reader, levels(reader, service, S))


def capped_base_stock(problem: Problem, service: float, largest: float) -> OrderUpTo:
    """Capped base-stock: at most ``largest`` days' mean demand at a time."""
    reader = Reader(problem)
    return OrderUpTo(reader, reader.fractiles(service), np.maximum(reader.mean * largest, 1.0))


def s_S(problem: Problem, service: float, gap: float) -> OrderUpTo:  # noqa: N802  its name in every textbook
    """(s, S): s meets demand with probability ``service``, S is ``gap`` days' mean demand above."""
    reader = Reader(problem)
    units = reader.mean * gap
    return OrderUpTo(reader, reader.fractiles(service) + units, gap=units)


def newsvendor(problem: Problem) -> OrderUpTo:
    """Each item up to its own critical fractile."""
    reader = Reader(problem)
    return OrderUpTo(reader, reader.fractiles(reader.critical_ratios))


def base_stock_with_waste(problem: Problem, service: float) -> OrderUpTo:
    """Base-stock that also orders what will probably expire before the order comes."""
    reader = Reader(problem)
    return OrderUpTo(reader, reader.fractiles(service), waste=True)


def fill_the_truck(problem: Problem, service: float, fill: float) -> FillTheTruck:
    """Base-stock rounded to whole trucks; a last truck less than ``fill`` full does not set out."""
    return FillTheTruck(base_stock(problem, service=service), fill)


def periodic(problem: Problem, every: int, share: float) -> Periodic:
    """Periodic fixed order: ``share`` of mean demand every ``every`` days."""
    reader = Reader(problem)
    return Periodic(reader, int(every), reader.mean * int(every) * share)


# What is tuned. The first setting of each is the textbook's.


def services(problem: Problem, count: int) -> list[float]:
    """Service levels, equally spaced in standard deviations; the mean critical ratio of the items comes first."""
    reader = Reader(problem)
    center = float(np.average(reader.critical_ratios, weights=np.maximum(reader.mean, 1e-9)))
    grid = stats.norm.cdf(np.linspace(-2.6, 3.2, count))
    return list(dict.fromkeys([round(center, 4), *np.round(grid, 4).tolist()]))


def base_stock_settings(problem: Problem) -> Settings:
    """Service levels alone."""
    return [{"service": service} for service in services(problem, 48)]


def pairs(name: str, *values: float) -> Any:
    """Settings of service levels and a second one."""

    def settings(problem: Problem) -> Settings:
        chosen = services(problem, 17)
        return [{"service": service, name: value} for service, value in itertools.product(chosen, values)]

    return settings


def periodic_settings(problem: Problem) -> Settings:
    """Mean demand of each period, then a little less and more."""
    shares = (1.0, 0.7, 0.8, 0.9, 0.95, 1.05, 1.15)
    return [{"every": n, "share": share} for n in (1, 2, 3, 7) for share in shares]


def _spoils(problem: Problem) -> bool:
    return any(item.shelf_life for item in Reader(problem).parameters.items)


def _trucks(problem: Problem) -> bool:
    p = Reader(problem).parameters
    return p.truck_size > 0 and p.truck_cost > 0


RULES = (
    AgentSpec("base-stock", Kind.RULE, "observations", base_stock, base_stock_settings),
    AgentSpec(
        "capped base-stock",
        Kind.RULE,
        "observations",
        capped_base_stock,
        pairs("largest", 3.0, 1.0, 1.2, 1.5, 2.0, 5.0),
    ),
    AgentSpec("(s,S)", Kind.RULE, "observations", s_S, pairs("gap", 2.0, 0.5, 1.0, 3.0, 4.5, 6.0, 9.0, 14.0)),
    AgentSpec(
        "base-stock with waste",
        Kind.RULE,
        "observations",
        base_stock_with_waste,
        base_stock_settings,
        _spoils,
    ),
    AgentSpec(
        "fill-the-truck", Kind.RULE, "observations", fill_the_truck, pairs("fill", 0.5, 0.0, 0.25, 0.75, 0.95), _trucks
    ),
    AgentSpec("newsvendor", Kind.RULE, "the law of the world", newsvendor),
    AgentSpec("periodic fixed order", Kind.RULE, "observations", periodic, periodic_settings),
)
