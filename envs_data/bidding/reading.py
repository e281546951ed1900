"""The log of impressions a media buyer keeps: its column contract, and how it is read."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pandas as pd

from envs_data.days import between
from envs_data.tables import Column, Table, TableError, check_values, parse, read_text, recognise, rows_problem

# What a timestamp may end with to name its zone.
ZONE = r"(Z|[+-]\d\d:?\d\d)$"

CONTRACT: dict[str, Column] = {
    "time": Column(("time", "timestamp", "datetime", "ts", "auction_time"), "text", True, blank=False),
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
    "conversion": Column(("conversion", "conversion_time", "converted_at", "conversion_timestamp"), "text"),
    "propensity": Column(("propensity", "probability", "prob"), low=0, high=1),
}  # fmt: skip


def read_table(
    source: str | os.PathLike[str] | pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Table:
    """Reads a log of impressions: a row is an auction in which somebody bid, or might have.

    Args:
        source: path of a CSV file, or a DataFrame.
        columns: meaning to name in the table, where a name is not recognised.
        since: first day to use, as YYYY-MM-DD.
        until: last day to use.

    Returns:
        The log in order of time, ``time`` and ``conversion`` as timestamps in the table's own zone.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    raw, where = read_text(source)
    mapping = recognise(raw, CONTRACT, columns, where)
    frame, problems = parse(raw, CONTRACT, mapping)
    problems += check_values(frame, CONTRACT, mapping)
    problems += _read_times(frame, mapping)
    problems += _impossible(frame, mapping)
    if not {"price", "minimum_bid"} & {*frame}:
        problems.append("no column for what was paid; name yours with --columns price=NAME or minimum_bid=NAME")
    if problems:
        raise TableError(where, problems)
    frame = between(frame, since, until, where, "time")
    return Table(frame.sort_values("time", kind="stable"), mapping, where)


def _read_times(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """Turns both columns of times into timestamps without a zone; problems where zones are mixed."""
    problems: list[str] = []
    columns = [name for name in ("time", "conversion") if name in frame]
    zones = pd.concat([frame[name].dropna().str.extract(ZONE)[0].fillna("none") for name in columns])
    usual = zones.mode().iloc[0] if len(zones) else "none"
    for name in columns:
        text = frame[name]
        zone = text.str.extract(ZONE)[0].fillna("none").where(text.notna(), usual)
        said = "no time zone" if usual == "none" else f"time zone {usual}"
        problems += rows_problem(
            mapping[name], text[zone != usual], f"is not in the zone of most rows ({said}); write all times in one zone"
        )
        stripped = text.str.replace(ZONE, "", regex=True).str.strip()
        parsed = pd.to_datetime(stripped, format="ISO8601", errors="coerce")
        # Years that nanoseconds do not reach are no times of a log.
        frame[name] = parsed.where(parsed.between(pd.Timestamp.min, pd.Timestamp.max)).astype("datetime64[ns]")
        wrong = text[frame[name].isna() & text.notna()]
        problems += rows_problem(mapping[name], wrong, "is not a time such as 2025-01-06 13:45:10")
    return problems


def _impossible(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """What no log of auctions can hold, with the rows."""
    won, lost = frame["won"] == 1, frame["won"] == 0
    problems = rows_problem(mapping["predicted"], frame["predicted"][frame["predicted"] == 0], "is not more than 0")
    if "price" in frame:
        price, name = frame["price"], mapping["price"]
        problems += rows_problem(
            name,
            price[lost & (price > 0)],
            "is the price of an auction that was lost, and nobody paid it; if it would have won, it is minimum_bid",
        )
        problems += rows_problem(name, price[won & (price > frame["bid"])], "is more than was bid")
        problems += rows_problem(name, price[won & price.isna()], "is empty, though the auction was won")
    if "minimum_bid" in frame:
        least, name = frame["minimum_bid"], mapping["minimum_bid"]
        problems += rows_problem(name, least[won & (least > frame["bid"])], "is more than was bid, yet the bid won")
        problems += rows_problem(name, least[lost & (least <= frame["bid"])], "was bid, yet the auction was lost")
    problems += _impossible_after(frame, mapping, won)
    first, last = frame.index[0], frame.index[-1]
    for rows, what, why in ((lost, "lost", "above the bids"), (won, "won", "at all")):
        if not rows.any():
            sentence = f"no auction was {what}, so that nothing can be learned of prices {why}"
            problems.append(f"rows {first} to {last}, column {mapping['won']!r}: {sentence}")
    return problems


def _impossible_after(frame: pd.DataFrame, mapping: Mapping[str, str], won: pd.Series) -> list[str]:
    """Clicks and conversions that cannot have followed."""
    problems: list[str] = []
    if "click" in frame:
        odd = frame["click"][(frame["click"] == 1) & ~won]
        problems += rows_problem(mapping["click"], odd, "is a click on an impression that was lost")
    if "conversion" in frame:
        at, name = frame["conversion"], mapping["conversion"]
        problems += rows_problem(name, at[at < frame["time"]], "is a conversion before the impression")
        problems += rows_problem(name, at[at.notna() & ~won], "is a conversion of an impression that was lost")
        if "click" in frame:
            odd = at[at.notna() & (frame["click"] == 0) & won]
            problems += rows_problem(name, odd, "is a conversion before any click")
    return problems
