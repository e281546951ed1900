"""What a day costs and brings on average at each bid per conversion, and the policy that re-solves it every tick."""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np

from bizgyms.bidding.campaign.view import CampaignView
from envs_data.arrays import Floats, Mask, Rows
from envs_data.bidding.campaign import CampaignParameters
from envs_data.bidding.campaign.law import paying, winning

NODES = 40
BIDS = 81
MEDIAN_STEP = 0.02
SHADINGS = 21
PULL = 0.5


@dataclasses.dataclass(frozen=True)
class Curves:
    """A usual day, shocks of competition counted as spread.

    Attributes:
        logs: [bids] log bids per conversion.
        cost: [ticks, bids] expected money of each tick.
        gain: [ticks, bids] expected conversions.
    """

    logs: Floats
    cost: Floats
    gain: Floats

    def log_bid(self, budget: float, since: int = 0) -> float:
        """Log of the bid per conversion that spends a budget from a tick on."""
        return float(np.interp(budget, self.cost[since:].sum(axis=0), self.logs))

    def log_target(self, target: float) -> float:
        """Log of the bid at which conversions of the whole day cost the target on average."""
        each = self.cost.sum(axis=0) / np.maximum(self.gain.sum(axis=0), 1e-300)
        return float(np.interp(target, np.maximum.accumulate(each), self.logs))

    def value(self, budget: float) -> float:
        """Conversions of a day in which the budget is just spent."""
        return float(np.interp(self.log_bid(budget), self.logs, self.gain.sum(axis=0)))


@functools.lru_cache(maxsize=64)
def curves(p: CampaignParameters, shading: float = 0.0) -> Curves:
    """Cost and conversions of every tick, at bids from the lowest to the highest and one shading."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    rates = np.minimum(p.rate * np.exp(p.rate_sd * nodes), 1.0)
    usual, tick_of = np.unique(p.usual(), return_inverse=True)
    medians = np.log(usual)[:, None] + p.competition_slope * p.rate_sd * nodes
    grid, place = np.unique(np.rint(medians / MEDIAN_STEP).astype(np.int64), return_inverse=True)
    sd = math.sqrt(p.competition_sd**2 + p.day_sd**2 + p.hour_sd**2 + p.tick_sd**2)
    wins = winning(p, np.asarray(grid * MEDIAN_STEP, dtype=np.float64), sd)
    pays = paying(p, wins)
    logs = math.log(p.bid) + math.log(p.bid_span) * np.linspace(-1, 1, BIDS)
    worth = np.exp(logs)[:, None, None] * rates
    offer = worth / np.sqrt(1 + shading * worth / usual[:, None])
    offers = np.minimum(offer, p.highest).astype(np.int64)
    place = place.reshape(medians.shape)
    auctions = p.expected()[:, None]
    cost = (pays[place, offers] @ weights).T
    gain = (wins[place, offers] @ (weights * np.minimum(p.bias * rates, 1.0))).T
    return Curves(logs, auctions * cost[tick_of], auctions * gain[tick_of])


@functools.lru_cache(maxsize=64)
def best_shading(p: CampaignParameters) -> float:
    """The shading with which the budget buys most conversions on a usual day; none in second price."""
    if p.price == "second":
        return 0.0
    every = [float(c) for c in np.linspace(0, p.max_shading, SHADINGS)]
    return max(every, key=lambda c: curves(p, c).value(p.budget))


@dataclasses.dataclass(frozen=True)
class Resolve:
    """Bids to spend the remaining budget over the rest of a usual day, and no more than the target allows.

    Money left over so far shows a day on which it will be left over again: the budget left is taken to be larger
    by its ratio to what is left on a usual day, to the power ``pull``.

    Attributes:
        view: the campaign's.
        curves: a usual day's.
        shading: the same all day.
        pull: 0 for a rest of the day that is always taken to be usual.
    """

    view: CampaignView
    curves: Curves
    shading: float
    pull: float = PULL

    def act(self, observations: Rows, mask: Mask = None) -> Rows:
        """Decides for [worlds, features] observations."""
        p = self.view.parameters
        tick = np.clip(self.view.tick(observations), 0, p.ticks - 1)
        budget, logs = self.view.column(observations, "budget"), np.empty(len(tick))
        start = self.curves.log_bid(p.budget)
        for now in np.unique(tick):
            here = tick == now
            usual = max(float(np.interp(start, self.curves.logs, self._left[now])), 1e-9)
            money = budget[here] * (budget[here] / usual) ** self.pull
            logs[here] = np.interp(money, self._left[now], self.curves.logs)
        if p.target > 0:
            logs = np.minimum(logs, self.curves.log_target(p.target))
        return self.view.action(np.exp(logs), self.shading)

    @functools.cached_property
    def _left(self) -> Floats:
        """[ticks, bids] cost from each tick on."""
        return np.cumsum(self.curves.cost[::-1], axis=0)[::-1]


def resolve(p: CampaignParameters, shading: float | None = None, pull: float = PULL) -> Resolve:
    """The re-solving policy of a campaign, at the best shading if none is given."""
    chosen = best_shading(p) if shading is None else shading
    return Resolve(CampaignView(p), curves(p, chosen), chosen, pull)
