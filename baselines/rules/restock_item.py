"""Rules for one item. They act on inventory position: stock on hand and on order."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from baselines.agents import Problem
from baselines.batching import JoinedByFields
from baselines.rules import restock_item_review as reviewed
from baselines.rules import restock_item_settings as tuned
from baselines.rules import restock_law as law
from baselines.rules import restock_lot_size as lots
from baselines.rules.restock_item_reader import Reader, level
from baselines.rules.restock_orders import DailyLevel, OrderUpTo
from baselines.rules.rule_specs import informed_rule, rule
from envs_data.arrays import Floats, Ints, Mask, Places, Rows


@dataclasses.dataclass(frozen=True)
class Periodic(JoinedByFields):
    """Orders the same quantity every so many days, regardless of stock.

    Attributes:
        every: days; as ``order``, [worlds] where rules are joined.
        order: units.
    """

    stacked: ClassVar = ("every", "order")
    reader: Reader
    every: Ints | int
    order: Floats | float

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] packs."""
        today = self.reader.day(observations) % self.every == 0
        return self.reader.packs(np.where(today, self.order, 0.0))


@dataclasses.dataclass(frozen=True)
class ProjectedInventory(JoinedByFields):
    """Orders the quantity that lifts expected stock at the delivery of today's order to a level.

    Attributes:
        expected: units just before the delivery: a table for each sequence of daily laws (`law.expected_stock`).
        window_of_day: [days] which table.
        level: units on a day of mean demand; [worlds] where rules are joined.
        factors: [days] demand on the day of the delivery, as a multiple of the mean.
    """

    stacked: ClassVar = ("level",)
    reader: Reader
    expected: Floats
    window_of_day: Places
    level: Floats | float
    factors: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] packs."""
        day = self.reader.day(observations)
        windows, stock = self.expected.shape[:2]
        entry = self.reader.entry(observations, stock) + self.window_of_day[day] * (self.expected.size // windows)
        return self.reader.packs(self.level * self.factors[day] - self.expected.ravel()[entry])


@dataclasses.dataclass(frozen=True)
class Myopic:
    """Looks its order up in a table over stock and orders under way."""

    reader: Reader
    orders: Ints

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] packs."""
        return self.orders.ravel()[self.reader.entry(observations, len(self.orders))]


def base_stock(problem: Problem, S: float | None = None, safety: float | None = None) -> OrderUpTo:  # noqa: N803  as above
    """Base-stock: order up to S."""
    reader = Reader(problem)
    return OrderUpTo(reader, level(reader, S, safety))


def capped_base_stock(
    problem: Problem,
    largest: float,
    S: float | None = None,  # noqa: N803  as above
    safety: float | None = None,
) -> OrderUpTo:
    """Capped base-stock: order up to S, but never more than the cap (Xin 2021, Operations Research 69(1))."""
    reader = Reader(problem)
    return OrderUpTo(reader, level(reader, S, safety), float(largest))


def s_S(problem: Problem, gap: float, S: float | None = None, safety: float | None = None) -> OrderUpTo:  # noqa: N802, N803  as above
    """(s, S) with s = S - gap: order up to S once the position has fallen to s."""
    reader = Reader(problem)
    return OrderUpTo(reader, level(reader, S, safety), gap=float(gap))


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
    return ProjectedInventory(reader, expected, window_of_day, cover * p.mean, factors[p.lead_time :])


def myopic_2(problem: Problem) -> Myopic:
    """Myopic-2: the least expected cost of the two days that today's and tomorrow's orders first serve."""
    reader = Reader(problem)
    return Myopic(reader, law.myopic_orders(reader.parameters, law.stock_limit(reader.parameters)))


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
    if not _lead_time(problem) or p.order_cost > 0 or p.level_spread or len(p.laws()[0]) > 1:
        return False
    return law.table_size(p, law.stock_limit(p), p.lead_time) <= law.LARGEST_TABLE


def _capped(problem: Problem) -> bool:
    return Reader(problem).parameters.unmet == "lost"


def _dear_orders(problem: Problem) -> bool:
    return Reader(problem).parameters.order_cost > 0


def _multiples(problem: Problem) -> bool:
    return _dear_orders(problem) or Reader(problem).parameters.pack > 1


RULES = (
    rule("base-stock", base_stock, tuned.base_stock_settings),
    rule("capped base-stock", capped_base_stock, tuned.capped_settings, _capped),
    rule("(s,S)", s_S, tuned.reorder_settings),
    informed_rule("projected inventory", projected_inventory, tuned.cover_settings, _projects),
    informed_rule("myopic-2", myopic_2, fits=_myopic),
    informed_rule("newsvendor", newsvendor),
    rule("periodic fixed order", periodic, tuned.periodic_settings),
    informed_rule("(R,S)", reviewed.review, reviewed.review_settings, _dear_orders, reviewed.finer_reviews),
    informed_rule("(R,s,S)", reviewed.review_with_point, reviewed.point_settings, _dear_orders, reviewed.finer_reviews),
    informed_rule("Silver-Meal", lots.silver_meal, lots.lot_settings, _dear_orders, lots.finer_lots),
    rule("(s,nQ)", reviewed.multiples, reviewed.multiple_settings, _multiples, finer=reviewed.finer_multiples),
)
