"""Promotions and prices that move demand, and that the world of one item does not have."""

import numpy as np
import pandas as pd
import pytest

import bizgyms

ITEM, BOX = bizgyms.case("RestockItem"), bizgyms.case("RestockBox")
DAYS = 500
PROMOTED = np.arange(DAYS) // 7 % 6 == 5


def table(seed=0, lift=2.4, elasticity=0.0, stock=60):
    rng = np.random.default_rng(seed)
    price = np.round(10 * np.exp(rng.normal(0, 0.15, DAYS)), 2)
    mean = np.where(PROMOTED, lift * 9, 9) * (price / 10) ** elasticity
    demand = rng.negative_binomial(8, 8 / (8 + mean))
    return pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=DAYS),
            "item": "tea",
            "units": np.minimum(demand, stock),
            "on_hand": np.maximum(stock - demand, 0),
            "promotion": PROMOTED.astype(int),
            "price": price,
        }
    )


def said(frame, start):
    return [note for note in ITEM.fit(frame).notes if note.startswith(start)]


@pytest.mark.parametrize("stock", [60, 22])
def test_promotions_that_sell_are_told_with_their_lift_and_what_that_does(stock):
    (note,) = said(table(stock=stock), "Days with a promotion, 16% of all, sell ")
    assert float(note.split()[8]) == pytest.approx(2.4, rel=0.3)
    assert "come unannounced" in note
    assert "in no figure of the verdict" in note
    assert not said(table(stock=stock), "Demand moves with the price")


def test_what_the_note_advises_plans_promotions():
    found = BOX.fit(table())
    assert found.parameters.promotion_every == 6
    assert found.parameters.promotion_lift == pytest.approx(2.4, rel=0.1)


def test_promotions_that_sell_nothing_are_told_as_such():
    assert said(table(lift=1.0), "Days with a promotion count like others: no difference beyond chance")


def test_prices_that_move_demand_are_told_with_their_elasticity():
    (note,) = said(table(lift=1.0, elasticity=-1.5), "Demand moves with the price, by -1.")
    assert "bizgyms fit pricing" in note


def test_prices_that_do_not_are_not_told():
    found = [seed for seed in range(8) if said(table(seed, lift=1.0), "Demand moves with the price")]
    assert found == []
