"""What a row stands for."""

import pandas as pd
import pytest

from envs_data.reading.rows import spacing
from envs_data.restock.reading import read_table
from envs_data.tables import TableError


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
    dates = pd.date_range("2023-01-31", periods=24, freq=freq)
    with pytest.raises(TableError, match=f"a row is a {word}, and restocking decides every day"):
        read_table(pd.DataFrame({"date": dates, "units": 870}))


def test_rows_of_several_stores_are_told_apart_by_name():
    frame = pd.DataFrame({"date": ["2024-03-04", "2024-03-04"], "store": [1, 2], "units": [12, 9]})
    with pytest.raises(TableError, match=r"column 'store': 2 stores \(1, 2\); fit each by itself: --each store"):
        read_table(frame)
