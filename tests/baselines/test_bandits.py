import numpy as np
import pytest

from baselines.agents import Learner, Problem
from baselines.judge.training import environments
from baselines.learners.bandits import Thompson, thompson
from baselines.rules.restock_item import base_stock
from bizgyms import case
from envs_data.restock.item import ItemParameters

ITEM = case("RestockItem")
# Demand is always 5 and arrives after the order: ordering up to 5 costs nothing, any other level costs every day.
KNOWN = ItemParameters(mean=5.0, demand_law="constant", lead_time=0, days=10, max_packs=12)
PROBLEM = Problem(ITEM, KNOWN, ITEM.env.view_type(KNOWN))
ARMS = [{"S": float(level)} for level in range(1, 12)]


def learned(seed=0):
    bandit = Thompson(PROBLEM, ARMS, base_stock)
    bandit.learn(environments(ITEM, KNOWN), 6_000, seed)
    return bandit


def test_it_finds_the_known_best_arm():
    bandit = learned()
    assert isinstance(bandit, Learner)
    assert bandit.arms[bandit.chosen] == {"S": 5.0}


def test_learning_costs_what_the_log_says():
    bandit = learned()
    assert bandit.pulls.steps >= 6_000
    assert bandit.earned_while_learning == pytest.approx(bandit.pulls.earned.sum() / bandit.pulls.steps)
    assert bandit.regret > 0
    assert ((bandit.pulls.propensity > 0) & (bandit.pulls.propensity <= 1)).all()


def test_logged_propensities_value_another_arm_without_bias():
    # Before anything is known every arm is as likely, so the first batch is an honest experiment.
    bandit = learned()
    first = slice(0, 32)
    assert bandit.pulls.propensity[first].mean() == pytest.approx(1 / len(ARMS), abs=0.03)


def test_same_seed_same_log():
    np.testing.assert_array_equal(learned(3).pulls.arm, learned(3).pulls.arm)


def test_it_acts_the_same_after_loading(tmp_path):
    bandit = learned()
    bandit.save(tmp_path / "bandit.json")
    again = Thompson(PROBLEM, [{"S": 1.0}], base_stock)
    again.restore(tmp_path / "bandit.json")
    rows = np.array([[3, 10], [0, 10]], dtype=np.float32)
    np.testing.assert_array_equal(again.act(rows), bandit.act(rows))


def test_without_learning_it_plays_the_untuned_setting():
    assert thompson(PROBLEM).chosen == 0
