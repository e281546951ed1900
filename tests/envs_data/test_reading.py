"""One reading of any table: notation never changes what is read, and what is ambiguous by itself is refused."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bizgyms
from baselines.cli.entry import main
from envs_data.parameters import ParameterError
from envs_data.reading.cells import CellReader
from envs_data.reading.dates import BY_NAME, read_dates
from envs_data.reading.numbers import Notation, notation, number
from envs_data.reading.source import RawTable, ReadAs, open_table
from envs_data.tables import TableError


def write(tmp_path, text, encoding="utf-8", name="t.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def column(cells, kind, **options):
    raw = open_table(ReadAs(pd.DataFrame({"c": cells}), options))
    reader = CellReader(raw, ["c"] if kind == "number" else [])
    return reader, reader.read("c", kind)


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1.234,56 €", "comma", 1234.56),
        ("€2.00", "point", 2.0),
        ("$1,234", "point", 1234.0),
        ("CHF 1'234.50", "point", 1234.5),
        ("1 234,5", "comma", 1234.5),
        ("1\u202f234,5", "comma", 1234.5),
        ("(12)", "point", -12.0),
        ("5-", "point", -5.0),
        ("\u22125", "point", -5.0),
        ("-€5", "point", -5.0),
        ("1.5E+10", "point", 1.5e10),
        ("12,345,678", "point", 12345678.0),
    ],
)
def test_numbers_as_people_write_them(text, mark, value):
    assert number(text, mark) == value


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "12 34", "1,23,4", "--5", "1e999", ".", ",", "€", "0.1.2"])
def test_what_is_no_number(text):
    assert np.isnan(number(text, "point"))


@given(st.floats(-1e9, 1e9).map(lambda x: round(x, 2)), st.booleans(), st.sampled_from(["", "€", " EUR"]))
def test_a_number_is_the_same_in_every_notation(value, grouped, sign):
    plain = f"{value:,.2f}" if grouped else f"{value:.2f}"
    german = plain.translate(str.maketrans(",.", ".,"))
    french = plain.translate(str.maketrans(",.", "\u00a0,"))
    assert number(plain + sign, "point") == number(german + sign, "comma") == number(french + sign, "comma") == value
    assert notation([plain]) == Notation(point=plain)
    assert notation([german]) == Notation(comma=german)


@given(st.integers(1_000, 999_999).filter(lambda n: n % 10))
def test_a_mark_before_three_digits_may_be_either(value):
    german = f"{value:,}".replace(",", ".")
    assert notation([german]) == Notation(either=german)
    assert (number(german, "point"), number(german, "comma")) == (float(german), value)


def test_an_ambiguous_number_is_refused_with_both_readings():
    reader, _ = column(["320", "1.040"], "number")
    assert reader.problems() == [
        "row 3, column 'c': '1.040' may be 1.04 or 1,040; say which: --read decimal=point or --read decimal=comma"
    ]
    for mark, value in (("point", 1.04), ("comma", 1040.0)):
        reader, cells = column(["320", "1.040"], "number", decimal=mark)
        assert not reader.problems()
        assert cells.values.tolist() == [320.0, value]


def test_a_column_in_two_decimal_notations_is_refused():
    reader, _ = column(["3,50", "2.50"], "number")
    (problem,) = reader.problems()
    assert problem.startswith("row 2, column 'c': '3,50' has a decimal comma, and '2.50' a decimal point")


@pytest.mark.parametrize(("beside", "value"), [("3,50", 1040.0), ("3.50", None)])
def test_another_column_tells_a_thousand_and_no_more(beside, value):
    reader = CellReader(open_table(pd.DataFrame({"a": ["320", "1.040"], "b": [beside, beside]})), ["a", "b"])
    if value is None:
        assert "'1.040' may be 1.04 or 1,040" in reader.problems()[0]
    else:
        assert not reader.problems()
        assert reader.read("a", "number").values.tolist() == [320.0, value]


def test_columns_of_two_programs_are_read_each_in_its_own_notation():
    reader = CellReader(open_table(pd.DataFrame({"price": ["3,50"], "share": ["0.25"]})), ["price", "share"])
    assert not reader.problems()
    assert [reader.read(name, "number").values[2] for name in ("price", "share")] == [3.5, 0.25]


def test_an_excerpt_is_read_in_the_notation_of_the_whole():
    raw = open_table(pd.DataFrame({"price": ["3,50", "1.040"]}))
    part = raw.split("item", pd.Series(["a", "b"], index=raw.frame.index))["b"]
    reader = CellReader(part, ["price"])
    assert not reader.problems()
    assert reader.read("price", "number").values.tolist() == [1040.0]


@pytest.mark.parametrize("words", [("Y", "N"), ("yes", "no"), ("TRUE", "False"), ("ja", "nein")])
def test_yes_and_no_are_1_and_0(words):
    _, cells = column(list(words), "number")
    assert cells.values.tolist() == [1.0, 0.0]


def test_na_is_a_name_among_texts_and_empty_among_numbers(tmp_path):
    path = write(tmp_path, "item,units\nNA,3\nNone,NA\nnull,\n")
    reader = CellReader(open_table(path), ["units"])
    assert reader.read("item", "text").values.tolist() == ["NA", "None", "null"]
    units = reader.read("units", "number")
    assert units.blank.tolist() == [False, True, True]
    assert not units.problems


DATES = {
    "ymd": "%Y-%m-%d",
    "yyyymmdd": "%Y%m%d",
    "dmy": "%d.%m.%Y",
    "mdy": "%m/%d/%Y",
    "dby": "%d %b %Y",
    "bdy": "%B %d, %Y",
    "yyyymmddhhmmss": "%Y%m%d%H%M%S",
    "week": "%G-W%V-%u",
}


@given(
    st.lists(st.dates(datetime.date(1990, 1, 1), datetime.date(2040, 12, 31)), min_size=1), st.sampled_from([*DATES])
)
def test_a_date_is_the_same_in_every_notation(days, style):
    texts = pd.Series([day.strftime(DATES[style]) for day in days])
    found = read_dates(texts)
    assert style == "mdy" or found.style is BY_NAME[style]  # 01/02/2000 is a day in either order
    if found.rival is None:
        assert found.times.dt.date.tolist() == days
    else:
        assert {found.style.name, found.rival.name} == {"dmy", "mdy"}


@pytest.mark.parametrize(
    ("text", "style", "moment"),
    [
        ("13-01-2014", "dmy", "2014-01-13"),
        ("1/13/2014 3:05 PM", "mdy", "2014-01-13 15:05"),
        ("2025-03-30T08:00:00+02:00", "ymd", "2025-03-30 08:00"),
        ("20130612000102501", "yyyymmddhhmmss", "2013-06-12 00:01:02.501"),
        ("1609459200", "unix", "2021-01-01"),
        ("1609459200000", "unix_ms", "2021-01-01"),
        ("202301", "yyyymm", "2023-01-01"),
        ("Jan-23", "by", "2023-01-01"),
        ("März 2023", "by", "2023-03-01"),
        ("01/2023", "my", "2023-01-01"),
        ("31-Dec-99", "dby", "1999-12-31"),
        ("12:30 AM", None, None),
        ("0000-01-01", None, None),
        ("2024-02-30", None, None),
        ("-0.5", None, None),
    ],
)
def test_dates_as_people_write_them(text, style, moment):
    found = read_dates(pd.Series([text]))
    assert (found.style.name if found.style else None) == style
    assert found.times.iloc[0] is pd.NaT if moment is None else found.times.iloc[0] == pd.Timestamp(moment)


def test_a_date_that_may_be_two_is_refused_with_both():
    _, cells = column(["03/04/2024", "05/04/2024"], "date")
    assert cells.problems == (
        "column 'c': 03/04/2024 may be day-month-year or month-day-year; "
        "say which: --read dates=dmy or --read dates=mdy",
    )
    for style, month in (("dmy", 4), ("mdy", 3)):
        _, cells = column(["03/04/2024", "05/04/2024"], "date", dates=style)
        assert not cells.problems
        assert cells.values.iloc[0].month == month


def test_first_days_of_the_months_of_several_years_are_no_days_of_january():
    months = pd.date_range("2023-01-01", periods=14, freq="MS")
    _, cells = column(months.strftime("%d-%m-%Y").tolist(), "date")
    assert not cells.problems
    assert cells.values.dt.month.tolist() == months.month.tolist()
    _, cells = column(months.strftime("%m-%d-%Y").tolist(), "date")
    assert cells.values.dt.month.tolist() == months.month.tolist()
    _, cells = column(months[:12].strftime("%d-%m-%Y").tolist(), "date")
    assert "say which" in cells.problems[0], "twelve days of one January are as likely"


def test_a_column_in_two_notations_names_the_odd_row():
    _, cells = column(["13/01/2014", "14/01/2014", "2014-01-15"], "date")
    (problem,) = cells.problems
    assert problem.startswith("row 4, column 'c': '2014-01-15' is year-month-day, and most rows are day-month-year")


def test_summer_time_moves_the_clock_and_no_day():
    days = pd.date_range("2025-03-01", periods=60, tz="Europe/Berlin")
    _, cells = column([day.isoformat() for day in days], "date")
    assert not cells.problems
    assert cells.values.tolist() == days.tz_localize(None).tolist()


@pytest.mark.parametrize("odd", ["2025-01-07T00:00:00+01:00", "2025-01-07T00:00:00Z"])
def test_one_cell_with_a_zone_among_plain_dates_is_named(odd):
    _, cells = column(["2025-01-06", odd, "2025-01-08"], "date")
    assert cells.problems[0].startswith(f"row 3, column 'c': {odd!r} has a time zone, and most rows have none")


def test_times_of_several_places_are_refused():
    _, cells = column(["2025-01-06T00:00:00+01:00", "2025-01-07T00:00:00-05:00"], "time")
    assert "several time zones (+01:00, -05:00)" in cells.problems[0]


TABLE = [("date", "item", "price"), ("2025-01-06", "Café", "3.50"), ("2025-01-07", "Tee", "4.25")]


@given(
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_is_the_same_in_every_file(tmp_path_factory, separator, encoding, end):
    path = tmp_path_factory.mktemp("file") / "t.csv"
    path.write_bytes(end.join(separator.join(row) for row in TABLE).encode(encoding))
    raw = open_table(path)
    assert [tuple(raw.frame.columns), *raw.frame.itertuples(index=False, name=None)] == TABLE
    assert raw.frame.index.tolist() == [2, 3]


def test_lines_before_the_header_are_left_out_and_rows_keep_their_numbers(tmp_path):
    raw = open_table(write(tmp_path, "Sales report\n\ndate;units\n2025-01-06;3\n2025-01-07;4\n"))
    assert raw.frame.columns.tolist() == ["date", "units"]
    assert raw.frame.index.tolist() == [4, 5]
    assert raw.facts == ("a semicolon between cells", "2 lines before the header left out")


def test_excel_writes_its_separator_into_the_first_line(tmp_path):
    raw = open_table(write(tmp_path, "sep=;\ndate;units\n2025-01-06;3\n"))
    assert raw.frame.columns.tolist() == ["date", "units"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"date,units\n", "a header and no rows"),
        (b"\x00\x01\x02", "binary content"),
        (b"date,units\n2025-01-06,\x81\n", "row 2: not"),
    ],
)
def test_what_is_no_table(tmp_path, content, message):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(TableError, match=message):
        open_table(path)


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(TableError, match="no such file"):
        open_table(tmp_path / "none.csv")
    with pytest.raises(TableError, match="it is a folder"):
        open_table(tmp_path)


def test_options_that_do_not_exist_are_named_all_at_once():
    with pytest.raises(ParameterError) as raised:
        ReadAs(pd.DataFrame({"a": [1]}), {"decimals": "comma"}) and open_table(
            ReadAs(pd.DataFrame({"a": [1]}), {"decimals": "comma", "dates": "dmm"})
        )
    assert "did you mean 'decimal'" in str(raised.value)
    assert "did you mean 'dmy'" in str(raised.value)


def test_a_spreadsheet_and_a_parquet_file_are_read(tmp_path):
    frame = pd.DataFrame({"date": pd.to_datetime(["2025-01-06", "2025-01-07"]), "units": [3, 4]})
    pytest.importorskip("openpyxl")
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    raw = open_table(tmp_path / "t.xlsx")
    assert CellReader(raw, ["units"]).read("date", "date").values.tolist() == frame["date"].tolist()
    pytest.importorskip("pyarrow")
    frame.to_parquet(tmp_path / "t.parquet")
    assert isinstance(open_table(tmp_path / "t.parquet"), RawTable)


def plain(frame):
    return frame.to_csv(index=False)


def german(frame):
    cells = frame.assign(
        date=frame["date"].dt.strftime("%d.%m.%Y"), price=[f"{p:.2f} €".replace(".", ",") for p in frame["price"]]
    )
    return cells.astype(str).to_csv(index=False, sep=";", lineterminator="\r\n")


def american(frame):
    return frame.assign(
        date=frame["date"].dt.strftime("%m/%d/%Y %I:%M %p"), price=frame["price"].map("${:.2f}".format)
    ).to_csv(index=False)


def compact(frame):
    return frame.assign(date=frame["date"].dt.strftime("%Y%m%d")).to_csv(index=False, sep="\t")


@pytest.mark.parametrize(
    ("render", "encoding"), [(german, "cp1252"), (german, "utf-16"), (american, "utf-8-sig"), (compact, "utf-8")]
)
def test_a_notation_never_changes_a_fit(tmp_path, render, encoding):
    case = bizgyms.case("RestockItem")
    frame = case.generate(case.scenarios["corner-shop"], seed=3).head(200)
    frame = frame.assign(price=3.5).drop(columns="propensity")
    (tmp_path / "a.csv").write_bytes(plain(frame).encode())
    (tmp_path / "b.csv").write_bytes(render(frame).encode(encoding))
    one, other = (case.fit(tmp_path / name) for name in ("a.csv", "b.csv"))
    assert (one.parameters, one.origins, one.draws) == (other.parameters, other.origins, other.draws)
    assert one.back_test == other.back_test
    assert other.notes[0].startswith("Read with ")


def test_the_command_line_takes_a_notation_and_repeats_it(tmp_path, capsys):
    frame = bizgyms.case("RestockItem").generate(bizgyms.case("RestockItem").scenarios["corner-shop"], seed=3).head(60)
    frame["date"] = frame["date"].dt.strftime("%d/%m/%Y")
    path = tmp_path / "sales.csv"
    frame.head(6)[["date", "units"]].to_csv(path, index=False)
    assert main(["fit", "restock", str(path)]) == 2
    assert "--read dates=dmy or --read dates=mdy" in capsys.readouterr().err
    frame[["date", "units"]].to_csv(path, index=False)
    assert main(["fit", "restock", str(path), "--read", "dates=dmy", "decimal=point"]) == 0
    assert "--read decimal=point dates=dmy" in " ".join(capsys.readouterr().out.split())
