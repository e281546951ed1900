"""Messages about what a row of a table is."""

from __future__ import annotations

import shlex

import numpy as np
import pandas as pd

from tests.envs_data.remedies import (
    DAYS,
    Example,
    Instead,
    as_printed,
    bread,
    cell,
    changed,
    column,
    gaps,
    renamed,
    two_items,
    two_stores,
    without,
)
from tests.envs_data.shapes import sold


def kilos() -> pd.DataFrame:
    """Amounts in quarters of a kilo."""
    return bread().assign(units=sold(20.0, len(DAYS)) * 0.25)


def weekly(days: int = 7, rows: int = 20) -> pd.DataFrame:
    """A row a week."""
    dates = pd.date_range("2024-01-01", periods=rows, freq=f"{days}D")
    return pd.DataFrame({"date": dates.strftime("%Y-%m-%d"), "units": sold(30.0, rows)})


def monthly() -> pd.DataFrame:
    """A row a month."""
    dates = pd.date_range("2022-01-01", periods=20, freq="MS")
    return pd.DataFrame({"date": dates.strftime("%Y-%m-%d"), "units": sold(30.0, 20)})


def wide() -> pd.DataFrame:
    """A column an item, of two."""
    return pd.DataFrame({"date": DAYS, "milk": sold(4.0, len(DAYS)), "bread": sold(6.0, len(DAYS), 1)})


def cups() -> pd.DataFrame:
    """A row a cup."""
    rows = bread()
    return rows.loc[rows.index.repeat(rows["units"])].assign(units=3.5).rename(columns={"units": "paid"})


def by_day(_: pd.DataFrame) -> pd.DataFrame:
    """A row for each day."""
    return bread()


def dateless() -> pd.DataFrame:
    """Prices and units without a recognised date."""
    days = pd.date_range("2024-01-01", periods=45)
    return pd.DataFrame({"asked": days, "price": np.resize([4.0, 4.5, 5.0], 45), "units": np.resize([9, 6, 4], 45)})


ROWS = {
    "no column for the amount": Example(
        "restock",
        wide,
        "no column for units",
        {
            "--columns units=NAME": "--columns units=milk",
            "--read rows=lines": "--read rows=lines",
            "--read rows=wide": "--read rows=wide",
        },
    ),
    "kilos": Example("restock", kilos, "if it holds kilos or money", as_printed("--known unit=0.25")),
    "no column for the store": Example(
        "restock",
        changed(bread, column("Kiosk", "North Side")),
        "the table has no column for the store",
        {"--columns store=NAME": "--columns store=Kiosk", "leave this out": Instead("")},
        line="--read 'store=North Side'",
    ),
    "no such store": Example(
        "restock",
        changed(two_stores, renamed(**{"Store Name": "store"})),
        "has no such store",
        {"there are Ann's, North Side": Instead("--read 'store=North Side'")},
        line="--read store=North",
    ),
    "several stores": Example(
        "restock",
        two_stores,
        "2 stores (Ann's, North Side)",
        {
            "--each 'Store Name' -o FOLDER": "--each 'Store Name' -o shops",
            **as_printed("--read " + shlex.quote("store=Ann's"), "--read store=sum"),
        },
        line="--columns 'store=Store Name'",
    ),
    "weeks": Example(
        "restock",
        weekly,
        "a row is a week, and restocking decides every day",
        {"give the table a row for each day": by_day, "--read every=day": "--read every=day --read missing=closed"},
    ),
    "months": Example(
        "restock",
        monthly,
        "a row is a month, and restocking decides every day",
        {"give the table a row for each day": by_day, "--read every=day": "--read every=day --read missing=closed"},
    ),
    "days added up to weeks": Example(
        "restock",
        bread,
        "--read every=week",
        {"leave it out": Instead("")},
        line="--read every=week",
    ),
    "a day twice": Example(
        "restock",
        changed(bread, lambda frame: pd.concat([frame, frame.tail(1)])),
        "has a row already with the same date",
        {"--read rows=lines adds them up": "--read rows=lines"},
    ),
    "days without a row": Example(
        "restock", gaps, "say whether nothing was sold then", as_printed("--read missing=zero", "--read missing=closed")
    ),
    "an empty name with each": Example(
        "restock",
        changed(two_items, cell("item", 4, "")),
        "the cell is empty",
        {"leave the row out if nobody knows whose it is": without(4)},
        line="--each item -o items",
    ),
    "an unknown column with each": Example(
        "restock",
        two_items,
        "unknown column 'items'",
        {"did you mean 'item'?": Instead("--each item -o items")},
        line="--each items -o items",
    ),
    "days of a table without dates": Example(
        "pricing",
        dateless,
        "need a column of dates, which this table lacks",
        {"leave them out": Instead(""), "--columns date=NAME": "--columns date=asked"},
        line="--since 2024-01-01 --until 2024-12-31",
    ),
    "days outside": Example(
        "restock",
        bread,
        "no rows with",
        {"it runs from 2024-01-01 to 2024-01-28": Instead("--since 2024-01-01 --until 2024-01-28")},
        line="--since 2023-01-01 --until 2023-01-28",
    ),
    "no day": Example(
        "restock",
        bread,
        "is '1 May'",
        {"a date such as 2025-01-06": Instead("--since 2024-01-06")},
        line="--since '1 May'",
    ),
}
