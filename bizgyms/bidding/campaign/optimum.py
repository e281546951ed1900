"""The bound of a campaign's day: the smallest mean of three over the evaluation luck."""

from __future__ import annotations

import functools

import numpy as np

from bizgyms.bidding.campaign.bounds import bounds
from bizgyms.bidding.campaign.fluid import resolve
from bizgyms.reference import Reference
from envs_data.arrays import Floats
from envs_data.bidding.campaign import CampaignParameters, draw

NAMES = ("hindsight knapsack", "Lagrangian bound", "score bound")
# Auctions whose days are bounded, as many hundreds of days as they make; 1,000 days at most, 100 at least.
AUCTIONS = 10_000_000
# Evaluation luck comes in hundreds of days, each from its own seed; these are the ones of seed 0.
HUNDRED, SEED = 100, 0


def means(p: CampaignParameters, days: int | None = None) -> tuple[Floats, Floats]:
    """Mean and standard error of the hindsight, Lagrangian and score bounds.

    Args:
        p: the campaign.
        days: days of the evaluation luck, rounded up to hundreds.
    """
    wanted = days or int(np.clip(AUCTIONS / p.auctions, HUNDRED, 1_000))
    found = []
    for hundred in range(-(-wanted // HUNDRED)):
        luck = draw(p, np.random.default_rng(np.random.SeedSequence([SEED, hundred])), HUNDRED)
        found += [bounds(p, luck, row) for row in range(HUNDRED)]
    every = np.array(found)
    return every.mean(axis=0), every.std(axis=0, ddof=1) / np.sqrt(len(every))


@functools.lru_cache(maxsize=32)
def reference(parameters: CampaignParameters) -> Reference:
    """The bound with the smallest mean, and the policy that re-solves the usual day.

    A mean of the smallest bound of each day would be too low: the Lagrangian bound holds in expectation only.
    """
    mean, error = means(parameters)
    which = int(mean.argmin())
    return Reference(
        float(mean[which]), "bound", float(error[which]), f"{NAMES[which]}, mean of days", resolve(parameters)
    )
