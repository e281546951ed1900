"""Numbers of a day of auctions, for comparison with known ones. All are exact but those that say they are simulated."""

from __future__ import annotations

from typing import Any

import numpy as np

from bizgyms.bidding.auction.optimum import Bids, evaluate, reference
from envs_data.arrays import Floats
from envs_data.bidding.auction import AuctionLuck, AuctionParameters, draw

MULTIPLIERS = np.round(np.linspace(0.3, 2.0, 35), 2)
LAMBDAS = np.linspace(0.0, 3.0, 151)
# A budget left over time left is taken to be at most so many times the day's own.
MOST_PACE = 3.0
DAYS = 100_000
NOT_FOR_SALE = 1e15


def constant_share(p: AuctionParameters) -> float:
    """Value of the best constant bid, in percent of the optimum."""
    best = max(_value(p, np.full(len(p.values), bid)) for bid in range(1, p.max_bid + 1))
    return 100 * best / reference(p).value


def truthful_share(p: AuctionParameters) -> float:
    """Value of bidding the value, in percent of the optimum."""
    return 100 * linear_value(p, 1.0) / reference(p).value


def linear_value(p: AuctionParameters, multiplier: float) -> float:
    """Expected value of bidding a multiple of the value, rounded."""
    return _value(p, np.clip(np.rint(multiplier * np.array(p.values)), 0, p.max_bid))


def linear_share(p: AuctionParameters) -> float:
    """Value of the best multiple of the value, rounded down to whole money, in percent of the optimum."""
    bids = [np.clip(np.floor(m * np.array(p.values)), 0, p.max_bid) for m in MULTIPLIERS]
    return 100 * max(_value(p, bid) for bid in bids) / reference(p).value


def paced_share(p: AuctionParameters) -> float:
    """Value of the best multiple of the value times budget left over time left, in percent of the optimum.

    The ratio is cut at 3, bids are rounded down.
    """
    budgets = np.arange(p.budget + 1)[:, None]

    def value(multiplier: float) -> float:
        def bids(auction: int, _: Floats) -> Bids:
            ratio = np.minimum(budgets / (p.auctions - auction) / (p.budget / p.auctions), MOST_PACE)
            return np.clip(np.floor(multiplier * np.array(p.values) * ratio), 0, p.max_bid).astype(np.uint8)

        return evaluate(p, bids)[0]

    return 100 * max(value(m) for m in MULTIPLIERS) / reference(p).value


def lagrangian_share(p: AuctionParameters) -> float:
    """The Lagrangian bound, in percent of the optimum: the smallest over lambda."""
    gained, spent = _relaxed(p)
    return 100 * float((LAMBDAS * p.budget + (gained - LAMBDAS * spent).sum(axis=0)).min()) / reference(p).value


def fluid_share(p: AuctionParameters) -> float:
    """Value of bidding by the smallest lambda, in steps of .02, that spends no more than the budget left on average.

    It is solved anew before each auction.
    """
    _, spent = _relaxed(p)
    left = np.cumsum(spent[::-1], axis=0)[::-1]
    law = p.competing()

    def bids(auction: int, _: Floats) -> Bids:
        # Spending falls with lambda; below the smallest one everything worth its price is bought.
        at = np.searchsorted(-left[auction], -np.arange(p.budget + 1.0), side="left").clip(0, len(LAMBDAS) - 1)
        return np.asarray(_best_bids(p, law[auction])[at], dtype=np.uint8)

    return 100 * evaluate(p, bids)[0] / reference(p).value


def pid_share(p: AuctionParameters, start: float, integral: float, days: int = DAYS) -> float:
    """Value of a multiplier that follows spending by an integral term, simulated, in percent of the optimum.

    The log multiplier is ``integral`` times the money by which spending is behind an even clock, in auctions' worth of
    budget; bids are rounded down.

    Args:
        p: the scenario.
        start: multiplier as long as spending is on the clock.
        integral: the term.
        days: days to simulate.
    """
    luck, total, budget = _days(p, days), 0.0, np.full(days, p.budget)
    values, each = np.array(p.values), p.budget / p.auctions
    for auction in range(p.auctions):
        worth, least = values[luck.value[:, auction]], np.maximum(luck.competing[:, auction], 1)
        behind = (budget - (p.auctions - auction) * each) / each
        bids = np.minimum(np.clip(start * np.exp(integral * behind) * worth, 0, p.max_bid).astype(np.int64), budget)
        won = bids >= least
        budget -= won * (bids if p.price == "first" else least)
        total += float(worth[won].sum())
    return 100 * total / days / reference(p).value


def hindsight_share(p: AuctionParameters, days: int = DAYS) -> tuple[float, float]:
    """Mean and standard error of the hindsight bound, simulated, in percent of the optimum.

    Who knew all best competing bids would buy the cheapest a value first, the last impression split.
    """
    luck = _days(p, days)
    worth, price = np.array(p.values)[luck.value], np.maximum(luck.competing, 1).astype(np.float64)
    price[luck.competing > p.max_bid] = NOT_FOR_SALE
    order = np.argsort(price / worth, axis=1)
    worth, price = np.take_along_axis(worth, order, axis=1), np.take_along_axis(price, order, axis=1)
    before = np.cumsum(price, axis=1) - price
    bought = (worth * np.clip((p.budget - before) / price, 0, 1)).sum(axis=1)
    share = 100 / reference(p).value
    return float(bought.mean() * share), float(bought.std() / np.sqrt(days) * share)


def _days(p: AuctionParameters, days: int) -> AuctionLuck:
    return draw(p, np.random.default_rng(0), days)


def _best_bids(p: AuctionParameters, pmf: Floats) -> Bids:
    """[lambdas, values] the bid that is best when money costs lambda."""
    wins, pays = _win_and_pay(p, pmf)
    gains = wins * np.array(p.values)[None, :, None] - LAMBDAS[:, None, None] * pays
    return np.asarray(gains.argmax(axis=2), dtype=np.uint8)


def _win_and_pay(p: AuctionParameters, pmf: Floats) -> tuple[Floats, Floats]:
    """[bids] chance of winning and expected payment."""
    wins, bids = np.cumsum(pmf[:-1]), np.arange(p.max_bid + 1)
    return wins, wins * bids if p.price == "first" else np.cumsum(pmf[:-1] * bids)


def _relaxed(p: AuctionParameters) -> tuple[Floats, Floats]:
    """[auctions, lambdas] expected value and payment of each auction's best bids."""
    gained, spent = np.zeros((p.auctions, len(LAMBDAS))), np.zeros((p.auctions, len(LAMBDAS)))
    for auction, pmf in enumerate(p.competing()):
        wins, pays = _win_and_pay(p, pmf)
        best = _best_bids(p, pmf)
        gained[auction] = (wins[best] * np.array(p.values)) @ np.array(p.chances)
        spent[auction] = pays[best] @ np.array(p.chances)
    return gained, spent


def _value(p: AuctionParameters, bids: Any) -> float:
    table: Bids = np.asarray(bids).astype(np.uint8)[None]
    return evaluate(p, lambda _, __: table)[0]
