"""The three bounds of a campaign's day, by hand, by brute force, and on what is no bound."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

import bizgyms
from bizgyms.bidding.campaign.bounds import HIGHEST_WORTH, WORTH_STEP, bounds, frontier, gain, gains, lagrangian
from bizgyms.bidding.campaign.fluid import best_shading, curves, resolve
from bizgyms.bidding.campaign.optimum import reference
from bizgyms.bidding.campaign.view import penalty
from envs_data.bidding.campaign import SCENARIOS, draw
from envs_data.bidding.campaign.law import paying, winning


def score(total, cost, target):
    return total + penalty(total, cost, target)


def test_whole_impressions_alone_are_no_bound():
    """Rates 10, 100, .4 at 5, 1000, 4.04 and a target of 1: prefixes score 10.0 at most, the first and third 10.4."""
    rates, prices = np.array([10.0, 100.0, 0.4]), np.array([5.0, 1000.0, 4.04])
    prefixes = [score(rates[:k].sum(), prices[:k].sum(), 1.0) for k in (1, 2, 3)]
    assert max(prefixes) == pytest.approx(10.0)
    assert score(10.4, 9.04, 1.0) == pytest.approx(10.4)
    total, best = frontier(rates, prices, 1e9, 1.0)
    assert total == pytest.approx(110.4)
    assert best == pytest.approx(10 + 100 * (10 - 5) / (1000 - 100))
    assert best > 10.4


def test_the_mean_of_daily_minima_is_no_bound():
    """Rate 10, budget 10, d = 10 or not to be won, even odds: a bid of 10 earns 5.0, the mean of minima is 2.5."""
    worths = np.exp(WORTH_STEP * np.arange(round(HIGHEST_WORTH / WORTH_STEP) + 1))
    table = np.tile(0.5 * np.maximum(worths - 10, 0), (2, 1))
    one, zero = np.array([1], dtype=np.int32), np.zeros(1)
    priced = lagrangian(one, zero, np.array([10.0]), zero, 0.0, 10.0, table, 0.0)
    days = [(frontier(np.array([10.0]), np.array([d]), 10.0, 0.0)[0], priced) for d in (10.0, 1e12)]
    hindsight, lagrange = np.mean(days, axis=0)
    earned = 0.5 * 10.0
    assert hindsight == pytest.approx(5.0)
    assert lagrange == pytest.approx(5.0, rel=2e-3)
    assert np.mean([min(day) for day in days]) == pytest.approx(2.5, rel=2e-3)
    assert np.mean([min(day) for day in days]) < earned <= min(hindsight, lagrange) + 1e-6


@given(
    rates=st.lists(st.floats(0.01, 1), min_size=1, max_size=7),
    data=st.data(),
    budget=st.floats(1, 200),
    target=st.one_of(st.just(0.0), st.floats(5, 200)),
)
@settings(max_examples=150, deadline=None)
def test_no_set_of_impressions_beats_the_frontier(rates, data, budget, target):
    prices = np.array(data.draw(st.lists(st.integers(1, 100), min_size=len(rates), max_size=len(rates))), dtype=float)
    total, best = frontier(np.array(rates), prices, budget, target)
    for chosen in itertools.product((0, 1), repeat=len(rates)):
        cost, won = float(prices @ chosen), float(np.array(rates) @ chosen)
        if cost <= budget:
            assert won <= total + 1e-9
            assert score(won, cost, target) <= best + 1e-9


@pytest.mark.parametrize("name", ["small-first-price", "small-second-price", "floors"])
def test_gains_are_the_best_bids_over_all_whole_bids(name):
    p = SCENARIOS[name]
    table = gains(p)
    rng = np.random.default_rng(0)
    medians, worths = np.log(64) + rng.normal(0, 0.5, 200), np.exp(rng.normal(4.5, 1.5, 200))
    wins = winning(p, medians)
    exact = np.maximum((wins * worths[:, None] - paying(p, wins)).max(axis=1), 0)
    ours = [gain(m, np.log(w), table.table, table.first) for m, w in zip(medians, worths, strict=True)]
    assert (np.array(ours) >= exact * (1 - 2e-5) - 1e-9).all()
    np.testing.assert_allclose(ours, exact, rtol=4e-3, atol=0.02)


def test_lagrangian_is_the_minimum_over_lambda():
    p = SCENARIOS["small-first-price"]
    luck = draw(p, np.random.default_rng(1), 1)
    n = int(luck.arrivals.sum())
    rates = luck.rate[0, :n].astype(np.float64)
    medians = np.repeat(np.log(p.usual()) + luck.level[0], luck.arrivals[0])
    wins = winning(p, medians + p.competition_slope * np.log(rates / p.rate))
    pays = paying(p, wins)

    def value(log_lambda):
        price = np.exp(log_lambda)
        return price * p.budget + np.maximum(wins * rates[:, None] - price * pays, 0).max(axis=1).sum()

    exact = optimize.minimize_scalar(value, bounds=(-12, 0), method="bounded", options={"xatol": 1e-6}).fun
    assert bounds(p, luck, 0)[1] == pytest.approx(exact, rel=3e-4)
    assert bounds(p, luck, 0)[1] >= exact * (1 - 1e-5)


def test_the_bounds_of_a_day_are_in_the_last_info():
    p = SCENARIOS["small-target"]
    luck = draw(p, np.random.default_rng(2), 1)
    for engine in ("simpy", "compiled"):
        env = bizgyms.make(p, engine=engine)
        env.reset(options={"luck": luck})
        for tick in range(p.ticks):
            *_, info = env.step(np.zeros(1, dtype=np.float32))
            told = (info["hindsight"], info["lagrangian"], info["score_bound"])
            assert told == (bounds(p, luck, 0) if tick == p.ticks - 1 else (0, 0, 0))
    assert told[2] <= told[0]


def test_the_day_on_average_is_the_day_simulated():
    """Cost and conversions of a steady bid, no shocks and money for everything, against the curves."""
    p = SCENARIOS["first-price"].replace(day_sd=0.0, tick_sd=0.0, budget=10_000_000)
    envs = bizgyms.make_vec(p, num_envs=100, autoreset_mode="Disabled")
    envs.reset(seed=3)
    actions = np.tile(envs.unwrapped.view.action(np.array([500.0]), 0.4), (100, 1))
    gained = spent = 0.0
    for _ in range(p.ticks):
        _, rewards, _, _, infos = envs.step(actions)
        gained, spent = gained + rewards.mean(), spent + infos["spent"].mean()
    usual = curves(p, 0.4)
    assert np.interp(np.log(500), usual.logs, usual.gain.sum(axis=0)) == pytest.approx(gained, rel=0.01)
    assert np.interp(np.log(500), usual.logs, usual.cost.sum(axis=0)) == pytest.approx(spent, rel=0.01)


def test_first_price_calls_for_shading_and_second_price_does_not():
    assert best_shading(SCENARIOS["second-price"]) == 0
    p = SCENARIOS["first-price"]
    assert 0 < best_shading(p) < p.max_shading
    assert curves(p, best_shading(p)).value(p.budget) > 1.015 * curves(p, 0.0).value(p.budget)
    assert resolve(SCENARIOS["target"]).curves.log_target(500.0) > np.log(500)


def test_which_bound_is_the_smallest():
    assert "Lagrangian" in reference(SCENARIOS["small-first-price"]).method
    assert "score" in reference(SCENARIOS["small-target"]).method
    luck = draw(SCENARIOS["second-price"], np.random.default_rng(5), 4)
    found = np.array([bounds(SCENARIOS["second-price"], luck, row) for row in range(4)]).mean(axis=0)
    assert found[0] == pytest.approx(found[1], rel=0.03)


def test_no_bound_exceeds_all_conversions_of_the_day():
    """Rates are probabilities, however far predictions are off; and money without end buys what there is, not more."""
    p = SCENARIOS["small-first-price"].replace(budget=1_000_000)
    luck = draw(p, np.random.default_rng(3), 1)
    auctions = int(luck.arrivals[0].sum())
    assert max(bounds(p, luck._replace(bias=np.array([1e9])), 0)) <= auctions * (1 + 1e-12)
    rates = np.minimum(luck.rate[0, :auctions].astype(np.float64) * luck.bias[0], 1.0)
    assert max(bounds(p, luck, 0)) <= rates.sum() * (1 + 1e-12)
