"""Parameters of a campaign's day."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from envs_data.arrays import Floats
from envs_data.bidding.limits import HIGHEST
from envs_data.chance import crowd_problem
from envs_data.parameters import Parameters, quantity

HOURS = 24
# Two humps, at noon and in the evening, and a quiet night.
TWO_HUMPS = (
    0.45, 0.3, 0.2, 0.15, 0.15, 0.25, 0.5, 0.85, 1.1, 1.25, 1.4, 1.5,
    1.45, 1.3, 1.2, 1.15, 1.15, 1.25, 1.45, 1.65, 1.75, 1.6, 1.15, 0.8,
)  # fmt: skip
# Luck covers this many standard deviations of traffic; beyond (once in 3 million days) late auctions are dropped.
REACH = 5.0
DEARER_BY_DAY = tuple(round(math.exp(0.2 * math.sin(2 * math.pi * (hour / HOURS - 0.3))), 4) for hour in range(HOURS))


@dataclasses.dataclass(frozen=True)
class CampaignParameters(Parameters):
    """A day of impressions, bought tick by tick with one bid per conversion.

    The predicted conversion rate r of an impression has ln r ~ N(ln rate, rate_sd), cut at 1; the true rate is
    min(1, bias r). With the probabilities of ``floor_chances`` the best competing bid is one of ``floors``; else it is
    exp(ln competition + shocks + competition_slope (ln r - ln rate) + competition_sd z), rounded, from 1 to
    ``highest``. It is at least ``reserve``. `quantities()` gives unit and meaning of each field.
    """

    case: ClassVar[str] = "bizgyms/BiddingCampaign-v0"

    ticks: int = quantity(96, "ticks", "decisions a day", low=1, high=288)
    auctions: float = quantity(5000.0, "auctions a day", "mean number of auctions", low=1, high=1e6)
    traffic: tuple[float, ...] = quantity(
        TWO_HUMPS, "factors", "auctions by hour of the day, mean 1", low=0, high=24, lengths=(HOURS,)
    )
    traffic_sd: float = quantity(0.05, "log units", "shock of a day's traffic", low=0, high=1)
    budget: int = quantity(60_000, "money", "what may be spent in a day", low=0, high=1_000_000_000)
    target: float = quantity(0.0, "money a conversion", "highest cost per conversion wanted; 0 none", low=0, high=1e9)
    price: str = quantity("first", "rule", "what the winner pays", choices=("first", "second"))
    rate: float = quantity(0.05, "conversions an impression", "median predicted conversion rate", low=1e-6, high=1)
    rate_sd: float = quantity(1.0, "log units", "spread of predicted conversion rates", low=0, high=3)
    bias: float = quantity(1.0, "factor", "mean of true conversion rates over predicted ones", low=1e-3, high=1e3)
    bias_sd: float = quantity(0.0, "log units", "shock of a day's true rates over predicted ones", low=0, high=2)
    clicks: float = quantity(10.0, "clicks a conversion", "clicks that come with a conversion", low=1, high=1e4)
    delay: float = quantity(0.0, "hours", "mean time from impression to conversion", low=0, high=1000)
    competition: float = quantity(64.0, "money", "median best competing bid", low=0.1, high=1e4)
    competition_hours: tuple[float, ...] = quantity(
        DEARER_BY_DAY, "factors", "competition by hour of the day", low=0.01, high=100, lengths=(HOURS,)
    )
    competition_slope: float = quantity(0.35, "log units", "competition with the log of predicted rate", low=-2, high=2)
    competition_sd: float = quantity(0.85, "log units", "spread of the best competing bid", low=0.01, high=3)
    day_sd: float = quantity(0.15, "log units", "shock of a day's competition", low=0, high=2)
    hour_sd: float = quantity(0.0, "log units", "shock of an hour's competition", low=0, high=2)
    tick_sd: float = quantity(0.1, "log units", "shock of a tick's competition", low=0, high=2)
    floors: tuple[int, ...] = quantity(
        (), "money", "prices at which much of the competition sits, rising", low=1, high=HIGHEST
    )
    floor_chances: tuple[float, ...] = quantity((), "probability", "how often it sits at each", low=0, high=1)
    reserve: int = quantity(0, "money", "lowest price that wins", low=0, high=HIGHEST)
    highest: int = quantity(1000, "money", "prices are cut here: so much always wins", low=2, high=HIGHEST)
    feedback: str = quantity(
        "win_only", "rule", "what is told after a tick", choices=("none", "win_only", "minimum_bid")
    )
    bid: float = quantity(1000.0, "money a conversion", "bid at the middle of the action range", low=1e-3, high=1e9)
    bid_span: float = quantity(
        8.0, "factor", "from the middle bid to the highest, and to the lowest", low=1.01, high=1e4
    )
    max_shading: float = quantity(4.0, "shading", "strongest shading, in first price", low=0, high=100)
    bounds: bool = quantity(False, "yes or no", "whether the day's bounds are told at its end; slow")

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        if len(self.floors) != len(self.floor_chances):
            yield f"floors has {len(self.floors)} entries, floor_chances {len(self.floor_chances)}; as many are needed"
        if sum(self.floor_chances) > 1 + 1e-9:
            yield f"floor_chances add up to {sum(self.floor_chances):g}; they must add up to at most 1"
        if any(not isinstance(f, int) for f in self.floors) or [*self.floors] != sorted({*self.floors}):
            yield "floors must be whole numbers that rise from entry to entry"
        if max((*self.floors, self.reserve)) > self.highest:
            yield f"reserve and floors must be at most highest ({self.highest})"
        crowd = crowd_problem("auctions", self.busiest, "auctions or traffic_sd")
        if crowd:
            yield crowd
        if not any(self.traffic):
            yield "traffic is zero in every hour; it must leave some"

    @property
    def busiest(self) -> float:
        """Auctions expected on a day of as much traffic as there ever is."""
        return self.auctions * math.exp(REACH * self.traffic_sd)

    @property
    def hours(self) -> float:
        """Length of a tick in hours."""
        return HOURS / self.ticks

    def expected(self) -> Floats:
        """[ticks] mean number of auctions."""
        shares = self._by_tick(self.traffic)
        return np.asarray(self.auctions * shares / shares.sum())

    def usual(self) -> Floats:
        """[ticks] median best competing bid on a usual day, without floors."""
        return np.asarray(self.competition * self._by_tick(self.competition_hours))

    def _by_tick(self, hourly: tuple[float, ...]) -> Floats:
        """[ticks] mean of an hourly step function over each tick."""
        through = np.concatenate([[0.0], np.cumsum(hourly)])
        edges = np.interp(np.linspace(0, HOURS, self.ticks + 1), np.arange(HOURS + 1), through)
        return np.asarray(np.diff(edges) / self.hours)

    def reporting(self) -> tuple[float, float]:
        """Shares of conversions still to be reported: of a tick's own at its end, and of older ones a tick later."""
        mean = self.delay / self.hours
        if mean == 0:
            return 0.0, 0.0
        keeps = math.exp(-1 / mean)
        return mean * (1 - keeps), keeps
