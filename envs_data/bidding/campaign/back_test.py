"""Does a law of prices predict wins of days it has not seen? Holds back the last fifth of a log and looks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from envs_data.arrays import Floats
from envs_data.bidding.campaign.prices import Prices
from envs_data.fits import BackTest

LEAST_DAYS = 5
BAND = (0.1, 0.9)
BEYOND_CHANCE = 3.0
LEVEL_MATTERS, COVERAGE_MATTERS = 0.1, 0.15


def held_back(frame: pd.DataFrame) -> pd.Timestamp | None:
    """First moment that is held back; None where the log is too short for it."""
    days = frame["time"].dt.normalize().drop_duplicates().sort_values()
    if len(days) < LEAST_DAYS:
        return None
    first: pd.Timestamp = days.iloc[len(days) - max(len(days) // 5, 1)]
    return first


def winning_chances(prices: Prices, frame: pd.DataFrame, middle: float) -> tuple[Floats, Floats]:
    """[auctions] probability that each bid wins on a day not yet seen, and its slope in the log median.

    Args:
        prices: the law.
        frame: auctions with bids.
        middle: log rate at which the law's levels hold.
    """
    bid = np.floor(frame["bid"].to_numpy(np.float64))
    sd = np.sqrt(prices.sd**2 + prices.day_sd**2 + prices.hour_sd**2 + prices.tick_sd**2)
    hour = frame["time"].dt.hour.to_numpy()
    median = prices.levels[hour] + prices.slope * (np.log(frame["predicted"].to_numpy(np.float64)) - middle)
    at = (np.log(bid + 0.5) - median) / sd
    cut = (prices.cut > 0) & (bid >= prices.cut)
    free = 1 - sum(prices.chances)
    chance = free * np.where(cut, 1.0, special.ndtr(at))
    slope = free * np.where(cut, 0.0, np.exp(-0.5 * at**2) / np.sqrt(2 * np.pi)) / sd
    for floor, share in zip(prices.floors, prices.chances, strict=True):
        chance = chance + share * (bid >= floor)
    possible = bid >= max(prices.reserve, 1)
    return np.where(possible, np.minimum(chance, 1.0), 0.0), np.where(possible, slope, 0.0)


def back_test(early: Prices | None, frame: pd.DataFrame, second_price: bool, reasons: tuple[str, ...] = ()) -> BackTest:
    """Compares wins in the hours of the last days with what the fit to the others expects of the bids made.

    Args:
        early: the fit to the days before `held_back`; None where there are too few.
        frame: the whole log.
        second_price: whether winners paid the next bid.
        reasons: why the fit is not to be trusted already.
    """
    since = held_back(frame)
    if early is None or since is None:
        days = frame["time"].dt.normalize().nunique()
        return BackTest("the last day", problems=(*reasons, f"{days} days are too few to check it"))
    bidding = frame[frame["bid"] >= 1]
    past, late = bidding[bidding["time"] < since], bidding[bidding["time"] >= since]
    middle = float(np.log(past["predicted"]).mean())
    chance, slope = winning_chances(early, late, middle)
    hour = late["time"].dt.floor("h")
    table = pd.DataFrame({"won": late["won"], "mean": chance, "own": chance * (1 - chance), "slope": slope, "one": 1.0})
    hourly = table.groupby(hour).sum()
    shared = early.day_sd**2 + early.hour_sd**2 + early.tick_sd**2 / 4
    came = hourly["won"].to_numpy(np.float64)
    spread = np.sqrt((hourly["own"] + hourly["slope"] ** 2 * shared).to_numpy())
    judged = _Hours(came, hourly["mean"].to_numpy(), spread)
    daily = table["slope"].groupby(late["time"].dt.normalize()).sum()
    total = np.sqrt(hourly["own"].sum() + (daily**2).sum() * shared)
    usual = past.groupby(past["time"].dt.hour)["won"].mean().reindex(range(24), fill_value=past["won"].mean())
    rate = usual.to_numpy()[pd.DatetimeIndex(hourly.index).hour]
    offered = hourly["one"].to_numpy()
    naive = _Hours(came, rate * offered, np.sqrt(rate * (1 - rate) * offered))
    days = late["time"].dt.normalize().nunique()
    return BackTest(
        held_out=f"the last {days} days, hour by hour",
        predicted={"coverage": judged.coverage(), "mean": float(judged.mean.mean())},
        observed={"coverage": judged.covered(), "mean": float(came.mean())},
        rival={
            "name": "the same hour's share of wins",
            "coverage": naive.covered(),
            "error": float(np.abs(came - naive.mean).mean()),
            "own_error": float(np.abs(came - judged.mean).mean()),
        },
        problems=(*reasons, *judged.problems(float(total))),
        series={"hour": [str(h) for h in hourly.index], "wins": came.tolist(), **judged.series()},
    )


class _Hours:
    """Wins of the held-out hours, beside what was expected."""

    def __init__(self, came: Floats, mean: Floats, spread: Floats) -> None:
        self.came, self.mean = came, mean
        spread = np.maximum(spread, 1e-9)
        self.low = np.maximum(np.ceil(mean + stats.norm.ppf(BAND[0]) * spread - 0.5), 0)
        self.high = np.floor(mean + stats.norm.ppf(BAND[1]) * spread + 0.5)
        law = stats.norm(mean, spread)
        self.inside = law.cdf(self.high + 0.5) - law.cdf(np.where(self.low > 0, self.low - 0.5, -np.inf))

    def covered(self) -> float:
        return float(((self.came >= self.low) & (self.came <= self.high)).mean())

    def coverage(self) -> float:
        return float(self.inside.mean())

    def problems(self, spread: float) -> list[str]:
        found = []
        off = self.came.sum() - self.mean.sum()
        share = off / max(self.mean.sum(), 1e-9)
        if abs(off) > BEYOND_CHANCE * spread and abs(share) > LEVEL_MATTERS:
            found.append(f"wins {'rose' if off > 0 else 'fell'} by {abs(share):.0%} against what the fit expected")
        # Hours of one day share its shock, so that they are far fewer than they seem.
        error = np.sqrt((self.inside * (1 - self.inside)).sum()) / len(self.inside)
        if abs(self.covered() - self.coverage()) > max(COVERAGE_MATTERS, BEYOND_CHANCE * error):
            found.append(f"80 % bands covered {self.covered():.0%}, expected {self.coverage():.0%}")
        return found

    def series(self) -> dict[str, list[Any]]:
        return {"expected": np.round(self.mean, 3).tolist(), "low": self.low.tolist(), "high": self.high.tolist()}
