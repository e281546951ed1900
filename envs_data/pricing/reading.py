"""The tables a seller keeps, sales by period or visit by visit: their columns, and how they are read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Unpack

import numpy as np
import pandas as pd

from envs_data.days import read_days
from envs_data.reading.source import Source
from envs_data.tables import Asked, Column, Grain, Problems, Table

DATE = ("date", "day", "week", "ds", "week_start", "period", "datum")
PRODUCT = ("product", "product_id", "item", "item_id", "sku", "brand", "article")
UNITS = ("units", "units_sold", "qty", "quantity", "sales")
STOCK = ("stock", "opening_stock", "stock_at_opening", "on_shelf")
PRICE = ("price", "unit_price", "selling_price")
PROMOTION = ("promotion", "promo", "on_promotion", "feat", "feature", "advertised")

# A row holds the sales of a product in a period, usually a week.
CONTRACT: dict[str, Column] = {
    "date": Column(DATE, "date", blank=False),
    "store": Column(("store", "store_id", "shop", "branch"), "text", blank=False),
    "season": Column(("season", "season_id", "campaign"), "text", blank=False),
    "product": Column(PRODUCT, "text", blank=False),
    "price": Column(PRICE, "number", True, blank=False, adds="mean", measure="price"),
    "units": Column(UNITS, "number", True, 0, whole=True, blank=False, adds="sum", measure="amount"),
    "stock": Column(STOCK, low=0, whole=True, adds="max", measure="amount"),
    "promotion": Column(PROMOTION, low=0, high=1, adds="max"),
    "visitors": Column(("visitors", "customers", "traffic", "visits", "footfall"), low=0, whole=True, adds="max"),
    "propensity": Column(("propensity",), low=0, high=1),
}  # fmt: skip
GRAIN = Grain("product", stores=True)

# A row is a product offered to a visitor, bought or not.
CHOICES: dict[str, Column] = {
    "visit": Column(("visit", "visit_id", "choice_set", "session", "customer"), "text", True, blank=False),
    "date": Column(DATE, "date", blank=False),
    "product": Column(PRODUCT, "text", True, blank=False),
    "price": Column(PRICE, "number", True, blank=False),
    "chosen": Column(("chosen", "bought", "choice", "purchased", "taken"), "number", True, 0, 1, True, False),
    "promotion": Column(PROMOTION, low=0, high=1),
    "propensity": Column(("propensity",), low=0, high=1),
}  # fmt: skip


def is_choices(raw: pd.DataFrame, columns: Mapping[str, str] | None) -> bool:
    """Whether a table has a row for each offer to a visitor: a column says what was chosen."""
    names = {str(name).lower().replace(" ", "_") for name in raw.columns}
    return "chosen" in (columns or {}) or bool(names & {*CHOICES["chosen"].aliases})


def read_sales(source: Source, **asked: Unpack[Asked]) -> Table:
    """Reads the sales of each product in each period.

    ``stock`` is the stock at the beginning of the period; a period that sold all of it is sold out.

    Args:
        source: path of a CSV file, or a DataFrame.
        **asked: ``columns``, ``since`` and ``until``; days only with a ``date`` column.

    Returns:
        The table in its own order, or by date if it has dates; a table without products gets one called "product".

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    table = read_days(source, CONTRACT, _refuse_sales, grain=GRAIN, **asked)
    frame = table.frame
    if "product" not in frame:
        frame = frame.assign(product="product")
    problems = Problems(frame, table.mapping, table.where)
    _refuse_constants(problems, "units")
    problems.raise_any()
    return _sorted(_without_constants(dataclasses.replace(table, frame=frame)))


def read_choices(source: Source, **asked: Unpack[Asked]) -> Table:
    """Reads what each visitor was offered and chose; visitors who chose nothing have rows too.

    Args:
        source: path of a CSV file, or a DataFrame.
        **asked: ``columns``, ``since`` and ``until``; days only with a ``date`` column.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    table = read_days(source, CHOICES, _refuse_choices, **asked)
    frame = table.frame
    problems = Problems(frame, table.mapping, table.where)
    _refuse_constants(problems, "chosen")
    if frame.groupby("visit")["chosen"].max().all():
        problems.all_rows(
            "chosen",
            "every visit bought something; how many would rather buy nothing is not identified: add the visits that "
            "did, with 0 in every row",
        )
    problems.raise_any()
    return _sorted(_without_constants(table))


def _refuse_prices(problems: Problems) -> None:
    advice = "is no price; a price is more than 0: leave such rows out"
    problems.cells("price", problems.frame["price"] <= 0, advice)


def _refuse_sales(problems: Problems) -> None:
    """Refuses what no table of sales can hold."""
    frame = problems.frame
    _refuse_prices(problems)
    limits = {
        "stock": "is more than the stock of the same row, which is what was there at the beginning of the period",
        "visitors": "is more than the visitors of the same row",
    }
    for limit, what in limits.items():
        if limit in frame:
            problems.cells("units", frame["units"] > frame[limit], what)


def _refuse_choices(problems: Problems) -> None:
    """Refuses what no log of visits can hold."""
    frame = problems.frame
    _refuse_prices(problems)
    again = frame.duplicated(["visit", "product"]) & frame["visit"].notna()
    problems.cells("product", again, "was offered in this visit already")
    taken = frame["chosen"].eq(1)
    second = taken & frame["visit"].where(taken).duplicated() & frame["visit"].notna()
    problems.cells("chosen", second, "is the second choice of one visit")


def _refuse_constants(problems: Problems, sold: str) -> None:
    """Refuses columns without any variation where a fit needs it."""
    products = problems.frame["product"].nunique()
    for name, rows in problems.frame.groupby("product", sort=False):
        own = "" if products == 1 else f"product {name}: "
        if rows["price"].nunique() == 1:
            what = f"one price only ({rows['price'].iloc[0]:g}); what another price would sell is not identified"
            problems.all_rows("price", own + what, rows)
        if not rows[sold].any():
            problems.all_rows(sold, f"{own}not a single unit was sold", rows)


def _without_constants(table: Table) -> Table:
    """The table without a promotion that never changes, which says nothing."""
    frame = table.frame
    if "promotion" not in frame or frame["promotion"].fillna(0).nunique() > 1:
        return table
    kept = {meaning: name for meaning, name in table.mapping.items() if meaning != "promotion"}
    return dataclasses.replace(table, frame=frame.drop(columns="promotion"), mapping=kept)


def _sorted(table: Table) -> Table:
    frame = table.frame
    if "date" not in frame or frame["date"].is_monotonic_increasing:
        return table
    notes = (*table.notes, "The rows were not in order of date; they were sorted.")
    return dataclasses.replace(table, frame=frame.sort_values("date", kind="stable"), notes=notes)


def period_days(frame: pd.DataFrame) -> float | None:
    """Days between periods: the commonest gap between two dates; None without dates."""
    if "date" not in frame or frame["date"].nunique() < 2:
        return None
    gaps = np.diff(np.unique(frame["date"].to_numpy().astype("datetime64[D]"))).astype(int)
    values, counts = np.unique(gaps, return_counts=True)
    return float(values[counts.argmax()])


def sold_out(frame: pd.DataFrame) -> pd.Series:
    """Which rows sold all there was."""
    if "stock" not in frame:
        return pd.Series(False, index=frame.index)
    return frame["stock"].notna() & (frame["units"] >= frame["stock"])
