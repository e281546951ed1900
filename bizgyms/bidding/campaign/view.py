"""What is decided, seen and paid in a campaign's day."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from gymnasium import spaces

from bizgyms.compiled import jit
from bizgyms.view import Feature, View
from envs_data.arrays import Floats, Ints, Rows
from envs_data.bidding.campaign import CampaignParameters
from envs_data.bidding.campaign.luck import columns

TOLD = {"none": 0, "win_only": 3, "minimum_bid": 4}


@jit
def decided(action: Rows, bid: float, log_span: float, max_shading: float) -> tuple[float, float]:
    """The bid per conversion and the shading that an action stands for."""
    shading = max_shading * (1.0 + action[1]) / 2.0 if len(action) > 1 else 0.0
    return bid * math.exp(log_span * action[0]), shading


def penalty(total: float, spent: float, target: float) -> float:
    """What is taken off the day's conversions V for a cost per conversion K / V above the target C.

    The score is V min(1, (C V / K)^2), as in AuctionNet (Su et al. 2024).
    """
    if target <= 0 or spent <= target * total:
        return 0.0
    kept = target * total / spent
    return total * (kept * kept) - total


class CampaignView(View[CampaignParameters]):
    """Spaces, features and names of `BiddingCampaign`.

    Attributes:
        expected, usual: [ticks + 1] auctions and median competition of each tick on a usual day; 0 after the last.
        coming: [ticks + 1] auctions expected from each tick on.
        told: number of features that report wins.
        log_span: log of ``bid_span``.
    """

    clock: ClassVar = "ticks_left"
    terms: ClassVar = ("conversions", "penalty")
    figures: ClassVar = ("auctions", "won", "spent", "clicks", "reported", "hindsight", "lagrangian", "score_bound")
    ratios: ClassVar = {
        "win rate": ("won", "auctions"),
        "cost per win": ("spent", "won"),
        "reported a click": ("reported", "clicks"),
    }
    telling: ClassVar = ("budget", "bid_last")
    decision_dtype = np.float64

    def __init__(self, parameters: CampaignParameters) -> None:
        self.expected = np.append(parameters.expected(), 0.0)
        self.usual = np.append(parameters.usual(), 0.0)
        self.coming = np.append(np.cumsum(parameters.expected()[::-1])[::-1], 0.0)
        self.told = TOLD[parameters.feedback]
        self.log_span = math.log(parameters.bid_span)
        self.decision_shape = (2,)
        super().__init__(parameters)
        self.money = "conversions"
        self.steps_per_year = 365.0 * parameters.ticks

    def _features(self) -> tuple[Feature, ...]:
        p = self.parameters
        most, budget = float(columns(p)), float(max(p.budget, 1))
        busiest, dearest, day = float(self.expected.max()), float(self.usual.max()), float(self.coming[0])
        typical = max(p.budget / max(p.bid, 1e-9), 1.0)
        low, high = p.bid / p.bid_span, p.bid * p.bid_span
        wins = (
            Feature("won_last", "auctions", "won in the last tick", 0, most, 0, busiest),
            Feature("predicted", "conversions", "predicted of all impressions won", 0, most, typical, typical),
            Feature("due", "conversions", "predicted ones due to be reported", 0, most, typical, typical),
            Feature("minimum_last", "money", "smallest winning bid, mean of the last tick", 0, p.highest, 0, dearest),
        )
        return (
            Feature("budget", "money", "money left", 0, p.budget, budget / 2, budget / 2),
            Feature.count("ticks_left", "ticks", "ticks left, this one included", p.ticks),
            Feature.count("expected", "auctions", "usual in this tick", busiest),
            Feature.count("expected_left", "auctions", "usual from this tick on", day),
            Feature("usual", "money", "usual median competition in this tick", 0, dearest, dearest, dearest),
            Feature("offered_last", "auctions", "auctions in the last tick", 0, most, 0, busiest),
            Feature("spent_last", "money", "spent in the last tick", 0, p.budget, 0, budget / p.ticks),
            Feature("bid_last", "money a conversion", "bid in the last tick", low, high, p.bid, p.bid),
            Feature("reported", "conversions", "reported so far", 0, most, typical, typical),
            *wins[: self.told],
        )

    def _action_space(self) -> spaces.Box:
        entries = 2 if self.parameters.price == "first" and self.parameters.max_shading > 0 else 1
        return spaces.Box(-1.0, 1.0, (entries,), dtype=np.float32)

    def decide(self, action: Rows) -> tuple[float, float]:
        """The bid per conversion and the shading that an action stands for."""
        p = self.parameters
        return decided(action, p.bid, self.log_span, p.max_shading)

    def outside(self, action: object) -> str:
        """As `View.outside`, with every entry in full."""
        return super().outside(action.tolist() if isinstance(action, np.ndarray) else action)

    def action(self, bids: Floats, shading: Floats | float = 0.0) -> Rows:
        """[worlds, 1 or 2] the actions nearest to some bids per conversion [worlds] and shadings."""
        p = self.parameters
        rows = np.empty((len(bids), self.action_space.shape[0]), dtype=np.float32)  # type: ignore[index]  # a Box has a shape
        rows[:, 0] = np.log(np.maximum(bids, 1e-300) / p.bid) / self.log_span
        if rows.shape[1] > 1:
            rows[:, 1] = 2 * np.asarray(shading) / p.max_shading - 1
        return np.clip(rows, -1.0, 1.0)

    def column(self, observations: Rows, name: str) -> Floats:
        """[worlds] one feature."""
        return observations[:, self.columns[name]].astype(np.float64)

    def tick(self, observations: Rows) -> Ints:
        """[worlds] ticks completed."""
        return np.asarray(self.parameters.ticks - np.rint(self.column(observations, "ticks_left")).astype(np.int64))
