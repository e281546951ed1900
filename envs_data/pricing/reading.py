"""The tables a seller keeps, sales by period or visit by visit: their columns, and how they are read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Unpack

import numpy as np
import pandas as pd

from envs_data.days import read_days
from envs_data.pricing.wide_offers import turned
from envs_data.reading.layout import name_of
from envs_data.reading.source import Source, open_table
from envs_data.tables import Asked, Column, Grain, Problems, Table

DATE = (
    *("date", "day", "week", "ds", "week_start", "period", "datum"),
    *("order_date", "invoice_date", "sales_date", "datetime"),
)
PRODUCT = (
    *("product", "product_id", "item", "item_id", "sku", "brand", "article"),
    *("stock_code", "product_name", "item_name", "artikel"),
)
UNITS = ("units", "units_sold", "qty", "quantity", "sales", "sold", "menge", "anzahl")
STOCK = ("stock", "opening_stock", "stock_at_opening", "on_shelf")
PRICE = ("price", "unit_price", "selling_price", "preis")
VISITORS = ("visitors", "customers", "traffic", "visits", "footfall")
PROMOTION = ("promotion", "promo", "on_promotion", "feat", "feature", "advertised")
# A world holds prices and counts up to this; no price below the least has a sensitivity that it can hold.
MOST, LEAST_PRICE, YEAR = 1e9, 1e-5, 366

# A row holds the sales of a product in a period, usually a week.
CONTRACT: dict[str, Column] = {
    "date": Column(DATE, "date", blank=False),
    "store": Column(("store", "store_id", "shop", "branch"), "text", blank=False),
    "season": Column(("season", "season_id", "campaign"), "text", blank=False),
    "product": Column(PRODUCT, "text", blank=False),
    "price": Column(PRICE, "number", True, high=MOST, blank=False, adds="mean"),
    "units": Column(UNITS, "number", True, 0, MOST, whole=True, blank=False, adds="sum", measure="amount"),
    "stock": Column(STOCK, low=0, high=MOST, whole=True, adds="max", measure="amount"),
    "promotion": Column(PROMOTION, low=0, high=1, adds="max"),
    "visitors": Column(VISITORS, low=0, high=MOST, whole=True, adds="max"),
    "propensity": Column(("propensity",), low=0, high=1),
}  # fmt: skip
GRAIN = Grain("product", stores=True)

# A row is a product offered to a visitor, bought or not.
CHOICES: dict[str, Column] = {
    "visit": Column(("visit", "visit_id", "choice_set", "session", "customer"), "text", True, blank=False),
    "date": Column(DATE, "date", blank=False),
    "product": Column(PRODUCT, "text", True, blank=False),
    "price": Column(PRICE, "number", True, high=MOST, blank=False),
    "chosen": Column(("chosen", "bought", "choice", "purchased", "taken"), "number", True, 0, 1, True, False),
    "promotion": Column(PROMOTION, low=0, high=1),
    "weight": Column(("weight", "weights"), low=0, high=MOST, blank=False),
    "propensity": Column(("propensity",), low=0, high=1),
}  # fmt: skip


def is_choices(raw: pd.DataFrame, columns: Mapping[str, str] | None) -> bool:
    """Whether a table has a row for each offer to a visitor: a column says what was chosen."""
    return bool(name_of("chosen", CHOICES, columns or {}, raw.columns.astype(str)))


def read_sales(source: Source, **asked: Unpack[Asked]) -> Table:
    """Reads the sales of each product in each period.

    ``stock`` is the stock at the beginning of the period; a period that sold all of it is sold out.

    Args:
        source: path of a CSV file, or a DataFrame.
        **asked: ``columns``, ``since`` and ``until``, days only with a ``date`` column; and ``unit_size``: a part of
            the table's unit costs its share of the price, a package of several is sold at the price in the table.

    Returns:
        The table in its own order, or by date if it has dates; a table without products gets one called "product".

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    table = read_days(source, CONTRACT, _refuse_sales, grain=GRAIN, **asked)
    frame = table.frame
    if "product" not in frame:
        frame = frame.assign(product="product")
    frame = frame.assign(price=frame["price"] * min(asked.get("unit_size", 1.0), 1.0))
    return _without_constants(dataclasses.replace(table, frame=frame))


def read_choices(source: Source, **asked: Unpack[Asked]) -> Table:
    """Reads what each visitor was offered and chose; visitors who chose nothing have rows too.

    A row is an offer; a table with a column for each product's price and one that names the choice is turned.

    Args:
        source: path of a CSV file, or a DataFrame.
        **asked: ``columns``, ``since`` and ``until``; days only with a ``date`` column.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    raw = turned(open_table(source), CHOICES, asked.get("columns") or {})
    table = _without_constants(read_days(raw, CHOICES, _refuse_choices, **asked))
    frame = table.frame
    if "date" not in frame or frame["date"].is_monotonic_increasing:
        return table
    notes = (*table.notes, "The rows were not in order of date; they were sorted.")
    return dataclasses.replace(table, frame=frame.sort_values("date", kind="stable"), notes=notes)


def _refuse_prices(problems: Problems) -> None:
    """Refuses prices that are none."""
    price = problems.frame["price"]
    gift = "is no price: probably something given away; leave the row out, or write the price that was asked"
    problems.cells("price", price == 0, gift)
    back = "is no price: probably a return; write its price without the minus and its units with one, or leave it out"
    problems.cells("price", price < 0, back)
    small = f"is less than {LEAST_PRICE:g}; write prices in a smaller unit of money"
    problems.cells("price", (price > 0) & (price < LEAST_PRICE), small)


def _refuse_sales(problems: Problems) -> None:
    """Refuses what no table of sales can hold."""
    frame = problems.frame
    _refuse_prices(problems)
    if "stock" in frame:
        what = "is more than the stock of the same row, which is what was there at the beginning of the period"
        problems.cells("units", frame["units"] > frame["stock"], what)
    if "visitors" in frame:
        _refuse_visitors(problems)
    days = period_days(frame) or 1.0
    if days > YEAR:
        problems.all_rows("date", f"{days:,.0f} days lie between its dates mostly, and a period is a year at most")


def row_keys(frame: pd.DataFrame) -> list[str]:
    """Columns that say which products stood side by side."""
    return [key for key in ("date", "store") if key in frame]


def _refuse_visitors(problems: Problems) -> None:
    """Refuses visitors fewer than the units sold, of all products of a period together."""
    frame = problems.frame
    sold, came = frame["units"], frame["visitors"]
    if "date" in frame:
        periods = frame.groupby(row_keys(frame))
        sold, came = periods["units"].transform("sum"), periods["visitors"].transform("max")
    above = sold > came
    if above.any():
        row, name, more = frame.index[above][0], problems.mapping["visitors"], int(above.sum()) - 1
        rest = f", and so in {more:,} more row{'s' if more > 1 else ''}" if more else ""
        problems.found.append(
            f"column {name!r} was taken for visitors, but row {row} sold {sold[row]:g} units to {came[row]:g} of them"
            f"{rest}; leave it out with --columns visitors="
        )


def _refuse_choices(problems: Problems) -> None:
    """Refuses what no log of visits can hold."""
    frame = problems.frame
    _refuse_prices(problems)
    again = frame.duplicated(["visit", "product"]) & frame["visit"].notna()
    problems.cells("product", again, "was offered in this visit already")
    taken = frame["chosen"].eq(1)
    second = taken & frame["visit"].where(taken).duplicated() & frame["visit"].notna()
    problems.cells("chosen", second, "is the second choice of one visit")
    if "weight" in frame:
        weights = frame.groupby("visit")["weight"]
        problems.cells("weight", frame["weight"] == 0, "stands for no visit; leave the row out")
        unlike = weights.transform("min") != weights.transform("max")
        problems.cells("weight", unlike, "is not the only weight of this visit; a weight is of the whole visit")


def _without_constants(table: Table) -> Table:
    """The table without a promotion that never changes, which says nothing."""
    frame = table.frame
    if "promotion" not in frame or frame["promotion"].fillna(0).nunique() > 1:
        return table
    kept = {meaning: name for meaning, name in table.mapping.items() if meaning != "promotion"}
    return dataclasses.replace(table, frame=frame.drop(columns="promotion"), mapping=kept)


def period_days(frame: pd.DataFrame) -> float | None:
    """Days between periods: the commonest gap between two dates; None without dates, or with one."""
    if "date" not in frame or frame["date"].nunique() < 2:
        return None
    gaps = np.diff(np.unique(frame["date"].dropna().to_numpy().astype("datetime64[D]"))).astype(int)
    values, counts = np.unique(gaps, return_counts=True)
    return float(values[counts.argmax()])


def sold_out(frame: pd.DataFrame) -> pd.Series:
    """Which rows sold all there was."""
    if "stock" not in frame:
        return pd.Series(False, index=frame.index)
    return frame["stock"].notna() & (frame["units"] >= frame["stock"])
