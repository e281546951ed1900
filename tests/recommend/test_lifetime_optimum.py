"""The best that can be done with a customer's lifetime: slates, exact optimum, bound, and what greed loses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizgyms.recommend.lifetime.boredom import followed
from bizgyms.recommend.lifetime.bound import (
    by_count,
    by_visits,
    chance_of_visits,
    count_decides,
    law_of,
    values,
)
from bizgyms.recommend.lifetime.optimum import bound, natures, solve, why_not_exact
from bizgyms.recommend.lifetime.planner import planner
from bizgyms.recommend.lifetime.slates import best_slate
from bizgyms.reference import TooLargeError
from envs_data.recommend.lifetime import SCENARIOS, Item
from tests.recommend.play_lifetime import LIFETIME, Fixed, play

SHOP = SCENARIOS["web-shop"]
ROUNDING = 1e-9


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


@pytest.mark.parametrize("name", ["tiny", "tiny-boredom", "tiny-honest"])
def test_the_bound_of_a_hidden_state_is_close_to_the_optimum_that_sees_it(name):
    p = SCENARIOS[name]
    exact = solve(p).value
    assert exact - ROUNDING <= bound(p.replace(revealed=False))[0] <= 1.01 * exact


def small_shop(seed, **fields):
    """A small shop at random, whose lives end by leaving or at the last visit."""
    rng = np.random.default_rng(seed)
    topics, segments = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    items = [
        Item(
            f"item {k}",
            topic=int(rng.integers(topics)),
            appeal=float(rng.normal(0, 1)),
            quality=float(rng.random()),
            margin=float(rng.integers(1, 20)),
            buys=0.3,
            returns=float(rng.choice([0.0, 0.4])),
        ).to_dict()
        for k in range(rng.integers(2, 6))
    ]
    tastes = rng.normal(0, 1, (segments, topics)).tolist()
    levels = int(rng.integers(1, 4))
    return SCENARIOS["tiny"].replace(
        visits=int(rng.integers(1, 9)),
        slate=int(rng.integers(1, 3)),
        topics=topics,
        boredom=[1.0, *rng.random(rng.integers(0, 4)).tolist()],
        bores=int(rng.integers(1, 3)),
        levels=levels,
        start=int(rng.integers(0, levels + 1)),
        b=float(rng.integers(2, 20)),
        pull=float(rng.choice([0.0, 0.5])),
        hold=float(rng.choice([0.0, 1.0])),
        drift=float(rng.choice([0.0, 0.2])),
        handling=2.0,
        items=items,
        segments=[{"name": f"{g}", "tastes": row} for g, row in enumerate(tastes)],
        **fields,
    )


@pytest.mark.parametrize("seed", range(25))
def test_never_below_the_optimum_of_a_small_shop(seed):
    never_below(seed)


@pytest.mark.slow
def test_never_below_the_optimum_of_500_small_shops():
    for seed in range(500):
        never_below(seed)


def never_below(seed):
    """Neither as it is, nor with boredom eased, nor where only the number of visits counts."""
    p = small_shop(seed)
    exact, least = solve(p).value, -ROUNDING
    assert bound(p)[0] - exact >= least
    for most in (1, 3, 8):
        assert by_visits(p, law_of(p), followed(p, most), p.a / (p.a + p.b)) - exact >= least
    counted = p.replace(pull=0.0, hold=0.0)
    assert count_decides(counted)
    exact = solve(counted).value
    for most in (1, 8, 10_000):
        assert by_count(counted, most) - exact >= least


@pytest.mark.parametrize("seed", range(4))
def test_a_known_number_of_visits_is_worth_little(seed):
    counted = small_shop(seed, alike=True).replace(pull=0.0, hold=0.0, visits=8)
    assert by_count(counted) == pytest.approx(solve(counted).value, rel=0.1)


@pytest.mark.parametrize("name", ["cdnow", "boredom"])
def test_chances_of_visits_are_those_of_the_world(name):
    p = SCENARIOS[name]
    visits = play(p, Fixed(*range(p.slate)), worlds=4000)["visits"]
    assert visits.mean() == pytest.approx(chance_of_visits(p).sum(), abs=4 * visits.std() / 4000**0.5)


@pytest.mark.parametrize("dropout", [0.005, 0.06, 0.2])
def test_steps_of_time_leave_the_bound_on_the_safe_side(dropout):
    nature = (np.array([0.15]), np.array([dropout]))
    p = SCENARIOS["clickbait"]
    coarse, fine = (float(values(p, *nature, steps)[0]) for steps in (180, 1440))
    assert fine - ROUNDING <= coarse <= 1.02 * fine


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
