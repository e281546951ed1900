"""Rules for one item. They act on inventory position: what is on hand and everything on order."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from baselines.agents import Problem, Rung
from baselines.rules import restock_law as law
from envs_data.parameters import ParameterError
from envs_data.restock.item import ItemParameters

Rows = NDArray[np.float32]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_] | None


class Reader:
    """Finds what a rule looks at in an item's observations, by the names of the features.

    Args:
        problem: the item.
    """

    def __init__(self, problem: Problem) -> None:
        assert isinstance(problem.parameters, ItemParameters)
        self.parameters: ItemParameters = problem.parameters
        names = [feature.name for feature in problem.view.features]
        self._on_hand = names.index("on_hand")
        self._on_order = [k for k, name in enumerate(names) if name.startswith("on_order")]
        self._forecast = names.index("forecast") if "forecast" in names else None
        self._days_left = names.index("days_left")

    @property
    def seasonal(self) -> bool:
        """Whether a forecast is observed."""
        return self._forecast is not None

    def mean_forecast(self) -> float:
        """Expected demand of the lead time and a day more, on an average day."""
        p = self.parameters
        return float(p.mean * p.factors().mean() * (p.lead_time + 1))

    def on_hand(self, rows: Rows) -> Floats:
        """[worlds] units on hand."""
        return rows[:, self._on_hand].astype(np.float64)

    def on_order(self, rows: Rows) -> Floats:
        """[worlds, lead_time - 1] units that arrive in 1, 2, ... days."""
        return rows[:, self._on_order].astype(np.float64)

    def position(self, rows: Rows) -> Floats:
        """[worlds] inventory position in units."""
        return np.asarray(self.on_hand(rows) + self.on_order(rows).sum(axis=1))

    def forecast(self, rows: Rows) -> Floats:
        """[worlds] expected demand of today and the next ``lead_time`` days."""
        if self._forecast is None:
            return np.full(len(rows), self.mean_forecast())
        return rows[:, self._forecast].astype(np.float64)

    def day(self, rows: Rows) -> NDArray[np.intp]:
        """[worlds] days since the episode began."""
        days = self.parameters.days
        return np.clip(days - rows[:, self._days_left].astype(np.intp), 0, days - 1)

    def packs(self, units: Floats) -> NDArray[np.int64]:
        """[worlds] the smallest possible order of at least so many units."""
        p = self.parameters
        return np.clip(np.ceil(units / p.pack - 1e-9), 0, p.max_packs).astype(np.int64)


class Level(Protocol):
    """An order-up-to level for each world."""

    def __call__(self, rows: Rows) -> Floats:
        """[worlds] units."""


def level(reader: Reader, S: float | None, safety: float | None) -> Level:  # noqa: N803  S is its name in every textbook
    """A constant level ``S``, or the forecast with a safety stock that grows with the forecast.

    Args:
        reader: reads observations.
        S: order-up-to level in units.
        safety: safety stock in units on an average day.

    Raises:
        ParameterError: both given, or neither.
    """
    if (S is None) == (safety is None):
        raise ParameterError("base-stock", ["give either S or safety, such as base_stock:S=16 or base_stock:safety=6"])
    if S is not None:
        constant = float(S)
        return lambda rows: np.full(len(rows), constant)
    share = 1.0 + float(safety or 0.0) / reader.mean_forecast()
    return lambda rows: reader.forecast(rows) * share


@dataclasses.dataclass(frozen=True)
class BaseStock:
    """Orders up to a level, at most ``largest`` units at a time."""

    reader: Reader
    level: Level
    largest: float = np.inf

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds] packs."""
        units = self.level(observations) - self.reader.position(observations)
        return self.reader.packs(np.minimum(units, self.largest))


@dataclasses.dataclass(frozen=True)
class ReorderPoint:
    """Orders up to a level once the position is ``gap`` units or more below it."""

    reader: Reader
    level: Level
    gap: float

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds] packs."""
        units = self.level(observations) - self.reader.position(observations)
        return self.reader.packs(np.where(units >= self.gap, units, 0.0))


@dataclasses.dataclass(frozen=True)
class DailyLevel:
    """Orders up to each day's own level."""

    reader: Reader
    levels: Floats

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds] packs."""
        return self.reader.packs(self.levels[self.reader.day(observations)] - self.reader.position(observations))


@dataclasses.dataclass(frozen=True)
class Periodic:
    """Orders the same every so many days, whatever is on hand."""

    reader: Reader
    every: int
    order: float

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds] packs."""
        today = self.reader.day(observations) % self.every == 0
        return self.reader.packs(np.where(today, self.order, 0.0))


@dataclasses.dataclass(frozen=True)
class ProjectedInventory:
    """Orders what lifts expected stock at the delivery of today's order to a level."""

    reader: Reader
    expected: Floats
    window_of_day: NDArray[np.intp]
    levels: Floats

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds] packs."""
        day = self.reader.day(observations)
        index = (self.window_of_day[day], *table_index(self.reader, observations, self.expected.shape[1]))
        return self.reader.packs(self.levels[day] - self.expected[index])


@dataclasses.dataclass(frozen=True)
class Myopic:
    """Looks its order up in a table over stock and orders under way."""

    reader: Reader
    orders: NDArray[np.int64]

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds] packs."""
        return self.orders[table_index(self.reader, observations, self.orders.shape[0])]


def table_index(reader: Reader, rows: Rows, stock: int) -> tuple[NDArray[np.intp], ...]:
    """Where each world is in a table [stock on hand, packs on order 1, ...]."""
    on_hand = np.clip(reader.on_hand(rows), 0, stock - 1).astype(np.intp)
    packs = (reader.on_order(rows) / reader.parameters.pack).astype(np.intp)
    return (on_hand, *packs.T)


# How each is built.


def base_stock(problem: Problem, S: float | None = None, safety: float | None = None) -> BaseStock:  # noqa: N803  as above
    """Base-stock: order up to S."""
    reader = Reader(problem)
    return BaseStock(reader, level(reader, S, safety))


def capped_base_stock(
    problem: Problem,
    largest: float,
    S: float | None = None,  # noqa: N803  as above
    safety: float | None = None,
) -> BaseStock:
    """Capped base-stock: order up to S, but never more than the cap (Xin 2021, Operations Research 69(1))."""
    reader = Reader(problem)
    return BaseStock(reader, level(reader, S, safety), float(largest))


def s_S(problem: Problem, gap: float, S: float | None = None, safety: float | None = None) -> ReorderPoint:  # noqa: N802, N803  as above
    """(s, S) with s = S - gap: order up to S once the position has fallen to s."""
    reader = Reader(problem)
    return ReorderPoint(reader, level(reader, S, safety), float(gap))


def newsvendor(problem: Problem) -> DailyLevel:
    """Order up to the critical fractile of demand over lead time and a day."""
    reader = Reader(problem)
    return DailyLevel(reader, law.newsvendor_levels(reader.parameters))


def periodic(problem: Problem, every: int, order: float) -> Periodic:
    """Periodic fixed order: ``order`` units every ``every`` days."""
    return Periodic(Reader(problem), int(every), float(order))


def projected_inventory(problem: Problem, cover: float) -> ProjectedInventory:
    """Projected inventory level (van Jaarsveld and Arts 2024, Operations Research 72(5)).

    Args:
        problem: the item.
        cover: the level, as a multiple of expected demand on the day the order arrives.
    """
    reader = Reader(problem)
    p = reader.parameters
    expected, window_of_day = law.expected_stock(p, law.stock_limit(p))
    factors = np.append(p.factors(), np.repeat(p.factors()[-1], p.lead_time))
    return ProjectedInventory(reader, expected, window_of_day, cover * p.mean * factors[p.lead_time :])


def myopic_2(problem: Problem) -> Myopic:
    """Myopic-2: the least expected cost of the two days that today's and tomorrow's orders first serve."""
    reader = Reader(problem)
    return Myopic(reader, law.myopic_orders(reader.parameters, law.stock_limit(reader.parameters)))


# What is tuned. The first setting of each is the textbook's.

Settings = Sequence[Mapping[str, Any]]


def _distinct(settings: Iterable[dict[str, float]]) -> list[dict[str, float]]:
    """The settings without repetitions, in their order."""
    return list({tuple(setting.items()): setting for setting in settings}.values())


def _levels(problem: Problem, count: int) -> list[dict[str, float]]:
    """Order-up-to levels around the newsvendor's, which comes first; safety stocks where a forecast is observed."""
    reader = Reader(problem)
    p = reader.parameters
    center = float(law.newsvendor_levels(p).mean())
    low = max(0.0, float(law.newsvendor_levels(p, 0.3).mean()) - 0.35 * reader.mean_forecast())
    high = float(law.newsvendor_levels(p, 1 - (1 - law.critical_ratio(p)) / 4).mean()) + 1
    offset = reader.mean_forecast() if reader.seasonal else 0.0
    grid = [center, *np.unique(np.round(np.linspace(low, high, count))).tolist()]
    name = "safety" if reader.seasonal else "S"
    return [{name: round(x - offset, 1)} for x in dict.fromkeys(np.round(grid, 1).tolist())]


def base_stock_settings(problem: Problem) -> Settings:
    """Levels around the newsvendor's."""
    return _levels(problem, 60)


def capped_settings(problem: Problem) -> Settings:
    """Levels around the newsvendor's with caps from a little over mean demand to none in sight."""
    p = Reader(problem).parameters
    largest = p.max_packs * p.pack
    busiest = p.mean * p.factors().max()
    caps = {min(float(largest), float(np.ceil(busiest * share))) for share in (0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.5)}
    every = itertools.product(_levels(problem, 18), [float(largest), *sorted(caps)])
    return _distinct({**setting, "largest": cap} for setting, cap in every)


def reorder_settings(problem: Problem) -> Settings:
    """Levels around the newsvendor's plus half an economic order quantity, which is the gap that comes first."""
    p = Reader(problem).parameters
    quantity = max(1.0, float(np.sqrt(2 * p.order_cost * p.mean / p.holding))) if p.holding > 0 else p.mean
    gaps = [max(1.0, float(np.round(quantity * share))) for share in (1.0, 0.0, 0.25, 0.5, 0.75, 1.25, 1.5)]
    shifts = (0.5, 0.0, 1.0)
    found = [
        {name: round(value + quantity * shift, 1), "gap": gap}
        for shift in shifts
        for levels in _levels(problem, 8 if shift != 0.5 else 10)
        for name, value in levels.items()
        for gap in dict.fromkeys(gaps)
    ]
    return _distinct(found)[:150]


def cover_settings(problem: Problem) -> Settings:
    """Levels from half to four times a day's demand; the critical fractile of one day first."""
    p = Reader(problem).parameters
    one_day = law.newsvendor_levels(p.replace(lead_time=0)).mean() / (p.mean * p.factors().mean())
    shares = (1.0, *np.linspace(0.4, 1.8, 43))
    return _distinct({"cover": round(float(one_day * share), 3)} for share in shares)


def periodic_settings(problem: Problem) -> Settings:
    """Mean demand of each period, then a little less and more."""
    p = Reader(problem).parameters
    shares = (1.0, 0.8, 0.85, 0.9, 0.94, 0.97, 1.03)
    every = itertools.product(law.periods(p), shares)
    return _distinct({"every": n, "order": round(p.mean * n * share, 1)} for n, share in every)


def _lead_time(problem: Problem) -> bool:
    p = Reader(problem).parameters
    return p.lead_time > 0 and p.unmet == "lost"


def _projects(problem: Problem) -> bool:
    p = Reader(problem).parameters
    if not _lead_time(problem):
        return False
    count = len(law.windows(p, p.lead_time)[0])
    return count * law.table_size(p, law.stock_limit(p), p.lead_time - 1) <= law.LARGEST_TABLE


def _myopic(problem: Problem) -> bool:
    p = Reader(problem).parameters
    if not _lead_time(problem) or p.order_cost > 0 or len(p.laws()[0]) > 1:
        return False
    return law.table_size(p, law.stock_limit(p), p.lead_time) <= law.LARGEST_TABLE


def _capped(problem: Problem) -> bool:
    return Reader(problem).parameters.unmet == "lost"


RULES = (
    Rung("base-stock", "rule", "observations", base_stock, base_stock_settings),
    Rung("capped base-stock", "rule", "observations", capped_base_stock, capped_settings, _capped),
    Rung("(s,S)", "rule", "observations", s_S, reorder_settings),
    Rung("projected inventory", "rule", "the law of the world", projected_inventory, cover_settings, _projects),
    Rung("myopic-2", "rule", "the law of the world", myopic_2, fits=_myopic),
    Rung("newsvendor", "rule", "the law of the world", newsvendor),
    Rung("periodic fixed order", "rule", "observations", periodic, periodic_settings),
)
