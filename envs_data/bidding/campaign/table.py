"""Logs of impressions made by the simulated world."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from envs_data.arrays import Floats
from envs_data.bidding.campaign.luck import CLICKED, CampaignLuck, draw
from envs_data.bidding.campaign.parameters import CampaignParameters
from envs_data.bidding.campaign.world import CampaignWorld

# A policy looks at a day's world and returns a bid per conversion, a shading, and the probability of exactly that bid.
Policy = Callable[[CampaignWorld], tuple[float, float, float]]

DAYS = 14
START = pd.Timestamp("2025-01-06")
EPSILON = 0.5
# Places of the bids in the range from -1 to 1.
PLACES = (-0.8, -0.6, -0.4, -0.2, 0.0)


def soft_pacing(parameters: CampaignParameters, rng: np.random.Generator) -> Policy:
    """Half the time a bid paced by budget left over time left, half the time one of five bids at random.

    Args:
        parameters: the campaign.
        rng: source of the random choices.
    """
    p = parameters
    bids = [p.bid * p.bid_span**place for place in PLACES]

    def policy(world: CampaignWorld) -> tuple[float, float, float]:
        left = world.budget * p.ticks / max(p.budget * (p.ticks - world.tick), 1)
        usual = int(np.clip(np.rint(len(bids) // 2 + 4 * np.log(max(left, 0.1))), 0, len(bids) - 1))
        chosen = int(rng.integers(len(bids))) if rng.random() < EPSILON else usual
        return bids[chosen], 0.0, EPSILON / len(bids) + (1 - EPSILON) * (chosen == usual)

    return policy


def generate(
    parameters: CampaignParameters, policy: Policy | None = None, seed: int = 0, days: int | None = None
) -> pd.DataFrame:
    """The log such a media buyer would keep, lived tick by tick in the SimPy world.

    Every impression offered has a row; a bid of 0 means no bid. The smallest winning bid is logged where the scenario's
    feedback reveals it. Conversions after the log's last day are not in it.

    Args:
        parameters: the campaign.
        policy: what is bid; by default `soft_pacing`.
        seed: same seed, same table.
        days: days of the log, 14 by default.

    Returns:
        A row for each impression: time, predicted, bid, won, price, minimum_bid (with its feedback), click,
        conversion (time), propensity.
    """
    for_luck, for_policy, for_times = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    count = days or DAYS
    luck = draw(parameters, for_luck, count)
    policy = policy or soft_pacing(parameters, for_policy)
    log = pd.concat([_day(parameters, luck, day, policy, for_times) for day in range(count)], ignore_index=True)
    late = log["conversion"] >= START + pd.Timedelta(days=count)
    log["conversion"] = log["conversion"].where(~late)
    return log


def _day(p: CampaignParameters, luck: CampaignLuck, day: int, policy: Policy, rng: np.random.Generator) -> pd.DataFrame:
    world = CampaignWorld(p, luck, day)
    world.start()
    bids: list[int] = []
    propensity: list[float] = []
    while not world.over:
        bid, shading, chance = policy(world)
        world.play((bid, shading))
        bids += world.offers
        propensity += [chance] * world.offered
    auctions = len(bids)
    offers, least = np.array(bids, dtype=np.int64), luck.competing[day, :auctions].astype(np.int64)
    won = offers >= least
    outcome = np.where(won, luck.outcome[day, :auctions], CLICKED - 1)
    tick = np.repeat(np.arange(p.ticks), luck.arrivals[day])
    begin, end = _moments(outcome, p, rng)
    columns = {
        "time": _clock(day, tick + begin, p),
        "predicted": luck.rate[day, :auctions].astype(np.float64).round(6).clip(1e-6),
        "bid": offers,
        "won": won.astype(int),
        "price": pd.array(np.where(won, offers if p.price == "first" else least, 0), dtype="Int64"),
        "minimum_bid": least,
        "click": (outcome >= CLICKED).astype(int),
        "conversion": _clock(day, tick + end, p),
        "propensity": np.round(propensity, 6),
    }
    log = pd.DataFrame(columns)
    log.loc[~won, "price"] = pd.NA
    log.loc[outcome < 0, "conversion"] = pd.NaT
    if p.feedback != "minimum_bid":
        log = log.drop(columns="minimum_bid")
    return log.sort_values("time", kind="stable")


def _clock(day: int, ticks: Floats, p: CampaignParameters) -> pd.Series:
    """Times of a day, to the second, from fractions of ticks."""
    seconds = np.floor(np.minimum(ticks, 1e7) * p.hours * 3600).astype(np.int64)
    return pd.Series(START + pd.Timedelta(days=day) + pd.to_timedelta(seconds, unit="s"))


def _moments(outcome: NDArray[np.integer], p: CampaignParameters, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Times of impressions and of their conversions, in ticks from the start of the impression's tick.

    Given the tick in which an exponential delay ends, both moments have exact laws, from which they are drawn.
    """
    begin = rng.random(len(outcome))
    end = begin.copy()
    if p.delay == 0:
        return begin, end
    rate = p.hours / p.delay
    later, same = np.flatnonzero(outcome > 0), np.flatnonzero(outcome == 0)
    begin[later] = 1 - _truncated(rng, rate, len(later))
    end[later] = outcome[later] + _truncated(rng, rate, len(later))
    while same.size:
        delay = _truncated(rng, rate, len(same))
        fits = rng.random(len(same)) < 1 - delay
        now = same[fits]
        begin[now] = rng.random(len(now)) * (1 - delay[fits])
        end[now] = begin[now] + delay[fits]
        same = same[~fits]
    return begin, end


def _truncated(rng: np.random.Generator, rate: float, count: int) -> Floats:
    """Exponential draws of a rate, given that they are below 1."""
    return np.asarray(-np.log1p(rng.random(count) * np.expm1(-rate)) / rate)
