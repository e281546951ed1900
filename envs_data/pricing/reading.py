"""The tables a seller keeps: what was charged and sold a period, or visit by visit; column contracts and reading."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping

import numpy as np
import pandas as pd

from envs_data.days import between
from envs_data.tables import Column, Table, TableError, check_values, parse, read_text, recognise, rows_problem

DATE = ("date", "day", "week", "ds", "week_start", "period", "datum")
PRODUCT = ("product", "product_id", "item", "item_id", "sku", "brand", "article")
PROMOTION = ("promotion", "promo", "on_promotion", "feat", "feature", "advertised")

# A row is what was sold of a product in a period, a week for most.
CONTRACT: dict[str, Column] = {
    "date": Column(DATE, "date", blank=False),
    "store": Column(("store", "store_id", "shop", "branch"), "text", blank=False),
    "season": Column(("season", "season_id", "campaign"), "text", blank=False),
    "product": Column(PRODUCT, "text", blank=False),
    "price": Column(("price", "unit_price", "selling_price"), "number", True, blank=False),
    "units": Column(("units", "units_sold", "qty", "quantity", "sales"), "number", True, 0, whole=True, blank=False),
    "stock": Column(("stock", "opening_stock", "stock_at_opening", "on_shelf"), low=0, whole=True),
    "promotion": Column(PROMOTION, low=0, high=1),
    "visitors": Column(("visitors", "customers", "traffic", "visits", "footfall"), low=0, whole=True),
    "propensity": Column(("propensity",), low=0, high=1),
}  # fmt: skip

# A row is what a visitor was offered, bought or not.
CHOICES: dict[str, Column] = {
    "visit": Column(("visit", "visit_id", "choice_set", "session", "customer"), "text", True, blank=False),
    "date": Column(DATE, "date", blank=False),
    "product": Column(PRODUCT, "text", True, blank=False),
    "price": Column(("price", "unit_price", "selling_price"), "number", True, blank=False),
    "chosen": Column(("chosen", "bought", "choice", "purchased", "taken"), "number", True, 0, 1, True, False),
    "promotion": Column(PROMOTION, low=0, high=1),
    "propensity": Column(("propensity",), low=0, high=1),
}  # fmt: skip


def is_choices(raw: pd.DataFrame, columns: Mapping[str, str] | None) -> bool:
    """Whether a table has a row for each offer to a visitor: a column says what was chosen."""
    names = {str(name).lower().replace(" ", "_") for name in raw.columns}
    return "chosen" in (columns or {}) or bool(names & {*CHOICES["chosen"].aliases})


def read_sales(
    source: str | os.PathLike[str] | pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Table:
    """Reads what was sold of each product in each period.

    ``stock`` is what was there at the beginning of the period; a period that sold as many units is sold out.

    Args:
        source: path of a CSV file, or a DataFrame.
        columns: meaning to name in the table, where a name is not recognised.
        since: first day to use, as YYYY-MM-DD; only with a ``date`` column.
        until: last day to use.

    Returns:
        The table in its own order, or by date where there is one; a table without products has one called "product".

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    raw, where = read_text(source)
    mapping = recognise(raw, CONTRACT, columns, where)
    frame, problems = parse(raw, CONTRACT, mapping)
    problems += check_values(frame, CONTRACT, mapping)
    problems += _impossible_sales(frame, mapping)
    if problems:
        raise TableError(where, problems)
    frame = between(frame, since, until, where)
    if "product" not in frame:
        frame = frame.assign(product="product")
    problems = _constant(frame, mapping)
    if problems:
        raise TableError(where, problems)
    return _sorted(Table(*_without_constants(frame, mapping), where))


def read_choices(
    source: str | os.PathLike[str] | pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Table:
    """Reads what each visitor was offered, and what was chosen; who chose nothing has rows too.

    Args:
        source: path of a CSV file, or a DataFrame.
        columns: meaning to name in the table, where a name is not recognised.
        since: first day to use, as YYYY-MM-DD; only with a ``date`` column.
        until: last day to use.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    raw, where = read_text(source)
    mapping = recognise(raw, CHOICES, columns, where)
    frame, problems = parse(raw, CHOICES, mapping)
    problems += check_values(frame, CHOICES, mapping)
    problems += _impossible_choices(frame, mapping)
    if problems:
        raise TableError(where, problems)
    frame = between(frame, since, until, where)
    problems = [*_constant(frame.assign(units=frame["chosen"]), mapping), *_everybody_bought(frame, mapping)]
    if problems:
        raise TableError(where, problems)
    return _sorted(Table(*_without_constants(frame, mapping), where))


def _prices(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    free = frame["price"] <= 0
    advice = "is no price; a price is more than 0: leave such rows out"
    return rows_problem(mapping["price"], frame["price"][free], advice)


def _impossible_sales(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """What no table of sales can hold, with the rows."""
    problems = _prices(frame, mapping)
    limits = {
        "stock": "is more than the stock of the same row, which is what was there at the beginning of the period",
        "visitors": "is more than the visitors of the same row",
    }
    for limit, what in limits.items():
        if limit in frame:
            problems += rows_problem(mapping["units"], frame["units"][frame["units"] > frame[limit]], what)
    keys = [key for key in ("date", "store", "product") if key in frame]
    if "date" in frame:
        again = frame["date"].notna() & frame.duplicated(keys)
        same = " and ".join(mapping[key] for key in keys)
        advice = f"has a row already with the same {same}; add their units up, or name a column for the store"
        problems += rows_problem(mapping["date"], frame["date"][again], advice)
    return problems


def _impossible_choices(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """What no table of choices can hold, with the rows."""
    problems = _prices(frame, mapping)
    again = frame.duplicated(["visit", "product"]) & frame["visit"].notna()
    problems += rows_problem(mapping["product"], frame["product"][again], "was offered in this visit already")
    taken = frame["chosen"].eq(1)
    second = taken & frame["visit"].where(taken).duplicated() & frame["visit"].notna()
    return problems + rows_problem(mapping["chosen"], frame["chosen"][second], "is the second choice of one visit")


def _constant(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """Columns whose values are all alike where a fit needs a difference."""
    problems = []
    for name, rows in frame.groupby("product", sort=False):
        first, last = rows.index[0], rows.index[-1]
        own = "" if frame["product"].nunique() == 1 else f"product {name}: "
        if rows["price"].nunique() == 1:
            price = rows["price"].iloc[0]
            problems.append(
                f"rows {first} to {last}, column {mapping['price']!r}: {own}one price only ({price:g}); what another "
                "price would sell is not identified"
            )
        if not rows["units"].any():
            sold = mapping.get("units", mapping.get("chosen"))
            problems.append(f"rows {first} to {last}, column {sold!r}: {own}not a single unit was sold")
    return problems


def _everybody_bought(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    if not frame.groupby("visit")["chosen"].max().all():
        return []
    first, last = frame.index[0], frame.index[-1]
    return [
        f"rows {first} to {last}, column {mapping['chosen']!r}: every visit bought something; how many would rather "
        "buy nothing is not identified: add the visits that did, with 0 in every row"
    ]


def _without_constants(frame: pd.DataFrame, mapping: Mapping[str, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """A promotion that never changes tells nothing, and is left out of what was read."""
    if "promotion" not in frame or frame["promotion"].fillna(0).nunique() > 1:
        return frame, dict(mapping)
    kept = {meaning: name for meaning, name in mapping.items() if meaning != "promotion"}
    return frame.drop(columns="promotion"), kept


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
