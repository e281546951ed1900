"""Rules of bidding. They bid a constant or a multiple of the value, and pace it by budget left over time left."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.agents import AgentSpec, Kind, Problem
from baselines.rules import bidding_campaign
from envs_data.arrays import Mask, Rows
from envs_data.bidding.auction import AuctionParameters

Settings = Sequence[Mapping[str, Any]]


@dataclasses.dataclass(frozen=True)
class Linear:
    """Bids ``constant`` plus ``multiplier`` times the value, times (budget left per auction left)^``pace``."""

    parameters: AuctionParameters
    constant: float
    multiplier: float
    pace: float

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int64]:
        """[worlds] bids."""
        value, budget, left = (observations[:, k].astype(np.float64) for k in range(3))
        rate = self.parameters.budget / self.parameters.auctions
        ratio = budget / np.maximum(left, 1) / rate if rate > 0 else np.zeros(len(value))
        bids = (self.constant + self.multiplier * value) * ratio**self.pace
        return np.clip(np.rint(bids), 0, self.parameters.max_bid).astype(np.int64)


def linear(problem: Problem, multiplier: float = 1.0, constant: float = 0.0, pace: float = 0.0) -> Linear:
    """A linear bid, paced by budget left over time left where ``pace`` is above 0."""
    assert isinstance(problem.parameters, AuctionParameters)
    return Linear(problem.parameters, float(constant), float(multiplier), float(pace))


def constant_bid(problem: Problem, bid: float) -> Linear:
    """The same bid in every auction."""
    return linear(problem, 0.0, bid)


def _bids(problem: Problem) -> Settings:
    assert isinstance(problem.parameters, AuctionParameters)
    return [{"bid": bid} for bid in range(1, problem.parameters.max_bid + 1)]


def _multipliers(problem: Problem) -> Settings:
    return [{"multiplier": round(float(m), 3)} for m in dict.fromkeys((1.0, *np.round(np.linspace(0.1, 1.6, 61), 3)))]


def _paced(problem: Problem) -> Settings:
    return [{**setting, "pace": pace} for pace in (1.0, 0.5) for setting in _multipliers(problem)]


# The first, untuned, stands for the rule in use today, and is where learners begin.
AUCTION = (
    AgentSpec("budget-ratio pacing", Kind.RULE, "observations", linear, _paced),
    AgentSpec("constant bid", Kind.RULE, "observations", constant_bid, _bids),
    AgentSpec("truthful", Kind.RULE, "observations", linear),
    AgentSpec("linear", Kind.RULE, "observations", linear, _multipliers),
)

RULES: dict[str, tuple[AgentSpec, ...]] = {"BiddingAuction": AUCTION, "BiddingCampaign": bidding_campaign.RULES}
"""Rules by the name of the case."""
