"""The table a shop keeps: its column contract, how it is read, and tables made by the simulated world."""

from __future__ import annotations

import dataclasses
import datetime
import shlex
from collections.abc import Mapping
from typing import Unpack

import pandas as pd

from envs_data.reading.rows import spacing
from envs_data.reading.source import Source, open_table
from envs_data.table_reading import check_values, parse, recognise
from envs_data.tables import Asked, Column, Table, TableError, rows_problem, zero_propensities

# Items whose days without a row are listed one by one.
GAPS_SHOWN = 3

CONTRACT: dict[str, Column] = {
    "date": Column(("date", "day", "ds", "order_date", "sales_date", "datum", "time"), "date", True, blank=False),
    "units": Column(
        ("units", "units_sold", "qty", "quantity", "sales", "sold", "demand"),
        "number",
        True,
        0,
        whole=True,
        blank=False,
    ),
    "item": Column(("item", "item_id", "sku", "product", "product_id", "article"), "text", blank=False),
    "store": Column(("store", "store_id", "shop", "branch", "outlet"), "text", blank=False),
    "on_hand": Column(("on_hand", "stock", "closing_stock", "inventory", "stock_at_closing"), whole=True),
    "price": Column(("price", "unit_price", "selling_price"), low=0),
    "revenue": Column(("revenue", "turnover", "sales_value"), low=0),
    "promotion": Column(("promotion", "promo", "on_promotion"), low=0),
    "ordered": Column(("ordered", "order_qty", "units_ordered"), low=0, whole=True),
    "delivered": Column(("delivered", "received", "units_delivered"), low=0, whole=True),
    "wasted": Column(("wasted", "waste", "spoiled", "expired", "thrown_away"), low=0, whole=True),
    "propensity": Column(("propensity",), low=0, high=1),
}


def read_table(source: Source, item: str | None = None, **asked: Unpack[Asked]) -> Table:
    """Reads the daily sales of one item.

    A row is a day. Days without a row count as not observed, never as days without sales. Rows out of order are
    sorted; a day with two rows is an error. ``on_hand`` is the stock at closing; below zero it is owed to customers.

    Args:
        source: path of a CSV file, or a DataFrame.
        item: which item, when the table holds several.
        **asked: ``columns``, ``since`` and ``until``.

    Returns:
        The table sorted by date, one item's rows, and remarks for the reader.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    table = read_rows(source, **asked)
    frame = _one_item(table.frame, item, table.where)
    notes = [] if frame["date"].is_monotonic_increasing else ["The rows were not in order of date; they were sorted."]
    frame = frame.sort_values("date")
    return dataclasses.replace(table, frame=frame, notes=(*table.notes, *notes, *_gaps(frame["date"])))


def read_items(source: Source, **asked: Unpack[Asked]) -> Table:
    """Reads the daily sales of several items: as `read_table`, with one row a day and item.

    Returns:
        The table sorted by date within each item, the items in the order in which the table names them first.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    contract = {**CONTRACT, "item": dataclasses.replace(CONTRACT["item"], required=True)}
    table = read_rows(source, contract, **asked)
    frame = table.frame
    order = pd.Categorical(frame["item"], categories=frame["item"].unique())
    frame = frame.assign(order=order).sort_values(["order", "date"]).drop(columns="order")
    gaps = {str(name): _gaps(rows["date"]) for name, rows in frame.groupby("item", sort=False)}
    notes = [f"{name}: {note}" for name, sentences in gaps.items() for note in sentences]
    more = [f"{len(notes) - GAPS_SHOWN} more items have days without a row."] if len(notes) > GAPS_SHOWN else []
    return dataclasses.replace(table, frame=frame, notes=(*table.notes, *notes[:GAPS_SHOWN], *more))


def read_rows(source: Source, contract: Mapping[str, Column] = CONTRACT, **asked: Unpack[Asked]) -> Table:
    """All rows between two days, of one item or more, checked and in their own order."""
    raw = open_table(source)
    where = raw.where
    since, until = asked.get("since"), asked.get("until")
    mapping = recognise(raw, contract, asked.get("columns"))
    frame, problems, understood = parse(raw, contract, mapping)
    frame = frame[_inside(frame["date"], _bound("since", since, where), _bound("until", until, where))]
    problems += check_values(frame, CONTRACT, mapping)
    problems += zero_propensities(frame, mapping)
    problems += _stores(frame, mapping) or _duplicates(frame, mapping)
    problems += _no_days(frame, mapping)
    if problems:
        raise TableError(where, problems)
    if frame.empty:
        dates = parse(raw, CONTRACT, mapping)[0]["date"]
        span = f"{dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}"
        raise TableError(where, [f"no rows between --since {since} and --until {until}; it runs from {span}"])
    return Table(frame, mapping, where, understood, raw.options.given())


def _bound(name: str, value: str | None, where: str) -> pd.Timestamp | None:
    if value is None:
        return None
    try:
        return pd.Timestamp(datetime.date.fromisoformat(value))
    except ValueError:
        raise TableError(where, [f"--{name} is {value!r}; it must be a date such as 2025-01-06"]) from None


def _inside(dates: pd.Series, since: pd.Timestamp | None, until: pd.Timestamp | None) -> pd.Series:
    """Which rows to use; rows without a readable date stay, because they are reported separately."""
    inside = pd.Series(True, index=dates.index)
    if since is not None:
        inside &= ~(dates < since)
    if until is not None:
        inside &= ~(dates > until)
    return inside


def _stores(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """Refuses rows of several stores, which only a column for the store tells apart."""
    names = sorted(frame["store"].dropna().unique()) if "store" in frame else []
    if len(names) < 2:
        return []
    listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    name = mapping["store"]
    return [
        f"column {name!r}: {len(names)} stores ({listed}); fit each by itself: --each {shlex.quote(name)} -o FOLDER"
    ]


def _no_days(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """Refuses rows that are weeks or months: their totals are no demand of a day."""
    items = [rows for _, rows in frame.groupby("item")] if "item" in frame else [frame]
    found = {spacing(rows["date"]) for rows in items} - {"day"}
    first = mapping["date"]
    return [
        f"column {first!r}: a row is a {word}, and restocking decides every day; give the table a row for each day"
        for word in sorted(found)
    ]


def _duplicates(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    keys = [key for key in ("item", "date") if key in frame]
    dated = frame[frame["date"].notna()]
    again = dated.loc[dated.duplicated(keys), "date"]
    advice = "is there already; a row is a day" + (" of an item" if "item" in keys else "") + ", so add its units up"
    return rows_problem(mapping["date"], again, advice)


def _one_item(frame: pd.DataFrame, item: str | None, where: str) -> pd.DataFrame:
    if "item" not in frame:
        if item is not None:
            raise TableError(where, [f"item {item!r} was asked for, but the table has no item column"])
        return frame
    names = sorted(frame["item"].unique())
    listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    if item is None and len(names) > 1:
        raise TableError(where, [f"column item: {len(names)} items ({listed}); choose one of them"])
    chosen = names[0] if item is None else item
    if chosen not in names:
        raise TableError(where, [f"no item {chosen!r}; there are {listed}"])
    return frame[frame["item"] == chosen]


def _gaps(dates: pd.Series) -> list[str]:
    every = pd.date_range(dates.min(), dates.max())
    missing = every.difference(pd.DatetimeIndex(dates))
    if missing.empty:
        return []
    shown = ", ".join(f"{day:%Y-%m-%d}" for day in missing[:3]) + (", ..." if len(missing) > 3 else "")
    return [
        f"{len(missing)} of {len(every)} days have no row ({shown}): they count as not observed, not as days "
        "without sales. If the shop was open and sold nothing, give them rows with 0 units."
    ]
