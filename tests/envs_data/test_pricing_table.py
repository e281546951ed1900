"""Tables of prices: made by the world, read under their contracts, sent to a case."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs_data.choice import choose_case
from envs_data.pricing.reading import period_days, read_choices, read_sales, sold_out
from envs_data.pricing.season import SCENARIOS as SEASONS
from envs_data.pricing.season.table import generate as generate_season
from envs_data.pricing.shelf import SCENARIOS as SHELVES
from envs_data.pricing.shelf.table import generate, generate_visits
from envs_data.tables import TableError

SAMPLES = Path(__file__).parents[2] / "envs_data" / "tables"


def table(**columns):
    rows = {"product": ["a", "a", "b", "b"], "price": [1.0, 2.0, 1.5, 2.5], "units": [4, 2, 3, 1]}
    return pd.DataFrame(rows | columns)


def problems_of(frame, read=read_sales, **options):
    with pytest.raises(TableError) as caught:
        read(frame, **options)
    return caught.value.problems


def test_a_season_keeps_its_books():
    frame = generate_season(SEASONS["winter-coats"], seed=1)
    assert list(frame) == ["date", "season", "price", "units", "stock", "visitors", "propensity"]
    assert len(frame) == 30 * 20
    first = frame[frame.groupby("season").cumcount() == 0]
    assert (first["stock"] == 40).all()
    again = frame["stock"].shift(-1) == frame["stock"] - frame["units"]
    assert again[frame["season"] == frame["season"].shift(-1)].all()
    assert (frame["units"] <= frame[["stock", "visitors"]].min(axis=1)).all()
    assert len(generate_season(SEASONS["winter-coats"], days=280)) == 40


def test_a_shelf_keeps_its_books():
    shelf = SHELVES["juice-shelf"]
    frame = generate(shelf, seed=1)
    assert list(frame) == ["date", "product", "price", "units", "stock", "visitors", "propensity"]
    assert len(frame) == 8 * 26 * 5
    assert (frame.groupby("date")["units"].sum() <= frame.groupby("date")["visitors"].max()).all()
    assert (frame["units"] <= frame["stock"]).all()
    assert period_days(read_sales(frame).frame) == 7


def test_visits_and_weeks_are_the_same_shop():
    shelf = SHELVES["juice-shelf"]
    weeks, visits = generate(shelf, seed=3), generate_visits(shelf, seed=3)
    sold = visits.groupby(["date", "product"])["chosen"].sum()
    assert sold.sum() == weeks["units"].sum()
    together = weeks.set_index(["date", "product"])["units"]
    assert (sold == together.reindex(sold.index)).all()
    assert visits.groupby("visit")["chosen"].sum().max() == 1


def test_propensities_are_frequencies():
    frame = generate(SHELVES["rule-enough"], seed=2)
    assert (1 / frame["propensity"]).mean() == pytest.approx(7, rel=0.25)
    limited = generate(SHELVES["few-changes"], seed=2)
    assert limited["price"].diff().ne(0).groupby(limited.index // 20).sum().max() <= 3 + 1


def test_same_seed_same_table():
    season = SEASONS["fad-or-flop"]
    assert generate_season(season, seed=5).equals(generate_season(season, seed=5))
    assert not generate_season(season, seed=5).equals(generate_season(season, seed=6))


@pytest.mark.parametrize(
    ("file", "make"),
    [
        ("winter_coats.csv", lambda: generate_season(SEASONS["winter-coats"], seed=5, days=2800)),
        ("juice_shelf.csv", lambda: generate(SHELVES["juice-shelf"], seed=6, days=364)),
        ("shelf_visits.csv", lambda: generate_visits(SHELVES["scarce-shelf"], seed=7, days=560)),
    ],
)
def test_the_sample_tables_are_what_their_card_says(file, make):
    assert (SAMPLES / file).read_text(encoding="utf-8") == make().to_csv(index=False, lineterminator="\n")
    assert file in (SAMPLES / "README.md").read_text()


# What cannot be.


def test_everything_wrong_with_sales_is_one_message_with_rows():
    frame = table(price=[0.0, -1.0, "cheap", 2.5], stock=[3, 2, 9, 9], units=[4, 2, -3, 1.5])
    found = problems_of(frame)
    assert any(said.startswith("row 2, column 'price': 0 is no price: probably something given away") for said in found)
    assert any(said.startswith("row 3, column 'price': -1 is no price: probably a return") for said in found)
    assert "row 4, column 'price': 'cheap' is not a number" in found
    assert any(said.startswith("row 2, column 'units': 4 is more than the stock of the same row") for said in found)
    assert "row 4, column 'units': -3 is less than 0" in found
    assert "row 5, column 'units': 1.5 is not a whole number" in found


def test_visitors_fewer_than_the_units_sold_are_probably_something_else():
    days = ["2025-01-06", "2025-01-13", "2025-01-06", "2025-01-13"]
    frame = table(date=days, customers=[6, 9, 6, 9])
    said = (
        "column 'customers' was taken for visitors, but row 2 sold 7 units to 6 of them, and so in 1 more row; leave "
        "it out with --columns visitors="
    )
    assert problems_of(frame) == (said,)
    assert "visitors" not in read_sales(frame, columns={"visitors": ""}).frame


def test_returns_are_taken_off_sales_and_refused_where_nothing_tells_of_which():
    days = ["2025-01-06", "2025-01-13", "2025-01-06", "2025-01-13"]
    assert read_sales(table(date=days, units=[4, -1, 3, 1])).frame["units"].tolist() == [3, 3, 0, 1]
    assert "row 3, column 'units': -1 is less than 0" in problems_of(table(units=[4, -1, 3, 1]))


def test_a_part_of_a_unit_costs_its_share_and_a_package_what_the_table_says():
    parts = read_sales(table(units=[1.5, 2, 3, 1]), unit_size=0.5).frame
    assert (parts["units"].tolist(), parts["price"].tolist()) == ([3, 4, 6, 2], [0.5, 1.0, 0.75, 1.25])
    packages = read_sales(table(units=[128, 64, 64, 192]), unit_size=64).frame
    assert (packages["units"].tolist(), packages["price"].tolist()) == ([2, 1, 1, 3], [1.0, 2.0, 1.5, 2.5])


def test_a_missing_column_names_what_is_there():
    assert "no column for price; found: product, units" in problems_of(table().drop(columns="price"))[0]


def test_a_promotion_that_never_changes_is_left_out():
    assert "promotion" not in read_sales(table(feat=[1, 1, 1, 1])).frame
    assert "promotion" in read_sales(table(feat=[1, 0, 1, 0])).frame


def test_dates_bound_what_is_read():
    days = ["2025-01-06", "2025-01-13", "2025-01-13", "2025-01-06"]
    kept = read_sales(table(date=days, product="a", price=[1, 2, 3, 4], store=list("xyxy")), until="2025-01-10")
    assert kept.frame["units"].tolist() == [4, 1]
    assert "it runs from 2025-01-06" in problems_of(table(date=days), since="2026-01-01")[0]
    assert "need a column of dates" in problems_of(table(), since="2025-01-01")[0]


def test_sold_out_is_what_sold_all_there_was():
    read = read_sales(table(stock=[4, 9, 3, None]))
    assert sold_out(read.frame).tolist() == [True, False, True, False]


def visits(**columns):
    rows = {"visit": [1, 1, 2, 2], "product": ["a", "b", "a", "b"], "price": [1.0, 2.0, 2.0, 1.0]}
    return pd.DataFrame(rows | {"chosen": [1, 0, 0, 0]} | columns)


def test_impossible_choices_are_refused_with_rows():
    found = problems_of(visits(chosen=[1, 1, 0, 2]), read_choices)
    assert "row 3, column 'chosen': 1 is the second choice of one visit" in found
    assert "row 5, column 'chosen': 2 is more than 1" in found
    assert "row 3" in problems_of(visits(product=["a", "a", "a", "b"]), read_choices)[0]
    weighed = problems_of(visits(weight=[1, 2, 0, 0]), read_choices)
    assert "row 2, column 'weight': 1 is not the only weight of this visit; a weight is of the whole visit" in weighed
    assert "row 4, column 'weight': 0 stands for no visit; leave the row out" in weighed


def test_the_case_follows_from_the_columns():
    assert choose_case("pricing", table())[0] == "PricingShelf"
    assert choose_case("pricing", table(product="a")) == ("PricingSeason", "one product in column product")
    assert choose_case("pricing", table().drop(columns="product"))[0] == "PricingSeason"
    assert choose_case("pricing", visits()) == ("PricingShelf", "a column says what each visitor chose")


cells = st.one_of(st.none(), st.integers(-2, 3), st.floats(-1, 2), st.sampled_from(["a", "", "2025-01-06"]))


@given(st.lists(st.fixed_dictionaries({
    "date": cells, "product": cells, "price": cells, "units": cells, "stock": cells, "chosen": cells, "visit": cells,
}), min_size=1, max_size=6))  # fmt: skip
def test_any_table_is_read_or_refused_with_a_table_error(rows):
    frame = pd.DataFrame(rows, dtype=object)
    for read in (read_sales, read_choices):
        try:
            found: tuple[object, ...] = tuple(np.isfinite(read(frame).frame["price"]))
        except TableError as error:
            found = error.problems
        assert found
        assert all(found)


def test_a_column_for_each_product_s_price_is_turned():
    wide = pd.DataFrame(
        {
            "price.plain": [1.0, 1.2, 1.0, 1.1],
            "price.fruit": [2.0, 2.0, 2.5, 2.2],
            "feat.plain": [0, 1, 0, 0],
            "choice": ["plain", "fruit", None, "plain"],
        }
    )
    read = read_choices(wide)
    assert read.notes == ("Read with a column for the price of each product (plain, fruit).",)
    assert read.frame["price"].tolist() == [1.0, 2.0, 1.2, 2.0, 1.0, 2.5, 1.1, 2.2]
    assert read.frame["chosen"].tolist() == [1, 0, 0, 1, 0, 0, 1, 0]
    assert read.frame["promotion"].sum() == 1
    assert read_choices(wide.assign(choice=[1, 2, 0, 1])).frame["chosen"].tolist() == read.frame["chosen"].tolist()
    with pytest.raises(TableError, match="row 3, column 'choice': 'milk' is none of the products: plain, fruit"):
        read_choices(wide.assign(choice=["plain", "milk", "fruit", "plain"]))
