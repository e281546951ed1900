"""Messages about the notation of a table, and about what a row is."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pandas as pd

from tests.envs_data.remedies import (
    DAYS,
    As,
    Example,
    Instead,
    as_printed,
    bread,
    cell,
    changed,
    column,
    renamed,
    two_items,
    two_stores,
    without,
)
from tests.envs_data.shapes import sold
from tests.envs_data.shapes_bidding import SECOND
from tests.envs_data.shapes_bidding import generate as auctions


def stamped(zone: str) -> pd.DataFrame:
    """A log of auctions whose times have a zone."""
    log = auctions(SECOND.replace(auctions=120.0, budget=2400), seed=2, days=6).drop(columns=["click", "conversion"])
    return log.assign(time=log["time"].dt.strftime("%Y-%m-%d %H:%M:%S") + zone)


def zoned(log: pd.DataFrame, *places: str) -> pd.DataFrame:
    """The same with the zones of several places, in turn."""
    own = np.resize([*places], len(log))
    return log.assign(time=log["time"].str[:19] + own)


def once_utf16(frame: pd.DataFrame, path: Path) -> None:
    """UTF-16 without its mark, which has zero bytes."""
    path.write_bytes(frame.to_csv(index=False).encode("utf-16-le"))


def with_latin(frame: pd.DataFrame, path: Path) -> None:
    """Windows-1252."""
    frame.assign(item="Brötchen").to_csv(path, index=False, encoding="cp1252")


def sheets(frame: pd.DataFrame, path: Path) -> None:
    """A spreadsheet with two sheets."""
    with pd.ExcelWriter(path) as book:
        frame.to_excel(book, sheet_name="Last year's sales", index=False)
        frame.to_excel(book, sheet_name="Sales", index=False)


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


def gaps() -> pd.DataFrame:
    """Days without a row."""
    return bread().drop([3, 8, 16])


def dateless() -> pd.DataFrame:
    """Prices and units without a recognised date."""
    days = pd.date_range("2024-01-01", periods=45)
    return pd.DataFrame({"asked": days, "price": np.resize([4.0, 4.5, 5.0], 45), "units": np.resize([9, 6, 4], 45)})


def own_days(style: str) -> pd.DataFrame:
    """Days up to the twelfth of a month only, of which either number may be the month."""
    days = [day for month in range(1, 6) for day in pd.date_range(f"2024-{month:02d}-01", periods=12)]
    return pd.DataFrame({"date": [f"{day:{style}}" for day in days], "units": sold(5.0, 60)})


def export(style: str) -> pd.DataFrame:
    """Two items with such dates, so that days without any row are closed."""
    days = own_days(style)
    return pd.concat([days.assign(item="milk"), days.assign(item="bread")], ignore_index=True)


SAVED = As("table.csv")
READING = {
    "thousands or decimals": Example(
        "restock",
        changed(bread, column("price", "1.250")),
        "may be 1.25 or 1,250",
        as_printed("--read decimal=point", "--read decimal=comma"),
    ),
    "two decimal marks": Example(
        "restock",
        changed(bread, column("price", "1,5"), cell("price", 4, "1.5")),
        "has a decimal comma, and '1.5' a decimal point",
        {"write all numbers of a column in one notation": column("price", "1.5")},
    ),
    "no number": Example(
        "restock", changed(bread, cell("units", 4, "few")), "'few' is not", {"a number": cell("units", 4, 3)}
    ),
    "no date": Example(
        "restock",
        changed(bread, cell("date", 4, "soon")),
        "'soon' is not",
        {"a date such as 2025-01-06": cell("date", 4, "2024-01-05")},
    ),
    "no time": Example(
        "bidding",
        changed(lambda: stamped(""), cell("time", 4, "soon")),
        "'soon' is not",
        {"a time such as 2025-01-06 13:45:10": cell("time", 4, "2025-01-06 13:45:10")},
    ),
    "day or month first": Example(
        "restock",
        lambda: export("%d/%m/%Y"),
        "may be day-month-year or month-day-year",
        as_printed("--read dates=dmy", "--read dates=mdy"),
    ),
    "two notations of dates": Example(
        "restock",
        changed(bread, cell("date", 4, "05.01.2024")),
        "'05.01.2024' is day-month-year, and most rows are year-month-day",
        {"write all dates in one notation": cell("date", 4, "2024-01-05")},
    ),
    "years": Example(
        "recommend",
        lambda: pd.DataFrame({"customer": np.arange(120) % 60, "date": 2012 + np.arange(120) // 60}),
        "it holds years (2012), and a date has a day",
        {"write one, such as 2012-12-31": lambda frame: frame.assign(date=frame["date"].astype(str) + "-12-31")},
    ),
    "several time zones": Example(
        "bidding",
        lambda: zoned(stamped(""), "Z", "+05:30", "+01:00"),
        "its times are in several time zones (Z, +05:30, +01:00)",
        {"write all times in one": lambda frame: zoned(frame, "Z")},
    ),
    "a time without a zone": Example(
        "bidding",
        changed(lambda: stamped("Z"), cell("time", 4, "2025-01-06 13:45:10")),
        "has no time zone, and most rows have one",
        {"write all times alike": cell("time", 4, "2025-01-06 13:45:10Z")},
    ),
    "columns in two zones": Example(
        "bidding",
        lambda: stamped("Z").assign(conversion=lambda log: log["time"].str[:19].where(log["won"] == 1) + "+05:30"),
        "columns time and conversion are in different time zones",
        {"write all times in one": lambda log: log.assign(conversion=log["conversion"].str[:19] + "Z")},
    ),
    "an unknown meaning": Example(
        "restock",
        changed(bread, renamed(units="Stk")),
        "unknown column meaning 'unit'",
        {"did you mean 'units'?": Instead("--columns units=Stk")},
        line="--columns unit=Stk units=Stk",
    ),
    "an unknown column": Example(
        "restock",
        changed(bread, renamed(units="Stk")),
        "unknown column 'Stck'",
        {"did you mean 'Stk'?": Instead("--columns units=Stk")},
        line="--columns units=Stck",
    ),
    "no column": Example(
        "restock",
        changed(two_items, renamed(units="Stück verkauft", date="wann"), column("price", 3.0)),
        "no column for date and units",
        {"--columns date=NAME units=NAME": "--columns date=wann 'units=Stück verkauft'"},
    ),
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
    "an empty cell": Example(
        "restock",
        changed(two_items, cell("units", 4, "")),
        "the cell is empty",
        {"leave the row out if nothing is known of it": without(4)},
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
    "binary": Example("restock", bread, "binary content", {"export it as CSV in UTF-8": SAVED}, write=once_utf16),
    "another encoding": Example(
        "restock",
        bread,
        "not utf-8 text",
        {"save the table as CSV in UTF-8": SAVED},
        line="--read encoding=utf-8",
        write=with_latin,
    ),
    "no such encoding": Example(
        "restock",
        bread,
        "no such encoding",
        {"try utf-8 or cp1252": Instead("--read encoding=cp1252")},
        line="--read encoding=windows",
        write=with_latin,
    ),
    "several sheets": Example(
        "restock",
        bread,
        "2 sheets hold rows (Last year's sales, Sales)",
        as_printed("--read " + shlex.quote("sheet=Last year's sales")),
        file="table.xlsx",
        write=sheets,
    ),
    "no such sheet": Example(
        "restock",
        bread,
        "no sheet 'sales'",
        {"there are Last year's sales, Sales": Instead("--read sheet=Sales")},
        line="--read sheet=sales",
        file="table.xlsx",
        write=sheets,
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
    "an unknown option": Example(
        "restock",
        gaps,
        "unknown option 'mising'",
        {"did you mean 'missing'?": Instead("--read missing=zero")},
        line="--read mising=zero",
    ),
    "an unknown value of an option": Example(
        "restock",
        gaps,
        "unknown value 'none'",
        {"known: zero, closed": Instead("--read missing=zero")},
        line="--read missing=none",
    ),
}
