"""Reading tables under a contract: what is recognised, and what is said when something is wrong."""

import pickle

import pandas as pd
import pytest

from envs_data.reading.source import open_table
from envs_data.table_reading import check_values, parse, recognise
from envs_data.tables import Column, TableError

CONTRACT = {
    "date": Column(("date", "day"), "date", required=True, blank=False),
    "units": Column(("units", "qty"), required=True, low=0, whole=True, blank=False),
    "price": Column(("price",), low=0),
}


def problems_of(call, *args):
    with pytest.raises(TableError) as caught:
        call(*args)
    return caught.value.problems


def parsed_dates(cells):
    return parse(open_table(pd.DataFrame({"date": cells})), CONTRACT, {"date": "date"})[0]["date"].tolist()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_with_the_header_as_row_one(tmp_path, separator):
    path = tmp_path / "sales.csv"
    path.write_text(f"Day {separator} Qty\n2025-01-06{separator}3\n", encoding="utf-8-sig")
    raw = open_table(path)
    assert list(raw.frame.index) == [2]
    assert recognise(raw, CONTRACT, None) == {"date": "Day", "units": "Qty"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"\n \n", "it is empty"),
        (b"date,units\n", "it has a header and no rows"),
        (b"date,caf\x81\n2025-01-06,1\n", "row 1: not UTF-8 text; save the table as CSV in UTF-8"),
        (b"PK\x03\x04\x00\x00", "it is not a CSV file (binary content); export it as CSV in UTF-8"),
    ],
)
def test_file_that_is_no_table(tmp_path, content, said):
    path = tmp_path / "sales.csv"
    path.write_bytes(content)
    assert problems_of(open_table, path) == (said,)


def test_ragged_file_names_the_line(tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text("date,units\n2025-01-06,1\n2025-01-07,1,2,3\n")
    assert "row 3 has 4 cells, and the header 2" in problems_of(open_table, path)[0]


def test_missing_file_and_folder(tmp_path):
    assert problems_of(open_table, tmp_path / "no.csv") == ("no such file",)
    assert problems_of(open_table, tmp_path) == ("it is a folder, not a table",)


def test_missing_columns_say_what_was_found_and_the_remedy():
    frame = pd.DataFrame({"when": ["2025-01-06"], "sold_today": [1]})
    found = problems_of(recognise, open_table(frame), CONTRACT, None)
    said = "no column for date and units; found: when, sold_today; name yours with --columns date=NAME units=NAME"
    assert found == (said,)


def test_wrong_mapping_is_told_all_at_once():
    frame = pd.DataFrame({"day": ["2025-01-06"], "qty": [1]})
    found = problems_of(recognise, open_table(frame), CONTRACT, {"unit": "qty", "date": "dya"})
    assert found == (
        "unknown column meaning 'unit'; did you mean 'units'?",
        "unknown column 'dya'; did you mean 'day'?",
    )


def test_own_mapping_wins_over_recognition():
    frame = pd.DataFrame({"date": [1], "day": [2], "units": [3], "qty": [4]})
    assert recognise(open_table(frame), CONTRACT, {"units": "qty", "date": "day"}) == {"date": "day", "units": "qty"}


def test_every_bad_cell_is_named_and_long_lists_are_capped():
    frame = pd.DataFrame({"date": ["x"] * 8, "units": ["-1", "1.5", "", "two", "3", "4", "5", "6"]})
    mapping = {"date": "date", "units": "units"}
    values, unreadable, _ = parse(open_table(frame), CONTRACT, mapping)
    assert unreadable[5] == "column 'date': ... and 3 more rows like these"
    assert unreadable[6] == "row 5, column 'units': 'two' is not a number"
    assert unreadable[7].startswith("row 4, column 'units': the cell is empty")
    assert check_values(values, CONTRACT, mapping) == [
        "row 2, column 'units': -1 is less than 0",
        "row 3, column 'units': 1.5 is not a whole number",
    ]


@pytest.mark.parametrize(
    "cells", [["2025-02-01", "2025-02-13"], ["01.02.2025", "13.02.2025"], ["20250201", "20250213"]]
)
def test_notations_of_dates(cells):
    assert list(parsed_dates(cells)) == [pd.Timestamp("2025-02-01"), pd.Timestamp("2025-02-13")]


def test_day_and_month_are_told_apart_or_refused():
    assert parsed_dates(["01/02/2025", "13/02/2025"])[0] == pd.Timestamp("2025-02-01")
    assert parsed_dates(["02/01/2025", "02/13/2025"])[0] == pd.Timestamp("2025-02-01")
    _, problems, _ = parse(open_table(pd.DataFrame({"date": ["01/02/2025", "03/04/2025"]})), CONTRACT, {"date": "date"})
    assert problems == [
        "column 'date': 01/02/2025 may be day-month-year or month-day-year; "
        "say which: --read dates=dmy or --read dates=mdy"
    ]


def test_error_survives_pickling():
    error = pickle.loads(pickle.dumps(TableError("sales.csv", ["a", "b"])))
    assert (error.where, error.problems) == ("sales.csv", ("a", "b"))
