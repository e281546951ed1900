"""A rule for a campaign's day that learns from its own wins and losses how high to bid."""

from __future__ import annotations

import dataclasses

import numpy as np

from bizgyms.bidding.campaign.view import CampaignView
from envs_data.arrays import Mask, Rows


@dataclasses.dataclass(frozen=True)
class WinRate:
    """Moves the bid so that a share of the auctions is won: what wins and losses of the day itself tell.

    Attributes:
        view: the campaign's.
        start: first bid per conversion.
        share: of the auctions to be won, on a usual budget left per auction to come.
        step: by how much the log bid moves for each share of auctions missed.
    """

    view: CampaignView
    start: float
    share: float
    step: float

    def act(self, observations: Rows, mask: Mask = None) -> Rows:
        """[worlds, 1 or 2] actions."""
        p, column = self.view.parameters, self.view.column
        tick = self.view.tick(observations)
        left = column(observations, "budget") / max(p.budget, 1)
        wanted = self.share * left / np.maximum(self.view.coming[tick] / self.view.coming[0], 1e-9)
        offered = np.maximum(column(observations, "offered_last"), 1.0)
        missed = wanted - column(observations, "won_last") / offered
        bids = np.where(tick > 0, column(observations, "bid_last") * np.exp(self.step * missed), self.start)
        return self.view.action(bids)
