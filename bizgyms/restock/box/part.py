"""One item cut out of its box: the most it can earn alone, at given charges for what the box shares."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bizgyms.restock.box import part_kernel
from bizgyms.restock.box.part_laws import customers_of, roads_of, second_chances, seeker_laws, seekers_of
from bizgyms.restock.box.shelves import Kind, Shelves, kinds
from envs_data.arrays import Floats, Ints
from envs_data.restock.box.parameters import BoxParameters

MOST_SHELVES = 60_000
# Most values that are kept in memory for a look at where the best orders lead.
MOST_KEPT = 4e7
# If orders reach the largest number of units distinguished more than RARELY times an episode,
# the number is multiplied by ENLARGEMENT.
RARELY, ENLARGEMENT = 1e-3, 1.3


@dataclasses.dataclass(frozen=True)
class Charges:
    """What an item is charged and credited in addition to its own prices.

    Attributes:
        unit: [days] a unit ordered.
        room: [days] a unit on hand or on order, after ordering.
        line: [days] an order line.
        gift: received for a unit given to a customer of another item.
        turned_away: received for a customer of its own who finds it out (lost), or the most that sending a waiting
            customer to another item brings (backordered).
    """

    unit: Floats
    room: Floats
    line: Floats
    gift: float
    turned_away: float


class Solved(NamedTuple):
    """A part's best value; [days, 6] what its orders use; [days + 1 or fewer, s, p] values of mornings."""

    value: float
    use: Floats
    values: Floats


class Part:
    """The dynamic programme of one item.

    Args:
        parameters: the box.
        k: the item.
        work: most steps of a day's sweep; of several kinds of item the least kind that keeps to it is taken.

    Attributes:
        kind: how kindly the item had to be treated.
    """

    def __init__(self, parameters: BoxParameters, k: int, work: float) -> None:
        self.parameters, self.k, self.item = parameters, k, parameters.items[k]
        pmfs, law_of = parameters.laws()
        used, law = np.unique(law_of[:, k], return_inverse=True)
        self.law, self.pmfs = law.astype(np.int32), [pmfs[law] for law in used]
        self._mean = self._means(self.pmfs)
        self._sought = bool(second_chances(parameters)[:, k].any())
        self.seek_law, self.seekers = seeker_laws(parameters, k)
        self._room_for, self._work, self.work = 1.0, work, 0.0
        self._choose_kind()

    def _largest(self) -> int:
        p, item = self.parameters, self.item
        return min(item.max_packs, p.max_order // item.pack) if p.max_order else item.max_packs

    def _stock(self, kind: Kind) -> tuple[int, int, bool]:
        """The largest inventory position and backlog distinguished, and whether more is impossible."""
        item, p = self.item, self.parameters
        days = kind.lead_time + 2
        counts = [np.arange(len(pmf)) for pmf in self.pmfs]
        spread = np.sqrt(max(pmf @ n**2 - (pmf @ n) ** 2 for n, pmf in zip(counts, self.pmfs, strict=True)) * days)
        mean = float(np.convolve(self._mean[self.law], np.ones(days)).max())
        fixed, batch = item.line_cost + p.order_cost / len(p.items), 0.0
        if item.holding and not item.shelf_life:
            batch = min(np.sqrt(2 * fixed * mean / days / item.holding), 2 * mean)
        most = int((mean + 2.5 * spread + batch) * self._room_for) + 2 * item.pack
        life = kind.slots * kind.every + kind.lead_time if kind.every else p.days
        limits = [item.start_on_hand + kind.max_packs * item.pack * life, p.capacity or most + 1]
        owed = int(1.5 * mean + 5 * spread) + 2 if item.backordered else 0
        return max(min(most, *limits), item.start_on_hand), owed, most >= min(limits)

    def _choose_kind(self) -> None:
        """Takes the least kind that is little enough work; ``kind`` is None where none is."""
        self.kind: Kind | None = None
        for kind in kinds(self.item, self._largest()):
            if self.treat(kind):
                return

    def treat(self, kind: Kind) -> bool:
        """Has the item treated so, unless that is too much work; returns whether it is."""
        most, owed, all_there_is = self._stock(kind)
        choices = min(kind.max_packs, most // self.item.pack) + 1
        if float(choices) ** kind.lead_time * most > self._work:
            return False
        kind = dataclasses.replace(kind, max_packs=choices - 1)
        try:
            shelves = Shelves(self.item, kind, most, owed, MOST_SHELVES)
        except OverflowError:
            return False
        self._roads = roads_of(kind, self.item.pack)
        self.work = self._steps(shelves, most)
        if self.work > self._work:
            return False
        self.kind, self.shelves, self.most, self.owed = kind, shelves, most, owed
        self._all_there_is = all_there_is
        self._customers, self._seekers = customers_of(self.pmfs, most + owed + 2), seekers_of(self.seekers)
        days, every = np.arange(self.parameters.days), kind.every
        self._phase = ((every > 1) & (days % max(every, 1) == every - 1)).astype(np.int32)
        return True

    def _steps(self, shelves: Shelves, most: int) -> float:
        """Steps of a day's sweep, roughly: shelves times levels times roads that fit."""
        units = np.maximum(shelves.units[shelves.is_open], 0)
        roads = np.searchsorted(np.sort(self._roads.units), most - units, side="right")
        seek = 1 + 0.3 * float(np.mean([len(law) for law in self.seekers])) if self._sought else 1.0
        return float(((units + shelves.owed + 1) * roads).sum()) * seek

    def sources(self, unit: Floats) -> Ints:
        """[days] the true day of ordering that a day's order is charged for: the cheapest it may come from; or -1."""
        delays = self.kind.delays if self.kind else (0,)
        days = np.arange(len(unit))[:, None] - np.array(delays)
        charge = np.where(days >= 0, unit[np.maximum(days, 0)], np.inf)
        best = charge.argmin(axis=1)
        return np.where(np.isfinite(charge.min(axis=1)), days[np.arange(len(unit)), best], -1)

    def value(self, charges: Charges, keep: bool = False) -> tuple[float, Floats]:
        """The most the item can earn in the days of ``charges``.

        Args:
            charges: of the first day and those after it.
            keep: whether to compute the resources that the best orders use.

        Returns:
            The value; [days, 6] (no days unless kept) the use of the best orders, see `part_kernel.forward`.
        """
        found = self._found(charges, keep)
        return found.value, found.use

    def _found(self, charges: Charges, keep: bool, may_order: bool = True) -> Solved:
        while True:
            found = self._solve(charges, keep, may_order)
            if found is not None:
                return found
            self._room_for *= ENLARGEMENT
            self._choose_kind()

    @property
    def forgets(self) -> bool:
        """Whether nothing outlasts a day: what is ordered comes at once and lives a day."""
        return self.item.shelf_life == 1 and self.item.lead_times == (0,) and self.kind is not None

    def each_day(self, charges: Charges, may_order: bool) -> tuple[Floats, Floats]:
        """What an item that forgets can earn on each day: [days], and [days, 6] as `value`.

        Args:
            charges: of the first day and those after it.
            may_order: whether it may be ordered at all.
        """
        found = self._found(charges, keep=True, may_order=may_order)
        empty = int(np.flatnonzero(self.shelves.units == 0)[0])
        morning = np.full(len(found.use), empty)
        morning[0] = self.shelves.start
        return found.values[np.arange(len(morning)), morning, 0] - found.values[1:, empty, 0], found.use

    def _at_best(self, charges: Charges) -> float:
        """A bound for any item: every customer gets a unit at its least cost, and nothing is ever left over."""
        item, days = self.item, len(charges.unit)
        costs = item.cost + charges.unit
        cost = 0.0 if item.backordered else max(float(costs.min()), 0.0)
        worth = max(item.price - cost, charges.turned_away)
        wanted = self._mean[self.law[:days]].sum()
        sought = self._means(self.seekers)[self.seek_law[:days]].sum()
        paid_to_order = np.maximum(-costs, 0).sum() * item.max_packs * item.pack * len(item.lead_times)
        spared = item.start_on_hand * cost
        return float(wanted * worth + sought * max(charges.gift - cost, 0.0) + paid_to_order + spared)

    @staticmethod
    def _means(laws: Sequence[Floats]) -> Floats:
        return np.array([law @ np.arange(len(law)) for law in laws])

    def _solve(self, charges: Charges, keep: bool, may_order: bool = True) -> Solved | None:
        if self.kind is None:
            return Solved(self._at_best(charges), np.zeros((len(charges.unit), 6)), np.zeros((0, 0, 0)))
        roads = (self.kind.max_packs + 1) ** max(self.kind.lead_time - 1, 0)
        days, shape = len(charges.unit), (len(self.shelves.units), roads)
        keep = keep or days * shape[0] * shape[1] <= MOST_KEPT
        values = np.zeros((days + 1 if keep else 2, *shape))
        orders = np.zeros((days if keep else 1, *shape), dtype=np.int8)
        self._backward(charges, values, orders, may_order)
        value = float(values[0, self.shelves.start, 0])
        if not keep:
            return Solved(value, np.zeros((0, 6)), values)
        use = self._forward(charges, values, orders)
        if use[:, 5].sum() > RARELY and not self._all_there_is:
            return None
        return Solved(value, use, values)

    def _worth_of_being_out(self, charges: Charges) -> tuple[float, float, float]:
        """Cost of a day of waiting, value of a customer turned away and of one sent on, sales counted already."""
        sent_on = charges.turned_away - self.item.price
        return (self.item.shortage, 0.0, sent_on) if self.item.backordered else (0.0, sent_on, -np.inf)

    def _backward(self, charges: Charges, values: Floats, orders: NDArray[np.int8], may_order: bool) -> None:
        """Fills ``values`` and ``orders`` as `part_kernel.backward` does."""
        assert self.kind is not None
        item, shelves = self.item, self.shelves
        sources = self.sources(charges.unit)
        unit_cost = item.cost + charges.unit[np.maximum(sources, 0)]
        waiting, below, convert = self._worth_of_being_out(charges)
        part_kernel.backward(
            values, orders, len(charges.unit), 0, self.most, self.owed, item.pack,
            shelves.units, shelves.is_open, shelves.is_morning, shelves.is_left,
            shelves.add, shelves.left_of, shelves.expired, self._phase, self.kind.lead_pmf[0],
            *self._roads, self.law, *self._customers, self._mean, self.seek_law, *self._seekers,
            item.price, item.holding, item.waste, waiting, self.kind.throws, below, convert,
            charges.gift, unit_cost, item.line_cost + charges.line, charges.room, (sources >= 0) & may_order,
        )  # fmt: skip

    def _forward(self, charges: Charges, values: Floats, orders: NDArray[np.int8]) -> Floats:
        """[days, 6] the use of the best orders, see `part_kernel.forward`."""
        assert self.kind is not None
        item, shelves = self.item, self.shelves
        use = np.zeros((len(charges.unit), 6))
        waiting, below, convert = self._worth_of_being_out(charges)
        part_kernel.forward(
            values, orders, len(use), 0, self.most, self.owed, item.pack,
            shelves.units, shelves.is_left,
            shelves.add, shelves.left_of, shelves.expired, self._phase, self.kind.lead_pmf[0],
            *self._roads, self.law, *self._customers, self.seek_law, *self._seekers[:2],
            item.holding, item.waste, waiting, self.kind.throws, below, convert, charges.gift,
            shelves.start, use,
        )  # fmt: skip
        return use


def cut(parameters: BoxParameters, work: float) -> Sequence[Part]:
    """The box's items, each a part of its own."""
    return [Part(parameters, k, work) for k in range(len(parameters.items))]
