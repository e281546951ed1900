"""Rules of bidding. They bid a constant or a multiple of the value, and pace it by budget left over time left."""

from __future__ import annotations

import dataclasses

import numpy as np

from baselines.agents import AgentSpec, Problem, Settings
from baselines.rules import bidding_campaign, bidding_shading
from baselines.rules.rule_specs import grid, informed_rule, over, parameters_as, rule
from envs_data.arrays import Ints, Mask, Rows
from envs_data.bidding.auction import AuctionParameters


@dataclasses.dataclass(frozen=True)
class Linear:
    """Bids ``constant`` plus ``multiplier`` times the value, times (budget left per auction left)^``pace``."""

    parameters: AuctionParameters
    constant: float
    multiplier: float
    pace: float

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] bids."""
        value, budget, left = (observations[:, k].astype(np.float64) for k in range(3))
        rate = self.parameters.budget / self.parameters.auctions
        ratio = budget / np.maximum(left, 1) / rate if rate > 0 else np.zeros(len(value))
        bids = (self.constant + self.multiplier * value) * ratio**self.pace
        return np.clip(np.rint(bids), 0, self.parameters.max_bid).astype(np.int64)


def linear(problem: Problem, multiplier: float = 1.0, constant: float = 0.0, pace: float = 0.0) -> Linear:
    """A linear bid, paced by budget left over time left where ``pace`` is above 0."""
    return Linear(parameters_as(AuctionParameters, problem), float(constant), float(multiplier), float(pace))


def constant_bid(problem: Problem, bid: float) -> Linear:
    """The same bid in every auction."""
    return linear(problem, 0.0, bid)


def _bids(problem: Problem) -> Settings:
    return grid(bid=range(1, parameters_as(AuctionParameters, problem).max_bid + 1))


def _multipliers(problem: Problem) -> list[float]:
    """Truthful first; then up to 1.6 times the value, less where a unit of money usually buys more than one of it."""
    most = min(1.6, 0.4 / bidding_shading.price_step(problem))
    return [1.0, *(float(f"{share * most:.3g}") for share in np.linspace(1 / 16, 1.0, 61) if share * most != 1.0)]


def _linear(problem: Problem) -> Settings:
    return grid(multiplier=_multipliers(problem))


def _paced(problem: Problem) -> Settings:
    return [{"multiplier": multiplier, "pace": pace} for pace in (1.0, 0.5) for multiplier in _multipliers(problem)]


# The first, untuned, stands for the rule in use today; learners begin at it.
AUCTION = (
    rule("budget-ratio pacing", linear, _paced),
    rule("constant bid", constant_bid, _bids),
    rule("truthful", linear),
    rule("linear", linear, _linear),
    rule(
        "shading + pacing",
        bidding_shading.shaded,
        bidding_shading.shaded_settings,
        finer=bidding_shading.finer_shaded,
    ),
    informed_rule("shading + re-solve", bidding_shading.resolved, over(pull=(0.0, 0.25, 0.5, 1.0))),
)

RULES: dict[str, tuple[AgentSpec, ...]] = {"BiddingAuction": AUCTION, "BiddingCampaign": bidding_campaign.RULES}
"""Rules by the name of the case."""
