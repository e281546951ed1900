"""What a log of impressions shows of the best competing bids: the interval of each, and where they heap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from envs_data.arrays import Floats, Ints
from envs_data.bidding.campaign.parameters import HOURS

ENDLESS = np.inf
# A price is a floor if it is this many times as frequent as its neighbours and has at least this share of all prices.
HEAP, LEAST_SHARE, NEIGHBOURS, MOST_FLOORS = 4.0, 0.005, 4, 12
# Ticks an hour.
TICK = 4


class Seen(NamedTuple):
    """What each auction showed of its best competing bid d.

    Attributes:
        low, high: [auctions] d is known to be from low to high, whole numbers; equal where d was seen.
        hour: [auctions] hour of the day.
        tick: [auctions] number of the quarter hour in the log.
        spread: [auctions] log predicted rate less its mean.
    """

    low: Floats
    high: Floats
    hour: Ints
    tick: Ints
    spread: Floats


def seen(frame: pd.DataFrame, second_price: bool) -> Seen:
    """What a log of impressions shows of the best competing bids; rows without a bid show nothing and are left out."""
    frame = frame[frame["bid"] >= 1]
    time = frame["time"]
    day = (time.dt.normalize() - time.min().normalize()).dt.days.to_numpy(np.int64)
    hour = time.dt.hour.to_numpy(np.int64)
    logs = np.log(frame["predicted"].to_numpy(np.float64))
    tick = TICK * (HOURS * day + hour) + time.dt.minute.to_numpy(np.int64) // (60 // TICK)
    return Seen(*intervals(frame, second_price), hour, tick, logs - logs.mean())


def intervals(frame: pd.DataFrame, second_price: bool) -> tuple[Floats, Floats]:
    """[auctions] the best competing bid is from the first to the second; anything from 1 on where nobody bid."""
    won, bid = (frame["won"] == 1).to_numpy(), np.floor(frame["bid"].to_numpy(np.float64))
    low, high = np.where(won, 1.0, bid + 1), np.where(won, bid, ENDLESS)
    if second_price and "price" in frame:
        price = frame["price"].to_numpy(np.float64)
        low, high = np.where(won, price, low), np.where(won, price, high)
    if "minimum_bid" in frame:
        least = frame["minimum_bid"].to_numpy(np.float64)
        known = np.isfinite(least)
        low, high = np.where(known, least, low), np.where(known, least, high)
    return _above_nothing(low, high, bid)


def _above_nothing(low: Floats, high: Floats, bid: Floats) -> tuple[Floats, Floats]:
    """Intervals in which a price of 0 is read as at most the smallest price seen."""
    free, exact = high == 0, low[(low == high) & (low > 0)]
    least = np.minimum(exact.min() if len(exact) else ENDLESS, bid)
    return np.where(free, 1.0, low), np.where(free, least, high)


def heaps(rows: Seen) -> tuple[tuple[int, ...], int, int]:
    """Prices that are seen far more often than their neighbours; a cut and a reserve among them.

    Returns:
        Floors, the cut (0 for none), the reserve (0 for none).
    """
    exact = rows.low[rows.low == rows.high].astype(np.int64)
    if not len(exact):
        return (), 0, 0
    counts = np.bincount(exact)
    padded = np.pad(counts, NEIGHBOURS).astype(np.float64)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEIGHBOURS + 1)
    inside = np.minimum(np.arange(len(counts)), NEIGHBOURS) + np.minimum(np.arange(len(counts))[::-1], NEIGHBOURS)
    typical = (around.sum(axis=1) - counts) / np.maximum(inside, 1)
    heaped = np.flatnonzero((counts > HEAP * (typical + 1)) & (counts > LEAST_SHARE * len(exact)))
    first, last = int(exact.min()), int(exact.max())
    reserve = first if first in heaped and first > 1 else 0
    cut = last if last in heaped and (rows.low[rows.low < rows.high] <= last).all() else 0
    floors = [int(k) for k in heaped if k != cut]
    return tuple(sorted(floors, key=lambda k: -counts[k])[:MOST_FLOORS]), cut, reserve
