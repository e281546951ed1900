"""Messages about logs of auctions."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from envs_data.bidding.limits import HIGHEST
from tests.envs_data.remedies import (
    Change,
    Example,
    cell,
    changed,
    column,
    refused,
    renamed,
)
from tests.envs_data.shapes_bidding import FIRST, SECOND, generate


@functools.cache
def made(second: bool) -> pd.DataFrame:
    """A week of auctions without conversions."""
    campaign = SECOND if second else FIRST
    log = generate(campaign.replace(auctions=120.0, budget=2400), seed=2, days=6)
    return log[["time", "predicted", "bid", "won", "price", "click"]].assign(price=log["price"].astype(float))


def auctions() -> pd.DataFrame:
    """Second prices."""
    return made(True).copy()


def bids_paid() -> pd.DataFrame:
    """A log that does not say what was paid."""
    return made(False).drop(columns="price")


def market(log: pd.DataFrame) -> pd.DataFrame:
    """The same with the smallest winning bids."""
    over = log["bid"].where(log["won"] == 0, log["price"].fillna(0)).astype(int)
    return log.assign(market_price=over + (log["won"] == 0))


def converted(at: int, time: str) -> Change:
    """A conversion of one row."""
    return lambda log: cell("conversion", at, time)(log.assign(conversion=""))


def row(won: int, of: str = "won") -> int:
    """The first row that was won or lost, clicked or not."""
    return int(np.flatnonzero(auctions()[of] == won)[3])


WON, LOST = row(1), row(0)
BIDDING = {
    "what was paid": Example(
        "bidding",
        changed(lambda: market(auctions()), renamed(price="Gebühr", market_price="market")),
        "no column for what was paid",
        {
            "--columns price=NAME": "--columns price=Gebühr",
            "minimum_bid=NAME": "--columns minimum_bid=market",
            "--known price=first": "--known price=first",
        },
    ),
    "auctions far away": Example(
        "bidding",
        changed(auctions, lambda log: pd.concat([log.head(1).assign(time="1999-01-01 00:00:00"), log])),
        "lies ten years or more from most others",
        {"choose days with --since and --until": "--since 2020-01-01 --until 2030-01-01"},
    ),
    "prices too high": Example(
        "bidding",
        changed(auctions, lambda log: log.assign(bid=log["bid"] * 10**6, price=log["price"] * 10**6)),
        f"is more than {HIGHEST:,}, the highest price a world can hold",
        {"give all money in a larger unit": lambda log: log.assign(bid=log["bid"] / 1e6, price=log["price"] / 1e6)},
    ),
    "won for nothing": Example(
        "bidding",
        changed(auctions, renamed(price="spend"), column("cost", 0)),
        "every auction won cost 0",
        {"--columns price=NAME": "--columns price=spend"},
    ),
    "a price that nobody paid": Example(
        "bidding",
        changed(auctions, cell("price", LOST, 5)),
        "is the price of an auction that was lost, and nobody paid it",
        {"if it would have won, it is minimum_bid": lambda log: market(auctions())},
    ),
    "too few auctions": Example(
        "bidding",
        changed(auctions, lambda log: log.head(400)),
        "400 rows; at least 500",
        {"are needed": lambda log: auctions()},
    ),
    "totals": Example(
        "bidding",
        lambda: pd.DataFrame({"Day": pd.date_range("2024-01-01", periods=30), "Clicks": 90, "Impr.": 900, "Cost": 4.5}),
        "a row holds totals (Clicks, Impr., Cost), not one auction",
        {
            "export a row for each auction: time, predicted, bid, won, price (or minimum_bid)": lambda _: auctions()[
                ["time", "predicted", "bid", "won", "price"]
            ]
        },
    ),
    **refused(
        "bidding",
        auctions,
        only_auctions_won=("no auction was lost", lambda log: log[log["won"] == 1]),
        no_auction_won=("no auction was won", lambda log: log.assign(won=0, price=np.nan, click=0)),
        paid_more_than_bid=("is more than was bid", cell("price", WON, 10**5)),
        won_without_a_price=("is empty, though the auction was won", cell("price", WON, "")),
        predicted_nothing=("is not more than 0", cell("predicted", 4, 0)),
        clicked_without_winning=("is a click on an impression that was lost", cell("click", LOST, 1)),
        won_below_the_market=(
            "is more than was bid, yet the bid won",
            lambda log: cell("market_price", WON, 10**5)(market(log)),
        ),
        lost_above_the_market=(
            "was bid, yet the auction was lost",
            lambda log: cell("market_price", LOST, 1)(market(log)),
        ),
        converted_before=("is a conversion before the impression", converted(WON, "2001-01-01")),
        converted_without_winning=("is a conversion of an impression that was lost", converted(LOST, "2101-01-01")),
        converted_without_a_click=(
            "is a conversion before any click",
            lambda log: converted(WON, "2101-01-01")(cell("click", WON, 0)(log)),
        ),
    ),
}
