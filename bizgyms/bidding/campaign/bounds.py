"""Three bounds on a day's conversions: the hindsight knapsack, the Lagrangian, and the score under a target.

* `hindsight`, pathwise: a bidder who knows every best competing bid d buys impressions of true rate v by d / v, the
  last one split, until the budget is gone. In first price nobody pays less than d either.
* `lagrangian`, in expectation: a bidder who knows every rate and every shock, but not the rest of d, earns at most
  lambda budget + sum of max over bids b of P(d <= b) v - lambda E[payment at b], at any lambda >= 0 that these decide.
* `score`, pathwise: the largest V min(1, (C V / K)^2) over the frontier of that knapsack, K at most the budget, with
  the last impression split: whole impressions alone are no bound.

Only their means may be compared: a mean of per-day minima of the three is no bound.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit
from envs_data.arrays import Floats
from envs_data.bidding.campaign import CampaignLuck, CampaignParameters
from envs_data.bidding.campaign.law import paying, winning

# Grids of log medians and log worths: between their points what is gained is interpolated. In worth it is convex, so
# that this is never too low; in the median the error is some 1e-5 of it.
MEDIAN_STEP, WORTH_STEP = 0.01, 0.02
HIGHEST_WORTH = 14.0
# Standard deviations the grid of medians reaches.
REACH = 6.0
LAMBDA_STEPS = 36


class Gains(NamedTuple):
    """What one auction can gain at most, worth less payment, in money.

    Attributes:
        table: [medians, worths] the gain, at log medians from ``first`` on and log worths from 0 on.
        first: lowest log median.
    """

    table: Floats
    first: float


@functools.lru_cache(maxsize=8)
def gains(p: CampaignParameters) -> Gains:
    """The table of a campaign's gains; bids are whole, so that every one of them is tried."""
    usual = np.log(p.usual())
    shocks = REACH * math.sqrt(p.day_sd**2 + p.hour_sd**2 + p.tick_sd**2)
    spread = abs(p.competition_slope) * REACH * p.rate_sd
    first = float(usual.min()) - shocks - spread
    count = math.ceil((float(usual.max()) + shocks + spread - first) / MEDIAN_STEP) + 2
    wins = winning(p, np.asarray(first + MEDIAN_STEP * np.arange(count), dtype=np.float64))
    worths = np.exp(WORTH_STEP * np.arange(round(HIGHEST_WORTH / WORTH_STEP) + 1))
    table = np.zeros((count, len(worths)))
    _tabulate(wins, paying(p, wins), worths, table)
    return Gains(table, first)


@jit
def _tabulate(wins: Floats, pays: Floats, worths: Floats, table: Floats) -> None:
    """The best bid rises with the worth, so that each search goes on where the last one ended."""
    for median in range(len(table)):
        low = 0
        for k in range(len(worths)):
            best, at = 0.0, low
            for bid in range(low, wins.shape[1]):
                gain = wins[median, bid] * worths[k] - pays[median, bid]
                if gain > best:
                    best, at = gain, bid
            table[median, k], low = best, at


@jit
def gain(median: float, worth: float, table: Floats, first: float) -> float:
    """Interpolates the gain at a log median and a log worth; beyond the grid every win is free."""
    if worth <= 0.0:
        return 0.0
    row = min(max((median - first) / MEDIAN_STEP, 0.0), len(table) - 1.000001)
    column = min(worth / WORTH_STEP, table.shape[1] - 1.000001)
    i, k = int(row), int(column)
    low, high = math.exp(k * WORTH_STEP), math.exp((k + 1) * WORTH_STEP)
    over, right = row - i, (math.exp(column * WORTH_STEP) - low) / (high - low)
    left = (1 - over) * table[i, k] + over * table[i + 1, k]
    ahead = (1 - over) * table[i, k + 1] + over * table[i + 1, k + 1]
    beyond = math.exp(worth) - math.exp((table.shape[1] - 1) * WORTH_STEP)
    return float(left + right * (ahead - left) + max(beyond, 0.0))


@jit
def lagrangian(
    count: NDArray[np.int32],
    medians: Floats,
    rates: Floats,
    logs: Floats,
    slope: float,
    budget: float,
    table: Floats,
    first: float,
) -> float:
    """The smallest Lagrangian bound over lambda, found by golden section.

    Args:
        count: [ticks] auctions.
        medians: [ticks] log median of competition at the median rate, shocks included.
        rates: [auctions] true conversion rates.
        logs: [auctions] log of predicted rates over their median.
        slope: of log competition with ``logs``.
        budget: the budget.
        table: of `gains`.
        first: of `gains`.
    """
    everything = 0.0
    for k in range(len(rates)):
        everything += rates[k]
    worths = np.log(rates)

    def value(log_lambda: float) -> float:
        total, k = 0.0, 0
        for tick in range(len(count)):
            for _ in range(count[tick]):
                total += gain(medians[tick] + slope * logs[k], worths[k] - log_lambda, table, first)
                k += 1
        return math.exp(log_lambda) * (budget + total)

    golden = (math.sqrt(5.0) - 1.0) / 2.0
    low, high = -HIGHEST_WORTH, 2.0
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = value(left), value(right)
    for _ in range(LAMBDA_STEPS):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = value(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = value(right)
    return min(at_left, at_right, everything)


@jit
def frontier(rates: Floats, prices: NDArray[np.int16], budget: float, target: float) -> tuple[float, float]:
    """The hindsight bound, and the score bound (the same without a target).

    Between two points of the frontier conversions are a + s K at cost K, with a >= 0. As long as the target is kept
    more is better; beyond, (a + s K)^3 / K^2 falls and then rises. So the best score is at a point, at the
    budget, or where the cost per conversion meets the target.

    Args:
        rates: [auctions] true conversion rates.
        prices: [auctions] best competing bids.
        budget: the budget.
        target: highest cost per conversion wanted; 0 for none.
    """
    cost, total, best = 0.0, 0.0, 0.0
    for k in np.argsort(prices / rates):
        price, rate = float(prices[k]), rates[k]
        part = min(1.0, (budget - cost) / price)
        if target > 0.0 and cost <= target * total and cost + price * part > target * (total + rate * part):
            here = (target * total - cost) / (price - target * rate)
            best = max(best, total + rate * here)
        cost += price * part
        total += rate * part
        kept = min(1.0, target * total / cost) if target > 0.0 else 1.0
        best = max(best, total * kept * kept)
        if part < 1.0:
            break
    return total, best


def bounds(p: CampaignParameters, luck: CampaignLuck, row: int) -> tuple[float, float, float]:
    """A day's hindsight, Lagrangian and score bounds, in conversions.

    Args:
        p: the campaign.
        luck: the luck of many episodes.
        row: which one.
    """
    count = luck.arrivals[row]
    auctions = int(count.sum())
    predicted = luck.rate[row, :auctions].astype(np.float64)
    rates = np.minimum(predicted * luck.bias[row], 1.0)
    if not auctions:
        return 0.0, 0.0, 0.0
    hindsight, score = frontier(rates, luck.competing[row, :auctions], float(p.budget), p.target)
    table = gains(p)
    medians, logs = np.log(p.usual()) + luck.level[row], np.log(predicted / p.rate)
    priced = lagrangian(count, medians, rates, logs, p.competition_slope, float(p.budget), table.table, table.first)
    return hindsight, priced, score


def day_in_hindsight(p: CampaignParameters, luck: CampaignLuck, row: int) -> float:
    """The conversions that nobody can exceed on a day whose best competing bids are known beforehand.

    Args:
        p: the campaign.
        luck: the luck of many episodes.
        row: which one.
    """
    auctions = int(luck.arrivals[row].sum())
    if not auctions:
        return 0.0
    rates = np.minimum(luck.rate[row, :auctions].astype(np.float64) * luck.bias[row], 1.0)
    return float(frontier(rates, luck.competing[row, :auctions], float(p.budget), p.target)[1])
