import numpy as np
import pytest

from baselines.agents import Learner, Problem, Savable
from baselines.learners import tabular
from baselines.learners.tabular import QLearning
from baselines.play.training import environments
from bizgyms import case
from bizgyms.restock.item.forward import episode_value
from envs_data.restock.item import SCENARIOS, ItemParameters

ITEM = case("RestockItem")
# Demand is always 3 and an order comes at once: whoever orders 3 less what is on hand pays nothing.
TOY = ItemParameters(
    mean=3.0, demand_law="constant", lead_time=0, days=8, max_packs=6, holding=1.0, shortage=2.0, start_on_hand=0
)


def learned(parameters, steps=60_000, seed=0):
    agent = QLearning(Problem(ITEM, parameters, ITEM.env.view_type(parameters)))
    agent.learn(environments(ITEM, parameters), steps, seed)
    return agent


def test_it_solves_a_toy_with_a_known_answer():
    agent = learned(TOY)
    assert isinstance(agent, Learner)
    assert episode_value(TOY, agent) == 0


def test_it_finds_most_of_what_no_rule_does():
    kiosk = SCENARIOS["rule-fails"].replace(days=120)
    best = ITEM.reference(kiosk).value
    assert best >= episode_value(kiosk, learned(kiosk, 1_000_000)) > 1.12 * best


def test_same_seed_same_agent_and_it_acts_the_same_after_restoring(tmp_path):
    agent, twin = learned(TOY, seed=3), learned(TOY, seed=3)
    agent.save(tmp_path / "agent.npz")
    restored = QLearning(agent.problem)
    assert isinstance(restored, Savable)
    restored.restore(tmp_path / "agent.npz")
    rows = np.array([[stock, days] for stock in range(20) for days in range(1, 9)], dtype=np.float32)
    np.testing.assert_array_equal(agent.act(rows), twin.act(rows))
    np.testing.assert_array_equal(agent.act(rows), restored.act(rows))
    assert (restored.cells, restored.visited) == (agent.cells, agent.visited)
    other = QLearning(Problem(ITEM, SCENARIOS["corner-shop"], ITEM.env.view_type(SCENARIOS["corner-shop"])))
    with pytest.raises(ValueError, match="another scenario"):
        other.restore(tmp_path / "agent.npz")


def test_it_takes_only_what_the_mask_allows():
    agent = learned(TOY)
    rows = np.zeros((4, 2), dtype=np.float32)
    mask = np.eye(7, dtype=bool)[[0, 2, 5, 6]]
    assert agent.act(rows, mask).tolist() == [0, 2, 5, 6]


def test_it_says_what_learning_cost_and_how_far_it_is():
    moments = []
    agent = QLearning(Problem(ITEM, TOY, ITEM.env.view_type(TOY)))
    agent.watch = moments.append
    agent.learn(environments(ITEM, TOY), 50_000, 0)
    assert agent.earned_while_learning < 0
    assert moments == sorted(moments)
    assert len(moments) == tabular.LOOKS
    assert 49_000 < moments[-1] <= 50_000
    assert 1 < agent.visited <= agent.cells
