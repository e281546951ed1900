import numpy as np
import pytest

from baselines.judge.statistics import mean_interval
from baselines.play.rollout import play
from benchmarks import quick_learner
from benchmarks.evidence import STEPS, best_rule, problem
from benchmarks.evidence_page import HOME, World, text
from benchmarks.worlds import KINDS, world, worlds
from bizgyms.restock.item.forward import episode_value


@pytest.mark.parametrize("kind", ["weekly market", "spare part", "backorders"])
def test_the_quick_value_is_the_exact_value_of_its_policy(kind):
    parameters = world(kind, 0)
    shop = quick_learner.Shop(problem(parameters))
    policy = quick_learner.trained(shop, 2_000, seed=1)
    assert quick_learner.value(shop, policy) == pytest.approx(episode_value(parameters, policy), rel=1e-9)


@pytest.mark.parametrize("kind", ["kiosk", "backorders", "spare part"])
def test_the_quick_value_in_another_world_is_exact_too(kind):
    here, there = world(kind, 0), world(kind, 0).replace(mean=world(kind, 0).mean * 1.1)
    rule = best_rule(here)[1]
    shop = quick_learner.Shop(problem(here))
    value = quick_learner.value_elsewhere(shop, shop.asked(rule), there)
    assert value == pytest.approx(episode_value(there, rule, problem(here).view), rel=1e-9)


def test_the_exact_value_is_the_simulated_one():
    parameters = world("weekly market", 1)
    shop = quick_learner.Shop(problem(parameters))
    policy = quick_learner.trained(shop, 2_000, seed=1)
    played = play(problem(parameters), policy, 2_000, 0, "quick")
    assert abs(played.mean - quick_learner.value(shop, policy)) < 4 * played.stderr


def test_same_seed_same_policy_and_another_seed_another():
    shop = quick_learner.Shop(problem(world("weekly market", 0)))
    one, same, other = (quick_learner.trained(shop, 2_000, seed).packs for seed in (3, 3, 4))
    assert (one == same).all()
    assert (one != other).any()


def of_trainings(lifts):
    return World("some shop 1", -1_000.0, 0.0, lifts, lifts, np.zeros(len(lifts)))


def test_coverage_of_normal_trainings_is_nominal_and_of_rare_failures_is_not():
    rng = np.random.default_rng(1)
    normal = of_trainings(rng.normal(5.0, 2.0, size=(2_000, 10)))
    assert 0.935 < normal.hits(normal.intervals()) / 2_000 < 0.965
    assert np.allclose([one.low for one in normal.intervals()], [one.low for one in normal.of_trainings()])
    failing = of_trainings(np.where(rng.random((2_000, 10)) < 0.02, -1_000.0, normal.lifts))
    assert failing.hits(failing.intervals()) / 2_000 < 0.5


def test_the_episodes_all_share_are_part_of_the_interval():
    rng = np.random.default_rng(2)
    lifts = rng.normal(5.0, 2.0, size=(2_000, 10))
    found = World("some shop 1", -1_000.0, 0.0, lifts, lifts + rng.normal(0, 3.0, size=(2_000, 1)), np.full(2_000, 3.0))
    assert 0.935 < found.hits(found.intervals()) / 2_000 < 0.97
    assert found.hits([mean_interval(ten) for ten in found.played]) / 2_000 < 0.6


def test_what_is_printed_covers_no_less_and_is_at_most_a_figure_wider_at_each_end():
    found = of_trainings(np.random.default_rng(3).normal(5.0, 2.0, size=(200, 10)))
    for whole, printed in zip(found.intervals(), found.printed(), strict=True):
        assert printed.low <= whole.low + 1e-5
        assert printed.high >= whole.high - 1e-5
        assert printed.high - printed.low < whole.high - whole.low + 2 + 1e-5


def test_simulated_returns_are_the_twin_s_in_the_mean():
    parameters = world("spare part", 1)
    rule = best_rule(parameters)[1]
    shop = quick_learner.Shop(problem(parameters))
    luck = np.random.default_rng(5).random((4_000, parameters.days))
    for returns, exact in (
        (quick_learner.returns_of_rule(shop, rule, luck), episode_value(parameters, rule)),
        (quick_learner.returns(shop, policy := quick_learner.trained(shop, 2_000, 1), luck),
         quick_learner.value(shop, policy)),
    ):  # fmt: skip
        assert abs(returns.mean() - exact) < 4 * returns.std() / 4_000**0.5


def test_the_page_is_made_of_its_rows():
    page = (HOME / "evidence.md").read_text(encoding="utf-8")
    assert page == text()
    assert "wrong sign | 0 of 36 | 0 of 36 (" in page


def test_every_kind_has_its_worlds():
    assert {name.rsplit(" ", 1)[0] for name in worlds()} == set(KINDS)
    assert len(worlds()) >= 30


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "sign"), [("weekly market, midweek", 1), ("lost sales, two days ahead", -1)])
def test_trainings_have_the_sign_the_page_says(kind, sign):
    parameters = world(kind, 0)
    shop, floor = quick_learner.Shop(problem(parameters)), episode_value(parameters, best_rule(parameters)[1])
    lifts = [quick_learner.value(shop, quick_learner.trained(shop, STEPS, seed)) - floor for seed in range(20)]
    assert np.sign(np.mean(lifts)) == sign
