"""Shapes of tables of customers that shops have, remade in small."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from envs_data.recommend.bg_nbd import BgNbd
from envs_data.recommend.customers import customers_of, generate
from envs_data.recommend.lifetime.parameters import Item, LifetimeParameters
from envs_data.recommend.lifetime.table import generate as click_log
from envs_data.recommend.spend import GammaSpend
from tests.envs_data.shapes import Shape

LAW, SPEND = BgNbd(1.5, 60.0, 0.8, 2.4), GammaSpend(6.0, 4.0, 15.0)
SHOP = LifetimeParameters(
    days=120,
    visits=40,
    slate=3,
    topics=2,
    r=2.0,
    alpha=12.0,
    a=1.0,
    b=20.0,
    position=0.7,
    items=tuple(Item(f"film_{k}", topic=k % 2, appeal=-1.0 + 0.3 * k, buys=0.3) for k in range(6)),
)


def bought(customers: int = 600, law: BgNbd = LAW, days: int = 364) -> pd.DataFrame:
    """The purchases of a shop."""
    rows = generate(law, SPEND, customers, days, joining=84, seed=2)
    return rows.assign(date=pd.to_datetime(rows["date"]))


def music_shop() -> pd.DataFrame:
    """A music shop's purchases: days as eight digits, how many discs, what was paid."""
    rows = bought()
    number = rows["customer"].str[1:].astype(int) + 1
    discs = 1 + np.arange(len(rows)) % 4
    return pd.DataFrame(
        {"id": number, "date": rows["date"].dt.strftime("%Y%m%d"), "cds": discs, "amount": rows["amount"]}
    )


def online_retail() -> pd.DataFrame:
    """Invoices of an online shop: a line a product, several of one customer and day, some sent back."""
    rows = bought(300)
    first = rows.assign(Quantity=2, Price=(rows["amount"] / 4).round(2), StockCode="85123A")
    lines = (
        pd.concat([first, first.assign(StockCode="22423")]).sort_values("date", kind="stable").reset_index(drop=True)
    )
    back = lines[lines.index % 40 == 39].assign(Quantity=-2)
    lines = pd.concat([lines, back]).sort_values("date", kind="stable")
    return pd.DataFrame(
        {
            "Invoice": np.where(lines["Quantity"] < 0, "C", "")
            + (536365 + np.arange(len(lines))).astype(str).astype(object),
            "StockCode": lines["StockCode"],
            "Quantity": lines["Quantity"],
            "InvoiceDate": lines["date"].dt.strftime("%m/%d/%Y 08:26"),
            "Price": lines["Price"],
            "Customer ID": lines["customer"].str[1:].astype(int) + 12346.0,
            "Country": "France",
        }
    )


def ratings() -> pd.DataFrame:
    """Films rated from 1 to 5, with Unix seconds."""
    rows = bought(300)
    stamp = (rows["date"] - pd.Timestamp("1970-01-01")) // pd.Timedelta("1s")
    film, stars = 1 + np.arange(len(rows)) * 7 % 50, 1 + np.arange(len(rows)) % 5
    return pd.DataFrame(
        {"userId": rows["customer"].str[1:].astype(int), "movieId": film, "rating": stars, "timestamp": stamp}
    )


def slates() -> pd.DataFrame:
    """A film site's log: three films at a visit, clicked or not."""
    return click_log(SHOP, seed=4, customers=120)


def summary() -> pd.DataFrame:
    """A row a customer: repeat purchases, weeks to the last, weeks observed, mean amount."""
    seen = customers_of(bought())
    cohort = seen.cohort
    return pd.DataFrame(
        {
            "ID": np.arange(len(cohort.age)),
            "frequency": cohort.frequency,
            "recency": (cohort.recency / 7).round(2),
            "T": (cohort.age / 7).round(2),
            "monetary_value": np.nan_to_num(seen.amount).round(2),
        }
    )


def repeaters() -> pd.DataFrame:
    """A loyalty card's purchases: who bought once has no card."""
    rows = bought()
    again = rows[rows.groupby("customer")["date"].transform("nunique") > 1]
    return again.rename(columns={"customer": "customer_id", "amount": "total"})


def regulars() -> pd.DataFrame:
    """A box by subscription whose customers never leave."""
    rows = bought(300, BgNbd(2.0, 60.0, 0.001, 1000.0))
    return rows[["customer", "date"]]


def donors() -> pd.DataFrame:
    """Who gave in which year."""
    rng = np.random.default_rng(8)
    gave = [
        (donor, year)
        for donor in range(400)
        for year in range(2012, 2024)
        if year == 2012 + donor % 3 or (year > 2012 + donor % 3 and rng.random() < 0.4)
    ]
    return pd.DataFrame(gave, columns=["donor_id", "year"]).assign(amount=25)


def donors_by_day() -> pd.DataFrame:
    """The same with a day written out, as the fit of years asks for."""
    rows = donors()
    return rows.assign(date=rows["year"].astype(str) + "-12-31").drop(columns="year")


def shape(table: Callable[[], pd.DataFrame], line: str = "", **more: object) -> Shape:
    """A shape of this trade."""
    return Shape("recommend", table, line, **more)  # type: ignore[arg-type]


RECOMMEND = {
    "music shop": shape(
        music_shop,
        says=("20240101 as year, month and day without marks", "together they are one purchase"),
        fields={"r": 1.5, "alpha": 60},
    ),
    "online retail": shape(
        online_retail,
        says=("spend 29.72 a purchase", "69 rows with an amount below 0: returns"),
        fields={"r": 1.5, "alpha": 60},
        tolerance=0.1,
    ),
    "film ratings": shape(
        ratings,
        says=("seconds since 1970", "Column rating: a row is a rating, and counts as a purchase"),
        fields={"r": 1.5, "alpha": 60},
        tolerance=0.1,
    ),
    "slates": shape(
        slates,
        says=("Items shown and clicked", "What bores, and what satisfaction does, are assumed to have no effect"),
        fields={"position": 0.7, "buys": 0.3, "r": 2.0, "alpha": 12.0},
        tolerance=0.1,
    ),
    "a row a customer": shape(
        summary,
        says=("Times are assumed to be weeks, because their fractions are sevenths",),
        fields={"r": 1.5, "alpha": 60},
    ),
    "loyalty card": shape(
        repeaters,
        "--known one_time=43",
        first=("say how many there are (--known one_time=120, or 0)",),
        fields={"r": 1.5, "alpha": 60},
        tolerance=0.1,
    ),
    "regulars": shape(
        regulars,
        says=("Nobody seems to leave in this table",),
        fields={"r": 2.0, "alpha": 60},
        tolerance=0.1,
    ),
    "donors by year": shape(
        donors,
        "--columns customer=donor_id date=year",
        first=("name yours with --columns customer=NAME date=NAME",),
        refused=("it holds years (2012), and a date has a day; write one, such as 2012-12-31",),
    ),
    "donors by day": shape(
        donors_by_day,
        "--columns customer=donor_id",
        first=("name yours with --columns customer=NAME",),
        says=("a year brings 0.39 repeats a customer", "Nobody seems to leave in this table"),
    ),
}
