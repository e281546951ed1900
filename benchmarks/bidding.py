"""How fast bidding is, in the unit of `benchmarks/speed.py`: luck, autoreset and all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import bizgyms
from benchmarks.speed import in_units

AUCTION, CAMPAIGN = "bizgyms/BiddingAuction-v0", "bizgyms/BiddingCampaign-v0"


def auction(worlds: int = 1_024) -> tuple[Callable[[], None], int]:
    """A whole day of auctions at a steady bid, and its world-steps."""
    envs: Any = bizgyms.make_vec(AUCTION, worlds)
    envs.reset(seed=0)
    auctions, bids = envs.parameters.auctions, np.full(worlds, 9)

    def play() -> None:
        for _ in range(auctions + 1):  # the step that begins the next episode is part of the price
            envs.step(bids)

    return play, worlds * auctions


def campaign(scenario: str, worlds: int = 256) -> tuple[Callable[[], None], int]:
    """A whole day of a campaign at a steady bid, and its auctions, worlds together."""
    envs: Any = bizgyms.make_vec(CAMPAIGN, worlds, scenario=scenario)
    envs.reset(seed=0)
    p = envs.parameters
    actions = np.tile(envs.view.action(np.array([450.0]), 0.4), (worlds, 1))

    def play() -> None:
        for _ in range(p.ticks + 1):
            envs.step(actions)

    return play, round(worlds * p.auctions)


def rows() -> list[tuple[str, float, float]]:
    """Label, measured u, target u."""
    found = [("BiddingAuction first-price, a step", in_units(*auction())[0], 12.0)]
    for scenario in ("first-price", "second-price", "floors"):
        label = f"BiddingCampaign {scenario}, an auction"
        found.append((label, in_units(*campaign(scenario))[0], 22.0))
    return found
