"""The log of impressions a media buyer keeps: its column contract, and how it is read."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Unpack

import pandas as pd

from envs_data.bidding.limits import HIGHEST
from envs_data.days import read_days
from envs_data.reading.source import RawTable, Source, open_table
from envs_data.table_reading import recognise
from envs_data.tables import Asked, Column, Problems, Table, TableError, rows_problem
from envs_data.totals import recognise_any, totals_of

CONTRACT: dict[str, Column] = {
    "time": Column(("time", "timestamp", "datetime", "ts", "auction_time"), "time", True, blank=False),
    "predicted": Column(
        ("predicted", "value", "pvalue", "pcvr", "predicted_rate", "predicted_value"), "number", True, 0, 1, blank=False
    ),
    "bid": Column(("bid", "bid_price", "bidprice", "bidding_price"), "number", True, 0, blank=False),
    "won": Column(("won", "win", "is_win", "wins", "xi"), "number", True, 0, 1, True, blank=False),
    "price": Column(("price", "paid", "price_paid", "payprice", "cost", "charge_price"), low=0, whole=True),
    "minimum_bid": Column(
        ("minimum_bid", "min_bid_to_win", "minimum_bid_to_win", "winning_price", "market_price"), low=0, whole=True
    ),
    "click": Column(("click", "clicked", "clicks", "is_click"), low=0, high=1, whole=True),
    "conversion": Column(("conversion", "conversion_time", "converted_at", "conversion_timestamp"), "time"),
    "propensity": Column(("propensity", "probability", "prob"), low=0, high=1),
}  # fmt: skip

LONGEST = pd.Timedelta(days=3660)
"""A log spans at most twice this: hours and days are counted through."""


def recognise_auctions(raw: RawTable, columns: Mapping[str, str] | None) -> dict[str, str]:
    """The columns of a log of impressions, as `recognise` finds them.

    Raises:
        TableError: as `recognise`; and a table of totals, with what it can tell.
    """
    totals = totals_of(raw)
    if totals and not {"bid", "won"} & {*recognise_any(raw, CONTRACT, columns)}:
        told = f"a row holds totals ({', '.join(totals)}), not one auction. They tell what was paid and got on average"
        asks = "export a row for each auction: time, predicted, bid, won, price (or minimum_bid)"
        raise TableError(raw.where, [f"{told}, and not which bid would have won what; for that, {asks}"])
    return recognise(raw, CONTRACT, columns)


def read_table(source: Source, bids_are_paid: bool = False, **asked: Unpack[Asked]) -> Table:
    """Reads a log of impressions: a row is an auction, with a bid or without.

    Args:
        source: path of a CSV file, or a DataFrame.
        bids_are_paid: whether winners are known to pay their bids, so that no column has to say what was paid.
        **asked: ``columns``, ``since`` and ``until``.

    Returns:
        The log in order of time, ``time`` and ``conversion`` as timestamps in the table's own zone.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    raw = open_table(source)
    recognise_auctions(raw, asked.get("columns"))
    refuse = functools.partial(_refuse, bids_are_paid=bids_are_paid)
    table = read_days(raw, CONTRACT, refuse, "time", **asked)
    time = table.frame["time"]
    apart = "lies ten years or more from most others; choose days with --since and --until"
    far = rows_problem(table.mapping["time"], time[(time - time.median()).abs() > LONGEST], apart)
    if far:
        raise TableError(table.where, far)
    return dataclasses.replace(table, frame=table.frame.sort_values("time", kind="stable"))


def _refuse(problems: Problems, bids_are_paid: bool) -> None:
    for name in {"time", "conversion"} & {*problems.frame}:
        problems.frame[name] = problems.frame[name].astype("datetime64[us]")
    _refuse_auctions(problems)
    _refuse_outcomes(problems)
    for outcome, what, why in ((0, "lost", "above the bids"), (1, "won", "at all")):
        if not (problems.frame["won"] == outcome).any():
            problems.all_rows("won", f"no auction was {what}, so that nothing can be learned of prices {why}")
    if not bids_are_paid and not {"price", "minimum_bid"} & {*problems.frame}:
        named = "name yours with --columns price=NAME or minimum_bid=NAME"
        problems.found.append(
            f"no column for what was paid; {named}; if winners pay their bids, say --known price=first"
        )


def _refuse_auctions(problems: Problems) -> None:
    """Refuses rates, prices and bids that no log of auctions can hold."""
    frame = problems.frame
    won, lost = frame["won"] == 1, frame["won"] == 0
    problems.cells("predicted", frame["predicted"] == 0, "is not more than 0")
    for column in {"price", "minimum_bid"} & {*frame}:
        most = f"is more than {HIGHEST:,}, the highest price a world can hold; give all money in a larger unit"
        problems.cells(column, frame[column] > HIGHEST, most)
    if "price" in frame:
        price = frame["price"]
        unpaid = "is the price of an auction that was lost, and nobody paid it; if it would have won, it is minimum_bid"
        problems.cells("price", lost & (price > 0), unpaid)
        problems.cells("price", won & (price > frame["bid"]), "is more than was bid")
        problems.cells("price", won & price.isna(), "is empty, though the auction was won")
        if (won & (price == 0)).any() and not (won & (price > 0)).any() and "minimum_bid" not in frame:
            free = (
                "every auction won cost 0, so that nothing can be learned of prices; name the column of what was paid"
            )
            problems.all_rows("price", f"{free}: --columns price=NAME")
    if "minimum_bid" in frame:
        least = frame["minimum_bid"]
        problems.cells("minimum_bid", won & (least > frame["bid"]), "is more than was bid, yet the bid won")
        problems.cells("minimum_bid", lost & (least <= frame["bid"]), "was bid, yet the auction was lost")


def _refuse_outcomes(problems: Problems) -> None:
    """Refuses clicks and conversions that cannot have followed."""
    frame, won = problems.frame, problems.frame["won"] == 1
    if "click" in frame:
        problems.cells("click", (frame["click"] == 1) & ~won, "is a click on an impression that was lost")
    if "conversion" in frame:
        at = frame["conversion"]
        problems.cells("conversion", at < frame["time"], "is a conversion before the impression")
        problems.cells("conversion", at.notna() & ~won, "is a conversion of an impression that was lost")
        if "click" in frame:
            problems.cells("conversion", at.notna() & (frame["click"] == 0) & won, "is a conversion before any click")
