"""One price most of the time and low periods in between: at fixed places of a cycle, or once customers expect much."""

from __future__ import annotations

import dataclasses
import itertools
from typing import ClassVar

import numpy as np

from baselines.agents import Problem, Setting, Settings
from baselines.batching import JoinedByFields
from baselines.rules.rule_specs import around, view_as
from bizgyms.pricing.shelf.view import ShelfView
from envs_data.arrays import Floats, Ints, Mask, Rows

# Periods of a cycle and low ones among them to begin with, and how far below the high price.
CYCLES = ((2, 1), (3, 1), (3, 2), (4, 1), (4, 3), (6, 2), (6, 4), (13, 6))
# The high price and the depth of the low one, as shares of the ladder.
PRICES = ((1.0, 0.5), (1.0, 0.75), (1.0, 0.25), (0.8, 0.3), (0.6, 0.3))


@dataclasses.dataclass(frozen=True)
class Calendar(JoinedByFields):
    """The steps of each period of an episode, whatever is sold.

    Attributes:
        view: the shelf's.
        steps: [periods, products] price steps; [worlds, periods, products] where rules are joined.
    """

    stacked: ClassVar = ("steps",)
    view: ShelfView
    steps: Ints

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, products] price steps."""
        period = self.view.period(observations)
        return self.steps[period] if self.steps.ndim == 2 else self.steps[np.arange(len(period)), period]


@dataclasses.dataclass(frozen=True)
class Bargain(JoinedByFields):
    """A low price for what customers expect to be dear, the usual one for the rest; another price at the end.

    Attributes:
        view: the shelf's.
        high, low: [products] price steps; [worlds, products] where rules are joined, as all others.
        bar: [products] reference price from which on the price is low.
        end: [products] price steps of the last periods.
        last: how many periods those are; [worlds, 1] where rules are joined.
    """

    stacked: ClassVar = ("high", "low", "bar", "end", "last")
    view: ShelfView
    high: Ints
    low: Ints
    bar: Floats
    end: Ints
    last: Ints

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, products] price steps."""
        left = self.view.parameters.periods - self.view.period(observations)[:, None]
        steps = np.where(self.view.references(observations) >= self.bar, self.low, self.high)
        return np.where(left <= self.last, self.end, steps)


def bargain(problem: Problem, high: int, low: int, bar: float, last: int = 0, end: int = 0) -> Bargain:
    """A bargain whenever the reference price is high enough (Kopalle, Rao, Assuncao 1996, Marketing Science 15(1)).

    Args:
        problem: the shelf.
        high: the usual price of every product, as a step of the longest ladder; shorter ones follow in proportion.
        low: the price of a bargain, as such a step too.
        bar: the reference price from which on there is one, from 0, a product's lowest price, to 1, its highest.
        last: periods at the end of the episode that have a price of their own.
        end: that price, as such a step too.
    """
    view = view_as(ShelfView, problem)
    lowest, highest = view.tables.prices[:, 0], view.tables.prices[:, -1]
    usual, reduced, final = (_own_steps(view, np.array(step)) for step in (high, low, end))
    bars = lowest + (bar - 1e-6) * (highest - lowest)  # observations have seven digits
    return Bargain(view, usual, reduced, bars, final, np.array([last]))


def hi_lo(
    problem: Problem,
    high: int,
    low: int,
    every: int,
    lows: int,
    phase: int = 0,
    stagger: int = 0,
    last: int = 0,
    end: int = 0,
) -> Calendar:
    """Hi-lo pricing: a cycle of one high price and some low periods (Popescu and Wu 2007, Operations Research 55(3)).

    Args:
        problem: the shelf.
        high: the usual price of every product, as a step of the longest ladder; shorter ones follow in proportion.
        low: the price of low periods, as such a step too.
        every: periods of a cycle.
        lows: low periods in it, one after the other.
        phase: periods until the first of them.
        stagger: periods by which each product's low periods are later than those of the product before.
        last: periods at the end of the episode, when nobody's memory matters any more, that have a price of their own.
        end: that price, as such a step too.
    """
    view = view_as(ShelfView, problem)
    p = view.parameters
    periods, products = np.arange(p.periods)[:, None], np.arange(len(p.products))
    reduced = (periods - phase - stagger * products) % max(every, 1) < lows
    steps = np.where(periods >= p.periods - last, end, np.where(reduced, low, high))
    return Calendar(view, _own_steps(view, steps))


def _own_steps(view: ShelfView, steps: Ints) -> Ints:
    """[..., products] each product's step for steps [..., products or one] of the longest ladder."""
    tops = _tops(view)
    return np.asarray(np.rint(np.clip(steps / max(tops.max(), 1), 0.0, 1.0) * tops), dtype=np.int64)


def _tops(view: ShelfView) -> Ints:
    """[products] highest price steps."""
    return np.array([len(product.prices) - 1 for product in view.parameters.products])


def calendar_settings(problem: Problem) -> Settings:
    """Some high prices, depths and cycles, products together or one after the other."""
    view = view_as(ShelfView, problem)
    p, top = view.parameters, int(_tops(view).max())
    staggers = (0, 1) if len(p.products) > 1 else (0,)
    # The last two fall but once: after the first period, or in the middle.
    cycles = dict.fromkeys((*CYCLES, (p.periods, p.periods - 1), (p.periods, p.periods // 2)))
    return [
        {
            "high": round(high * top),
            "low": round((high - depth) * top),
            "every": n,
            "lows": k,
            "phase": n - k,
            "stagger": stagger,
            "last": p.periods // 8,
            "end": round((high - depth) * top),
        }
        for stagger, (high, depth), (n, k) in itertools.product(staggers, PRICES, cycles)
    ]


def finer_calendar(problem: Problem, setting: Setting, turn: int) -> Settings:
    """Every number a little more or less, and a longer or shorter cycle with as many high periods."""
    several = {"stagger": 1.0} if len(view_as(ShelfView, problem).parameters.products) > 1 else {}
    closer = around(high=1, low=1, every=1, lows=1, phase=1, last=4, end=1, **several)(problem, setting, turn)
    cycles = [{**setting, "every": setting["every"] + d, "lows": setting["lows"] + d} for d in (-1, 1)]
    return [one for one in (*closer, *cycles) if one["every"] >= one["lows"] >= 0 < one["every"]]


def bargain_settings(problem: Problem) -> Settings:
    """Some high prices, depths and bars."""
    view = view_as(ShelfView, problem)
    p, top = view.parameters, int(_tops(view).max())
    return [
        {
            "high": round(high * top),
            "low": round((high - depth) * top),
            "bar": bar,
            "last": p.periods // 8,
            "end": round((high - depth) * top),
        }
        for (high, depth), bar in itertools.product(PRICES, (0.7, 0.4, 0.55, 0.85))
    ]


finer_bargain = around(high=1, low=1, bar=0.1, last=4, end=1)
