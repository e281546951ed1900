"""What a row stands for."""

import numpy as np
import pandas as pd
import pytest

from envs_data.reading.rows import add_lines, are_lines, ask_about, days_of, spacing


def dates(*texts):
    return pd.Series(pd.to_datetime(texts))


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


def test_lines_are_told_from_a_slip():
    day = pd.date_range("2024-01-01", periods=50).to_series()
    assert are_lines(pd.DataFrame({"date": [*day, *day[:20]]}), ["date"])
    assert not are_lines(pd.DataFrame({"date": [*day, day.iloc[0]]}), ["date"])


def test_lines_add_up_with_the_mean_price_of_a_unit():
    lines = pd.DataFrame(
        {
            "date": dates("2024-01-01", "2024-01-01", "2024-01-02").to_numpy(),
            "units": [1.0, 3.0, 2.0],
            "price": [2.0, 4.0, 5.0],
            "on_hand": [9.0, 6.0, 4.0],
        },
        index=[2, 3, 4],
    )
    added = add_lines(lines, ["date"], ["units"], "units")
    assert added.index.tolist() == [2, 4]
    assert added.columns.tolist() == lines.columns.tolist()
    assert added["units"].tolist() == [4.0, 2.0]
    assert added["price"].tolist() == [3.5, 5.0]
    assert added["on_hand"].tolist() == [6.0, 4.0]


def test_a_line_without_a_price_does_not_lower_the_mean():
    lines = pd.DataFrame({"date": dates("2024-01-01", "2024-01-01"), "units": [1.0, 3.0], "price": [2.0, np.nan]})
    assert add_lines(lines, ["date"], ["units"], "units")["price"].tolist() == [2.0]


def test_nothing_was_sold_of_an_item_on_days_on_which_others_were():
    bread = dates("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07")
    found = days_of(dates("2024-03-04", "2024-03-06"), bread)
    assert found.zero.tolist() == [pd.Timestamp("2024-03-05"), pd.Timestamp("2024-03-07")]
    assert found.sentence == "days: 2 with a row, 2 without one, on which other items were sold: 0 units"


def test_an_item_is_not_sold_before_its_first_row():
    assert not len(days_of(dates("2024-03-07"), dates("2024-03-04", "2024-03-07")).zero)


def test_a_shop_that_is_always_shut_on_sundays_is_closed():
    found = days_of(pd.Series(pd.bdate_range("2024-01-01", periods=30)))
    assert len(found.closed) == 10
    assert not len(found.open)


def test_a_day_of_which_nobody_knows_is_asked_about():
    found = days_of(pd.Series(pd.date_range("2024-01-01", periods=20).delete([3, 8, 9, 12])))
    assert ask_about(found) == (
        "4 of 20 days have no row (2024-01-04, 2024-01-09, 2024-01-10, ...), and the table does not say why; "
        "if nothing was sold on them: --read missing=zero; if the shop was closed: --read missing=closed"
    )
