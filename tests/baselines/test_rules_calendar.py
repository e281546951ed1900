"""Rules that go by a calendar, and the tuning that finds them."""

import numpy as np
import pytest

import bizgyms
from baselines.agents import Problem
from baselines.batching import Panel, batched
from baselines.ladder.current_rule import today_of
from baselines.play import seeds, tuning
from baselines.play.rollout import play
from baselines.rules import bidding_shading as shading
from baselines.rules import pricing_calendar as prices
from baselines.rules import restock_box_timetable as boxes
from baselines.rules import restock_item_review as reviews
from baselines.rules import rules
from baselines.rules.rule_specs import around, rule
from baselines.rules.timetable import TIMETABLE, timetable
from envs_data.parameters import ParameterError
from envs_data.restock.item import ItemParameters


def problem_of(case, scenario):
    case = bizgyms.case(case)
    p = case.scenarios[scenario] if isinstance(scenario, str) else scenario
    return Problem(case, p, case.env.view_type(p))


def seen(problem, count=1, **values):
    """Rows of observations, entries given by feature name, others zero."""
    rows = np.zeros((count, len(problem.view.features)), dtype=np.float32)
    for name, value in values.items():
        rows[:, problem.view.columns[name]] = value
    return rows


def value(problem, spec, episodes):
    """Mean return of a tuned rule on the luck of evaluation."""
    found = tuning.tune(problem, spec, seeds.tuning(0))
    return play(problem, spec.build(problem, **found.setting), episodes, seeds.evaluation(0), spec.name).mean


def named(problem, name):
    return next(spec for spec in rules(problem) if spec.name == name)


# Monday 6 January 2025 to Sunday: four units a day, delivered the next day.
WEEK = problem_of("RestockItem", ItemParameters(days=21, mean=4.0, demand_law="poisson", max_packs=63, order_cost=5.0))


def orders(agent, problem, **values):
    """Orders on each of the first seven days from the same stock."""
    days = problem.parameters.days
    return [int(agent.act(seen(problem, days_left=days - day, **values))[0]) for day in range(7)]


def test_review_orders_on_its_weekdays_until_the_next_order_comes():
    # Monday's order is followed by that of Thursday, which comes on Friday: four days of four units.
    assert orders(reviews.review(WEEK, factor=0.0, weekdays=14), WEEK) == [16, 0, 0, 20, 0, 0, 0]
    assert orders(reviews.review(WEEK, factor=0.0, every=3, phase=1), WEEK) == [0, 16, 0, 0, 16, 0, 0]
    # Two standard deviations of sixteen units of Poisson demand are eight.
    assert orders(reviews.review(WEEK, factor=2.0, weekdays=14), WEEK, on_hand=4)[0] == 20


def test_review_with_a_point_waits_for_it():
    agent = reviews.review_with_point(WEEK, factor=0.0, gap=10.0, weekdays=14)
    assert orders(agent, WEEK, on_hand=6) == [10, 0, 0, 14, 0, 0, 0]
    assert orders(agent, WEEK, on_hand=7) == [0, 0, 0, 13, 0, 0, 0]


def test_nothing_is_ordered_for_days_after_the_last():
    last = seen(WEEK, days_left=1)
    assert reviews.review(WEEK, factor=0.0, every=1).act(last).tolist() == [4]


def test_weekdays_are_digits():
    with pytest.raises(
        ParameterError, match=r"weekdays is 18; its digits must be 1 \(Monday\) to 7 \(Sunday\), as in 14"
    ):
        reviews.review(WEEK, factor=0.0, weekdays=18)
    assert today_of(WEEK, rules(WEEK), "R_S:factor=1,weekdays=14").label == "(R,S) factor=1, weekdays=14"


def test_multiples_lift_the_position_to_the_point():
    agent = reviews.multiples(WEEK, point=10.0, quantity=6.0)
    assert [int(agent.act(seen(WEEK, on_hand=n, days_left=9))[0]) for n in (10, 9, 4, 3)] == [0, 6, 6, 12]


def test_weekly_review_takes_what_the_kiosk_leaves():
    """The optimum is -4,575 a year, and (s,S) as far away as -5,252."""
    kiosk = problem_of("RestockItem", "rule-fails")
    assert value(kiosk, named(kiosk, "(R,S)"), 1_000) > -4_600
    assert value(kiosk, named(kiosk, "(R,s,S)"), 1_000) > -4_590


SUSHI = problem_of("RestockBox", "rule-fails")


def packs(agent, days=6):
    return [agent.act(seen(SUSHI, days_left=365 - day))[0].tolist() for day in range(days)]


def test_trucks_by_timetable():
    assert packs(boxes.truck_timetable(SUSHI, every=2, trucks=1, items=2, phase=1), 4) == [
        [0, 0],
        [0, 6],
        [0, 0],
        [0, 6],
    ]
    assert packs(boxes.truck_timetable(SUSHI, every=3, trucks=1), 4) == [[3, 3], [0, 0], [0, 0], [3, 3]]
    assert packs(boxes.truck_timetable(SUSHI, every=2, trucks=1, items=1, then=2), 3) == [[6, 0], [0, 0], [0, 6]]
    # Two trucks of six hold more than the seven packs of an item: what fits.
    assert packs(boxes.truck_timetable(SUSHI, every=1, trucks=2, items=1), 1) == [[7, 0]]
    with pytest.raises(ParameterError, match="items is 3; its digits must be items, 1 to 2, as in 12"):
        boxes.truck_timetable(SUSHI, every=2, trucks=1, items=3)


def test_caps_by_item():
    assert packs(boxes.base_stock_with_caps(SUSHI, service=0.99, caps=29), 1) == [[2, 7]]
    assert packs(boxes.base_stock_with_caps(SUSHI, service=0.99, caps=9), 1) == [[0, 7]]
    with pytest.raises(ParameterError, match="caps is 123; it must have a digit for each of 2 items"):
        boxes.base_stock_with_caps(SUSHI, service=0.99, caps=123)


def test_a_full_truck_every_second_day_takes_what_the_box_leaves():
    """The optimum is 1,118.5 a year; other rules earn up to 640."""
    assert value(SUSHI, named(SUSHI, "truck timetable"), 400) > 1_090


COFFEE = problem_of("PricingShelf", "rule-fails")


def steps(agent, periods, **values):
    return [int(agent.act(seen(COFFEE, periods_left=52 - period, **values))[0, 0]) for period in periods]


def test_hi_lo_calendar():
    agent = prices.hi_lo(COFFEE, high=6, low=2, every=4, lows=2, phase=1, last=2, end=0)
    assert steps(agent, range(6)) == [6, 2, 2, 6, 6, 2]
    assert steps(agent, (49, 50, 51)) == [2, 0, 0]


def test_bargain_comes_with_a_high_reference():
    agent = prices.bargain(COFFEE, high=6, low=2, bar=0.5, last=1, end=1)
    assert steps(agent, (3, 51), coffee_reference=6.94) == [6, 1]
    assert steps(agent, (3,), coffee_reference=7.0) == [2]


def test_products_of_shorter_ladders_follow_in_proportion():
    problem = problem_of("PricingShelf", "scarce-shelf")
    p = problem.parameters
    longer = p.products[0].replace(prices=(2.0, 4.0, 6.0, 8.0, 10.0))
    problem = problem_of("PricingShelf", p.replace(products=(longer, p.products[1])))
    agent = prices.hi_lo(problem, high=4, low=2, every=2, lows=1, stagger=1)
    assert [agent.act(seen(problem, periods_left=8 - k))[0].tolist() for k in range(3)] == [[2, 2], [4, 1], [2, 2]]


def test_a_calendar_takes_what_the_shelf_leaves():
    """The optimum is 2,617 an episode; one price earns 2,195."""
    assert value(COFFEE, named(COFFEE, "hi-lo calendar"), 400) > 0.98 * 2_617
    assert value(COFFEE, named(COFFEE, "bargain at a high reference"), 400) > 0.98 * 2_617


def test_a_calendar_of_neighbouring_prices_is_found():
    """Twelve units, price steps far apart: the highest and the next in turn earn 110 of 112.9, other settings 85."""
    product = {"appeal": 3.0, "sensitivity": 0.5, "prices": (3.0, 6.0, 9.0, 12.0, 15.0), "cost": 2.0, "start_step": 3}
    p = COFFEE.parameters.replace(
        periods=13, customers=3.0, memory=0.6, gain=2.0, loss=0.0, products=[{**product, "start_stock": 12}]
    )
    problem = problem_of("PricingShelf", p)
    assert value(problem, named(problem, "hi-lo calendar"), 400) > 0.94 * 112.88


AUCTION = problem_of("BiddingAuction", "first-price")


def test_bids_are_shaded_by_the_law_of_wins():
    """The share of the value by brute force over the bids, at a price of money of one."""
    row = seen(AUCTION, value=26, budget=380, auctions_left=96, competition=14)
    bids = np.arange(61)
    wins = shading.chances(AUCTION.parameters, np.array([14.0]), 0.8)[0]
    assert shading.shaded(AUCTION, price=1.0, spread=0.8).act(row).tolist() == [int((wins * (26 - bids)).argmax())]
    # Half the money left for all the time: money is dearer.
    poor = seen(AUCTION, value=26, budget=190, auctions_left=96, competition=14)
    assert shading.shaded(AUCTION, price=1.0, spread=0.8).act(poor) < shading.shaded(AUCTION, 1.0, 0.8, 0.0).act(poor)
    assert shading.shaded(AUCTION, price=1.0, spread=0.8).act(seen(AUCTION, value=40, budget=3, competition=14)) <= 3


def test_a_usual_day_spends_less_where_money_is_dearer():
    _, cost = shading.usual_day(AUCTION.parameters)
    assert (np.diff(cost[0]) <= 1e-9).all()
    # At the price found for the whole budget, the day costs the budget.
    assert shading.usual_price(AUCTION.parameters) == pytest.approx(0.6, abs=0.15)


def test_shading_takes_as_much_where_money_buys_a_hundred_times_the_value():
    """Numbers in money go with the scenario: with values a hundred times as large the same bids are best."""
    dear = AUCTION.parameters.replace(values=tuple(100 * value for value in AUCTION.parameters.values))
    problem = problem_of("BiddingAuction", dear)
    assert shading.usual_price(dear) == pytest.approx(100 * shading.usual_price(AUCTION.parameters))
    spec = named(AUCTION, "shading + pacing")
    for plain, scaled in zip(spec.settings(AUCTION), spec.settings(problem), strict=True):
        assert scaled["price"] == pytest.approx(100 * plain["price"], rel=0.01)
    assert max(one["multiplier"] for one in named(problem, "linear").settings(problem)[1:]) < 0.05


def test_shading_takes_what_the_auctions_leave():
    """The optimum is 417.3 a day; bids in proportion to value earn 397."""
    for name in ("shading + pacing", "shading + re-solve"):
        assert value(AUCTION, named(AUCTION, name), 2_000) > 412


@pytest.mark.parametrize(
    ("case", "scenario"), [("NudgeHabit", "newsletter"), ("PricingShelf", "juice-shelf"), ("NudgeBudget", "clinic")]
)
def test_timetable_plays_and_joins(case, scenario):
    problem = problem_of(case, scenario)
    settings = TIMETABLE.settings(problem)
    agents = [timetable(problem, **settings[k]) for k in (0, len(settings) // 2, len(settings) - 1)]
    rows = np.array([[feature.high for feature in problem.view.features]] * 30, dtype=np.float32)
    rows[:, problem.view.columns[problem.view.clock]] -= np.arange(30) % 20
    owner = np.arange(30) % 3
    together = batched(agents, owner).act(rows)
    np.testing.assert_array_equal(together, Panel(agents, owner).act(rows))
    assert all(problem.view.action_space.contains(action) for action in together)


def test_timetable_by_hand():
    problem = problem_of("NudgeHabit", "newsletter")
    whole = int(problem.view.features[problem.view.columns["steps_left"]].high)
    agent = timetable(problem, usual=0, other=3, every=4, times=2, phase=1)
    assert [int(agent.act(seen(problem, steps_left=whole - k))[0]) for k in range(6)] == [0, 3, 3, 0, 0, 3]
    shelf = problem_of("PricingShelf", "juice-shelf")
    agent = timetable(shelf, usual=10, other=0, every=5, times=1, stagger=1)
    assert agent.act(seen(shelf, periods_left=25))[0].tolist() == [6, 0, 6, 6, 6]


def test_timetable_takes_the_nearest_possible_decision():
    problem = problem_of("NudgeHabit", "newsletter")
    agent = timetable(problem, usual=3, other=3, every=2, times=1)
    assert agent.act(seen(problem), np.array([[True, True, False, False]])).tolist() == [1]


def test_whatever_has_a_clock_has_a_timetable():
    without = {"RecommendVisit", "RecommendLifetime"}
    for case in bizgyms.cases():
        names = [spec.name for spec in rules(problem_of(case.name, next(iter(case.scenarios))))]
        assert (names[-1] == "timetable") == (case.name not in without)
        assert names[0] != "timetable"


def test_finer_settings_close_in_on_the_best():
    closer = around(S=4.0, every=2)
    assert [one["S"] for one in closer(WEEK, {"S": 10.0}, 1)] == [8.0, 12.0]
    assert [one["every"] for one in closer(WEEK, {"every": 1}, 3)] == [0, 2]
    spec = named(WEEK, "base-stock")
    coarse = rule("coarse", spec.build, lambda problem: [{"S": 2.0}, {"S": 20.0}], finer=around(S=4.0))
    found = tuning.tune(WEEK, coarse, seeds.tuning(0))
    best = tuning.tune(
        WEEK, rule("all", spec.build, lambda problem: [{"S": float(s)} for s in range(25)]), seeds.tuning(0)
    )
    assert abs(found.setting["S"] - best.setting["S"]) <= 1
    assert found.value == pytest.approx(best.value, rel=0.01)
