"""Parameters of a day of auctions under a budget."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from scipy import special

from envs_data.arrays import Floats
from envs_data.parameters import Parameters, quantity

MAX_BID = 120
DAY_VALUES = (2.0, 4.0, 6.0, 9.0, 13.0, 18.0, 26.0, 40.0)
DAY_CHANCES = (0.20, 0.20, 0.17, 0.15, 0.12, 0.08, 0.05, 0.03)


@dataclasses.dataclass(frozen=True)
class AuctionParameters(Parameters):
    """A day of auctions, one bid each, paid from one budget in whole units.

    The best competing bid d of auction t has P(d <= k) = Phi((ln(k + 1/2) - ln m_t) / competition_sd) for
    k = 1 .. max_bid; above max_bid the auction cannot be won. `quantities()` gives unit and meaning of each field.
    """

    case: ClassVar[str] = "bizgyms/BiddingAuction-v0"

    auctions: int = quantity(96, "auctions", "auctions of a day", low=1, high=5000)
    budget: int = quantity(380, "units of money", "what may be spent in a day", low=0, high=20_000)
    max_bid: int = quantity(60, "units of money", "largest bid", low=1, high=MAX_BID)
    price: str = quantity("second", "rule", "what the winner pays", choices=("first", "second"))
    values: tuple[float, ...] = quantity(
        DAY_VALUES, "value", "what winning can be worth, rising", low=0, high=1e6, lengths=tuple(range(1, 65))
    )
    chances: tuple[float, ...] = quantity(
        DAY_CHANCES, "probability", "how often each value comes", low=0, high=1, lengths=tuple(range(1, 65))
    )
    competition: float = quantity(14.0, "units of money", "median best competing bid, day's mean", low=0.1, high=1e4)
    competition_wave: float = quantity(0.4, "share", "how far the median swings over the day", low=0, high=0.99)
    competition_sd: float = quantity(0.8, "log units", "spread of the best competing bid", low=0.01, high=5)
    feedback: str = quantity(
        "win_only", "rule", "what is told after an auction", choices=("none", "win_only", "minimum_bid")
    )

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        if len(self.values) != len(self.chances):
            yield f"values has {len(self.values)} entries and chances {len(self.chances)}; they must be as many"
        if abs(sum(self.chances) - 1) > 1e-9:
            yield f"chances add up to {sum(self.chances):g}; they must add up to 1"
        if any(high <= low for low, high in zip(self.values, self.values[1:], strict=False)):
            yield "values must rise from entry to entry"

    def medians(self) -> Floats:
        """[auctions] median best competing bid, lowest at the start of the day."""
        clock = np.arange(self.auctions) / self.auctions
        return np.asarray(self.competition * (1 + self.competition_wave * np.sin(2 * np.pi * (clock - 0.25))))

    def competing(self) -> Floats:
        """[auctions, max_bid + 2] probability of each best competing bid; the last entry: it cannot be won."""
        bids = np.log(np.arange(1, self.max_bid + 1) + 0.5)
        below = special.ndtr((bids - np.log(self.medians())[:, None]) / self.competition_sd)
        zero, one = np.zeros((self.auctions, 1)), np.ones((self.auctions, 1))
        return np.asarray(np.diff(np.hstack([zero, zero, below, one]), axis=1))
