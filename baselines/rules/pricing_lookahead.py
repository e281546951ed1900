"""Looks ahead with expected demand: rollout of a fixed price, and bid prices solved anew in every period."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from scipy import stats

from baselines.agents import Problem, Settings
from baselines.rules.pricing_season import Reader
from baselines.rules.pricing_shelf import stock_and_delivery
from baselines.rules.rule_specs import informed_rule, over, planner, view_as
from bizgyms.pricing.season.optimum import left_after
from bizgyms.pricing.shelf.decomposed import best_steps
from bizgyms.pricing.shelf.optimum import unit_margins, weights_at_rest
from bizgyms.pricing.shelf.view import ShelfView
from envs_data.arrays import Floats, Ints, Mask, Rows

# Products of periods, prices and squared stock from which on a rollout takes longer than it is worth.
MOST_WORK = 3e8
# Turns of the search for bid prices, and how far the first may move them, as a share of the largest margin.
TURNS, FIRST_MOVE = 25, 0.3
# Factors on the demand that is expected.
DEMANDS = (1.0, 0.5, 0.7, 0.85, 1.15, 1.3, 1.6, 2.0)


@dataclasses.dataclass(frozen=True)
class Rollout:
    """The step that is best now if the best single price follows until the end.

    Attributes:
        reader: reads observations.
        steps: [periods, stock + 1] that step.
    """

    reader: Reader
    steps: Ints

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] price steps."""
        view = self.reader.view
        return np.asarray(self.steps[view.period(observations), view.stock(observations)])


def rollout(problem: Problem, demand: float = 1.0) -> Rollout:
    """Looks one period ahead, and from there on charges one price (Bertsekas 2020; mean demand where it is hidden).

    Args:
        problem: the season.
        demand: factor on the demand that is expected.
    """
    reader = Reader(problem)
    p = reader.parameters
    rates, prices = demand * reader.mean_rates(), reader.prices
    after = fixed_price_values(reader, rates)
    steps = np.empty((p.periods, p.start_stock + 1), dtype=np.int64)
    stock = np.arange(p.start_stock + 1)
    for period, factor in enumerate(p.factors()):
        worth = np.empty((len(prices), len(stock)))
        for step, price in enumerate(prices):
            left = left_after(float(rates[step] * factor), p.start_stock)
            worth[step] = price * (stock - left @ stock) + left @ after[period + 1]
        steps[period] = worth.argmax(axis=0)
    return Rollout(reader, steps)


def fixed_price_values(reader: Reader, rates: Floats) -> Floats:
    """[periods + 1, stock + 1] expected revenue of the best single price from a period on.

    Args:
        reader: the season.
        rates: [prices] customers an average period who would buy.
    """
    p, salvage = reader.parameters, reader.parameters.salvage
    stock, time = np.arange(p.start_stock + 1), np.append(np.cumsum(p.factors()[::-1])[::-1], 0.0)
    values = np.empty((p.periods + 1, len(stock)))
    for period, left in enumerate(time):
        above = stats.poisson.sf(stock[:-1], rates[:, None] * left)  # [prices, stock]
        sold = np.cumsum(np.pad(above, ((0, 0), (1, 0))), axis=1)
        values[period] = ((reader.prices - salvage)[:, None] * sold).max(axis=0) + salvage * stock
    return values


@dataclasses.dataclass(frozen=True)
class BidPriceRule:
    """The sales-based linear programme, solved again in every period for the stock left, by its dual prices.

    The bid price of a product rises while expected sales exceed its stock, and falls while they are below it. The
    prices charged are those that earn most from a customer at these costs.

    Attributes:
        view: the shelf.
        weights, margins: [products, steps] of a customer whose remembered prices are the current ones.
        demand: factor on the customers expected.
        every: periods for which prices stay, since changing them may cost.
    """

    view: ShelfView
    weights: Floats
    margins: Floats
    demand: float
    every: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, products] price steps."""
        steps = self.view.steps(observations).astype(np.int64)
        due = self.view.period(observations) % self.every == 0
        if due.any():
            steps[due] = self._solved(observations[due])
        return steps

    def _solved(self, rows: Rows) -> Ints:
        stock, come = self._left(rows)
        weights = np.where(stock[:, :, None] > 0, self.weights, 0.0)
        top = self.margins.max()
        bids, mean = np.zeros_like(stock), np.zeros_like(stock)
        for turn in range(TURNS):
            steps = best_steps(weights, self.margins - bids[:, :, None])
            offered = np.take_along_axis(weights, steps[:, :, None], axis=2)[:, :, 0]
            sold = come[:, None] * offered / (1 + offered.sum(axis=1, keepdims=True))
            over = np.clip(sold / np.maximum(stock, 1e-9) - 1, -1.0, 1.0)
            bids = np.clip(bids + FIRST_MOVE * top / np.sqrt(1 + turn) * over, 0.0, top)
            if turn >= TURNS // 2:  # the way there is no part of the mean
                mean += (bids - mean) / (1 + turn - TURNS // 2)
        return best_steps(weights, self.margins - mean[:, :, None])

    def _left(self, rows: Rows) -> tuple[Floats, Floats]:
        """[worlds, products] units there and due, and [worlds] customers expected until the end."""
        p, period = self.view.parameters, self.view.period(rows)
        come = self.demand * float(np.mean(p.kinds())) * np.cumsum(p.means()[::-1])[::-1][period]
        return stock_and_delivery(self.view, rows).astype(np.float64), come


def bid_prices(problem: Problem, demand: float = 1.0, every: int = 1) -> BidPriceRule:
    """Bid prices of the sales-based linear programme (the mean level where it is hidden).

    Args:
        problem: the shelf.
        demand: factor on the customers expected.
        every: periods for which prices stay.
    """
    view = view_as(ShelfView, problem)
    return BidPriceRule(view, weights_at_rest(view.parameters), unit_margins(view.parameters), demand, int(every))


def bid_settings(problem: Problem) -> Settings:
    """Factors on expected demand, and how often prices are revised: from four to ten times an episode."""
    periods = problem.view.parameters.periods
    often = dict.fromkeys(max(1, round(periods * share)) for share in (0.25, 0.1))
    every = itertools.product(often, (1.0, 0.8, 1.25, 1.6))
    return [{"demand": demand, "every": n} for n, demand in every]


def _small(problem: Problem) -> bool:
    p = Reader(problem).parameters
    return float(p.periods) * len(p.prices) * p.start_stock**2 <= MOST_WORK


def _scarce(problem: Problem) -> bool:
    """Whether any product could run out at all, else bid prices are the logit's own."""
    p = view_as(ShelfView, problem).parameters
    most = max(p.kinds()) * float(p.means().sum())
    return any(product.start_stock + product.delivery < most for product in p.products)


SEASON = planner("rollout of a fixed price", rollout, over(demand=DEMANDS), _small)
SHELF = dataclasses.replace(informed_rule("bid prices", bid_prices, bid_settings, _scarce), occasions=False)
