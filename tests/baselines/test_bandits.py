import numpy as np
import pytest

from baselines.agents import Learner, Problem
from baselines.learners import bandits, linear
from baselines.learners.bandit_arms import Constant, action_arms
from baselines.learners.bandits import Bandit
from baselines.learners.strategies import UCB1, Earned, EpsilonGreedy, ThompsonBeta, ThompsonNormal
from baselines.play.training import environments
from baselines.rules.restock_item import base_stock
from bizgyms import case
from envs_data.restock.item import ItemParameters

ITEM = case("RestockItem")
# Demand is always 5 and arrives after the order: ordering up to 5 costs nothing, any other level costs every day.
KNOWN = ItemParameters(mean=5.0, demand_law="constant", lead_time=0, days=10, max_packs=12)
PROBLEM = Problem(ITEM, KNOWN, ITEM.env.view_type(KNOWN))
ARMS = [{"S": float(level)} for level in range(1, 12)]
STRATEGIES = [EpsilonGreedy(), UCB1(), ThompsonNormal(), ThompsonBeta()]


def learned(seed=0, strategy=None):
    bandit = Bandit(PROBLEM, ARMS, base_stock, strategy or ThompsonNormal())
    bandit.learn(environments(ITEM, KNOWN), 6_000, seed)
    return bandit


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: type(strategy).__name__)
def test_it_finds_the_known_best_setting(strategy):
    bandit = learned(strategy=strategy)
    assert isinstance(bandit, Learner)
    assert bandit.arms[bandit.chosen] == {"S": 5.0}


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: type(strategy).__name__)
def test_it_finds_the_known_best_action(strategy):
    # With nothing carried over, an order of 5 is what every day needs: what it earns at once is all there is.
    bandit = Bandit(PROBLEM, action_arms(PROBLEM), Constant, strategy)
    bandit.learn(environments(ITEM, KNOWN), 20_000, 0)
    assert bandit.arms[bandit.chosen] == {"action": 5}


def test_learning_costs_what_the_log_says():
    bandit = learned()
    assert bandit.pulls.steps >= 6_000
    assert bandit.earned_while_learning == pytest.approx(bandit.pulls.earned.sum() / bandit.pulls.steps)
    assert bandit.regret > 0


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: type(strategy).__name__)
def test_the_propensity_is_how_often_an_arm_is_chosen(strategy):
    earned, rng = Earned(4), np.random.default_rng(0)
    earned.add(np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([1.0, 0.5, 0.9, 0.7, 0.2, 0.3, 0.8, 0.1]))
    chosen = [strategy.choose(earned, 1, rng) for _ in range(4_000)]
    arms, told = (np.concatenate(column) for column in zip(*chosen, strict=True))
    for arm in np.unique(arms):
        assert np.mean(arms == arm) == pytest.approx(told[arms == arm].mean(), abs=0.03)


def test_ucb1_is_the_published_formula():
    # Auer, Cesa-Bianchi and Fischer 2002, figure 1: mean + sqrt(2 ln n / n_j), earnings between 0 and 1. Means are
    # shrunk by one pull at the mean of all, and the choice made counts: n is one more than the pulls so far.
    earned = Earned(2)
    earned.add(np.repeat([0, 1], [90, 10]), np.r_[np.tile([0.0, 1.0], 45), np.tile([0.0, 1.0], 5)])
    assert UCB1().choose(earned, 1, np.random.default_rng(0))[0].tolist() == [1]
    bound = lambda n: 0.5 + np.sqrt(2 * np.log(101) / n)  # noqa: E731  # the formula, once
    assert bound(10) > bound(90)


def test_same_seed_same_log():
    np.testing.assert_array_equal(learned(3).pulls.arm, learned(3).pulls.arm)


def test_it_acts_the_same_after_loading(tmp_path):
    bandit = learned()
    bandit.save(tmp_path / "bandit.json")
    again = Bandit(PROBLEM, [{"S": 1.0}], base_stock, ThompsonNormal())
    again.restore(tmp_path / "bandit.json")
    rows = np.array([[3, 10], [0, 10]], dtype=np.float32)
    np.testing.assert_array_equal(again.act(rows), bandit.act(rows))


def test_without_learning_it_plays_the_untuned_setting():
    assert bandits.thompson(PROBLEM).chosen == 0


def test_what_is_impossible_becomes_the_nearest_that_is_not():
    mask = np.zeros((2, PROBLEM.view.action_count()), dtype=bool)
    mask[0, :3] = mask[1, 7:9] = True
    assert Constant(PROBLEM, 5).act(np.zeros((2, 2), dtype=np.float32), mask).tolist() == [2, 7]


class TestLinear:
    def toy(self, sampled, pulls=4_000, arms=5, width=4, seed=0):
        """A problem with known weights: what the bandit lost a pull against who knows them, early and late."""
        rng = np.random.default_rng(seed)
        bandit = linear.LinearBandit(PROBLEM, [{"action": k} for k in range(arms)], Constant, sampled)
        bandit.inverse, bandit.sums = np.tile(np.eye(width), (arms, 1, 1)), np.zeros((arms, width))
        weights = rng.normal(size=(arms, width))
        lost = []
        for _ in range(pulls):
            context = rng.normal(size=(1, width))
            arm, propensity = bandit.choose(context, rng)
            assert 0 < propensity[0] <= 1
            worth = weights @ context[0]
            bandit.add(context, arm, worth[arm] + rng.normal(0, 0.3, size=1))
            lost.append(worth.max() - worth[arm[0]])
        return np.array(lost), bandit, weights

    @pytest.mark.parametrize("sampled", [False, True])
    def test_regret_vanishes_where_rewards_are_linear(self, sampled):
        lost, bandit, weights = self.toy(sampled)
        assert lost[-1_000:].mean() < 0.05 * lost[:50].mean()
        found = np.einsum("aij,aj->ai", bandit.inverse, bandit.sums)
        assert np.abs(found - weights).max() < 0.25

    def test_one_rank_at_a_time_is_the_inverse(self):
        rng = np.random.default_rng(0)
        _, bandit, _ = self.toy(True, pulls=0)
        context, reward = rng.normal(size=(40, 4)), rng.normal(size=40)
        bandit.add(context, np.full(40, 2), reward)
        np.testing.assert_allclose(bandit.inverse[2], np.linalg.inv(np.eye(4) + context.T @ context), atol=1e-12)
        np.testing.assert_allclose(bandit.sums[2], context.T @ reward)

    def test_the_propensity_of_sampling_is_how_often_an_arm_is_chosen(self):
        rng = np.random.default_rng(0)
        _, bandit, _ = self.toy(True, pulls=30)
        context = np.repeat(rng.normal(size=(1, 4)), 20_000, axis=0)
        arms, told = bandit.choose(context, rng)
        for arm in np.unique(arms):
            assert np.mean(arms == arm) == pytest.approx(told[arms == arm][0], abs=0.015)

    @pytest.mark.parametrize("build", [linear.lin_ucb, linear.lin_ts_settings])
    def test_it_acts_the_same_after_loading(self, build, tmp_path):
        bandit = build(PROBLEM)
        bandit.learn(environments(ITEM, KNOWN), 3_000, 0)
        bandit.save(tmp_path / "bandit.npz")
        again = build(PROBLEM)
        again.restore(tmp_path / "bandit.npz")
        rows = np.array([[3, 10], [0, 10], [9, 2]], dtype=np.float32)
        np.testing.assert_array_equal(again.act(rows), bandit.act(rows))
        assert (bandit.pulls.propensity > 0).all()

    def test_regret_is_that_of_a_public_library(self):
        mabwiser = pytest.importorskip("mabwiser.mab", reason="mabwiser is not installed")
        ours = self.toy(False)[0].sum()
        rng = np.random.default_rng(0)
        weights = rng.normal(size=(5, 4))
        theirs = mabwiser.MAB(list(range(5)), mabwiser.LearningPolicy.LinUCB(alpha=linear.WIDTH, l2_lambda=1.0))
        lost, started = 0.0, False
        for _ in range(4_000):
            context = rng.normal(size=(1, 4))
            worth = weights @ context[0]
            rng.standard_normal(0)
            arm = theirs.predict(context) if started else 0
            reward = [worth[arm] + rng.normal(0, 0.3)]
            (theirs.partial_fit if started else theirs.fit)([arm], reward, context)
            started = True
            lost += worth.max() - worth[arm]
        assert ours == pytest.approx(lost, rel=0.1)
