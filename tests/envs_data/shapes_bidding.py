"""Shapes of tables of auctions that buyers of advertising have, remade in small."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from envs_data.bidding.campaign.parameters import CampaignParameters
from envs_data.bidding.campaign.table import generate
from tests.envs_data.shapes import Shape

SECOND = CampaignParameters(price="second", auctions=400.0, budget=8_000, rate=0.02, competition=50.0)
FIRST = SECOND.replace(price="first")
FLOORS = SECOND.replace(
    auctions=600.0, rate=0.05, competition_sd=0.6, floors=(40, 70), floor_chances=(0.2, 0.2), feedback="minimum_bid"
)


def bid_log() -> pd.DataFrame:
    """A real-time bidder's log: stamps of digits to the millisecond, second prices."""
    log = generate(SECOND, seed=2, days=8)
    stamp = log["time"].dt.strftime("%Y%m%d%H%M%S") + "357"
    return pd.DataFrame(
        {
            "bidid": [f"b{k:06d}" for k in range(len(log))],
            "timestamp": stamp,
            "slotid": "mm_10012",
            "pctr": log["predicted"],
            "bidprice": log["bid"],
            "win": log["won"],
            "payprice": log["price"].fillna(0).astype(int),
            "click": log["click"],
        }
    )


def daily_totals() -> pd.DataFrame:
    """A report of an advertising account: a row a day."""
    days = pd.date_range("2024-05-01", periods=60)
    rng = np.random.default_rng(2)
    shown = rng.integers(9000, 12000, 60)
    clicks = rng.binomial(shown, 0.02)
    return pd.DataFrame(
        {
            "Day": days.strftime("%b %d, %Y"),
            "Campaign": "Brand",
            "Clicks": clicks,
            "Impr.": shown,
            "Cost": (clicks * 0.42).round(2),
            "Conversions": rng.binomial(clicks, 0.05),
        }
    )


def free_impressions() -> pd.DataFrame:
    """Second prices of which some are 0: nobody else bid."""
    log = generate(SECOND, seed=3, days=8).drop(columns=["click", "conversion", "propensity"])
    alone = (log["won"] == 1) & (np.arange(len(log)) % 50 == 0)
    return log.assign(price=log["price"].mask(alone, 0))


def first_price() -> pd.DataFrame:
    """A first-price exchange: won or lost, no price beside the bid."""
    log = generate(FIRST, seed=4, days=8)
    return pd.DataFrame(
        {
            "auction_time": log["time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "predicted_value": log["predicted"],
            "bid_price": log["bid"],
            "won": np.where(log["won"] == 1, "TRUE", "FALSE"),
        }
    )


def display_floors() -> pd.DataFrame:
    """Display bids with the smallest winning bid, floors and conversions."""
    log = generate(FLOORS, seed=5, days=8).drop(columns="propensity")
    return log.rename(columns={"minimum_bid": "min_bid_to_win", "conversion": "converted_at"})


def won_only() -> pd.DataFrame:
    """A log of impressions: only auctions that were won."""
    log = bid_log()
    return log[log["win"] == 1]


def shape(table: Callable[[], pd.DataFrame], line: str = "", **more: object) -> Shape:
    """A shape of this trade."""
    return Shape("bidding", table, line, **more)  # type: ignore[arg-type]


BIDDING = {
    "bid log": shape(
        bid_log,
        "--columns predicted=pctr",
        first=("name yours with --columns predicted=NAME",),
        says=("year to seconds, or to milliseconds, without marks", "second price"),
        fields={"auctions": 400, "rate": 0.02, "competition": 50, "competition_slope": 0.35},
        tolerance=0.15,
    ),
    "daily totals": shape(
        daily_totals,
        first=("a row holds totals (Clicks, Impr., Cost, Conversions), not one auction",),
    ),
    "free impressions": shape(
        free_impressions,
        says=("5 auctions were won for nothing",),
        fields={"auctions": 400, "rate": 0.02, "competition": 50},
        tolerance=0.2,
    ),
    "first price": shape(
        first_price,
        "--known price=first",
        first=("if winners pay their bids, say --known price=first",),
        says=("first price", "Smallest winning bids are not told"),
        fields={"auctions": 400, "rate": 0.02, "competition": 50},
        tolerance=0.2,
    ),
    "display with floors": shape(
        display_floors,
        says=("40% of prices at 40, 70",),
        fields={"auctions": 600, "rate": 0.05, "competition": 50, "competition_sd": 0.6, "bias": 1.0, "clicks": 10},
        tolerance=0.1,
    ),
    "won only": shape(
        won_only,
        "--columns predicted=pctr",
        first=("name yours with --columns predicted=NAME",),
        refused=("no auction was lost, so that nothing can be learned of prices above the bids",),
    ),
}
