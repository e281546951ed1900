"""The best that can be done with a customer's lifetime: slates, exact optimum, bound, and what greed loses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizgyms.recommend.lifetime.bound import values
from bizgyms.recommend.lifetime.optimum import bound, natures, solve, why_not_exact
from bizgyms.recommend.lifetime.planner import planner
from bizgyms.recommend.lifetime.slates import best_slate
from bizgyms.reference import TooLargeError
from envs_data.recommend.lifetime import SCENARIOS, Item
from tests.recommend.play_lifetime import LIFETIME, Fixed, play

SHOP = SCENARIOS["web-shop"]


def brute_force(worth, weights, nothing, places):
    """The best value over all ordered slates, empty places allowed."""
    best = nothing

    def extend(slate):
        nonlocal best
        w = np.array([places[k] * weights[i] for k, i in enumerate(slate)])
        best = max(best, (nothing + (w * worth[list(slate)]).sum()) / (1 + w.sum()))
        if len(slate) < len(places):
            for item in set(range(len(worth))) - set(slate):
                extend((*slate, item))

    extend(())
    return best


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_the_best_slate_is_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    worth, weights, nothing = rng.normal(1, 2, 5), rng.exponential(1, 5), rng.normal()
    places = np.sort(rng.uniform(0.3, 1, 3))[::-1].copy()
    slate, gains = np.zeros(3, dtype=np.int64), np.zeros(3)
    found = best_slate(worth, weights, nothing, places, slate, gains)
    assert found == pytest.approx(brute_force(worth, weights, nothing, places))


def test_with_equal_worths_the_likeliest_items_are_shown_in_order():
    weights = np.array([0.1, 0.5, 0.3, 0.9])
    slate, gains = np.zeros(2, dtype=np.int64), np.zeros(2)
    best_slate(np.ones(4), weights, 0.0, np.array([1.0, 0.85]), slate, gains)
    assert slate.tolist() == [3, 1]


def test_one_visit_is_worth_the_logit_by_hand():
    """One visit, one item: w / (1 + w) times its margin, returns taken off."""
    item = Item("only", appeal=0.5, margin=10.0, buys=0.25, returns=0.2)
    p = SCENARIOS["tiny"].replace(visits=1, items=[item.to_dict()], handling=3.0)
    weight = np.exp(0.5)
    by_hand = weight / (1 + weight) * 0.25 * (10 - 0.2 * 13)
    assert solve(p).value == pytest.approx(by_hand, rel=1e-4)


@pytest.mark.parametrize("name", ["tiny", "tiny-boredom"])
def test_a_constant_slate_is_no_better_than_the_optimum(name):
    p = SCENARIOS[name]
    best = solve(p).value
    for item in range(len(p.items)):
        earned = play(p, Fixed(*[item] * p.slate), worlds=1000)["reward"]
        assert earned.mean() < best + 4 * earned.std() / 1000**0.5


def test_what_hides_has_no_exact_optimum():
    tiny = SCENARIOS["tiny"]
    for changes, why in (
        ({"revealed": False}, "hidden"),
        ({"alike": False}, "differ"),
        ({"sold_out": 0.1}, "catalogue"),
        ({"days": 30}, "days may end"),
    ):
        p = tiny.replace(**changes)
        assert why in why_not_exact(p)
        with pytest.raises(TooLargeError, match=why):
            solve(p)


@pytest.mark.parametrize("name", ["tiny", "tiny-honest"])
def test_without_boredom_and_end_the_bound_is_the_optimum(name):
    """Many visits before the last: the bound, which knows no last visit, comes down to the exact value."""
    p = SCENARIOS[name].replace(visits=150, days=600, b=4.0, hold=0.3)
    assert why_not_exact(p) == ""
    found, error = bound(p)
    assert found == pytest.approx(solve(p).value, rel=2e-3)
    assert error < 0.01 * found


def test_the_bound_of_a_hidden_state_is_above_the_optimum_that_sees_boredom():
    p = SCENARIOS["tiny-boredom"]
    assert bound(p.replace(revealed=False))[0] > solve(p).value


def test_natures_have_the_means_of_their_laws():
    rates, dropouts, weights = natures(SHOP, 8)
    assert weights.sum() == pytest.approx(1)
    assert weights @ rates == pytest.approx(SHOP.r / SHOP.alpha)
    assert weights @ dropouts == pytest.approx(SHOP.a / (SHOP.a + SHOP.b))


@pytest.mark.slow
def test_nobody_beats_the_bound_in_clickbait():
    p = SCENARIOS["clickbait"]
    found, error = bound(p)
    earned = play(p, planner(p), worlds=2000)["reward"]
    assert earned.mean() < found + 4 * np.hypot(error, earned.std() / 2000**0.5)


def test_more_days_are_worth_more():
    p = SCENARIOS["honest"]
    nature = (np.array([0.1]), np.array([0.05]))
    worth = [float(values(p.replace(days=days), *nature)[0]) for days in (30, 90, 365)]
    assert worth == sorted(worth)


def test_clickbait_costs_more_than_a_third_of_what_is_possible():
    """Showing what is clicked most loses at least 30 % of what the best known policy earns over random decisions."""
    from baselines.agents import problem_of
    from baselines.learners.random_agent import Random
    from baselines.play.rollout import play as played
    from baselines.rules.recommend_lifetime import most_popular

    problem = problem_of(LIFETIME, SCENARIOS["clickbait"])
    agents = (Random(problem), most_popular(problem), planner(SCENARIOS["clickbait"]))
    chance, clicks, best = (played(problem, agent, 600, 77, "agent").mean for agent in agents)
    assert clicks < best - 0.3 * (best - chance)
