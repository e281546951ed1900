import numpy as np
import pytest

from baselines.judge.episodes import play
from benchmarks import quick_learner
from benchmarks.evidence import best_rule, problem
from benchmarks.evidence_page import covered
from benchmarks.worlds import KINDS, world, worlds
from bizgyms.restock.item.forward import episode_value


@pytest.mark.parametrize("kind", ["weekly market", "spare part", "backorders"])
def test_the_quick_value_is_the_exact_value_of_its_policy(kind):
    parameters = world(kind, 0)
    shop = quick_learner.Shop(problem(parameters))
    policy = quick_learner.trained(shop, 2_000, seed=1)
    assert quick_learner.value(shop, policy) == pytest.approx(episode_value(parameters, policy), rel=1e-9)


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


def test_coverage_of_normal_trainings_is_nominal_and_of_rare_failures_is_not():
    rng = np.random.default_rng(1)
    normal = rng.normal(5.0, 2.0, size=(2_000, 10))
    assert 0.935 < covered(normal) / 2_000 < 0.965
    failing = np.where(rng.random((2_000, 10)) < 0.02, -1_000.0, normal)
    assert covered(failing) / 2_000 < 0.5


def test_every_kind_has_its_worlds():
    assert {name.rsplit(" ", 1)[0] for name in worlds()} == set(KINDS)
    assert len(worlds()) >= 30


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "sign"), [("weekly market, midweek", 1), ("lost sales, two days ahead", -1)])
def test_trainings_have_the_sign_the_page_says(kind, sign):
    parameters = world(kind, 0)
    shop, floor = quick_learner.Shop(problem(parameters)), episode_value(parameters, best_rule(parameters)[1])
    lifts = [quick_learner.value(shop, quick_learner.trained(shop, 50_000, seed)) - floor for seed in range(20)]
    assert np.sign(np.mean(lifts)) == sign
