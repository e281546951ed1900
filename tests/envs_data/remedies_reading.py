"""Messages about the notation of a table."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pandas as pd

from tests.envs_data.remedies import (
    As,
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


def unquoted(frame: pd.DataFrame, path: Path) -> None:
    """A text in which no cell is quoted."""
    rows = [frame.columns, *frame.itertuples(index=False)]
    path.write_text("".join(f"{','.join(map(str, row))}\n" for row in rows), encoding="utf-8")


def sheets(frame: pd.DataFrame, path: Path) -> None:
    """A spreadsheet with two sheets."""
    with pd.ExcelWriter(path) as book:
        frame.to_excel(book, sheet_name="Last year's sales", index=False)
        frame.to_excel(book, sheet_name="Sales", index=False)


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
    "an empty cell": Example(
        "restock",
        changed(two_items, cell("units", 4, "")),
        "the cell is empty",
        {"leave the row out if nothing is known of it": without(4)},
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
    "a header alone": Example(
        "restock", changed(bread, lambda frame: frame.head(0)), "it has a header and no rows", {}
    ),
    "a comma in a cell": Example(
        "restock",
        changed(two_items, lambda frame: frame.replace({"item": {"milk": "milk, fresh"}})),
        "row 2 has 4 cells, and the header 3",
        {
            "put quotes around a cell with a comma in it": lambda frame: frame.replace(
                {"item": {"milk, fresh": '"milk, fresh"'}}
            )
        },
        write=unquoted,
    ),
    "a comma in a later cell": Example(
        "restock",
        changed(two_items, cell("item", 3, "milk, fresh")),
        "row 5 has 4 cells, and the header 3",
        {"put quotes around a cell with a comma in it": cell("item", 3, '"milk"')},
        write=unquoted,
    ),
    "no spreadsheet": Example(
        "restock",
        bread,
        "it is not a spreadsheet that can be read",
        {},
        file="table.xlsx",
        write=lambda frame, path: path.write_text("date,units", encoding="utf-8"),
    ),
}
