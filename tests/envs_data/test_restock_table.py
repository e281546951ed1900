"""The table a shop keeps: made by the world, read under its contract."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from envs_data.restock.item import SCENARIOS
from envs_data.restock.item.table import EPSILON, generate, soft_base_stock
from envs_data.restock.reading import read_table
from envs_data.tables import TableError

SAMPLES = Path(__file__).parents[2] / "envs_data" / "tables"
SHOP = SCENARIOS["corner-shop"]


def table(**columns):
    return pd.DataFrame({"date": ["2025-01-06", "2025-01-07", "2025-01-08"], "units": [1, 2, 3]} | columns)


def problems_of(frame, **options):
    with pytest.raises(TableError) as caught:
        read_table(frame, **options)
    return caught.value.problems


@pytest.mark.parametrize("name", ["corner-shop", "spare-part", "backorders", "gift-season"])
def test_stock_balances_and_deliveries_are_orders_after_the_lead_time(name):
    parameters = SCENARIOS[name]
    frame = generate(parameters, days=200)
    before = frame["on_hand"].shift(fill_value=parameters.start_on_hand)
    assert (before + frame["delivered"] - frame["units"] == frame["on_hand"]).all()
    assert (frame["delivered"] == frame["ordered"].shift(parameters.lead_time, fill_value=0)).all()
    assert (frame["ordered"] % parameters.pack == 0).all()
    assert ("price" in frame) == (parameters.price > 0)


def test_same_seed_same_table_and_length_may_exceed_the_scenario():
    assert generate(SHOP, seed=5).equals(generate(SHOP, seed=5))
    assert not generate(SHOP, seed=5).equals(generate(SHOP, seed=6))
    assert len(generate(SHOP, days=800)) == 800


def test_propensity_is_the_frequency_of_the_decision():
    parameters = SHOP.replace(days=3000)
    frame = generate(parameters, soft_base_stock(parameters, np.random.default_rng(0)), seed=1)
    rare = frame["propensity"] < 0.5
    assert frame["propensity"].min() == pytest.approx(EPSILON / (parameters.max_packs + 1))
    assert rare.mean() == pytest.approx(EPSILON * parameters.max_packs / (parameters.max_packs + 1), abs=0.02)


@pytest.mark.parametrize(
    ("file", "scenario", "seed", "days"),
    [
        ("corner_shop", "corner-shop", 1, 731),
        ("gift_season", "gift-season", 2, 731),
        ("backorders", "backorders", 3, 365),
    ],
)
def test_sample_tables_are_what_their_card_says(file, scenario, seed, days):
    made = generate(SCENARIOS[scenario], seed=seed, days=days).to_csv(index=False, lineterminator="\n")
    assert (SAMPLES / f"{file}.csv").read_text(encoding="utf-8") == made
    assert f'`generate(SCENARIOS["{scenario}"], seed={seed}, days={days})`' in (SAMPLES / "README.md").read_text()


def test_unsorted_rows_are_sorted_and_said_so():
    read = read_table(table().iloc[::-1])
    assert read.frame["date"].is_monotonic_increasing
    assert read.notes == ("The rows were not in order of date; they were sorted.",)


def test_a_day_twice_is_an_error_unless_of_another_item():
    twice = table(date=["2025-01-06", "2025-01-06", "2025-01-07"])
    assert problems_of(twice)[0].startswith("row 3, column 'date': 2025-01-06 has a row already with the same date")
    assert len(read_table(twice.assign(item=["a", "b", "a"]), item="a").frame) == 2


def test_everything_wrong_is_told_at_once():
    wrong = table(date=["2025-01-06", "soon", "2025-01-06"], units=["-1", "2.5", "3"], price=["1", "cheap", "-2"])
    said = "\n".join(problems_of(wrong))
    for place in ("row 3, column 'date'", "row 4, column 'date'", "row 2, column 'units'", "row 3, column 'units'"):
        assert place in said
    assert "row 3, column 'price'" in said
    assert "row 4, column 'price'" in said


def test_several_items_ask_for_one():
    assert problems_of(table(item=["a", "b", "c"])) == (
        "column 'item': 3 items (a, b, c); fit each by itself with --each item -o FOLDER, or all with --case "
        "RestockBox (in Python item='a' chooses one)",
    )
    assert problems_of(table(item=["a", "b", "c"]), item="d") == ("no item 'd'; there are a, b, c",)


def test_since_and_until():
    assert len(read_table(table(), since="2025-01-07", until="2025-01-07").frame) == 1
    assert "it runs from 2025-01-06 to 2025-01-08" in problems_of(table(), since="2026-01-01")[0]
    assert "--since is 'May'" in problems_of(table(), since="May")[0]
