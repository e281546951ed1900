"""Shapes of tables of sales that shops have, remade in small."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tests.envs_data.shapes import DAYS, Shape, sold


def daily(items: Mapping[str, float], **columns: object) -> pd.DataFrame:
    """A row a day and item."""
    parts = [
        pd.DataFrame({"date": DAYS, "item": item, "units": sold(mean, seed=seed)})
        for seed, (item, mean) in enumerate(items.items())
    ]
    return pd.concat(parts, ignore_index=True).assign(**columns)


def lines(items: Mapping[str, float]) -> pd.DataFrame:
    """A row for each unit sold, in the order in which it was."""
    days = daily(items)
    each = days.loc[days.index.repeat(days["units"])].sort_values("date", kind="stable").reset_index(drop=True)
    minutes = 8 * 60 + (each.groupby("date").cumcount() * 17) % 600
    return each.assign(units=1, moment=each["date"] + pd.to_timedelta(minutes, unit="min"))


def bakery_till() -> pd.DataFrame:
    """A bakery's till: a line for each thing, no quantity."""
    rows = lines({"Bread": 6.0, "Pastry": 2.0})
    number = range(1, len(rows) + 1)
    clock = rows["moment"].dt.strftime("%H:%M:%S")
    return pd.DataFrame({"Date": rows["date"], "Time": clock, "Transaction": number, "Item": rows["item"]})


def web_shop() -> pd.DataFrame:
    """An online shop's invoices: a stamp to the minute, returns as negative quantities."""
    rows = lines({"85123A": 5.0, "22423": 3.0})
    back = rows[rows.index % 40 == 39].assign(units=-1)
    rows = pd.concat([rows, back]).sort_values("moment")
    number = np.where(rows["units"] < 0, "C", "") + (536365 + np.arange(len(rows)) // 3).astype(str).astype(object)
    stamp = rows["moment"].dt.strftime("%m/%d/%Y %H:%M")
    return pd.DataFrame(
        {
            "InvoiceNo": number,
            "StockCode": rows["item"],
            "Quantity": rows["units"],
            "InvoiceDate": stamp,
            "UnitPrice": np.where(rows["item"] == "22423", 12.75, 2.55),
            "CustomerID": 17850,
            "Country": "United Kingdom",
        }
    )


def superstore() -> pd.DataFrame:
    """Orders of an office supplier: sales in money beside a quantity, two dates, a discount."""
    rows = lines({"Binders": 4.0, "Chairs": 2.0})
    return pd.DataFrame(
        {
            "Row ID": range(1, len(rows) + 1),
            "Order ID": [f"CA-2016-{k // 2}" for k in range(len(rows))],
            "Order Date": rows["date"].dt.strftime("%m/%d/%Y"),
            "Ship Mode": "Standard Class",
            "Segment": "Consumer",
            "Sub-Category": rows["item"],
            "Sales": np.where(rows["item"] == "Chairs", 261.96, 14.62),
            "Quantity": 1,
            "Discount": 0.0,
            "Profit": 3.5,
        }
    )


def pharmacy_days() -> pd.DataFrame:
    """A pharmacy: a column for each group of drugs, in doses that are no whole numbers, parts of the date beside."""
    drugs = {"M01AB": sold(4.0) * 0.5, "M01AE": sold(5.0, seed=2) * 0.5, "R03": sold(6.0, seed=3) * 1.0}
    frame = pd.DataFrame({"datum": DAYS.strftime("%m/%d/%Y"), **drugs})
    return frame.assign(Year=2024, Month=DAYS.month, Hour=276, WeekdayName=DAYS.day_name())


def pharmacy_hours() -> pd.DataFrame:
    """The same by the hour."""
    hours = pd.date_range("2024-01-01", periods=24 * 60, freq="h")
    units = sold(0.25, len(hours))
    drugs = {"M01AB": units, "M01AE": np.roll(units, 3), "R03": np.roll(units, 5) * 2}
    return pd.DataFrame({"datum": hours.strftime("%Y-%m-%d %H:%M"), **drugs})


def drug_stores() -> pd.DataFrame:
    """A chain of stores: turnover, customers, whether open."""
    rows = daily({"1": 20.0, "2": 30.0}).rename(columns={"item": "Store", "date": "Date", "units": "Sales"})
    sunday = rows["Date"].dt.day_of_week == 6
    rows["Sales"] = rows["Sales"].where(~sunday, 0)
    return rows.assign(DayOfWeek=rows["Date"].dt.day_of_week + 1, Customers=50, Open=(~sunday).astype(int), Promo=0)


def stores_and_items() -> pd.DataFrame:
    """Two stores with two items each."""
    north, south = daily({"1": 9.0, "2": 4.0}).assign(store=1), daily({"1": 5.0, "2": 2.0}).assign(store=2)
    return pd.concat([north, south], ignore_index=True)[["date", "store", "item", "units"]].rename(
        columns={"units": "sales"}
    )


def dates_as_columns() -> pd.DataFrame:
    """A row for each item, a column for each day."""
    wide = daily({"soap": 5.0, "tissues": 8.0}).pivot_table("units", "item", "date").reset_index()
    wide.columns = [str(name)[:10] for name in wide.columns]
    return wide


def monthly_parts() -> pd.DataFrame:
    """Spare parts by the month."""
    months = pd.date_range("2022-01-01", periods=24, freq="MS").strftime("%b %Y")
    return pd.DataFrame({"date": months, "item": "gasket", "units": sold(40.0, 24)})


def weekly_kiosk() -> pd.DataFrame:
    """A kiosk by the week."""
    return pd.DataFrame({"week": pd.date_range("2023-01-02", periods=60, freq="7D"), "units": sold(40.0, 60)}).rename(
        columns={"week": "date"}
    )


def coffee_machine() -> pd.DataFrame:
    """A vending machine: a line a cup with what was paid, no quantity."""
    rows = lines({"Latte": 4.0, "Espresso": 2.5})
    moment = rows["moment"].dt.strftime("%Y-%m-%d %H:%M:%S.000")
    return pd.DataFrame({"datetime": moment, "cash_type": "card", "money": 3.5, "coffee_name": rows["item"]})


def butcher() -> pd.DataFrame:
    """A butcher: kilos, closed on Sundays and holidays, a German export."""
    days = DAYS[(DAYS.day_of_week < 6) & (DAYS != "2024-03-29") & (DAYS != "2024-04-01")]
    return pd.DataFrame({"Datum": days.strftime("%d.%m.%Y"), "Menge": sold(44.0, len(days)) * 0.25})


def german(frame: pd.DataFrame) -> str:
    """Semicolons and decimal commas."""
    return frame.to_csv(index=False, sep=";", decimal=",")


def kiosk() -> pd.DataFrame:
    """One item, closed on Sundays."""
    days = DAYS[DAYS.day_of_week < 6]
    return pd.DataFrame({"day": days.strftime("%d-%b-%Y"), "qty": sold(7.0, len(days))})


def boutique() -> pd.DataFrame:
    """One item with rows only for days with sales."""
    units = sold(0.5)
    return pd.DataFrame({"date": DAYS, "units": units})[units > 0]


def spare_parts() -> pd.DataFrame:
    """Slow movers without rows of zero."""
    rows = daily({"filter": 3.0, "belt": 0.25})
    return rows[rows["units"] > 0]


def stock_list() -> pd.DataFrame:
    """Sales with closing stock and orders that arrive two days later."""
    units = sold(5.0)
    return pd.DataFrame(
        {
            "Sales Date": DAYS.strftime("%Y/%m/%d"),
            "Units Sold": units,
            "Closing Stock": 40,
            "Order Qty": units,
            "Received": np.roll(units, 2),
        }
    )


def unix_stamps() -> pd.DataFrame:
    """Seconds since 1970 beside quantities."""
    return pd.DataFrame({"timestamp": (DAYS - pd.Timestamp("1970-01-01")) // pd.Timedelta("1s"), "qty": sold(6.0)})


RESTOCK = {
    "bakery till": Shape(
        "restock",
        bakery_till,
        says=("a row as an order line, rows counted", "2 items in column Item"),
        fields={"mean": 4.0},
    ),
    "web shop": Shape(
        "restock", web_shop, says=("a row as an order line, units added up", "month-day-year"), fields={"price": 7.65}
    ),
    "superstore": Shape(
        "restock",
        superstore,
        "--columns item=Sub-Category",
        says=("2 items in column Sub-Category",),
        fields={"mean": 3.0},
    ),
    "pharmacy by the day": Shape(
        "restock",
        pharmacy_days,
        "--known unit=.5",
        says=("a column for each item (M01AB, M01AE, R03)",),
        first=("--known unit=0.5",),
        fields={"mean": 7.0},
    ),
    "pharmacy by the hour": Shape(
        "restock", pharmacy_hours, says=("a row as an order line, units added up",), fields={"mean": 8.0}
    ),
    "chain of stores": Shape(
        "restock",
        drug_stores,
        "--read store=1",
        says=("store 1 alone", "16 rows with 0 in column Open are left out"),
        first=("one with --read store=1",),
        fields={"mean": 20.0 * 6 / 7},
    ),
    "stores and items": Shape(
        "restock",
        stores_and_items,
        "--read store=sum",
        says=("2 stores added up",),
        first=("--read store=sum",),
        fields={"mean": 10.0},
    ),
    "a column for each day": Shape(
        "restock", dates_as_columns, says=("a column for each date (2024-01-01",), fields={"mean": 6.5}
    ),
    "month totals": Shape("restock", monthly_parts, first=("a row is a month, and restocking decides every day",)),
    "week totals": Shape("restock", weekly_kiosk, first=("a row is a week, and restocking decides every day",)),
    "vending machine": Shape(
        "restock",
        coffee_machine,
        "--read rows=lines --columns item=coffee_name",
        says=("a row as an order line, rows counted",),
        first=("--read rows=lines",),
        fields={"mean": 3.25},
    ),
    "butcher": Shape(
        "restock",
        butcher,
        "--known unit=.25 --read missing=closed",
        says=("a decimal comma", "closed, not observed, as you said"),
        first=("--read missing=zero or --read missing=closed", "--known unit=0.25"),
        fields={"mean": 44.0 * 6 / 7},
        write=german,
    ),
    "kiosk": Shape("restock", kiosk, says=("all of them Sundays: closed, not observed",), fields={"mean": 6.0}),
    "boutique": Shape(
        "restock",
        boutique,
        "--read missing=zero",
        says=("they count as 0, as you said",),
        first=("--read missing=zero",),
        fields={"mean": 0.5 * 112 / 107},
    ),
    "spare parts": Shape(
        "restock", spare_parts, says=("count as 0: others were sold",), fields={"mean": 1.625 * 112 / 106}
    ),
    "stock list": Shape("restock", stock_list, says=("lead_time 2",), fields={"mean": 5.0}),
    "Unix time": Shape("restock", unix_stamps, says=("seconds since 1970",), fields={"mean": 6.0}),
}
