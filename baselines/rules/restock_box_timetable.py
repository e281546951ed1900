"""Timetables for a box: whole trucks of chosen items on fixed days, and base-stock with a cap of each item's own."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from typing import ClassVar

import numpy as np
from scipy import stats

from baselines.agents import Problem, Setting, Settings
from baselines.batching import JoinedByFields
from baselines.rules.restock_box import FillTheTruck, base_stock, order_up_to
from baselines.rules.restock_box_reader import Reader
from baselines.rules.restock_orders import OrderUpTo
from baselines.rules.rule_specs import HALVINGS, around, grid
from envs_data.arrays import Flags, Floats, Ints, Mask, Rows
from envs_data.parameters import ParameterError

# Items have a digit each in a setting, so that no more than nine can be told apart; of few, every choice is tried.
MOST_ITEMS = 9
FEW_ITEMS = 3
NO_CAP = 9
# Days between trucks.
LONGEST = 7
# Orders after which a timetable's loads begin anew.
ROUND = 12


@dataclasses.dataclass(frozen=True)
class Timetable(JoinedByFields):
    """The same orders again and again, regardless of stock.

    Attributes:
        reader: reads observations.
        loads: [orders, items] packs of the first, second, ... order; [worlds, orders, items] where rules are joined.
        every: days from one order to the next; [worlds] where rules are joined, as the other.
        phase: days until the first, fewer than ``every``.
    """

    stacked: ClassVar = ("loads", "every", "phase")
    reader: Reader
    loads: Ints
    every: Ints | int
    phase: Ints | int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, items] packs."""
        since = self.reader.day(observations) - self.phase
        number = since // self.every % ROUND
        packs = self.loads[number] if self.loads.ndim == 2 else self.loads[np.arange(len(since)), number]
        return np.where((since % self.every == 0)[:, None], packs, 0)


def truck_timetable(
    problem: Problem, every: int, trucks: int, items: int = 0, then: int = 0, phase: int = 0
) -> Timetable:
    """Fixed orders by item and day of a cycle: whole trucks of chosen items.

    After Goyal (1974), Management Science 21(4), with trucks in place of a set-up cost.

    Args:
        problem: the box.
        every: days from one order to the next.
        trucks: whole trucks an order.
        items: the numbers of the items that are ordered, such as 13 for the first and third; 0 for all.
        then: those of every other order; 0 for the same.
        phase: days until the first order.

    Raises:
        ParameterError: numbers of items that the box has not.
    """
    reader = Reader(problem)
    first = chosen_items(reader, int(items))
    other = chosen_items(reader, int(then)) if then else first
    units = int(trucks) * reader.parameters.truck_size
    loads = np.empty((ROUND, len(reader.mean)), dtype=np.int64)
    for parity, chosen in enumerate((first, other)):
        loads[parity::2] = loads_of(reader, chosen, units, ROUND // 2)
    days = max(int(every), 1)
    return Timetable(reader, loads, days, int(phase) % days)


def loads_of(reader: Reader, chosen: Flags, units: int, orders: int) -> Ints:
    """[orders, items] packs of so many orders in a row, each of at most ``units`` units, in proportion to demand.

    What an order leaves out for want of room or by rounding, the following ones make up.
    """
    wanted = np.where(chosen, reader.mean, 0.0)
    share = units * wanted / max(wanted.sum(), 1e-9)
    loads, owed = np.zeros((orders, len(wanted)), dtype=np.int64), np.zeros(len(wanted))
    for load in loads:
        owed += share
        _fill(reader, load, np.where(chosen, owed, -np.inf), units)
        owed -= load * reader.pack
    return loads


def _fill(reader: Reader, load: Ints, owed: Floats, units: int) -> None:
    """Adds packs of whatever is owed most until nothing fits."""
    room = units
    while True:
        fits = (reader.pack <= room) & (load < reader.max_packs) & (owed > -np.inf)
        if not fits.any():
            return
        k = int(np.argmax(np.where(fits, owed - load * reader.pack, -np.inf)))
        load[k] += 1
        room -= int(reader.pack[k])


def chosen_items(reader: Reader, digits: int) -> Flags:
    """[items] which items some digits name; all for 0.

    Raises:
        ParameterError: numbers of items that the box has not.
    """
    count = len(reader.mean)
    if digits == 0:
        return np.ones(count, dtype=np.bool_)
    numbers = {int(digit) for digit in str(digits)}
    if not numbers <= set(range(1, count + 1)):
        raise ParameterError("timetable", [f"items is {digits}; its digits must be items, 1 to {count}, as in 12"])
    return np.isin(np.arange(1, count + 1), list(numbers))


def base_stock_with_caps(problem: Problem, service: float, caps: int) -> OrderUpTo:
    """Base-stock with a cap on the order of each item of its own (Xin 2021, Operations Research 69(1), item by item).

    Args:
        problem: the box.
        service: probability with which each item's level meets demand.
        caps: a digit an item: the most packs a day, in the order of the items; 9 for no cap.

    Raises:
        ParameterError: not a digit for each item.
    """
    reader = Reader(problem)
    return order_up_to(reader, reader.fractiles(service), largest=caps_of(reader, int(caps)))


def truck_with_caps(problem: Problem, service: float, fill: float, caps: int) -> FillTheTruck:
    """Base-stock rounded to whole trucks, of items whose cap is not 0; ``caps`` as of `base_stock_with_caps`."""
    reader = Reader(problem)
    rule = base_stock(problem, service=service)
    return FillTheTruck(reader, dataclasses.replace(rule, largest=caps_of(reader, int(caps))), fill)


def caps_of(reader: Reader, caps: int) -> Floats:
    """[items] most units of an order.

    Raises:
        ParameterError: not a digit for each item.
    """
    digits = str(caps).zfill(len(reader.mean))
    if len(digits) > len(reader.mean):
        raise ParameterError("caps", [f"caps is {caps}; it must have a digit for each of {len(reader.mean)} items"])
    packs = np.array([int(digit) for digit in digits])
    return np.where(packs == NO_CAP, np.inf, packs * reader.pack)


def truck_settings(problem: Problem) -> Settings:
    """Every so many days as many trucks as demand fills in that time, one less and one more, of all or some items."""
    reader = Reader(problem)
    daily = float(reader.mean.sum()) / reader.parameters.truck_size
    found = []
    for every, items in itertools.product(range(1, LONGEST + 1), _sets(len(reader.mean))):
        usual = daily * every * float(reader.mean[chosen_items(reader, items)].sum() / reader.mean.sum())
        counts = {max(1, int(usual)), max(1, int(usual) + 1)}
        found += [{"every": every, "trucks": n, "items": items, "then": 0, "phase": 0} for n in sorted(counts)]
    return found


@functools.cache
def _sets(count: int) -> tuple[int, ...]:
    """All items, and where there are few every choice of them."""
    if count > FEW_ITEMS:
        return (0,)
    numbers = "123"[:count]
    some = [int("".join(chosen)) for size in range(1, count) for chosen in itertools.combinations(numbers, size)]
    return (0, *some)


def finer_trucks(problem: Problem, setting: Setting, turn: int) -> Settings:
    """A day or a truck more or less, and an item more or less in every order or in every other one."""
    count = len(Reader(problem).mean)
    closer = [
        one for one in around(every=1, trucks=1, phase=1)(problem, setting, turn) if one["every"] and one["trucks"]
    ]
    if count > MOST_ITEMS:
        return closer
    names = ("items", "then") if count <= FEW_ITEMS else ("items",)
    return [*closer, *({**setting, name: n} for name in names for n in _other_items(setting[name], count))]


def _other_items(digits: int, count: int) -> list[int]:
    every = "123456789"[:count]
    present = set(str(digits)) if digits else set(every)
    changed = ["".join(sorted(present ^ {number})) for number in every]
    return [0 if digits == every else int(digits) for digits in changed if digits]


def cap_settings(problem: Problem) -> Settings:
    """Service levels without caps, with caps of a busy day, and where items are few, for some of them alone."""
    reader = Reader(problem)
    usual = np.minimum(np.ceil(1.5 * reader.mean / reader.pack).astype(int), NO_CAP)
    chosen = [np.where(chosen_items(reader, items), NO_CAP, 0) for items in _sets(len(usual))]
    caps = dict.fromkeys(int("".join(map(str, digits))) for digits in (usual, *chosen))
    return grid(service=[round(float(stats.norm.cdf(z)), 4) for z in (0.5, -0.5, 1.5)], caps=caps)


def truck_cap_settings(problem: Problem) -> Settings:
    """The same, with a share of a truck from which on it sets out."""
    return [{**setting, "fill": fill} for fill in (0.5, 0.95) for setting in cap_settings(problem)]


def finer_caps(problem: Problem, setting: Setting, turn: int) -> Settings:
    """Other service levels, and a cap of one item more or less."""
    count = len(Reader(problem).mean)
    closer = [*finer_service(problem, setting, turn), *around(fill=0.2)(problem, setting, turn)]
    digits = str(setting["caps"]).zfill(count)
    for k, digit in enumerate(digits):
        moved = {min(int(digit) + 1, NO_CAP), max(int(digit) - 1, 0)} - {int(digit)}
        closer += [{**setting, "caps": int(digits[:k] + str(cap) + digits[k + 1 :])} for cap in sorted(moved)]
    return closer


def finer_service(problem: Problem, setting: Setting, turn: int) -> Settings:
    """Service levels above and below, in standard deviations."""
    factor = float(stats.norm.ppf(setting["service"]))
    moved = (round(float(stats.norm.cdf(factor + sign * 0.5 / 2**turn)), 4) for sign in (-1, 1))
    return [{**setting, "service": service} for service in moved if 0 < service < 1 and turn < HALVINGS]
