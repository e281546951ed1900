"""Prices that follow a plan or the last sales: a markdown schedule for a season, steps up and down for a shelf."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from baselines.agents import Problem, Setting, Settings
from baselines.batching import JoinedByFields
from baselines.rules.pricing_season import Reader, fixed_price_settings
from baselines.rules.rule_specs import around, rule, view_as
from bizgyms.pricing.shelf.view import ShelfView
from envs_data.arrays import Floats, Ints, Mask, Rows

# Shares of the season at which markdowns begin, and of the ladder by which prices fall until its end.
BEGINS, FALLS = (0.5, 0.0, 0.75), (0.2, 0.1, 0.4)


@dataclasses.dataclass(frozen=True)
class Schedule(JoinedByFields):
    """The price steps of each period, whatever is sold.

    Attributes:
        reader: reads observations.
        steps: [periods] price steps; [worlds, periods] where rules are joined.
    """

    stacked: ClassVar = ("steps",)
    reader: Reader
    steps: Ints

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] price steps."""
        period = self.reader.view.period(observations)
        return np.asarray(self.steps[period] if self.steps.ndim == 1 else self.steps[np.arange(len(period)), period])


def markdown_schedule(problem: Problem, start: int, end: int, begin: int) -> Schedule:
    """One price, and from a period on evenly spaced markdowns (Talluri and van Ryzin 2004, chapter 5).

    Args:
        problem: the season.
        start: the first price step.
        end: the step of the last period.
        begin: periods until the first markdown.
    """
    reader = Reader(problem)
    periods, top = reader.parameters.periods, len(reader.prices) - 1
    share = np.clip((np.arange(periods) - begin + 1) / max(periods - begin, 1), 0.0, 1.0)
    steps = np.rint(start + (end - start) * share).astype(np.int64)
    return Schedule(reader, np.clip(steps, 0, top))


def schedule_settings(problem: Problem) -> Settings:
    """Prices around the best fixed one, by when they begin to fall and how far."""
    reader = Reader(problem)
    first, top = int(fixed_price_settings(problem)[0]["step"]), len(reader.prices) - 1
    found = [
        {
            "start": min(first + max(1, round(fall * top / 2)), top),
            "end": max(first - max(1, round(fall * top / 2)), 0),
            "begin": round(begin * reader.parameters.periods),
        }
        for begin in BEGINS
        for fall in FALLS
    ]
    return list({tuple(setting.items()): setting for setting in found}.values())


def finer_schedule(problem: Problem, setting: Setting, turn: int) -> Settings:
    """Other prices and beginnings, by an eighth of the ladder and of the season at first."""
    reader = Reader(problem)
    width, top = max(1, len(reader.prices) // 8), len(reader.prices) - 1
    closer = around(start=width, end=width, begin=max(1, reader.parameters.periods // 8))(problem, setting, turn)
    return [one for one in closer if max(one["start"], one["end"]) <= top and one["begin"] < reader.parameters.periods]


@dataclasses.dataclass(frozen=True)
class FollowSales(JoinedByFields):
    """A step up where the last period sold more than was planned, and one down where it sold less.

    Attributes:
        view: the shelf's.
        first: [products] price steps of the first period; [worlds, products] where rules are joined, as the others.
        low, high: [products] units a period below and above which a price moves.
    """

    stacked: ClassVar = ("first", "low", "high")
    view: ShelfView
    first: Ints
    low: Floats
    high: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, products] price steps."""
        products = self.view.parameters.products
        sold = self.view.group(observations, "sold", len(products))
        top = np.array([len(product.prices) for product in products]) - 1
        moved = self.view.steps(observations) + (sold > self.high) - (sold < self.low)
        begins = self.view.period(observations)[:, None] == 0
        return np.asarray(np.where(begins, self.first, np.clip(moved, 0, top)), dtype=np.int64)


def follow_sales(problem: Problem, height: float, low: float, high: float) -> FollowSales:
    """Prices follow the last sales: a step up after many, a step down after few.

    Args:
        problem: the shelf.
        height: of the first prices on their ladders, 0 the lowest and 1 the highest.
        low: sales below which a price falls, as a share of those that would sell all stock evenly.
        high: sales above which it rises, likewise.
    """
    view = view_as(ShelfView, problem)
    products = view.parameters.products
    even = np.array([(one.start_stock + one.delivery) / view.parameters.periods for one in products])
    first = np.array([round(min(height, 1.0) * (len(one.prices) - 1)) for one in products])
    return FollowSales(view, first, low * even, high * even)


def follow_settings(problem: Problem) -> Settings:
    """Heights, with bars around even sales."""
    bars = ((0.7, 1.3), (0.3, 0.9), (0.1, 0.5), (0.9, 2.0))
    return [{"height": height, "low": low, "high": high} for low, high in bars for height in (0.5, 0.25, 0.75)]


SEASON = rule("markdown schedule", markdown_schedule, schedule_settings, finer=finer_schedule)
SHELF = rule("follow the last sales", follow_sales, follow_settings, finer=around(height=0.15, low=0.2, high=0.3))
