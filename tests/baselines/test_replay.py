import datetime
import itertools
import json

import gymnasium as gym
import numpy as np
import pandas as pd
import pytest

import baselines
from baselines.agents import Kind, problem_of
from baselines.judge.blocks import blocked_interval
from baselines.play.rollout import rewards_on
from baselines.protocols.own_period import own_period
from baselines.rules.restock_item import base_stock
from bizgyms.restock.hindsight import item_in_hindsight
from bizgyms.scenario import load
from envs_data.parameters import ParameterError
from envs_data.reading.source import ReadAs
from envs_data.restock.fit import fit
from envs_data.restock.item import ItemLuck, draw
from envs_data.restock.item.last_days import luck_of, world_of
from envs_data.restock.last_days import last_days
from envs_data.restock.reading import read_table
from tests.baselines.shop_tables import (
    CASE,
    KNOWN,
    SHOP,
    SHORT,
    STOCKED,
    asked_for,
    fitted,
    row_of,
    table_of,
)

pytestmark = pytest.mark.usefixtures("quick_tuning")


def test_a_table_that_sold_all_that_was_asked_for_is_the_world_on_that_very_luck(stocked):
    period = own_period(CASE, fitted().scenario(), STOCKED)
    assert (period.luck.demand == asked_for()).all()
    rule = base_stock(period.problem, S=10)
    played = baselines.evaluate(CASE, rule, scenario=period.world, luck=ItemLuck(asked_for()))
    today = row_of(stocked, Kind.TODAY)
    assert today.value == rewards_on(period.problem, rule, period.luck, "today").mean() * 365
    assert rewards_on(period.problem, rule, period.luck, "today").sum() == played.returns[0]
    assert played.seed is None
    env = gym.make(CASE.id, scenario=period.world.to_dict())
    seen, _ = env.reset(options={"luck": ItemLuck(asked_for())})
    earned, over = 0.0, False
    while not over:
        seen, reward, over, _, _ = env.step(int(rule.act(seen[None])[0]))
        earned += reward
    assert earned == played.returns[0]


def test_a_table_of_another_volume_is_asked_about():
    other = STOCKED.assign(units=4 * STOCKED["units"], on_hand=4 * STOCKED["on_hand"])
    (asked,) = [one for one in own_period(CASE, fitted().scenario(), other).notes if one.startswith("Demand: ")]
    assert asked.endswith("Look whether this is the table that the scenario was fitted to.")
    assert not any(one.startswith("Demand: ") for one in own_period(CASE, fitted().scenario(), STOCKED).notes)


def test_the_stock_of_the_evening_before_is_where_it_begins():
    period = own_period(CASE, fitted().scenario(), STOCKED)
    assert period.world.start_on_hand == STOCKED["on_hand"].iloc[159]
    assert period.world.start_date == str(STOCKED["date"].iloc[160].date())
    assert period.world.days == 40


def test_the_first_part_alone_is_fitted():
    other = STOCKED.assign(units=STOCKED["units"].where(STOCKED.index < 160, 50))
    worlds = [own_period(CASE, fitted().scenario(), table).world for table in (STOCKED, other)]
    assert worlds[0] == worlds[1]


def test_costs_stay_those_of_the_scenario():
    table = STOCKED.assign(price=np.where(STOCKED.index < 160, 10.0, 20.0))
    scenario = fitted(table, known={"lead_time": 2}).scenario()
    world = own_period(CASE, scenario, table).world
    assert world.shortage == scenario.parameters.shortage
    assert world.price == scenario.parameters.price


def test_nobody_earns_more_than_hindsight(stocked, short):
    for found in (stocked, short):
        hindsight = row_of(found, "hindsight")
        assert hindsight.share == 1
        assert all(row.value <= hindsight.value + 1e-9 for row in found.rows)


@pytest.mark.parametrize("unmet", ["lost", "backordered"])
@pytest.mark.parametrize("lead_time", [0, 1, 2])
@pytest.mark.parametrize("order_cost", [0.0, 5.0])
def test_hindsight_is_the_best_of_all_orders(unmet, lead_time, order_cost):
    p = SHOP.replace(days=5, max_packs=2, pack=3, start_on_hand=2, unmet=unmet, lead_time=lead_time)
    p = p.replace(order_cost=order_cost)
    demand = np.array([1, 4, 0, 7, 2])
    plans = np.array([*itertools.product(range(3), repeat=5)])
    twin = CASE.twin(num_envs=len(plans), scenario=p, autoreset_mode="Disabled")
    twin.reset(options={"luck": ItemLuck(np.repeat(demand[None], len(plans), axis=0))})
    returns = np.sum([twin.step(plans[:, day])[1] for day in range(5)], axis=0)
    earned = item_in_hindsight(p, demand)
    assert earned.shape == (5,)
    assert earned.sum() == pytest.approx(returns.max())


def test_what_sold_out_is_filled_and_its_spread_shown(stocked, short):
    period = own_period(CASE, fitted(SHORT).scenario(), SHORT)
    late = SHORT.iloc[160:]
    sold_out = (late["on_hand"] == 0).to_numpy()
    assert 0 < sold_out.sum() < 13
    assert period.luck.demand.shape == (20, 40)
    assert (period.luck.demand >= late["units"].to_numpy()).all()
    assert (period.luck.demand[:, ~sold_out] == late["units"].to_numpy()[~sold_out]).all()
    assert short.sold_out == sold_out.sum()
    assert row_of(short, Kind.TODAY).spread > 0
    assert f"{short.sold_out} sold out, filled 20 times" in str(short)
    assert stocked.fillings == 1
    assert row_of(stocked, Kind.TODAY).spread == 0
    assert "none sold out" in str(stocked)


def test_what_the_first_part_promised_stands_beside_what_came(stocked):
    problem = own_period(CASE, fitted().scenario(), STOCKED).problem
    promised = baselines.evaluate(CASE, base_stock(problem, S=10), scenario=problem.parameters, episodes=20)
    assert row_of(stocked, Kind.TODAY).expected == pytest.approx(promised.mean / 40 * 365)
    assert row_of(stocked, "hindsight").expected is None


def test_demand_is_filled_by_its_law_given_that_it_was_at_least_what_was_sold():
    days = own_period(CASE, fitted(SHORT).scenario(), SHORT).days
    world = world_of(days, SHOP)
    drawn = luck_of(days, world, np.random.default_rng(0), 4_000).demand
    for day in np.flatnonzero(days.sold_out)[:3]:
        (pmf,), _ = world.laws()
        tail = pmf * (np.arange(len(pmf)) >= days.units[day, 0])
        mean = (np.arange(len(pmf)) * tail).sum() / tail.sum()
        assert drawn[:, day].mean() == pytest.approx(mean, abs=0.15)


def test_nobody_comes_on_days_without_a_row():
    sundays = STOCKED["date"].dt.day_of_week == 6
    period = own_period(CASE, fitted(STOCKED[~sundays]).scenario(), STOCKED[~sundays])
    assert (period.luck.demand[0] == 0)[period.days.closed].all()
    assert period.days.closed.sum() == sundays.iloc[-len(period.days) :].sum()
    gap = STOCKED.drop(index=[170, 171])
    told = fit(ReadAs(gap, {"missing": "closed"}), known=KNOWN).scenario()
    assert np.flatnonzero(own_period(CASE, told, gap).days.closed).tolist() == [11, 12]
    said = STOCKED.assign(open=np.where(STOCKED.index == 180, 0, 1))
    found = baselines.replay(fitted(said), ["base_stock"], said, episodes=20)
    assert found.closed == 1
    assert "none sold out; on 1 the shop was closed" in str(found)


def test_the_table_is_read_as_it_was_for_the_fit():
    told = STOCKED.rename(columns={"units": "pieces out"}).assign(
        date=STOCKED["date"].dt.strftime("%d/%m/%Y"), **{"pieces out": STOCKED["units"] * 0.25}
    )
    told = told.drop(columns=["on_hand", "ordered", "delivered", "propensity"])
    asked = {"columns": {"units": "pieces out"}, "known": {**KNOWN, "unit": 0.25}, "until": datetime.date(2025, 7, 10)}
    scenario = fit(ReadAs(told, {"dates": "dmy"}), **asked).scenario()
    scenario = load(CASE, json.loads(json.dumps(scenario.to_dict())))
    period = own_period(CASE, scenario, told)
    assert period.days.first + len(period.days) - 1 == np.datetime64("2025-07-10")
    last = STOCKED[STOCKED["date"] <= "2025-07-10"]["units"].to_numpy()[-len(period.days) :]
    assert (period.luck.demand[0] == last).all()
    assert any("No column for stock at closing" in note for note in period.notes)
    assert period.days.in_words(1) == "whether any sold out is not in the table"
    assert any("Stock at the start is not in the table" in note for note in period.notes)


def test_one_item_of_several_is_replayed():
    both = pd.concat([STOCKED.assign(item="tea"), SHORT.assign(item="jam")])
    scenario = fit(both, item="tea", known=KNOWN).scenario()
    assert (own_period(CASE, scenario, both).luck.demand == asked_for()).all()


def test_deliveries_of_other_orders_are_said():
    late = STOCKED.assign(delivered=STOCKED["delivered"].where(STOCKED.index != 175, 1))
    notes = own_period(CASE, fitted(late).scenario(), late).notes
    assert any(note.startswith("On 1 day other units came than were ordered a lead time before") for note in notes)
    assert not own_period(CASE, fitted().scenario(), STOCKED).notes


def test_the_interval_holds_the_expected_gain():
    """In nine tables of ten; some days sold out. The law is given, so that the interval alone is tested."""
    shop, held = SHOP.replace(days=150, mean=6.0), 0
    for seed in range(40):
        days = last_days({"": read_table(table_of(22, seed, shop)).frame}, "table")
        problem = problem_of(CASE, world_of(days, shop))
        gains = _gains(problem, luck_of(days, problem.parameters, np.random.default_rng(seed), 20))
        truth = _gains(problem, draw(problem.parameters, np.random.default_rng(7), 200)).mean()
        interval = blocked_interval(gains[None])
        held += interval.low <= truth <= interval.high
    assert 34 <= held <= 40


def _gains(problem, luck):
    first, second = (rewards_on(problem, base_stock(problem, S=level), luck, "rule") for level in (18, 24))
    return second - first


def test_evaluate_takes_luck():
    problem = problem_of(CASE, SHOP)
    luck = draw(SHOP, np.random.default_rng(3), 5)
    found = baselines.evaluate(CASE, base_stock(problem, S=10), scenario=SHOP, luck=luck)
    assert found.returns.tolist() == rewards_on(problem, base_stock(problem, S=10), luck, "rule").sum(axis=1).tolist()
    rule = base_stock(problem, S=10)
    with pytest.raises(ParameterError, match="as the case's draw"):
        baselines.evaluate(CASE, rule, scenario=SHOP, luck="luck")
    with pytest.raises(ParameterError, match=r"luck.demand has shape \(5, 100\); it must be \(5, 200\)"):
        baselines.evaluate(CASE, rule, scenario=SHOP, luck=ItemLuck(luck.demand[:, :100]))
