"""What a planner sees of the calendar, by hand."""

import numpy as np
import pytest

import bizgyms
from bizgyms.restock.item.optimum import solve
from bizgyms.restock.item.view import ItemView
from envs_data.restock.item import ItemParameters

WEEK = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
SHOP = ItemParameters(days=4, mean=4.0, lead_time=2, weekday=WEEK, start_date="2025-01-06")


def test_the_forecast_is_of_today_and_the_lead_time():
    daily = SHOP.replace(days=8).factors() * SHOP.mean
    assert ItemView(SHOP).forecast == pytest.approx([daily[day : day + 3].sum() for day in range(5)])
    assert daily[0] < daily[1], "Monday comes first"


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_each_morning_shows_its_own_forecast(engine):
    env = bizgyms.make(SHOP, engine=engine)
    names = [feature.name for feature in env.unwrapped.features]
    row, _ = env.reset(seed=0)
    forecast = ItemView(SHOP).forecast.astype(np.float32)
    for day in range(SHOP.days):
        seen = dict(zip(names, row.tolist(), strict=True))
        assert (seen["weekday"], seen["days_left"]) == (day, SHOP.days - day)
        assert seen["forecast"] == forecast[day]
        row, *_ = env.step(0)


def test_costs_are_discounted_from_the_day_they_fall_on():
    """With backorders and no cost of ordering every day from the lead time on costs the average, and those before
    what meets an empty shelf.
    """
    p = ItemParameters(
        mean=2.0, demand_law="poisson", lead_time=1, unmet="backordered", start_on_hand=0, holding=0.5, shortage=3.0,
        max_packs=30, weekday=(),
    )  # fmt: skip
    average = solve(p, "average").value
    assert solve(p, "discounted", 0.9).value == pytest.approx(-3.0 * 2.0 + 0.9 * average / (1 - 0.9), rel=1e-6)
