"""Tables of customers who buy: single purchases or one summary row a customer, read under their contracts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Unpack

import numpy as np
import pandas as pd

from envs_data.arrays import Floats
from envs_data.days import between
from envs_data.reading.layout import name_of
from envs_data.reading.source import RawTable, Source, open_table
from envs_data.recommend.bg_nbd import BgNbd, Cohort
from envs_data.recommend.purchase_rows import rows, spent, without_returns
from envs_data.recommend.spend import GammaSpend
from envs_data.table_reading import read_columns
from envs_data.tables import Asked, Column, Problems, Table, TableError, plain_name
from envs_data.totals import totals_of

WEEK = 7.0
TOTALS = (
    "totals, such as a row a day or a campaign, cannot tell who comes back: export a row a purchase, with the customer"
)
START = np.datetime64("2024-01-01")
# The largest amount, and the longest time in any unit.
MOST, LONGEST = 1e9, 1e6
DATE = ("date", "day", "order_date", "invoice_date", "purchased_on", "time", "datum", "datetime", "timestamp")
SPENT = ("amount", "spend", "revenue", "value", "total", "umsatz")
# Names of a column that tells how much somebody liked something.
RATED = frozenset({"rating", "ratings", "stars", "score", "review_score"})

PURCHASES: dict[str, Column] = {
    "customer": Column(("customer", "customer_id", "user", "user_id", "id", "client"), "text", True, blank=False),
    "date": Column(DATE, "date", True, blank=False),
    "amount": Column(SPENT, low=-MOST, high=MOST, blank=False),
    "price": Column(("price", "unit_price", "preis"), low=-MOST, high=MOST, blank=False),
    "quantity": Column(("quantity", "qty", "units", "menge", "anzahl"), low=-MOST, high=MOST, blank=False),
    "since": Column(("since", "customer_since", "first_purchase", "registered", "signup"), "date"),
}  # fmt: skip
SUMMARY: dict[str, Column] = {
    "customer": Column(("customer", "customer_id", "user", "user_id", "id", "client"), "text"),
    "frequency": Column(("frequency", "repeats", "repeat_purchases", "x"), "number", True, 0, LONGEST, True, False),
    "recency": Column(("recency", "last_purchase", "t_x", "tx"), "number", True, 0, LONGEST, blank=False),
    "age": Column(("age", "t", "tenure", "observed", "t_cal"), "number", True, 0, LONGEST, blank=False),
    "amount": Column(("amount", "mean_amount", "monetary", "monetary_value", "zbar"), low=0, high=MOST),
}


@dataclasses.dataclass(frozen=True)
class Customers:
    """What a table says of customers. Times are days.

    Attributes:
        cohort: repeat purchases of each, on separate days.
        amount: [customers] mean amount of the repeat purchases; NaN if none is known.
        purchases: all purchases by day: ``customer`` (number), ``day`` (since the first day of the table), ``amount``;
            None for a summary.
        unit: days in the table's unit of time.
    """

    cohort: Cohort
    amount: Floats
    purchases: pd.DataFrame | None
    unit: float


def is_summary(frame: pd.DataFrame, columns: Mapping[str, str] | None = None) -> bool:
    """Whether a table has a row a customer, and not one a purchase."""
    given, names = columns or {}, frame.columns.astype(str)
    summary = name_of("frequency", SUMMARY, given, names)
    return bool(summary) and ("frequency" in given or "date" not in names.str.lower())


def read_customers(source: Source, unit: float | None = None, **asked: Unpack[Asked]) -> tuple[Table, Customers]:
    """Reads purchases (customer, date, amount) or a summary (frequency, recency, age).

    Args:
        source: path of a CSV file, or a DataFrame.
        unit: days in a summary's unit of time; None to tell weeks from days by their fractions.
        **asked: ``columns``, and only with dates ``since`` and ``until``; customers who first bought before ``since``
            are left out.

    Returns:
        The table under its contract, and what it says of customers.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    raw = open_table(source)
    columns = asked.get("columns")
    if is_summary(raw.frame, columns):
        if asked.get("since") or asked.get("until"):
            raise TableError(
                raw.where,
                ["--since and --until need a column of dates; this table has one row a customer: leave them out"],
            )
        return _read_summary(raw, columns, unit)
    return _read_purchases(raw, asked)


def _read_summary(raw: RawTable, columns: Mapping[str, str] | None, unit: float | None) -> tuple[Table, Customers]:
    table = read_columns(raw, SUMMARY, columns, _refuse_summary)
    frame = table.frame
    days, note = _unit_of(frame["age"], unit)
    cohort = Cohort(
        frame["frequency"].to_numpy().astype(np.int64),
        frame["recency"].to_numpy(dtype=np.float64) * days,
        frame["age"].to_numpy(dtype=np.float64) * days,
    )
    amount = frame["amount"].to_numpy(dtype=np.float64) if "amount" in frame else np.full(len(frame), np.nan)
    return dataclasses.replace(table, notes=(*table.notes, *note)), Customers(cohort, amount, None, days)


def _unit_of(age: pd.Series, unit: float | None) -> tuple[float, tuple[str, ...]]:
    """Days in the unit of time; weeks show by fractions that are sevenths."""
    if unit is not None:
        return unit, ()
    sevenths = np.abs(age * WEEK - (age * WEEK).round()).max() < 0.05 * WEEK
    if sevenths and (age % 1 > 0.01).any():
        return WEEK, ("Times are assumed to be weeks, because their fractions are sevenths (--known unit_days=7).",)
    return 1.0, ("Times are assumed to be days (--known unit_days=7 for weeks).",)


def _refuse_summary(problems: Problems) -> None:
    """Refuses what no summary of customers can hold."""
    frame = problems.frame
    never, recency = frame["frequency"] == 0, frame["recency"]
    problems.cells("recency", recency > frame["age"] + 1e-9, "is after the customer was last observed")
    problems.cells("recency", never & (recency > 0), "is of a customer who never came back; it is 0")
    what = "is of a customer who came back; repeats on the day of the first purchase do not count"
    problems.cells("recency", (frame["frequency"] > 0) & (recency == 0), what)
    if "customer" in frame:
        twice = frame["customer"].notna() & frame["customer"].duplicated()
        problems.cells("customer", twice, "has a row already; keep one a customer")


def _read_purchases(raw: RawTable, asked: Asked) -> tuple[Table, Customers]:
    try:
        table = read_columns(raw, PURCHASES, asked.get("columns"), _refuse_purchases)
    except TableError as error:
        totals = [TOTALS] if _holds_totals(raw, asked.get("columns")) else []
        raise TableError(error.where, [*error.problems, *totals]) from None
    frame = _inside(table.frame, asked.get("since"), asked.get("until"), table.where)
    frame, *notes = without_returns(spent(frame.assign(customer=_plain_names(frame["customer"]))), table.where)
    customers = customers_of(frame)
    assert customers.purchases is not None
    again = len(frame) - len(customers.purchases)
    rated = next((str(name) for name in raw.frame if plain_name(name) in RATED), "")
    if rated:
        notes.append(f"Column {rated}: a row is a rating, and counts as a purchase on its day.")
    if again:
        notes.append(f"{rows(again)} of a customer and day that has one already: together they are one purchase.")
    return dataclasses.replace(table, frame=frame, notes=(*table.notes, *notes)), customers


def _holds_totals(raw: RawTable, columns: Mapping[str, str] | None) -> bool:
    """Whether a table names no customer, and has a row a day or columns of totals."""
    names = [str(name) for name in raw.frame]
    customer, date = (name_of(meaning, PURCHASES, columns or {}, names) for meaning in ("customer", "date"))
    if customer or len({*names}) < len(names):
        return False
    return bool(totals_of(raw) or (date in names and raw.frame[date].is_unique))


def _plain_names(names: pd.Series) -> pd.Series:
    """Names of customers; where all are numbers, without the .0 that spreadsheets add."""
    numbers = names.str.fullmatch(r"\d+(?:\.0)?").all()
    return names.str.removesuffix(".0") if numbers else names


def _refuse_purchases(problems: Problems) -> None:
    """Refuses purchases at impossible times."""
    frame = problems.frame
    problems.cells("date", frame["date"] > pd.Timestamp.now(), "is in the future")
    if "since" in frame:
        problems.cells("date", frame["date"] < frame["since"], "is before the customer's first purchase")


def _inside(frame: pd.DataFrame, since: str | None, until: str | None, where: str) -> pd.DataFrame:
    """Purchases up to a day of customers who first bought from another day on."""
    first = frame.assign(date=frame.groupby("customer")["date"].transform("min"))
    return between(frame.loc[between(first, since, None, where).index], None, until, where)


def customers_of(frame: pd.DataFrame) -> Customers:
    """Customers by what they bought; a day with several purchases is one purchase.

    Args:
        frame: ``customer``, ``date`` and, where known, ``amount``; the last date is the last day observed.
    """
    money = frame["amount"] if "amount" in frame else pd.Series(np.nan, index=frame.index)
    day = (frame["date"] - frame["date"].min()).dt.days
    rows = pd.DataFrame({"customer": frame["customer"], "day": day, "amount": money})
    purchases = rows.groupby(["customer", "day"], as_index=False).sum(min_count=1)
    purchases["customer"] = pd.factorize(purchases["customer"])[0]
    return summarised(purchases, float(day.max()))


def with_one_time(customers: Customers, count: int) -> Customers:
    """The same with customers who bought once, observed as long as the others were.

    Args:
        customers: those of the table, who all came back.
        count: how many to add.
    """
    age = np.quantile(customers.cohort.age, (np.arange(count) + 0.5) / max(count, 1)).round()
    none = np.zeros(count)
    cohort = Cohort(*(np.append(part, more) for part, more in zip(customers.cohort, (none, none, age), strict=True)))
    cohort = cohort._replace(frequency=cohort.frequency.astype(np.int64))
    bought = customers.purchases
    if bought is not None:
        numbers = np.arange(count) + len(customers.cohort.age)
        more = pd.DataFrame({"customer": numbers, "day": bought["day"].max() - age.astype(np.int64), "amount": np.nan})
        bought = pd.concat([bought, more], ignore_index=True)
    return Customers(cohort, np.append(customers.amount, np.full(count, np.nan)), bought, customers.unit)


def summarised(purchases: pd.DataFrame, last: float) -> Customers:
    """Customers by their purchases up to a day.

    Args:
        purchases: ``customer`` (number), ``day`` and ``amount``, sorted by the first two.
        last: the last day observed.
    """
    known = purchases[purchases["day"] <= last]
    grouped = known.groupby("customer")["day"]
    first, latest, count = grouped.min(), grouped.max(), grouped.count()
    repeats = known[known["day"] > known["customer"].map(first)]
    amount = repeats.groupby("customer")["amount"].mean().reindex(first.index)
    cohort = Cohort(
        (count - 1).to_numpy().astype(np.int64),
        (latest - first).to_numpy(dtype=np.float64),
        (last - first).to_numpy(dtype=np.float64),
    )
    return Customers(cohort, amount.to_numpy(dtype=np.float64), purchases, 1.0)


def generate(
    law: BgNbd, spend: GammaSpend, customers: int = 1000, days: int = 364, joining: int = 84, seed: int = 0
) -> pd.DataFrame:
    """The purchases a shop with these customers would have on its books.

    Args:
        law: when they come back, in days.
        spend: what they spend.
        customers: how many there are.
        days: days of the table.
        joining: first days in which first purchases are made, evenly.
        seed: same seed, same table.

    Returns:
        A row a purchase, the first ones included, by date: customer, date, amount (to the cent, at least one).
    """
    rng = np.random.default_rng(seed)
    first = rng.integers(min(joining, days), size=customers)
    later = law.draw_purchases(rng, (days - first).astype(np.float64))
    who = np.concatenate([np.arange(customers), later.customer])
    day = np.concatenate([first, first[later.customer] + later.time.astype(np.int64)])
    amount = np.maximum(spend.draw(rng, who, customers).round(2), 0.01)
    order = np.lexsort((who, day))
    return pd.DataFrame(
        {
            "customer": [f"c{number:05d}" for number in who[order]],
            "date": pd.Series(START + day[order]).dt.strftime("%Y-%m-%d"),
            "amount": amount[order],
        }
    )
