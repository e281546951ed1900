"""What a campaign's fitted day must reproduce of its log: wins, payments, conversions, traffic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from envs_data.arrays import Floats, Ints
from envs_data.back_tests import BEYOND_CHANCE
from envs_data.bidding.campaign.observed_prices import TICK
from envs_data.bidding.campaign.parameters import HOURS
from envs_data.bidding.campaign.prices import Prices
from envs_data.posterior_checks import REPLICAS, Check, by_group, chance, fifths, levels_of, problems
from envs_data.reading.missing_days import WEEKDAYS

# So many auctions say enough.
ENOUGH = 20_000
DRIFT_MATTERS = 0.15
# Days of a fifth of a log below which it says nothing of drift.
LEAST_DAYS = 3
DRIFT = "drifts, and tomorrow is not the mean of the past"
WORTH = "what a bid is worth is off by as much"


def _fifths(order: Ints) -> tuple[Ints, list[str]]:
    group, names = fifths(order)
    return group, [f"{name} of the log" for name in names]


class Auctions:
    """Auctions with bids, and how the fitted law of prices would have decided them.

    Args:
        prices: the law.
        frame: rows of the log with bids, in the order of time.
        middle: log rate at which the law's levels hold.
    """

    def __init__(self, prices: Prices, frame: pd.DataFrame, middle: float) -> None:
        self.frame = frame
        self.prices, time = prices, frame["time"]
        self.bid, rate = np.floor(frame["bid"].to_numpy(np.float64)), frame["predicted"].to_numpy(np.float64)
        self.day = (time.dt.normalize() - time.min().normalize()).dt.days.to_numpy(np.int64)
        self.hour = HOURS * self.day + time.dt.hour.to_numpy(np.int64)
        self.tick = TICK * self.hour + time.dt.minute.to_numpy(np.int64) // (60 // TICK)
        self.median = prices.levels[time.dt.hour] + prices.slope * (np.log(rate) - middle)

    def draw(self, rng: np.random.Generator, days: int = 0) -> Floats:
        """[auctions] smallest winning bids.

        Args:
            rng: source of the draws.
            days: how many other days the law was fitted to, so that its level and their spread are drawn as well; 0
                where it was fitted to these.
        """
        law, shift, times = self.prices, self.median, 1.0
        if days > 1:
            shift = shift + law.errors["level"][0] * rng.standard_normal()
            times = float(np.sqrt((days - 1) / rng.chisquare(days - 1)))
        for group, sd in ((self.day, law.day_sd * times), (self.hour, law.hour_sd), (self.tick, law.tick_sd)):
            shift = shift + sd * rng.standard_normal(int(group.max()) + 1)[group]
        least = np.rint(np.exp(shift + law.sd * rng.standard_normal(len(shift))))
        least = np.clip(least, max(law.reserve, 1), law.cut or np.inf)
        edges = np.cumsum(law.chances)
        which = np.searchsorted(edges, rng.random(len(least)), side="right")
        return np.where(which < len(edges), np.append(law.floors, 0.0)[which], least)

    def wins(self, least: Floats) -> Floats:
        """[auctions] 1 where the bid wins."""
        return np.asarray(self.bid >= least, dtype=np.float64)

    def problems(self, second_price: bool) -> list[str]:
        """What the law cannot reproduce of wins and, in second price, of payments."""
        rng = chance()
        made = [self.draw(rng) for _ in range(REPLICAS)]
        wins = [self.wins(least) for least in made]
        won = self.frame["won"].to_numpy(np.float64)
        found = problems(won, wins, [*self.checks(np.mean(wins, axis=0))])
        if not second_price or "price" not in self.frame:
            return found
        paid = [win * least for win, least in zip(wins, made, strict=True)]
        told = f"for bids of {{part}} {{off}} was paid than the fitted law says: {WORTH}"
        checks = by_group(*levels_of(self.bid), np.mean(paid, axis=0), told)
        return [*found, *problems(np.nan_to_num(self.frame["price"].to_numpy(np.float64)) * won, paid, checks)]

    def checks(self, expected: Floats) -> Iterator[Check]:
        """By bid, by predicted rate, by weekday and over time."""
        time = self.frame["time"]
        groups: tuple[tuple[str, tuple[Ints, Sequence[str]], str, float], ...] = (
            ("of bids of", levels_of(self.bid), WORTH, 0.1),
            ("at predicted rates of", levels_of(self.frame["predicted"]), WORTH, 0.1),
            ("on", (time.dt.day_of_week.to_numpy(), WEEKDAYS), "bids cannot follow the weekday", 0.1),
            ("in", _fifths(self.day), f"competition {DRIFT}", DRIFT_MATTERS),
        )
        for where, group, so, matters in groups:
            yield from by_group(*group, expected, f"{where} {{part}} {{off}} were won than expected: {so}", matters)


def of_days(days: Floats) -> list[str]:
    """Whether the last days' prices differ from all days' beyond what one day does from the next.

    Args:
        days: [days] shocks of competition, in log units.
    """
    last = len(days) // 5
    if last < LEAST_DAYS:
        return []
    off = float(days[-last:].mean() - days.mean())
    spread = float(np.sqrt(np.mean(np.diff(days) ** 2) / 2 * (1 / last - 1 / len(days))))
    if abs(off) < max(DRIFT_MATTERS, BEYOND_CHANCE * spread):
        return []
    told = f"{abs(np.expm1(off)):.0%} {'above' if off > 0 else 'below'} those of all of it"
    return [f"prices in the last fifth of the log are {told}: competition {DRIFT}"]


def of_wins(prices: Prices, bidding: pd.DataFrame, second_price: bool) -> list[str]:
    """What the law cannot reproduce of wins and payments, of auctions enough to tell."""
    middle = float(np.log(bidding["predicted"]).mean())
    return Auctions(prices, bidding.iloc[:: max(len(bidding) // ENOUGH, 1)], middle).problems(second_price)


def conversions(frame: pd.DataFrame, factor: float, sd: float) -> list[str]:
    """What the calibration cannot reproduce of conversions.

    Args:
        frame: impressions won, with ``due``: predicted conversions that can have come by the log's end.
        factor: conversions a predicted one.
        sd: shock of a day's factor.
    """
    due, day = np.minimum(factor * frame["due"].to_numpy(np.float64), 1.0), frame["time"].dt.normalize()
    rng, number = chance(), np.unique(day, return_inverse=True)[1]
    drawn = []
    for _ in range(REPLICAS):
        shock = np.exp(sd * rng.standard_normal(int(number.max()) + 1) - sd**2 / 2)
        drawn.append((rng.random(len(due)) < due * shock[number]).astype(np.float64))
    checks = [
        *by_group(
            *levels_of(frame["predicted"]),
            due,
            f"at predicted rates of {{part}} {{off}} converted than expected: {WORTH}",
        ),
        *by_group(
            *_fifths(number), due, f"in {{part}} {{off}} converted than expected: calibration {DRIFT}", DRIFT_MATTERS
        ),
    ]
    return problems(frame["conversion"].notna().to_numpy(np.float64), drawn, checks)


def traffic(time: pd.Series, mean: float, sd: float) -> list[str]:
    """What the law of traffic cannot reproduce of the auctions of the days.

    Args:
        time: of each auction.
        mean: auctions a day.
        sd: shock of a day.
    """
    daily = time.dt.normalize().value_counts().sort_index().to_numpy(np.float64)
    rng, usual = chance(), np.full(len(daily), mean)
    drawn = rng.poisson(mean * np.exp(sd * rng.standard_normal((REPLICAS, len(daily))) - sd**2 / 2)).astype(np.float64)
    told = f"in {{part}} {{off}} auctions came than expected: traffic {DRIFT}"
    checks = by_group(*_fifths(np.arange(len(daily))), usual, told, DRIFT_MATTERS)
    return problems(daily, drawn, checks)
