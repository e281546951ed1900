"""What is decided, seen and paid when one auction follows the other."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from gymnasium import spaces

from bizgyms.view import Feature, View
from envs_data.bidding.auction import AuctionParameters

TOLD = {"none": 0, "win_only": 1, "minimum_bid": 2}


class AuctionView(View[AuctionParameters]):
    """Spaces, features and names of `BiddingAuction`.

    Attributes:
        medians: [auctions + 1] median best competing bid of each auction; 0 when the day is over.
        told: number of features that report the last auction.
    """

    clock: ClassVar = "auctions_left"
    terms: ClassVar = ("value",)
    figures: ClassVar = ("auctions", "won", "paid")
    ratios: ClassVar = {"win rate": ("won", "auctions"), "cost per win": ("paid", "won")}

    def __init__(self, parameters: AuctionParameters) -> None:
        self.medians = np.append(parameters.medians(), 0.0).astype(np.float32)
        self.told = TOLD[parameters.feedback]
        super().__init__(parameters)
        self.money = "value"
        self.steps_per_year = 365.0 * parameters.auctions

    def _features(self) -> tuple[Feature, ...]:
        p = self.parameters
        most, budget = p.values[-1], float(p.budget)
        scale = max(p.budget / 2, 1.0)
        median = float(self.medians.max())
        told = (
            Feature("won_last", "impressions", "1 if the last auction was won, else 0", 0, 1),
            Feature("minimum_last", "money", "smallest bid that would have won it", 0, p.max_bid + 1, 0, p.competition),
        )
        return (
            Feature("value", "value", "what winning is worth; 0 when the day is over", 0, most, 0, max(most / 4, 1e-3)),
            Feature("budget", "money", "budget left", 0, budget, budget / 2, scale),
            Feature.count("auctions_left", "auctions", "auctions left, this one included", p.auctions),
            Feature("competition", "money", "median best competing bid at this hour", 0, median, 0, median),
            *told[: self.told],
        )

    def _action_space(self) -> spaces.Discrete:
        return spaces.Discrete(self.parameters.max_bid + 1)
