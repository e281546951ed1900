"""Learning along the path: its days are the twin's, it comes near the optimum, and it comes back."""

import io

import numpy as np
import pytest

from baselines.agents import problem_of
from baselines.ladder.specs import ladder_of
from baselines.learners import small_network
from baselines.learners.pathwise import Pathwise, _Path
from baselines.play.rollout import play
from baselines.play.training import environments, one_thread
from bizgyms import case
from envs_data.restock.item import draw
from tests.baselines.small import SHOP

ITEM = case("RestockItem")
PROBLEM = problem_of(ITEM, SHOP)
WORLDS = 8


def trained(seed, steps=400_000):
    one_thread()
    agent = Pathwise(PROBLEM)
    agent.learn(environments(ITEM, SHOP), steps, seed)
    return agent


@pytest.fixture(scope="module")
def agent():
    return trained(1)


@pytest.mark.parametrize("lead_time", [0, 1, 3])
@pytest.mark.parametrize("unmet", ["lost", "backordered"])
def test_its_days_cost_what_the_twins_cost(lead_time, unmet):
    torch = pytest.importorskip("torch")
    shop = SHOP.replace(lead_time=lead_time, unmet=unmet, pack=2, weekday=(1.0, 1.2, 0.8, 1.0, 1.0, 2.0, 0.5))
    problem = problem_of(ITEM, shop)
    agent = Pathwise(problem)
    agent.network = small_network.begun(agent.network, np.random.default_rng(0))
    luck = draw(shop, np.random.default_rng(1), WORLDS)
    twin = ITEM.twin(WORLDS, scenario=shop, autoreset_mode="Disabled")
    rows, _ = twin.reset(options={"luck": luck})
    paid = 0.0
    for _ in range(shop.days):
        rows, rewards, *_ = twin.step(agent.act(rows))
        paid -= rewards.mean()
    path = _Path(torch, problem.view, agent.network, leak=0.1)
    weights = small_network.weights(torch, agent.network)
    cost, after = path.window(weights, path.opened(np.zeros(WORLDS, dtype=int)), luck.demand.T.astype(np.float32))
    assert float(cost.detach()) == pytest.approx(paid / shop.days * path.unit, rel=1e-5)
    assert not after.day.any(), "a new episode begins"
    assert (after.stock[0] == shop.start_on_hand).all()
    cost.backward()
    assert all(weight.grad is not None for weight in weights.values())


def test_it_comes_near_the_optimum_and_never_exceeds_it(agent):
    best, random = ITEM.reference(SHOP).policy, ladder_of(ITEM, SHOP)[0].build(PROBLEM)
    ours, possible, chance = (play(PROBLEM, one, 1_000, 0, "shop").returns for one in (agent, best, random))
    short = possible - ours
    assert short.mean() < 0.05 * (possible - chance).mean()
    assert short.mean() > -4 * short.std() / np.sqrt(1_000)


def test_the_same_seed_gives_the_same_agent_and_it_comes_back_from_its_file(agent):
    again = trained(2, 50_000)
    np.testing.assert_array_equal(again.network["weight 2"], trained(2, 50_000).network["weight 2"])
    assert (again.network["weight 2"] != trained(3, 50_000).network["weight 2"]).any()
    kept = io.BytesIO()
    agent.save(kept)
    kept.seek(0)
    loaded = Pathwise(PROBLEM)
    loaded.restore(kept)
    ours, theirs = (play(PROBLEM, one, 50, 0, "shop").returns for one in (agent, loaded))
    np.testing.assert_array_equal(ours, theirs)


def test_it_is_offered_where_costs_have_a_gradient():
    def names(scenario):
        return [spec.name for spec in ladder_of(ITEM, scenario)]

    assert "pathwise" in names(SHOP)
    assert "pathwise" not in names(SHOP.replace(order_cost=5.0)), "a fixed cost has none"
    box = case("RestockBox")
    assert "pathwise" not in [spec.name for spec in ladder_of(box, next(iter(box.scenarios.values())))]
