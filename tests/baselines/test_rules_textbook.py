"""Rules of the trade, each by hand."""

import numpy as np
import pytest

import bizgyms
from baselines.agents import problem_of
from baselines.play import seeds
from baselines.play.rollout import play
from baselines.rules import (
    bidding_campaign,
    nudge_budget,
    pricing_markdown,
    recommend_lifetime,
    restock_box,
    restock_lot_size,
    rules,
)
from envs_data.restock.item import ItemParameters


def problem(name, scenario):
    case = bizgyms.case(name)
    return problem_of(case, case.scenarios[scenario] if isinstance(scenario, str) else scenario)


def seen(of, **values):
    rows = np.array([[feature.center for feature in of.view.features]], dtype=np.float32)
    for name, value in values.items():
        rows[0, of.view.columns[name]] = value
    return rows


def mean(of, agent, episodes=500):
    return play(of, agent, episodes, seeds.tuning(7), "a rule").mean


def test_silver_meal_of_the_textbook(monkeypatch):
    """A set-up of 54, .4 a unit and period, demand 10, 62, 12, 130, 154: the first order is 84, for three periods.

    Silver, Pyke and Thomas (2017), Inventory and Production Management in Supply Chains, section 5.5.
    """
    p = ItemParameters(mean=10.0, order_cost=54.0, holding=0.4, lead_time=0, days=4, pack=100)
    means = np.array([10.0, 62.0, 12.0, 130.0, *[154.0] * 20])
    monkeypatch.setattr(restock_lot_size, "moments", lambda parameters: (means, means))
    assert restock_lot_size.lot_days(p)[:3].tolist() == [3, 2, 2]


def test_silver_meal_waits_until_the_position_no_longer_covers_the_risk():
    p = ItemParameters(mean=4.0, order_cost=32.0, holding=1.0, lead_time=1, days=60, max_packs=60, demand_law="poisson")
    of = problem("RestockItem", p)
    agent = restock_lot_size.silver_meal(of, factor=0.0)
    assert restock_lot_size.lot_days(p)[0] == 4, "the economic order lasts sqrt(2 * 32 / 4) days"
    orders = [int(agent.act(seen(of, on_hand=stock, days_left=60))[0]) for stock in (9, 8, 3)]
    assert orders == [0, 12, 17]


def test_can_order_fills_up_with_whatever_must_come():
    of = problem("RestockBox", "shared-order-c5")
    agent = restock_box.can_order(of, service=0.9, gap=4.0, can=0.5)
    top = agent.level.units
    both = np.array([top, top - agent.can, top - agent.must])
    columns = [agent.reader.stock[k][0] for k in range(len(top))]

    def ordered(*units):
        rows = np.zeros((1, len(of.view.features)), dtype=np.float32)
        rows[0, columns] = units
        return (agent.act(rows)[0] > 0).tolist()

    assert ordered(both[2, 0] - 1, both[1, 1] - 1) == [True, True], "the second may come along"
    assert ordered(both[2, 0] - 1, top[1]) == [True, False], "what is full stays so"
    assert ordered(both[1, 0] - 1, both[1, 1] - 1) == [False, False], "nothing must be ordered"


def test_markdowns_begin_when_planned_and_end_at_the_last_price():
    of = problem("PricingSeason", "winter-coats")
    agent = pricing_markdown.markdown_schedule(of, start=6, end=2, begin=16)
    periods = [seen(of, periods_left=20 - k) for k in range(20)]
    assert [int(agent.act(rows)[0]) for rows in periods] == [*[6] * 16, 5, 4, 3, 2]
    for setting in pricing_markdown.schedule_settings(of):
        assert of.view.action_space.contains(int(pricing_markdown.markdown_schedule(of, **setting).act(periods[3])[0]))


def test_prices_follow_the_last_sales():
    of = problem("PricingShelf", "juice-shelf")
    names = [product.name for product in of.parameters.products]
    agent = pricing_markdown.follow_sales(of, height=0.5, low=0.5, high=1.5)
    even = float((agent.low / 0.5)[0])
    rows = seen(of, periods_left=10, **{f"{names[0]}_sold": 2 * even, f"{names[1]}_sold": 0.0})
    now = of.view.steps(rows)[0]
    assert agent.act(rows)[0, 0] == min(now[0] + 1, 6)
    assert agent.act(rows)[0, 1] == max(now[1] - 1, 0)
    assert agent.act(seen(of, periods_left=of.parameters.periods))[0].tolist() == [3] * len(names)


def test_bids_rise_after_losses_and_fall_after_wins():
    of = problem("BiddingCampaign", "first-price")
    agent = bidding_campaign.win_rate(of, start=0.0, share=0.3, step=1.0)
    known = {"ticks_left": 48, "bid_last": 1000.0, "offered_last": 100}
    most, none = (float(agent.act(seen(of, **known, won_last=won))[0, 0]) for won in (100, 0))
    stays = float(of.view.action(np.array([1000.0]))[0, 0])
    assert most < stays < none


def test_what_is_not_mastered_is_drilled_first_and_the_best_recalled_of_it():
    of = problem("NudgeBudget", "learn-a-subject")
    drill = nudge_budget.mastery(of, reviews=4, recall=0.9)
    scores = drill.scores[0].reshape(5, -1)
    assert scores[3, 0] > scores[3, 5] > scores[4, 30] > scores[4, 3] > scores[4, 0] == 0
    first = mean(of, drill)
    assert first > 1.4 * mean(of, nudge_budget.review_due(of, recall=0.8)), "it beats what was the best rule"


def test_explored_places_show_the_topic_shown_least_and_the_returned_another_ranking():
    of = problem("RecommendLifetime", "web-shop")
    rows = seen(of, since=3.0)
    rows[0, : len(of.parameters.items)] = 1.0
    shown = of.view.columns["shown"]
    rows[0, shown : shown + of.parameters.topics] = 5.0
    rows[0, shown + 2] = 0.0
    usual = recommend_lifetime.rated_margin(of, 2.0).act(rows)[0]
    slate = recommend_lifetime.explore_slots(of, power=2.0, explore=2).act(rows)[0]
    assert slate[:-2].tolist() == usual[:-2].tolist()
    assert of.view.topic_of[slate[-2:]].tolist() == [2, 2]
    back = recommend_lifetime.win_back(of, power=2.0, away=14.0, then=9.0)
    assert back.act(rows)[0].tolist() == usual.tolist()
    long_away = rows.copy()
    long_away[0, of.view.columns["since"]] = 20.0
    assert back.act(long_away)[0].tolist() == recommend_lifetime.rated_margin(of, 9.0).act(long_away)[0].tolist()


@pytest.mark.parametrize(
    ("case", "scenario", "name", "there"),
    [
        ("RestockItem", "rule-fails", "Silver-Meal", True),
        ("RestockItem", "corner-shop", "Silver-Meal", False),
        ("RestockBox", "rule-fails", "can-order", True),
        ("RestockBox", "grocery-box", "can-order", True),
        ("RestockBox", "shared-order-c5", "can-order", False),
        ("NudgeBudget", "learn-a-subject", "drill to mastery", True),
        ("NudgeBudget", "clinic", "drill to mastery", False),
        ("RecommendLifetime", "web-shop", "most popular by taste", True),
        ("PricingSeason", "winter-coats", "markdown schedule", True),
        ("BiddingCampaign", "first-price", "win-rate control", True),
    ],
)
def test_who_can_play_what(case, scenario, name, there):
    assert (name in [spec.name for spec in rules(problem(case, scenario))]) == there
