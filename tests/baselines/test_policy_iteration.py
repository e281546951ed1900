"""Policy iteration by branches: its alternatives, what it measures, and that it keeps to the rule where unsure."""

import dataclasses
import io

import numpy as np
import pytest

from baselines.agents import problem_of
from baselines.ladder.specs import ladder_of
from baselines.learners.advantages import Trials
from baselines.learners.alternatives import Alternatives
from baselines.learners.policy_iteration import PolicyIteration
from baselines.learners.warm_start import first_rule
from baselines.play import experiment as experiments
from baselines.play import seeds
from baselines.play.rollout import play
from baselines.play.training import environments, one_thread
from baselines.runs.run_file import RunFile
from bizgyms import case, cases
from bizgyms.masks import possible
from tests.baselines.small import SHOP, little_training

ITEM = case("RestockItem")
PROBLEM = problem_of(ITEM, SHOP)


def of(name):
    known = case(name)
    return problem_of(known, next(iter(known.scenarios.values())))


def begun(problem, worlds=16, steps=3):
    """A twin in mid-episode, with what is seen, decided and possible there."""
    twin = problem.case.twin(worlds, scenario=problem.parameters, autoreset_mode="Disabled")
    rule = first_rule(problem)
    rows, infos = twin.reset(seed=0)
    for _ in range(steps):
        rows, *_, infos = twin.step(rule.act(rows, possible(infos)))
    mask = possible(infos)
    return twin, rows, rule.act(rows, mask), mask


def trained(seed, steps=400_000):
    one_thread()
    agent = PolicyIteration(PROBLEM)
    agent.learn(environments(ITEM, SHOP), steps, seed)
    return agent


@pytest.fixture(scope="module")
def agent():
    return trained(1)


@pytest.mark.parametrize("name", [known.name for known in cases() if known.name != "RecommendLifetime"])
def test_alternatives_are_possible_and_the_first_is_the_decision_itself(name):
    problem = of(name)
    _, _, decided, mask = begun(problem)
    alternatives = Alternatives(problem)
    space = problem.view.action_space
    different = 0
    for number in range(alternatives.count):
        found = alternatives.of(decided, np.full(len(decided), number), mask)
        assert found.dtype == decided.dtype
        assert all(space.contains(one.astype(space.dtype)) for one in found)
        different += int((found != decided).any())
    np.testing.assert_array_equal(alternatives.of(decided, np.zeros(len(decided), dtype=int), mask), decided)
    assert different >= min(3, alternatives.count // 2)


def test_a_mask_is_kept_and_what_it_forbids_becomes_the_decision_itself():
    problem = of("NudgeBudget")
    _, _, decided, mask = begun(problem)
    shut = mask.copy()
    shut[:, 1::2] = False
    for number in range(1, 13):
        found = Alternatives(problem).of(np.zeros_like(decided), np.full(len(decided), number), shut)
        assert not found.any()


@pytest.mark.parametrize("name", ["NudgeHabit", "PricingSeason", "BiddingAuction"])
def test_the_same_decision_on_the_same_futures_gains_exactly_nothing(name):
    problem = of(name)
    twin, _, decided, mask = begun(problem)
    trials = Trials(first_rule(problem), Alternatives(problem), futures=3, horizon=5)
    gains = trials.advantages(twin, np.arange(16), decided, mask, np.random.default_rng(0))
    same = np.array([trials.alternatives.of(decided, np.full(16, k), mask) == decided for k in range(gains.shape[1])]).T
    assert (gains[same] == 0.0).all()
    assert (gains[~same] != 0.0).any()
    assert 0 < trials.steps <= gains.size * 3 * 5


@pytest.mark.parametrize("name", ["RestockItem", "NudgeBudget", "BiddingAuction"])
def test_worlds_that_are_alike_again_are_left_out_and_the_gains_stay(name, monkeypatch):
    problem = of(name)
    twin, _, decided, mask = begun(problem)
    shorter, longer = (Trials(first_rule(problem), Alternatives(problem), futures=2, horizon=30) for _ in range(2))
    found = shorter.advantages(twin, np.arange(16), decided, mask, np.random.default_rng(0))
    monkeypatch.setattr("baselines.learners.advantages.LOOKED_AT", ())
    whole = longer.advantages(twin, np.arange(16), decided, mask, np.random.default_rng(0))
    np.testing.assert_allclose(found, whole, rtol=1e-9, atol=1e-9)
    assert shorter.steps < longer.steps


def test_what_an_alternative_gains_is_what_playing_it_gains():
    # Of two kinds of branches, the trial's and those made by hand here, the means must agree.
    twin, rows, decided, _ = begun(PROBLEM, worlds=1)
    rule = first_rule(PROBLEM)
    trials = Trials(rule, Alternatives(PROBLEM), futures=4_000, horizon=6)
    more = next(k for k in range(1, 9) if trials.alternatives.of(decided, np.array([k]))[0] == decided[0] + 1)
    found = trials.advantages(twin, np.array([0]), decided, None, np.random.default_rng(0))[0, more]
    totals = []
    for extra in (0, 1):
        worlds = twin.branch(np.zeros(4_000, dtype=int), rng=7)
        total, actions = np.zeros(4_000), np.full(4_000, decided[0] + extra)
        for _ in range(6):
            rows, rewards, *_ = worlds.step(actions)
            total += rewards
            actions = rule.act(rows)
        totals.append(total)
    gains = totals[1] - totals[0]
    assert abs(found - gains.mean()) < 5 * gains.std() / np.sqrt(2_000)


def test_before_it_learns_it_decides_as_the_rule():
    _, rows, decided, _ = begun(PROBLEM)
    np.testing.assert_array_equal(PolicyIteration(PROBLEM).act(rows), decided)


def test_it_improves_an_untuned_rule_and_never_exceeds_what_is_possible(agent):
    best = ITEM.reference(SHOP).policy
    ours, rules, possible = (play(PROBLEM, one, 1_000, 0, "shop").returns for one in (agent, agent.rule, best))
    gain, distance = ours - rules, ours - possible
    assert gain.mean() > 4 * gain.std() / np.sqrt(1_000)
    assert distance.mean() < 4 * distance.std() / np.sqrt(1_000)


def test_the_same_seed_gives_the_same_agent_and_it_comes_back_from_its_file(agent):
    again, other = trained(1, 100_000), trained(2, 100_000)
    np.testing.assert_array_equal(again.network["weight 1"], trained(1, 100_000).network["weight 1"])
    assert (again.network["weight 1"] != other.network["weight 1"]).any()
    kept = io.BytesIO()
    agent.save(kept)
    kept.seek(0)
    loaded = PolicyIteration(PROBLEM)
    loaded.restore(kept)
    ours, theirs = (play(PROBLEM, one, 50, 0, "shop").returns for one in (agent, loaded))
    np.testing.assert_array_equal(ours, theirs)


def test_where_nothing_can_be_gained_it_stays_with_the_rule():
    one_thread()
    agent = PolicyIteration(PROBLEM)
    agent.rule = ITEM.reference(SHOP).policy
    agent.learn(environments(ITEM, SHOP), 100_000, 0)
    ours, possible = (play(PROBLEM, one, 1_000, 0, "shop").returns for one in (agent, agent.rule))
    difference = ours - possible
    assert difference.mean() >= -4 * difference.std() / np.sqrt(1_000)


def test_on_a_board_it_begins_at_the_best_tuned_rule_and_comes_back(tmp_path):
    spec = next(spec for spec in ladder_of(ITEM, SHOP) if spec.name == "policy-iteration")
    budget = dataclasses.replace(little_training(), trainings=1, episodes=100)
    experiment = experiments.Experiment(PROBLEM, budget, 0, RunFile(tmp_path / "runs.h5"))
    rules = [experiment.rule(rule) for rule in ladder_of(ITEM, SHOP) if rule.kind == "rule"]
    best = max(rules, key=lambda run: run.tuned)
    [run] = experiment.train([spec], 0, lambda name: None)
    assert not run.error
    assert run.made["setting"] == {"rule": best.agent, "tuned": dict(best.made["setting"])}
    [revived] = experiment.agents([run])
    played = play(PROBLEM, revived, 100, seeds.evaluation(0), "again")
    np.testing.assert_array_equal(played.returns, run.played.returns)


def test_a_rule_that_the_case_does_not_have_is_named():
    with pytest.raises(LookupError, match="guess is no rule of bizgyms/RestockItem-v0"):
        PolicyIteration(PROBLEM, "guess")


def test_hundreds_of_features_are_too_many():
    known = case("RecommendLifetime")
    names = [spec.name for spec in ladder_of(known, known.scenarios["web-shop"])]
    assert "policy-iteration" not in names
