"""The table of a box: made by the world, a row a day and item."""

import numpy as np
import pandas as pd
import pytest

from envs_data.restock.box import SCENARIOS
from envs_data.restock.box.table import EPSILON, generate, soft_base_stock
from envs_data.restock.reading import read_items
from envs_data.tables import TableError
from tests.envs_data.test_restock_table import SAMPLES

GROCERY = SCENARIOS["grocery-box"]


@pytest.mark.parametrize("name", ["grocery-box", "spare-parts-box", "fashion-box", "vanvuchelen-setting5"])
def test_stock_balances_and_orders_are_what_box_and_supplier_allow(name):
    p = SCENARIOS[name]
    frame = generate(p, days=200)
    assert len(frame) == 200 * len(p.items)
    for item in p.items:
        rows = frame[frame["item"] == item.name]
        before = rows["on_hand"].shift(fill_value=item.start_on_hand)
        assert (before + rows["delivered"] - rows["units"] - rows["wasted"] == rows["on_hand"]).all()
        assert (rows["delivered"] >= 0).all()
        assert rows["delivered"].sum() <= rows["ordered"].sum()
        assert (rows["ordered"] % item.pack == 0).all()
        assert (rows["ordered"] <= rows["asked"]).all()
        assert (rows["wasted"] == 0).all() or item.shelf_life
    total = frame.groupby("date")["ordered"].sum()
    assert ((total == 0) | (total >= p.min_order)).all()
    assert not p.max_order or (total <= p.max_order).all()
    assert ("promotion" in frame) == (p.promotion_every > 0)


def test_propensity_is_the_frequency_of_what_was_asked_for():
    frame = generate(GROCERY, soft_base_stock(GROCERY, np.random.default_rng(0)), seed=1, days=2000)
    for item in GROCERY.items:
        rows = frame[frame["item"] == item.name]
        assert rows["propensity"].min() == pytest.approx(EPSILON / (item.max_packs + 1))
        expected = EPSILON * item.max_packs / (item.max_packs + 1)
        assert (rows["propensity"] < 0.5).mean() == pytest.approx(expected, abs=0.03)


def test_same_seed_same_table():
    assert generate(GROCERY, seed=5, days=50).equals(generate(GROCERY, seed=5, days=50))
    assert not generate(GROCERY, seed=5, days=50).equals(generate(GROCERY, seed=6, days=50))


def test_sample_table_is_what_its_card_says(tmp_path):
    generate(GROCERY, seed=4, days=365).to_csv(tmp_path / "again.csv", index=False)
    assert (tmp_path / "again.csv").read_bytes() == (SAMPLES / "grocery_box.csv").read_bytes()


def test_items_keep_the_order_of_the_table_and_days_are_sorted():
    frame = generate(GROCERY, days=20)
    shuffled = frame.sample(frac=1, random_state=0)
    read = read_items(shuffled).frame
    assert [*read["item"].unique()] == [*shuffled["item"].unique()]
    assert all(rows["date"].is_monotonic_increasing for _, rows in read.groupby("item"))


def test_days_without_a_row_are_told_and_doubled_ones_refused():
    frame = generate(GROCERY, days=20)
    notes = read_items(frame.drop(index=[16, 17, 24, 25, 34])).notes
    assert notes[0] == "5 days of a thing without a row count as 0: others were sold."
    with pytest.raises(TableError, match="has a row already with the same item and date; --read rows=lines"):
        read_items(pd.concat([frame, frame[:1]], ignore_index=True))
