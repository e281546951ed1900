"""The table a shop keeps: its column contract, and how it is read."""

from __future__ import annotations

import dataclasses
import functools
import math
import shlex
from collections.abc import Callable
from typing import Unpack

import pandas as pd

from envs_data.chance import MOST_A_DAY
from envs_data.days import read_days
from envs_data.reading.source import Source
from envs_data.tables import Asked, Column, Grain, Problems, Table, TableError, listed

ITEM = (
    "item",
    "item_id",
    "sku",
    "product",
    "product_id",
    "article",
    "stock_code",
    "product_name",
    "item_name",
    "artikel",
)
CONTRACT: dict[str, Column] = {
    "date": Column(
        ("date", "day", "ds", "order_date", "invoice_date", "sales_date", "datum", "datetime", "timestamp", "time"),
        "date",
        True,
        blank=False,
    ),
    "units": Column(
        ("units", "units_sold", "qty", "quantity", "sales", "sold", "demand", "menge", "anzahl"),
        "number",
        True,
        0,
        whole=True,
        blank=False,
        adds="sum",
        measure="amount",
    ),
    "item": Column(ITEM, "text", blank=False),
    "store": Column(("store", "store_id", "shop", "branch", "outlet", "store_nbr", "filiale"), "text", blank=False),
    "on_hand": Column(
        ("on_hand", "stock", "closing_stock", "inventory", "stock_at_closing"), whole=True, measure="amount"
    ),
    "price": Column(("price", "unit_price", "selling_price", "preis"), low=0, adds="mean", measure="price"),
    "revenue": Column(("revenue", "turnover", "sales_value", "money"), adds="sum"),
    "open": Column(("open", "is_open"), low=0, high=1, whole=True, adds="max"),
    "promotion": Column(("promotion", "promo", "on_promotion"), low=0, adds="max"),
    "ordered": Column(("ordered", "order_qty", "units_ordered"), low=0, whole=True, adds="sum", measure="amount"),
    "delivered": Column(("delivered", "received", "units_delivered"), low=0, whole=True, adds="sum", measure="amount"),
    "wasted": Column(
        ("wasted", "waste", "spoiled", "expired", "thrown_away"), low=0, whole=True, adds="sum", measure="amount"
    ),
    "propensity": Column(("propensity",), low=0, high=1),
}
# No day sells this many times what the item sells usually.
SLIP = 10_000
GRAIN = Grain("item", longest="day", fills=True)


def read_table(source: Source, item: str | None = None, **asked: Unpack[Asked]) -> Table:
    """Reads the daily sales of one item.

    A row is a day, or a line of an order that is added up. A day without a row counts as 0 where other items were sold,
    and as closed where that weekday never has a row; else the user has to say. ``on_hand`` is the stock at closing;
    below zero it is owed to customers.

    Args:
        source: path of a CSV file, or a DataFrame.
        item: which item, when the table holds several.
        **asked: ``columns``, ``since``, ``until`` and ``unit_size``.

    Returns:
        The table sorted by date, one item's rows, and remarks for the reader.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    table = read_days(source, CONTRACT, _refusing(asked), grain=GRAIN, **asked)
    return dataclasses.replace(table, frame=_one_item(table, item).sort_values("date"))


def read_items(source: Source, **asked: Unpack[Asked]) -> Table:
    """Reads the daily sales of several items: as `read_table`, with one row a day and item.

    Returns:
        The table sorted by date within each item, the items in the order in which the table names them first.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    contract = {**CONTRACT, "item": dataclasses.replace(CONTRACT["item"], required=True)}
    table = read_days(source, contract, _refusing(asked), grain=GRAIN, **asked)
    names = table.frame["item"].sort_index().unique()
    order = pd.Categorical(table.frame["item"], categories=names)
    frame = table.frame.assign(order=order).sort_values(["order", "date"]).drop(columns="order")
    return dataclasses.replace(table, frame=frame)


def _refusing(asked: Asked) -> Callable[[Problems], None]:
    """What is refused of a table read in units of the size asked for."""
    return functools.partial(_refuse_huge, unit=asked.get("unit_size", 1.0))


def _refuse_huge(problems: Problems, unit: float) -> None:
    """Refuses slips that no fit survives, and more units a day than a world holds."""
    units = problems.frame["units"]
    items = problems.frame["item"] if "item" in problems.frame else pd.Series("", index=units.index)
    usual = units.where(units > 0).groupby(items).transform("median")
    problems.cells("units", units > SLIP * usual, f"is more than {SLIP:,} times what usually sells; correct the cell")
    # Cut to what a float counts one by one: sums of anything larger could run over, and are too many either way.
    most = float(units.clip(0, 2**53).groupby(items).mean().max())
    if most > MOST_A_DAY and not problems.found:
        larger = unit * 10 ** math.ceil(math.log10(2 * most / MOST_A_DAY))
        many = f"{most:,.0f} units a day are sold in the mean, and a world holds {MOST_A_DAY:,.0f} at most"
        problems.all_rows("units", f"{many}; say how much counts as one unit: --known unit={larger:g}")


def _one_item(table: Table, item: str | None) -> pd.DataFrame:
    frame, where = table.frame, table.where
    if "item" not in frame:
        if item is not None:
            raise TableError(where, [f"item {item!r} was asked for, but the table has no item column"])
        return frame
    names = sorted(frame["item"].unique())
    if item is None and len(names) > 1:
        column, one = table.mapping["item"], f"in Python item={names[0]!r} chooses one"
        each = f"fit each by itself with --each {shlex.quote(column)} -o FOLDER, or all with --case RestockBox ({one})"
        raise TableError(where, [f"column {column!r}: {len(names)} items ({listed(names)}); {each}"])
    chosen = names[0] if item is None else item
    if chosen not in names:
        raise TableError(where, [f"no item {chosen!r}; there are {listed(names)}"])
    return frame[frame["item"] == chosen]
