"""Every learner solves a problem whose answer is known before anybody trusts it with another."""

import io

import numpy as np
import pytest

from baselines.agents import Savable, problem_of
from baselines.ladder.specs import ladder_of
from baselines.play.rollout import play
from baselines.play.training import environments, one_thread
from bizgyms import case
from envs_data.restock.item import ItemParameters

ITEM = case("RestockItem")
# Demand is always 5, nothing is kept overnight (a leftover costs as much as a lost sale): an order of 5 costs nothing.
TOY = ItemParameters(mean=5.0, demand_law="constant", lead_time=0, days=10, max_packs=8, weekday=(1.0,) * 7)
PROBLEM = problem_of(ITEM, TOY)
STEPS = {"bandit": 15_000, "tabular": 100_000, "search": 200_000, "branching": 200_000, "pathwise": 300_000}
STEPS |= {"deep": 120_000, "cloned": 60_000}
# Untuned PPO is PPO: a thousand steps a second leave it no time for a toy.
LEARNERS = {spec.name: spec for spec in ladder_of(ITEM, TOY) if spec.kind in STEPS}
# What DQN loses at most: its network is shared by all actions, and the toy gives it seconds.
SLACK = {"DQN": 0.15}


def mean(agent):
    return play(PROBLEM, agent, 50, 0, "toy").mean


@pytest.fixture(scope="module")
def ends():
    """What random play earns, and what is possible."""
    by_name = {spec.name: spec for spec in ladder_of(ITEM, TOY)}
    return mean(by_name["random"].build(PROBLEM)), mean(by_name["reference"].build(PROBLEM))


@pytest.mark.parametrize("name", LEARNERS)
def test_it_solves_the_toy_and_acts_the_same_after_loading(name, ends):
    spec = LEARNERS[name]
    one_thread()
    agent = spec.build(PROBLEM)
    agent.learn(environments(ITEM, TOY), STEPS[spec.kind], 0)
    low, high = ends
    share = (mean(agent) - low) / (high - low)
    assert 1.0 - SLACK.get(name, 0.05) < share < 1.0 + 1e-9, f"{share:.3f} of the possible"
    assert isinstance(agent, Savable)
    kept = io.BytesIO()
    agent.save(kept)
    kept.seek(0)
    again = spec.build(PROBLEM)
    again.restore(kept)
    rows = np.random.default_rng(0).uniform(0, 10, size=(64, len(PROBLEM.view.features))).astype(np.float32)
    np.testing.assert_array_equal(again.act(rows), agent.act(rows))


@pytest.mark.parametrize(
    ("name", "id", "scenario", "steps"),
    [
        ("RecurrentPPO", "PricingSeason", "rule-fails", 10_000),
        ("SAC", "BiddingCampaign", "small-first-price", 8_000),
        ("MaskablePPO", "RestockBox", "grocery-box", 9_000),
    ],
)
def test_what_cannot_play_the_toy_plays_elsewhere_and_comes_back(name, id, scenario, steps):
    one_thread()
    found = case(id)
    problem = problem_of(found, found.scenarios[scenario])
    ladder = {spec.name: spec for spec in ladder_of(found, found.scenarios[scenario])}
    agent, random = ladder[name].build(problem), ladder["random"].build(problem)
    agent.learn(environments(found, found.scenarios[scenario]), steps, 0)
    kept = io.BytesIO()
    agent.save(kept)
    kept.seek(0)
    again = ladder[name].build(problem)
    again.restore(kept)
    ours, theirs, chance = (play(problem, one, 20, 0, name).mean for one in (agent, again, random))
    assert ours == theirs
    assert np.isfinite(ours)
    if name == "SAC":  # a few thousand decisions are one update for the others
        assert ours > chance
