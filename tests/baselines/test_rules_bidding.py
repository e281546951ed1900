"""The rules of bidding. Settings below were tuned on luck of their own."""

import functools

import numpy as np
import pytest

from baselines.agents import Agent, Problem
from baselines.play import seeds
from baselines.play.rollout import play
from baselines.rules import bidding_campaign as rule
from baselines.rules import rules
from baselines.rules.bidding import linear
from baselines.rules.bidding_predict import calibrated, predict_then_bid, win_chances
from bizgyms import case
from bizgyms.bidding.campaign.optimum import means

AUCTION, CAMPAIGN = case("BiddingAuction"), case("BiddingCampaign")
DAYS = 200


def problem(of, parameters):
    return Problem(of, parameters, of.env.view_type(parameters))


@functools.cache
def bound(name):
    return float(means(CAMPAIGN.scenarios[name], DAYS)[0].min())


def share(name, build, **setting):
    """Per cent of the bound, on the very days the bound is for."""
    made = problem(CAMPAIGN, CAMPAIGN.scenarios[name])
    returns = play(made, build(made, **setting), DAYS, seeds.evaluation(0), "rule")
    return 100 * returns.mean / bound(name)


SCENARIOS = [(of, name) for of in (AUCTION, CAMPAIGN) for name in of.scenarios]


def test_a_paced_bid_follows_the_budget_left_for_each_auction():
    made = problem(AUCTION, AUCTION.scenarios["first-price"])
    p = made.parameters
    # By the plan, twice as much money left as planned, and half.
    left, budgets = p.auctions // 2, np.array([0.5, 1.0, 0.25]) * p.budget
    rows = np.array([[8.0, budget, left] for budget in budgets], dtype=np.float32)
    assert linear(made, multiplier=1.0, pace=1.0).act(rows).tolist() == [8, 16, 4]
    assert linear(made, multiplier=1.0, pace=0.5).act(rows).tolist() == [8, round(8 * 2**0.5), round(8 / 2**0.5)]
    assert linear(made, multiplier=1.0).act(rows).tolist() == [8, 8, 8]


@pytest.mark.parametrize(("of", "name"), SCENARIOS, ids=lambda value: getattr(value, "name", value))
def test_every_rule_has_a_sensible_grid_and_plays_every_scenario(of, name):
    made = problem(of, of.scenarios[name])
    twin = of.twin(num_envs=3, scenario=name)
    rows, _ = twin.reset(seed=0)
    for spec in rules(made):
        settings = list(spec.settings(made))
        assert 1 <= len(settings) <= 150, spec.name
        assert len({tuple(sorted(s.items())) for s in settings}) == len(settings), spec.name
        if spec.kind == "rule":
            agent = spec.build(made, **settings[0])
            assert isinstance(agent, Agent)
            assert all(made.view.action_space.contains(action) for action in agent.act(rows)), spec.name


def test_a_pid_bids_more_when_money_is_left_over_and_its_plan_follows_the_traffic():
    made = problem(CAMPAIGN, CAMPAIGN.scenarios["second-price"])
    agent = rule.shaped_pid(made, start=0.0, integral=1.0, proportional=0.0)
    rows = np.zeros((2, len(made.view.features)), dtype=np.float32)
    columns = {feature.name: k for k, feature in enumerate(made.view.features)}
    rows[:, columns["ticks_left"]] = 48
    rows[:, columns["bid_last"]] = made.parameters.bid
    rows[:, columns["budget"]] = [60_000, 20_000]
    actions = agent.act(rows)[:, 0]
    assert actions[0] > 0 > actions[1]
    plan = agent._plan()
    assert plan[0] == 0
    assert plan[-1] == pytest.approx(1)
    assert plan[20] < 0.06


def test_truthful_bids_the_target():
    made = problem(CAMPAIGN, CAMPAIGN.scenarios["target"])
    twin = CAMPAIGN.twin(num_envs=1, scenario="target")
    rows, _ = twin.reset(seed=0)
    _, _, _, _, infos = twin.step(rule.truthful(made).act(rows))
    assert infos["decision"][0, 0] == pytest.approx(made.parameters.target, rel=1e-5)


def test_second_price_is_solved_by_pacing_to_the_traffic():
    fixed = share("second-price", rule.constant, start=-0.2)
    even = share("second-price", rule.even_pid, start=-0.55, integral=0.3, proportional=15.0)
    shaped = share("second-price", rule.shaped_pid, start=-0.25, integral=0.3, proportional=15.0)
    assert 92 < fixed < 95
    assert 92 < even < 96
    assert 99 < shaped < 100
    assert 99 < share("second-price", rule.resolve_linear) < 100


def test_first_price_calls_for_shading():
    linear = share("first-price", rule.resolve_linear, pull=0.5)
    paced = share("first-price", rule.shaped_pid, start=-0.55, integral=1.0, proportional=5.0)
    shaded = share("first-price", rule.resolve_shaded, pull=0.5, shading=0.8)
    assert 96 < paced < 98
    assert 96 < linear < 98
    assert 99 < shaded < 100
    assert linear < share("first-price", predict_then_bid) < 100


def test_late_conversions_call_for_correction():
    setting = {"start": 1.1, "prior": 10.0, "pull": 1.0}
    assert 92 < share("target", rule.target_control, **setting) < 96
    late = share("target-8h", rule.target_control, start=1.25, prior=30.0, pull=0.5)
    corrected = share("target-8h", rule.corrected_control, start=1.0, prior=10.0, pull=1.0)
    assert late < 80
    assert 88 < corrected < 96
    assert 78 < share("target-8h", rule.constant, start=0.3) < 86


def test_a_win_model_knows_that_higher_bids_win_more_and_predictions_are_calibrated():
    p = CAMPAIGN.scenarios["small-first-price"].replace(auctions=1000.0, budget=12_000, bias=1.5)
    log = CAMPAIGN.generate(p, seed=1, days=6)
    chances = win_chances(log, np.array([0.02, 0.1]), 200)
    assert chances.shape == (24, 2, 201)
    assert (np.diff(chances, axis=2) >= 0).all()
    assert (chances[:, 0, 50] > chances[:, 1, 50]).all()
    assert calibrated(log) == pytest.approx(1.5, rel=0.2)
