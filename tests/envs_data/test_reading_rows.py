"""What a row stands for: its period, lines of orders, returns, wide tables, and days without a row."""

import numpy as np
import pandas as pd
import pytest

from envs_data.excerpts import excerpts
from envs_data.pricing.reading import read_sales
from envs_data.reading.rows import spacing
from envs_data.reading.source import ReadAs
from envs_data.restock.reading import read_items, read_table
from envs_data.table_reading import suggested_unit
from envs_data.tables import TableError

DAYS = pd.date_range("2024-03-04", periods=28)


def daily(**columns):
    return pd.DataFrame({"date": DAYS, "units": np.arange(28) % 5 + 1} | columns)


def shop():
    """Bread every day, labels twice a week, both without rows of zero."""
    labels = daily(item="labels", units=4)[::4]
    return pd.concat([daily(item="bread"), labels], ignore_index=True)


def problems_of(frame, read=read_table, **options):
    with pytest.raises(TableError) as caught:
        read(ReadAs(frame, options))
    return caught.value.problems


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (pd.date_range("2024-01-31", periods=8, freq="ME"), "month"),
        (pd.date_range("2024-01-01", periods=8, freq="MS"), "month"),
        (pd.date_range("2024-01-01", periods=30, freq="7D").delete([3, 9]), "week"),
        (pd.date_range("2024-01-01", periods=30), "day"),
        (pd.bdate_range("2024-01-01", periods=30), "day"),
        (pd.date_range("2024-01-01", periods=3, freq="7D"), "day"),
    ],
)
def test_rows_that_are_weeks_or_months_are_never_days(found, expected):
    assert spacing(pd.Series(found)) == expected


@pytest.mark.parametrize(("freq", "word"), [("ME", "month"), ("7D", "week")])
def test_restocking_refuses_rows_that_are_no_days(freq, word):
    frame = pd.DataFrame({"date": pd.date_range("2023-01-31", periods=24, freq=freq), "units": 870})
    said = f"column 'date': a row is a {word}, and restocking decides every day; give the table a row for each day"
    assert problems_of(frame) == (f"{said}; if these are days all the same, say --read every=day",)
    assert len(read_table(ReadAs(frame, {"every": "day", "missing": "closed"})).frame) == 24
    assert "--read every=week, and restocking decides every day" in problems_of(daily(), every="week")[0]


def test_a_thing_sold_on_one_weekday_does_not_make_the_others_weeks():
    flowers = pd.concat([daily(item="bread"), daily(item="flowers", units=9)[5::7]], ignore_index=True)
    assert (read_items(flowers).frame["units"] == 0).sum() == 24
    assert len(read_table(excerpts(flowers, "item")["flowers"]).frame) == 28
    weekly = pd.DataFrame({"date": DAYS[::7].repeat(2), "item": ["a", "b"] * 4, "units": 5})
    assert "a row is a week" in problems_of(weekly, read_items)[0]


# Lines of orders.


def test_lines_of_orders_are_added_up_and_lines_without_units_counted():
    lines = shop().loc[lambda rows: rows.index.repeat(rows["units"])]
    counted = read_items(lines[["date", "item"]].reset_index(drop=True))
    added = read_items(lines.assign(units=1, ticket=range(len(lines))).reset_index(drop=True))
    assert "a row as an order line, rows counted" in counted.notes[0]
    assert "a row as an order line, units added up" in added.notes[0]
    for read in (counted, added):
        assert read.frame["units"].tolist() == read_items(shop()).frame["units"].tolist()


def test_hours_are_added_up_to_days():
    hours = pd.DataFrame({"date": pd.date_range("2024-03-04", periods=24 * 20, freq="h"), "units": 2})
    assert read_table(hours).frame["units"].tolist() == [48.0] * 20


def test_prices_of_lines_are_weighted_by_units_and_stock_is_the_last():
    lines = pd.DataFrame({"date": DAYS.repeat(2), "units": [1, 3] * 28, "price": [2.0, 4.0] * 28, "stock": [9, 6] * 28})
    day = read_table(lines).frame.iloc[0]
    assert day[["units", "price", "on_hand"]].tolist() == [4.0, 3.5, 6.0]


def test_a_few_repeated_days_are_slips_unless_the_user_says_lines():
    twice = pd.concat([daily(), daily()[:1]], ignore_index=True)
    assert problems_of(twice) == (
        "row 30, column 'date': 2024-03-04 has a row already with the same date; --read rows=lines adds them up",
    )
    assert read_table(ReadAs(twice, {"rows": "lines"})).frame["units"].iloc[0] == 2.0
    lines = pd.concat([daily(), daily()], ignore_index=True)
    assert len(problems_of(lines, rows="days")) == 6


def test_rows_are_not_counted_where_a_column_may_hold_the_amount():
    frame = daily(item="bread").rename(columns={"units": "pieces"})
    assert "no column for units; found: date, pieces, item" in problems_of(frame)[0]


def test_lines_of_priced_sales_are_added_up_by_product():
    lines = pd.DataFrame(
        {"date": DAYS.repeat(2), "product": "tea", "price": [2.0, 4.0, 3.0, 5.0] * 14, "qty": [1, 3] * 28}
    )
    assert read_sales(lines).frame[["price", "units"]].iloc[0].tolist() == [3.5, 4.0]
    weeks = read_sales(ReadAs(lines, {"every": "week"}))
    assert weeks.frame["units"].tolist() == [28.0] * 4
    assert "days added up to weeks" in weeks.notes[0]


# Returns and units.


def test_returns_are_taken_off_what_was_sold_before():
    frame = daily(units=[3] * 10 + [-4] + [2] * 17)
    read = read_table(frame)
    assert read.frame["units"].tolist() == [3.0] * 8 + [2.0, 0.0, 0.0] + [2.0] * 17
    assert read.notes == ("1 day ended with more units returned than sold; they are taken off the days before.",)


def test_kilos_are_counted_in_a_unit_that_the_user_names():
    kilos = daily(units=np.resize([12.5, 10.25, 11.0, 9.75], 28), price=2.0)
    said = problems_of(kilos)
    assert said[0] == "row 2, column 'units': 12.5 is not a whole number"
    assert said[-1] == (
        "column 'units': if it holds kilos or money, say how much counts as one unit: --known unit=0.25"
    )
    read = read_table(kilos, unit_size=0.25).frame
    assert read["units"].head(4).tolist() == [50.0, 41.0, 44.0, 39.0]
    assert set(read["price"]) == {0.5}


def test_the_unit_suggested_is_common_or_round():
    assert suggested_unit(pd.Series([12.5, 10.25, 11.0])) == 0.25
    assert suggested_unit(pd.Series([431.172, 388.931, 502.404])) == 10.0


# Stores.


def test_rows_of_several_stores_are_told_apart_by_name():
    frame = pd.concat([daily(store="north"), daily(store="south", units=1)], ignore_index=True)
    assert problems_of(frame) == (
        "column 'store': 2 stores (north, south); fit each by itself with --each store -o FOLDER, one with --read "
        "store=north, or their sum with --read store=sum",
    )
    assert read_table(ReadAs(frame, {"store": "south"})).frame["units"].tolist() == [1.0] * 28
    assert read_table(ReadAs(frame, {"store": "sum"})).frame["units"].head(2).tolist() == [2.0, 3.0]
    assert problems_of(frame, store="east")[0].endswith("no such store; there are north, south")
    assert problems_of(daily(), store="east")[0].startswith("--read store=east: the table has no column for the store;")


# Wide tables.


def test_a_wide_table_is_turned():
    units = daily()["units"]
    wide = daily(bread=units, labels=units + 1, tea=units * 2, year=2024).drop(columns="units")
    read = read_items(wide)
    assert read.notes[0] == "Read with a column for each item (bread, labels, tea)."
    assert read.frame["item"].unique().tolist() == ["bread", "labels", "tea"]
    assert read.frame.loc[read.frame["item"] == "bread", "units"].tolist() == daily()["units"].tolist()
    assert read_table(wide, columns={"units": "bread"}).frame["units"].sum() == 81


def test_columns_that_may_be_no_items_are_asked_about():
    units = daily()["units"]
    wide = daily(bread=units, rolls=units + 1, temperature=units).drop(columns="units")
    assert problems_of(wide, read_items) == (
        "no column for units; found: date, bread, rolls, temperature; name it with --columns units=NAME, or count the "
        "rows with --read rows=lines, or say --read rows=wide if each of bread, rolls is an item",
    )
    assert read_items(ReadAs(wide, {"rows": "wide"})).frame["item"].nunique() == 2


# Days without a row.


def test_a_day_without_a_row_is_zero_where_others_were_sold():
    read = read_items(shop())
    labels = read.frame[read.frame["item"] == "labels"]
    assert labels["units"].tolist() == [4.0, 0.0, 0.0, 0.0] * 7
    assert read.notes == ("21 days of a thing without a row count as 0: others were sold.",)
    part = excerpts(shop(), "item")["labels"]
    assert read_table(part).frame["units"].tolist() == labels["units"].tolist()
    assert len(read_table(part, since="2024-03-11", until="2024-03-24").frame) == 14
    closed = read_items(ReadAs(shop(), {"missing": "closed"}))
    assert len(closed.frame) == 35
    assert closed.notes == ("21 days of a thing without a row are not observed: as you said.",)


def test_days_on_which_nothing_was_sold_are_closed():
    read = read_items(shop()[lambda rows: rows["date"].dt.day_of_week < 6])
    assert read.notes[1] == "3 days of 27 have no row at all: closed, not observed."
    assert set(read.frame["date"].dt.day_of_week) == {0, 1, 2, 3, 4, 5}


def test_a_thing_that_came_later_was_not_sold_before():
    late = pd.concat([daily(item="bread"), daily(item="rolls")[15:]], ignore_index=True)
    read = read_items(late)
    assert (read.frame["item"] == "rolls").sum() == 13
    assert read.notes == ("15 days of a thing without a row are not observed: before a thing's first row.",)


def test_one_item_with_gaps_is_asked_about_unless_they_keep_to_weekdays():
    gaps = daily().drop(index=[3, 9, 17])
    assert problems_of(gaps) == (
        "column 'date': 3 days of 28 have no row (2024-03-07, 2024-03-13, 2024-03-21); say whether nothing was sold "
        "then or the shop was closed: --read missing=zero or --read missing=closed",
    )
    zero, closed = (read_table(ReadAs(gaps, {"missing": word})) for word in ("zero", "closed"))
    assert (zero.frame["units"] == 0).sum() == 3
    assert zero.notes == ("3 days of 28 have no row: they count as 0, as you said.",)
    assert len(closed.frame) == 25
    assert closed.notes == ("3 days of 28 have no row: closed, not observed, as you said.",)
    sundays = read_table(daily()[lambda rows: rows["date"].dt.day_of_week < 6])
    assert sundays.notes == ("3 days of 27 have no row, all of them Sundays: closed, not observed.",)
