"""Shading by the law of the best competing bid: what each bid wins and costs, at a price of money."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from typing import ClassVar

import numpy as np
from scipy import special

from baselines.agents import Problem, Setting, Settings
from baselines.batching import JoinedByFields
from baselines.rules.rule_specs import around, parameters_as
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.bidding.auction import AuctionParameters

# Prices of money at which a day is reckoned, as shares of the largest value: no unit of money buys more.
SHARES = np.concatenate([[0.0], np.geomspace(0.0005, 1.0, 150)])


@dataclasses.dataclass(frozen=True)
class Shaded(JoinedByFields):
    """The bid with the largest win chance times value less what it costs at a price of money, which follows the pace.

    The win chance is that of a lognormal competing bid around the median observed. Money costs ``price``, over
    (budget left per auction left)^``pace``.

    Attributes:
        parameters: the auctions.
        price: value given up for a unit of money; [worlds] where rules are joined, as the others.
        spread: log units, of the competing bid.
        pace: power of the ratio.
    """

    stacked: ClassVar = ("price", "spread", "pace")
    parameters: AuctionParameters
    price: Floats | float
    spread: Floats | float
    pace: Floats | float

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] bids."""
        value, budget, left, median = (observations[:, k].astype(np.float64) for k in range(4))
        rate = max(self.parameters.budget / self.parameters.auctions, 1e-9)
        ratio = np.maximum(budget / np.maximum(left, 1) / rate, 1e-3)
        price = np.minimum(self.price / ratio**self.pace, self.parameters.values[-1])
        laws, law_of = np.unique(median + 1j * np.broadcast_to(self.spread, len(median)), return_inverse=True)
        wins = chances(self.parameters, laws.real, laws.imag)
        return np.minimum(best_bids(self.parameters, wins, law_of.ravel(), value, price), budget.astype(np.int64))


@dataclasses.dataclass(frozen=True)
class Resolved(JoinedByFields):
    """As `Shaded`, at the price of money that spends the budget left over the rest of a usual day.

    Attributes:
        parameters: the auctions.
        bids: [auctions, prices, values] the bid at each price of money.
        cost: [auctions + 1, prices] what they cost from an auction on.
        pull: power of (budget left over what is left on a usual day) by which the budget left is taken to be larger.
    """

    stacked: ClassVar = ("pull",)
    parameters: AuctionParameters
    bids: Ints
    cost: Floats
    pull: Floats | float

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] bids."""
        p = self.parameters
        auction = np.clip(p.auctions - observations[:, 2].astype(np.intp), 0, p.auctions - 1)
        budget = observations[:, 1].astype(np.float64)
        value = np.searchsorted(np.array(p.values[1:]) - 1e-6, observations[:, 0])
        prices, usual = prices_of(p), usual_price(p)
        pull, bids = np.broadcast_to(self.pull, len(budget)), np.empty(len(budget), dtype=np.int64)
        for now in np.unique(auction):
            here, costs = auction == now, self.cost[now, ::-1]
            planned = max(float(np.interp(usual, prices, self.cost[now])), 1e-9)
            money = budget[here] * (budget[here] / planned) ** pull[here]
            place = np.rint(np.interp(money, costs, np.arange(len(prices))[::-1])).astype(np.intp)
            bids[here] = self.bids[now, place, value[here]]
        return np.minimum(bids, budget.astype(np.int64))


def chances(p: AuctionParameters, medians: Floats, spreads: Floats | float) -> Floats:
    """[laws, max_bid + 1] chance that each bid wins."""
    logs = np.log(np.arange(1, p.max_bid + 1) + 0.5)
    scaled = (logs - np.log(np.maximum(medians, 1e-9))[:, None]) / np.maximum(np.reshape(spreads, (-1, 1)), 1e-3)
    return np.hstack([np.zeros((len(medians), 1)), special.ndtr(scaled)])


def payments(p: AuctionParameters, wins: Floats) -> Floats:
    """[laws, max_bid + 1] expected money of each bid, by the winner's price."""
    bids = np.arange(p.max_bid + 1)
    if p.price == "first":
        return wins * bids
    return np.cumsum(np.diff(wins, axis=1, prepend=0.0) * bids, axis=1)


def best_bids(p: AuctionParameters, wins: Floats, law_of: Ints, value: Floats, price: Floats) -> Ints:
    """[worlds] the bids that earn most at a price of money.

    Args:
        p: the auctions.
        wins: [laws, max_bid + 1] win chances.
        law_of: [worlds] which of them.
        value: [worlds] worth of winning.
        price: [worlds] value given up for a unit of money.
    """
    gain = wins[law_of] * value[:, None] - price[:, None] * payments(p, wins)[law_of]
    return np.asarray(gain.argmax(axis=1), dtype=np.int64)


def prices_of(p: AuctionParameters) -> Floats:
    """[prices] value given up for a unit of money, rising from 0."""
    return SHARES * p.values[-1]


def usual_price(p: AuctionParameters) -> float:
    """The price of money that spends the budget on a usual day."""
    _, cost = usual_day(p)
    return float(np.interp(p.budget, cost[0, ::-1], prices_of(p)[::-1]))


@functools.lru_cache(maxsize=8)
def usual_day(p: AuctionParameters) -> tuple[Ints, Floats]:
    """[auctions, prices, values] best bids at each price of money, and [auctions + 1, prices] cost from each on."""
    law = p.competing()
    wins = np.cumsum(law[:, :-1], axis=1)
    pays = payments(p, wins)
    values = np.array(p.values)
    bids = np.empty((p.auctions, len(SHARES), len(values)), dtype=np.int64)
    for auction in range(p.auctions):
        gain = wins[auction] * values[None, :, None] - prices_of(p)[:, None, None] * pays[auction]
        bids[auction] = gain.argmax(axis=2)
    spent = pays[np.arange(p.auctions)[:, None, None], bids]
    cost = spent @ np.array(p.chances)
    left = np.vstack([np.cumsum(cost[::-1], axis=0)[::-1], np.zeros((1, len(SHARES)))])
    return bids, left


def shaded(problem: Problem, price: float, spread: float, pace: float = 1.0) -> Shaded:
    """Shading by a lognormal law of wins, paced by budget left over time left (Zhou and others 2021, KDD).

    Which spread wins and losses show is found by tuning; the median is observed.

    Args:
        problem: the auctions.
        price: value given up for a unit of money.
        spread: log units, of the best competing bid.
        pace: power of (budget left per auction left, over that of the day's start).
    """
    return Shaded(parameters_as(AuctionParameters, problem), float(price), float(spread), float(pace))


def resolved(problem: Problem, pull: float = 0.0) -> Resolved:
    """Shading by the law of wins, the price of money re-solved in every auction for the budget left.

    The fluid problem of Balseiro, Besbes and Weintraub (2015), Management Science 61(4), solved anew.

    Args:
        problem: the auctions.
        pull: power of (budget left over that of a usual day) by which the budget left is taken to be larger.
    """
    p = parameters_as(AuctionParameters, problem)
    return Resolved(p, *usual_day(p), float(pull))


def shaded_settings(problem: Problem) -> Settings:
    """Prices of money around that of a usual day, spreads and paces."""
    usual = price_step(problem) * 4
    prices = [float(f"{usual * share:.3g}") for share in (1.0, 0.35, 0.6, 1.5, 2.3)]
    every = itertools.product((1.0, 0.5), (0.8, 0.5, 1.2, 0.25), prices)
    return [{"price": price, "spread": spread, "pace": pace} for pace, spread, price in every]


def finer_shaded(problem: Problem, setting: Setting, turn: int) -> Settings:
    """A little more or less of each."""
    return around(price=price_step(problem), spread=0.2, pace=0.25)(problem, setting, turn)


def price_step(problem: Problem) -> float:
    """A quarter of the usual price of money."""
    p = parameters_as(AuctionParameters, problem)
    return max(usual_price(p), p.values[-1] / 100) / 4
