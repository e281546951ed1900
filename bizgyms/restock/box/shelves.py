"""An item's stock by days of life left, every reachable shelf numbered; also kinder items that have fewer of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Ints
from envs_data.restock.box.parameters import BoxItem


@dataclasses.dataclass(frozen=True)
class Kind:
    """How kindly an item's stock and suppliers are treated, so that it has fewer states.

    Each change can only help the decision maker:

    * ``every``: units age only every so many days (0 never), so that a unit lives at least as long as it should.
      Then customers take the oldest first and units may be thrown away early at the price of waste. Proof: whoever
      throws away what would have expired keeps as many units as in truth, and the i-th oldest lives at least as long.
    * ``delays``: an order arrives that many days sooner. Proof: place it as many days later; what the box charges an
      order is then the least that was charged on any of the days it may come from. Where the lead time was random
      several orders may meet on one day, so that ``max_packs`` is as many times larger.

    Attributes:
        slots: entries of a shelf, the oldest first.
        every: days between two agings.
        fifo: whether customers take the oldest.
        throws: whether units may be thrown away early.
        lead_pmf: probabilities of a lead time of 0, 1, 2, ... days.
        max_packs: largest order a day.
        delays: days by which orders may have been put off.
    """

    slots: int
    every: int
    fifo: bool
    throws: bool
    lead_pmf: tuple[float, ...]
    max_packs: int
    delays: tuple[int, ...] = (0,)

    @property
    def lead_time(self) -> int:
        """Longest lead time."""
        return len(self.lead_pmf) - 1

    @property
    def arrivals(self) -> int:
        """Most packs that can come in one morning."""
        orders = sum(p > 0 for p in self.lead_pmf[1:])
        return self.max_packs * orders


def kinds(item: BoxItem, max_packs: int) -> Iterator[Kind]:
    """The item as it is, then kinder and kinder."""
    lives = list(_lives(item))
    leads = list(_leads(item, max_packs))
    ranked = sorted((2 * j + i, j, i) for i in range(len(lives)) for j in range(len(leads)))
    for _, j, i in ranked:
        yield Kind(*lives[i], *leads[j])


def _lives(item: BoxItem) -> Iterator[tuple[int, int, bool, bool]]:
    life, fifo = item.shelf_life, item.issue == "FIFO"
    yield (max(life, 1), int(life > 0), fifo, False)
    before = life
    for every in range(2, life):
        slots = -(-(life - 1) // every) + 1
        if slots < before:
            before = slots
            yield slots, every, True, True
    if life > 1:
        yield 1, 0, True, True


def _leads(item: BoxItem, max_packs: int) -> Iterator[tuple[tuple[float, ...], int, tuple[int, ...]]]:
    pmf = item.lead_time_pmf()
    yield tuple(pmf.tolist()), max_packs, (0,)
    possible = np.flatnonzero(pmf)
    for lead in range(int(possible[0]), -1, -1):
        if lead == possible[-1]:
            continue
        sooner = tuple(float(days == lead) for days in range(lead + 1))
        yield sooner, max_packs * len(possible), tuple((possible - lead).tolist())


class Shelves:
    """Every shelf that orders and customers can lead to, numbered, and where a day's closing leads.

    Args:
        item: the item.
        kind: how kindly it is treated.
        most: most units on hand and on order together.
        owed: the largest number of units backordered that is distinguished.
        limit: most shelves.

    Attributes:
        units: [shelves] units; below zero when owed.
        is_left, is_morning, is_open: [shelves] whether it can be met after closing, in the morning, with customers.
        left_of, expired: [phases, shelves, levels] the shelf after closing and the units that expired. The last
            phase is a day on which units age; with ``every`` of two or more the first is one on which they do not.
        add: [shelves, packs] the shelf with so many fresh packs more; -1 beyond ``most``.
        start: number of the first morning's shelf.

    Raises:
        OverflowError: more shelves than ``limit``.
    """

    def __init__(self, item: BoxItem, kind: Kind, most: int, owed: int, limit: int) -> None:
        self.kind, self.most, self.owed, self.limit, self.pack = kind, most, owed, limit, item.pack
        if (most + 2.0) ** kind.slots > 2.0**62:
            raise OverflowError("too many shelves to number")
        self._weights = (most + 1) ** np.arange(kind.slots, dtype=np.int64)
        first = np.zeros((1, kind.slots), dtype=np.int64)
        first[0, -1] = item.start_on_hand
        if item.backordered:
            self.table = np.arange(-owed, most + 1)[:, None]
            self.is_left = self.is_morning = self.is_open = np.ones(len(self.table), dtype=np.bool_)
        else:
            self._explore(first)
        self._codes = self._code(self.table)
        self.units = self.table.sum(axis=1).astype(np.int32)
        self.start = int(self._number(first)[0])
        self.add = self._adds(max(kind.arrivals, kind.max_packs))
        self._close_all()

    def _code(self, shelves: Ints) -> Ints:
        return np.asarray(shelves @ self._weights)

    def _number(self, shelves: Ints) -> Ints:
        return np.asarray(np.searchsorted(self._codes, self._code(shelves)))

    def _explore(self, first: Ints) -> None:
        at_once = self.kind.max_packs if self.kind.lead_pmf[0] > 0 else 0
        stages: list[Ints] = [np.zeros(0, dtype=np.int64)] * 3
        new, stage = self._code(first), 1
        while new.size:
            stages[stage] = np.union1d(stages[stage], new)
            if stages[stage].size > self.limit:
                raise OverflowError("too many shelves")
            shelves = self._decode(new)
            if stage == 2:
                follow = np.unique(np.concatenate([self._code(left) for left in self._lefts(shelves)]))
            else:
                follow = self._code(self._fuller(shelves, self.kind.arrivals if stage == 0 else at_once))
            stage = (stage + 1) % 3
            new = np.setdiff1d(follow, stages[stage])
        everything = np.unique(np.concatenate(stages))
        self.table = self._decode(everything)
        self.is_left, self.is_morning, self.is_open = (np.isin(everything, codes) for codes in stages)

    def _decode(self, codes: Ints) -> Ints:
        return np.asarray(codes[:, None] // self._weights % (self.most + 1))

    def _fuller(self, shelves: Ints, packs: int) -> Ints:
        fresh = shelves[:, None, :] + np.zeros((1, packs + 1, 1), dtype=np.int64)
        fresh[:, :, -1] += np.arange(packs + 1) * self.pack
        fresh = fresh.reshape(-1, shelves.shape[1])
        return np.asarray(fresh[fresh.sum(axis=1) <= self.most])

    def _lefts(self, shelves: Ints) -> Iterator[Ints]:
        units = shelves.sum(axis=1)
        for stay in range(int(units.max(initial=0)) + 1):
            some = shelves[units >= stay]
            for ages in self._phases():
                yield self._closed(some, np.full(len(some), stay), ages)[0]

    def _phases(self) -> tuple[bool, ...]:
        return {0: (False,), 1: (True,)}.get(self.kind.every, (False, True))

    def _closed(self, shelves: Ints, stay: Ints, ages: bool) -> tuple[Ints, Ints]:
        """Shelves after ``stay`` units were left, and the units that expired."""
        ordered = shelves[:, ::-1] if self.kind.fifo else shelves
        before = np.cumsum(ordered, axis=1) - ordered
        kept = np.clip(stay[:, None] - before, 0, ordered)
        kept = kept[:, ::-1] if self.kind.fifo else kept
        if not ages:
            return kept, np.zeros(len(kept), dtype=np.int64)
        return np.hstack([kept[:, 1:], np.zeros((len(kept), 1), dtype=np.int64)]), kept[:, 0]

    def _adds(self, packs: int) -> NDArray[np.int32]:
        add = np.full((len(self.table), packs + 1), -1, dtype=np.int32)
        for a in range(packs + 1):
            fuller = self.table.copy()
            fuller[:, -1] += a * self.pack
            fits = np.flatnonzero(np.maximum(fuller, 0).sum(axis=1) <= self.most)
            at = np.minimum(self._number(fuller[fits]), len(self.table) - 1)
            found = self._codes[at] == self._code(fuller[fits])
            add[fits[found], a] = at[found]
        return add

    def _close_all(self) -> None:
        phases = self._phases()
        shape = (len(phases), len(self.table), self.most + self.owed + 1)
        self.left_of = np.zeros(shape, dtype=np.int32)
        self.expired = np.zeros(shape, dtype=np.int32)
        for level in range(shape[2]):
            rows = np.flatnonzero((self.units + self.owed >= level) & self.is_open)
            stay = np.full(len(rows), level - self.owed)
            for phase, ages in enumerate(phases):
                if self.owed:
                    self.left_of[phase, rows, level] = level
                else:
                    left, expired = self._closed(self.table[rows], stay, ages)
                    self.left_of[phase, rows, level] = self._number(left)
                    self.expired[phase, rows, level] = expired
