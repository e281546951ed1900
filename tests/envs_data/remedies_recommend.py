"""Messages about tables of customers."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from tests.envs_data.remedies import (
    Example,
    Instead,
    as_printed,
    cell,
    changed,
    column,
    refused,
    renamed,
    without,
)
from tests.envs_data.shapes_recommend import SHOP, bought, click_log, customers_of


@functools.cache
def _bought() -> pd.DataFrame:
    return bought(60)


def purchases() -> pd.DataFrame:
    """A shop's purchases."""
    return _bought().copy()


def repeaters() -> pd.DataFrame:
    """The purchases of those who came back."""
    rows = purchases()
    return rows[rows.groupby("customer")["date"].transform("nunique") > 1]


def summary(days: float = 1.0) -> pd.DataFrame:
    """A row a customer, in days or longer units of time."""
    cohort = customers_of(purchases()).cohort
    times = {"recency": (cohort.recency / days).round(2), "T": (cohort.age / days).round(2)}
    return pd.DataFrame({"ID": np.arange(len(cohort.age)), "frequency": cohort.frequency, **times})


@functools.cache
def _shown() -> pd.DataFrame:
    return click_log(SHOP, seed=4, customers=40)


def shown() -> pd.DataFrame:
    """What was shown and clicked."""
    return _shown().copy()


def weighted() -> pd.DataFrame:
    """Customers who stand for two each."""
    return shown().assign(weight=2)


def day_totals() -> pd.DataFrame:
    """A row a day."""
    days, members = pd.date_range("2024-01-01", periods=60), np.arange(60) % 35
    return pd.DataFrame({"date": days, "amount": 100.0 + members, "Mitglied": members})


def clicked(number: int = 3) -> int:
    """A row with a click."""
    return int(np.flatnonzero(shown()["clicked"] == 1)[number])


def second_click(log: pd.DataFrame) -> pd.DataFrame:
    """A click at another place of a visit."""
    first = clicked()
    visit = (log["customer"] == log["customer"].iloc[first]) & (log["visit"] == log["visit"].iloc[first])
    return log.assign(clicked=log["clicked"].mask(visit, 1))


def one_click(log: pd.DataFrame) -> pd.DataFrame:
    """The log as it was."""
    return shown()


TOTALS = "export a row a purchase, with the customer"
RECOMMEND = {
    "no customer": Example(
        "recommend",
        changed(purchases, renamed(customer="Kunde Nr")),
        "no column for customer",
        {"--columns customer=NAME": "--columns 'customer=Kunde Nr'"},
    ),
    "totals": Example(
        "recommend",
        day_totals,
        "no column for customer",
        {TOTALS: lambda _: purchases(), "--columns customer=NAME": "--columns customer=Mitglied"},
    ),
    "few customers of many rows": Example(
        "recommend",
        changed(day_totals, column("id", "shop")),
        "at least 30 customers are needed",
        {TOTALS: lambda _: purchases()},
    ),
    "nobody came back": Example(
        "recommend",
        changed(purchases, lambda rows: rows.drop_duplicates("customer")),
        "0 repeat purchases",
        {"some of them must come back": lambda _: purchases()},
    ),
    "only returns": Example("recommend", changed(purchases, column("amount", -5)), "all amounts are below 0", {}),
    "a purchase in the future": Example(
        "recommend", changed(purchases, cell("date", 3, "2199-01-01")), "is in the future", {}
    ),
    "a purchase before the first": Example(
        "recommend",
        changed(purchases, column("customer_since", lambda rows: rows["date"].mask(rows.index == 3, "2199-01-01"))),
        "is before the customer's first purchase",
        {},
    ),
    "days of a summary": Example(
        "recommend",
        summary,
        "this table has one row a customer",
        {"leave them out": Instead("")},
        line="--since 2024-02-01 --until 2024-12-01",
    ),
    "times in days": Example("recommend", summary, "assumed to be days", as_printed("--known unit_days=7")),
    "times in weeks": Example(
        "recommend", lambda: summary(7.0), "assumed to be weeks", as_printed("--known unit_days=7")
    ),
    "a customer twice": Example(
        "recommend",
        changed(summary, lambda rows: pd.concat([rows, rows.tail(1)])),
        "has a row already",
        {"keep one a customer": without(-1)},
    ),
    "never came back": Example(
        "recommend",
        changed(summary, lambda rows: rows.assign(recency=rows["recency"].mask(rows["frequency"] == 0, 4))),
        "is of a customer who never came back",
        {"it is 0": lambda _: summary()},
    ),
    "came back on the first day": Example(
        "recommend",
        changed(summary, lambda rows: rows.assign(frequency=rows["frequency"].mask(rows["recency"] == 0, 2))),
        "is of a customer who came back",
        {"repeats on the day of the first purchase do not count": lambda _: summary()},
    ),
    "nobody bought once": Example(
        "recommend",
        repeaters,
        "Nobody in it bought once only",
        {
            "add them": lambda _: purchases(),
            "--known one_time=120, or 0": "--known one_time=0",
            "say how many there are": "--known one_time=120",
        },
    ),
    "one-time buyers are there": Example(
        "recommend",
        purchases,
        "one_time is known, but the table has customers who bought once",
        {"leave it out": Instead("")},
        line="--known one_time=20",
    ),
    "what is shown": Example(
        "recommend",
        purchases,
        "How visits and drop-out depend on what is shown is not identified",
        as_printed("--known pull=.5 hold=1"),
    ),
    "no share": Example(
        "recommend",
        purchases,
        "margin_share is 30",
        {"it must be above 0 and at most 1": Instead("--known margin_share=.3")},
        line="--known margin_share=30",
    ),
    "too few visits": Example(
        "recommend",
        changed(shown, lambda log: log.head(90)),
        "at least 100 and 30",
        {"are needed": one_click},
    ),
    "clicks on nothing": Example(
        "recommend",
        changed(shown, cell("item", clicked(), "")),
        "was clicked where nothing was shown",
        {
            "name the item": one_click,
            "leave the click out": lambda log: log.assign(
                **{name: log[name].where(log["item"] != "", 0) for name in ("clicked", "bought")}
            ),
        },
    ),
    "two clicks": Example(
        "recommend",
        changed(shown, second_click, lambda log: log.drop(columns="bought")),
        "is the second click of this visit",
        {"keep one": one_click},
    ),
    "a place too far down": Example(
        "recommend",
        changed(shown, cell("position", 2, 40)),
        "is further down than the 20 places",
        {"leave such rows out": lambda log: log[log["position"] <= 20]},
    ),
    "two weights of a customer": Example(
        "recommend",
        changed(weighted, cell("weight", 4, 3)),
        "is not the only weight of this customer",
        {"write out visits": one_click},
    ),
    "too many weights": Example(
        "recommend",
        weighted,
        "weights add up to",
        {},
        limits={"envs_data.recommend.clicks.MOST_ROWS": 1000},
    ),
    "one place": Example(
        "recommend",
        changed(shown, lambda log: log[log["position"] == 1]),
        "one position only",
        {"log slates of several places": one_click},
    ),
    **refused(
        "recommend",
        shown,
        shown_in_the_future=("lies in the future", cell("date", -1, "2199-01-01")),
        a_place_twice=("is in this visit already", cell("position", 1, 1)),
        an_item_twice=("was shown in this visit already", cell("item", 1, shown()["item"].iloc[0])),
        two_dates_of_a_visit=("is not the only date of this visit", cell("date", 1, "2000-01-01")),
        bought_unclicked=("is bought without being clicked", lambda log: log.assign(bought=1)),
        visits_out_of_order=("is before an earlier visit", lambda log: log.assign(visit=-log["visit"] + 10**4)),
        no_clicks=("nobody ever clicked", lambda log: log.assign(clicked=0).drop(columns="bought")),
    ),
    **refused(
        "recommend",
        summary,
        last_bought_too_late=("is after the customer was last observed", cell("recency", 3, 10**4)),
    ),
}
