"""Does a law of prices predict wins of days it has not seen? Holds back the last fifth of a log and compares."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from envs_data.arrays import Floats
from envs_data.back_tests import RESPONSES, Bands, level_problem
from envs_data.bidding.campaign.checks import Auctions
from envs_data.bidding.campaign.prices import Prices
from envs_data.fits import BackTest
from envs_data.posterior_checks import REPLICAS, chance

LEAST_DAYS = 5


def held_back(frame: pd.DataFrame) -> pd.Timestamp | None:
    """First moment that is held back; None if the log is too short."""
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
    """Compares wins in the hours of the last days with what the fit to the earlier days expects for the bids made.

    Args:
        early: the fit to the days before `held_back`; None if there are too few.
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
    wins, slope = winning_chances(early, late, middle)
    hour = late["time"].dt.floor("h")
    table = pd.DataFrame({"won": late["won"], "mean": wins, "own": wins * (1 - wins), "slope": slope, "one": 1.0})
    hourly = table.groupby(hour).sum()
    shared = early.day_sd**2 + early.hour_sd**2 + early.tick_sd**2 / 4
    came = hourly["won"].to_numpy(np.float64)
    spread = np.sqrt((hourly["own"] + hourly["slope"] ** 2 * shared).to_numpy())
    bands = Bands.normal(came, hourly["mean"].to_numpy(), spread)
    # Hours of one day share its shock, so that they say less than as many independent ones.
    futures = _futures(Auctions(early, late, middle), hour, past["time"].dt.normalize().nunique())
    judged = bands.held_by(futures)
    usual = past.groupby(past["time"].dt.hour)["won"].mean().reindex(range(24), fill_value=past["won"].mean())
    rate = usual.to_numpy()[pd.DatetimeIndex(hourly.index).hour]
    offered = hourly["one"].to_numpy()
    naive = Bands.normal(came, rate * offered, np.sqrt(rate * (1 - rate) * offered))
    level = level_problem("wins", came.sum(), judged.mean.sum(), float(futures.sum(axis=1).std()), RESPONSES)
    return judged.back_test(
        f"the last {late['time'].dt.normalize().nunique()} days, hour by hour",
        judged.rival("the same hour's share of wins", naive.covered(), naive.mean),
        [*reasons, *level, *judged.coverage_problem(RESPONSES)],
        {"hour": [str(h) for h in hourly.index], "wins": came.tolist()},
    )


def _futures(auctions: Auctions, hour: pd.Series, days: int) -> Floats:
    """[futures, hours] wins as the fit to so many days has them, the shocks of days to come included."""
    rng, number = chance(), np.unique(hour, return_inverse=True)[1]
    made = (auctions.wins(auctions.draw(rng, days)) for _ in range(REPLICAS))
    return np.array([np.bincount(number, wins) for wins in made])
