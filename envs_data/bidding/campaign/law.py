"""The law of the best competing bid."""

from __future__ import annotations

import numpy as np
from scipy import special

from envs_data.arrays import Floats
from envs_data.bidding.campaign.parameters import CampaignParameters


def winning(p: CampaignParameters, medians: Floats, sd: float | None = None) -> Floats:
    """[medians, highest + 1] probability that each bid 0, 1, 2, ... wins.

    Args:
        p: the campaign.
        medians: [medians] log medians of the best competing bid, without floors.
        sd: its spread in log units; the campaign's own if None.
    """
    bids = np.log(np.arange(1, p.highest) + 0.5)
    free = np.ones((len(medians), p.highest + 1))
    free[:, 1:-1] = special.ndtr((bids - medians[:, None]) / (p.competition_sd if sd is None else sd))
    free[:, 0] = 0.0
    at_floors = np.zeros(p.highest + 1)
    for floor, chance in zip(p.floors, p.floor_chances, strict=True):
        at_floors[floor:] += chance
    wins = (1 - sum(p.floor_chances)) * free + at_floors
    wins[:, : p.reserve] = 0.0
    return wins


def paying(p: CampaignParameters, wins: Floats) -> Floats:
    """[medians, highest + 1] expected payment of each bid, wins and losses together."""
    bids = np.arange(wins.shape[1])
    if p.price == "first":
        return wins * bids
    return np.asarray(np.cumsum(np.diff(wins, axis=1, prepend=0.0) * bids, axis=1))
