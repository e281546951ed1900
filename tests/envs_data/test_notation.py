"""How a table is written never changes what is read: any notation and layout gives the same rows, or a question."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bizgyms
from envs_data.pricing.reading import read_sales
from envs_data.reading.source import ReadAs
from envs_data.restock.reading import read_items
from envs_data.tables import TableError

ITEMS = ("Brötchen", "tea, green", "NA")
DATES = {
    "%Y-%m-%d": "ymd",
    "%d.%m.%Y": "dmy",
    "%m/%d/%Y": "mdy",
    "%d-%b-%Y": "dby",
    "%Y%m%d": "yyyymmdd",
    "%Y-%m-%d %H:%M:%S+02:00": "ymd",
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")


def sales(seed: int, items: int = 3) -> pd.DataFrame:
    """Thirty-five days of some items, with prices; the first and the last day sell something of each."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2024-01-29", periods=35)
    units = rng.poisson(rng.uniform(1.0, 6.0, items), (35, items))
    units[[0, -1]] = np.maximum(units[[0, -1]], 1)
    units[:, 0] += units.sum(axis=1) == 0  # a day on which nothing at all was sold cannot be told from a closed one
    price = 2.5 + np.arange(items) * 1000.0
    return pd.DataFrame(
        {
            "date": days.repeat(items),
            "item": np.tile(ITEMS[:items], 35),
            "units": units.ravel(),
            "price": np.tile(price, 35),
        }
    )


def as_lines(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Each day's units on one line or more, none for a day without sales, in any order within the day."""
    rows = frame.loc[frame.index.repeat(frame["units"])].assign(units=1)
    parts = rows.assign(part=rng.integers(0, 3, len(rows))).groupby(["date", "item", "part", "price"], as_index=False)
    lines = parts["units"].sum().drop(columns="part").sample(frac=1, random_state=0)
    return lines.sort_values("date", kind="stable")[[*frame.columns]]


def as_wide(frame: pd.DataFrame) -> pd.DataFrame:
    """A column for each item."""
    wide = frame.pivot_table("units", "date", "item", sort=False).astype(int).reset_index()
    wide.columns.name = None
    return wide


def number(value: float, decimal: str) -> str:
    text = f"{value:,.2f}"
    return text if decimal == "point" else text.translate(str.maketrans(",.", ".,"))


def written(frame: pd.DataFrame, style: str, separator: str, decimal: str, encoding: str) -> bytes:
    """A file."""
    texts = frame.assign(date=frame["date"].dt.strftime(style))
    if "price" in frame:
        texts["price"] = [number(value, decimal) for value in frame["price"]]
    return texts.to_csv(index=False, sep=separator).encode(encoding)


def rows_of(table: Path | pd.DataFrame, read: Mapping[str, str]) -> list[tuple[str, str, float]]:
    frame = read_items(ReadAs(table, read)).frame.sort_values(["date", "item"])
    return [(f"{date:%Y-%m-%d}", item, units) for date, item, units in frame[["date", "item", "units"]].to_numpy()]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    items=st.sampled_from((1, 2, 3)),
    style=st.sampled_from([*DATES]),
    separator=st.sampled_from(",;\t|"),
    decimal=st.sampled_from(("point", "comma")),
    encoding=st.sampled_from(ENCODINGS),
    layout=st.sampled_from(("days", "no zeros", "lines", "wide")),
    said=st.booleans(),
)
def test_any_rendering_is_read_alike_or_asked_about(
    tmp_path_factory, seed, items, style, separator, decimal, encoding, layout, said
):
    frame = sales(seed, items)
    kept = frame[frame["units"] > 0]
    shown = {
        "days": frame,
        "no zeros": kept,
        "lines": as_lines(frame, np.random.default_rng(seed)),
        "wide": as_wide(frame),
    }[layout]
    path = tmp_path_factory.mktemp("table") / "sales.csv"
    path.write_bytes(written(shown, style, separator, decimal, encoding))
    read = {"dates": DATES[style], "decimal": decimal, "missing": "zero"} if said else {}
    if layout == "wide":
        if items == 1:
            return  # a column of one item is a column of units under another name
        read |= {"rows": "wide"} if items == 2 else {}
    expected = rows_of(frame, {})
    # Only days without sales of a single item are asked about.
    if items == 1 and not said and layout in ("no zeros", "lines") and (frame["units"] == 0).any():
        with pytest.raises(TableError, match="--read missing=zero or --read missing=closed"):
            rows_of(path, read)
    else:
        assert rows_of(path, read) == expected


def test_a_rendering_gives_the_fit_of_the_plain_table(tmp_path):
    frame = sales(5)
    fit = bizgyms.case("RestockBox").fit
    means = {item.name: item.mean for item in fit(frame, known={"lead_time": 2}).parameters.items}
    lines = tmp_path / "lines.csv"
    lines.write_bytes(written(as_lines(frame, np.random.default_rng(1)), "%d.%m.%Y", ";", "comma", "cp1252"))
    for table in (lines, as_wide(frame).assign(price=1.0).drop(columns="price")):
        found = fit(table, known={"lead_time": 2, "price": 2.5})
        assert {item.name: item.mean for item in found.parameters.items} == means


@pytest.mark.parametrize("text", ["1.040", "2.500"])
def test_what_may_be_a_thousand_times_more_is_asked_about(tmp_path, text):
    path = tmp_path / "sales.csv"
    days = pd.date_range("2024-01-01", periods=20).strftime("%Y-%m-%d")
    pd.DataFrame({"date": days, "item": "a", "units": text}).to_csv(path, index=False)
    with pytest.raises(TableError, match=r"may be .* or .*; say which: --read decimal=point or --read decimal=comma"):
        read_items(path)


def test_priced_sales_are_read_alike_in_days_and_lines():
    frame = sales(3, 2).assign(price=np.resize([2.5, 3.0, 2.0, 4.0], 70))
    lines = as_lines(frame, np.random.default_rng(2))
    buffer = io.StringIO(lines.to_csv(index=False))
    days, added = (
        read_sales(table, columns={"product": "item"}).frame.sort_values(["date", "product"])
        for table in (frame[frame["units"] > 0], pd.read_csv(buffer, keep_default_na=False))
    )
    assert added[["product", "units"]].to_numpy().tolist() == days[["product", "units"]].to_numpy().tolist()
    assert added["price"].to_numpy() == pytest.approx(days["price"].to_numpy())
