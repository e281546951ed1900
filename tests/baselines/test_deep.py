import subprocess
import sys

import numpy as np
import pytest

from baselines.agents import Learner, MissingDependencyError, Problem
from baselines.learners import deep
from baselines.learners.random_agent import Random
from baselines.play import seeds
from baselines.play.rollout import play
from baselines.play.training import environments
from baselines.rules import rules
from bizgyms import case
from envs_data.restock.item import SCENARIOS, ItemParameters

ITEM = case("RestockItem")
# Demand is always 3 and an order comes at once: whoever orders 3 less what is on hand pays nothing.
TOY = ItemParameters(
    mean=3.0, demand_law="constant", lead_time=0, days=8, max_packs=6, holding=1.0, shortage=2.0, start_on_hand=0
)
PROBLEM = Problem(ITEM, TOY, ITEM.env.view_type(TOY))
BUILD = {"ppo": deep.ppo, "dqn": deep.dqn}


def trained(algorithm, steps, seed=0):
    agent = BUILD[algorithm](PROBLEM)
    agent.learn(environments(ITEM, TOY), steps, seed)
    return agent


@pytest.mark.slow  # test_toys.py asks the same of the learners of the ladder
@pytest.mark.parametrize(("algorithm", "steps"), [("ppo", 150_000), ("dqn", 60_000)])
def test_it_solves_a_toy_with_a_known_answer(algorithm, steps):
    pytest.importorskip("stable_baselines3")
    agent = trained(algorithm, steps)
    assert isinstance(agent, Learner)
    twin = ITEM.twin(num_envs=1, scenario=TOY, autoreset_mode="Disabled")
    rows, _ = twin.reset(seed=0)
    cost = 0.0
    while not twin.over.all():
        rows, rewards, *_ = twin.step(agent.act(rows))
        cost -= rewards[0]
    assert cost == 0


@pytest.mark.parametrize("algorithm", BUILD)
def test_same_seed_same_agent_and_it_acts_the_same_after_loading(algorithm, tmp_path):
    pytest.importorskip("stable_baselines3")
    agent, twin = (trained(algorithm, 12_000, seed=4) for _ in range(2))
    agent.save(tmp_path / "agent.zip")
    loaded = BUILD[algorithm](PROBLEM)
    loaded.restore(tmp_path / "agent.zip")
    rows = np.array([[stock, days] for stock in range(-2, 20) for days in range(1, 9)], dtype=np.float32)
    np.testing.assert_array_equal(agent.act(rows), twin.act(rows))
    np.testing.assert_array_equal(agent.act(rows), loaded.act(rows))


def test_what_cannot_be_restored_says_why(tmp_path):
    pytest.importorskip("stable_baselines3")
    trained("ppo", 9_000).save(tmp_path / "agent.zip")
    p = SCENARIOS["corner-shop"]
    other = deep.ppo(Problem(ITEM, p, ITEM.env.view_type(p)))
    with pytest.raises(ValueError, match="trained on another scenario"):
        other.restore(tmp_path / "agent.zip")
    (tmp_path / "text.zip").write_text("no model")
    with pytest.raises(ValueError, match="not an agent that bizgyms saved"):
        other.restore(tmp_path / "text.zip")
    with pytest.raises(ValueError, match="nothing to save"):
        other.save(tmp_path / "empty.zip")


def test_an_unknown_block_of_hyperparameters_is_named():
    with pytest.raises(LookupError, match="has no block 'tuned'; there are default"):
        deep.hyperparameters("ppo", "bizgyms/RestockItem-v0", "tuned")


@pytest.mark.parametrize("algorithm", BUILD)
def test_untuned_hyperparameters_are_kept(algorithm):
    assert set(deep.hyperparameters(algorithm, "any", "untuned")) == {"policy", "n_envs"}


def test_the_ladder_imports_no_torch():
    heavy = "('torch', 'sklearn', 'stable_baselines3')"
    code = f"import sys, baselines.ladder.specs; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_torch_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "stable_baselines3", None)
    with pytest.raises(MissingDependencyError, match=r"pip install \"bizgyms\[baselines\]\""):
        deep.ppo(PROBLEM)


def test_a_policy_begins_at_a_rule_where_it_is_told_to():
    """The rule: up to 5 units; its line goes on below nothing, where only orders of 0 were seen."""
    pytest.importorskip("stable_baselines3")
    import torch
    from gymnasium import spaces

    from baselines.learners.ordinal import OrdinalPolicy

    rng = np.random.default_rng(0)
    rows = rng.integers(0, 12, size=(500, 2)).astype(np.float32)
    actions = np.stack([np.clip(5 - rows[:, 0], 0, 3), np.clip(8 - rows.sum(axis=1), 0, 6)], axis=1).astype(int)
    policy = OrdinalPolicy(spaces.Box(-99, 99, (2,)), spaces.MultiDiscrete([4, 7]), lambda _: 0.0)
    policy.begin_at(rows, actions)
    with torch.no_grad():
        decided = policy._predict(torch.as_tensor(rows), deterministic=True).numpy()
    np.testing.assert_array_equal(decided, actions)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["spare-parts-box", "grocery-box"])
def test_ppo_begins_where_the_first_rule_is(scenario):
    pytest.importorskip("stable_baselines3")
    box = case("RestockBox")
    p = box.scenarios[scenario]
    problem = Problem(box, p, box.env.view_type(p))
    agent = deep.ppo(problem)
    agent.learn(environments(box, p), 1, 0)
    rule = next(iter(rules(problem)))
    agents = [Random(problem), agent, rule.build(problem, **rule.settings(problem)[0])]
    random, ppo, first = (play(problem, one, 30, seeds.tuning(0), "one").mean for one in agents)
    assert ppo - random > 0.9 * (first - random)
