import numpy as np
import pytest

from baselines.agents import Agent, AgentError, AgentSpec, Problem
from baselines.ladder.specs import ladder_of
from baselines.learners.random_agent import Random
from baselines.rules import restock_box, restock_item, restock_item_settings, rules
from baselines.rules import restock_law as law
from bizgyms import case
from envs_data.parameters import ParameterError
from envs_data.restock.item import SCENARIOS, ItemParameters

ITEM = case("RestockItem")
BOX = case("RestockBox")


def problem(parameters, of=ITEM):
    return Problem(of, parameters, of.env.view_type(parameters))


def mean_return(of, parameters, agent, worlds=200, seed=1):
    twin = of.twin(num_envs=worlds, scenario=parameters, autoreset_mode="Disabled")
    rows, _ = twin.reset(seed=seed)
    total = np.zeros(worlds)
    while not twin.over.all():
        rows, rewards, *_ = twin.step(agent.act(rows, twin.action_masks()))
        total += rewards
    return total.mean()


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_rule_has_a_sensible_grid_and_plays_every_item(name):
    of = problem(SCENARIOS[name])
    rows = np.array([[feature.high / 100 for feature in of.view.features]], dtype=np.float32).repeat(3, axis=0)
    for spec in rules(of):
        settings = list(spec.settings(of))
        assert 1 <= len(settings) <= 150, spec.name
        assert len({tuple(sorted(s.items())) for s in settings}) == len(settings), spec.name
        agent = spec.build(of, **settings[0])
        assert isinstance(agent, Agent)
        assert all(of.view.action_space.contains(action) for action in agent.act(rows))


@pytest.mark.parametrize("name", BOX.scenarios)
def test_every_rule_has_a_sensible_grid_and_plays_every_box(name):
    of = problem(BOX.scenarios[name], BOX)
    rows = np.array([[min(feature.high, 5.0) for feature in of.view.features]], dtype=np.float32).repeat(3, axis=0)
    for spec in rules(of):
        settings = list(spec.settings(of))
        assert 1 <= len(settings) <= 150, spec.name
        actions = spec.build(of, **settings[0]).act(rows)
        assert all(of.view.action_space.contains(action) for action in actions), spec.name


def test_base_stock_orders_up_to_the_level_of_inventory_position():
    p = ItemParameters(lead_time=3, pack=2, max_packs=5)
    rows = np.array([[4, 2, 2, 100], [4, 0, 0, 100], [30, 0, 0, 100], [0, 0, 0, 100]], dtype=np.float32)
    assert restock_item.base_stock(problem(p), S=11).act(rows).tolist() == [2, 4, 0, 5]
    assert restock_item.capped_base_stock(problem(p), S=11, largest=4).act(rows).tolist() == [2, 2, 0, 2]


def test_reorder_point_waits_until_the_position_has_fallen_to_s():
    p = ItemParameters(lead_time=0, unmet="backordered")
    rows = np.array([[5, 100], [4, 100], [-3, 100]], dtype=np.float32)
    assert restock_item.s_S(problem(p), S=10, gap=6).act(rows).tolist() == [0, 6, 13]


def test_base_stock_takes_one_level():
    for wrong in ({}, {"S": 3, "safety": 2}):
        with pytest.raises(ParameterError, match="either S or safety"):
            restock_item.base_stock(problem(ItemParameters()), **wrong)


@pytest.mark.parametrize(("law_name", "size", "level"), [("poisson", 1.0, 56)])
def test_newsvendor_level_of_the_published_poisson_example(law_name, size, level):
    p = ItemParameters(mean=50.0, demand_law=law_name, size=size, lead_time=0, holding=0.18, shortage=0.70)
    assert law.newsvendor_levels(p)[0] == level


@pytest.mark.parametrize(("lead_time", "level", "cost"), [(1, 12, 4.163), (2, 16, 4.639), (3, 20, 4.975)])
def test_best_base_stock_of_zipkin_2008(lead_time, level, cost):
    p = SCENARIOS[f"zipkin-poisson-p4-l{lead_time}"].replace(days=2000, max_packs=40)
    of = problem(p)
    assert any(setting.get("S") == level for setting in restock_item_settings.base_stock_settings(of))
    found = mean_return(ITEM, p, restock_item.base_stock(of, S=level), worlds=100)
    assert -found / p.days == pytest.approx(cost, rel=0.01)


@pytest.mark.parametrize(("lead_time", "cost"), [(1, 4.04), (2, 4.41), (3, 4.64)])
def test_myopic_2_of_zipkin_2008(lead_time, cost):
    p = SCENARIOS[f"zipkin-poisson-p4-l{lead_time}"].replace(days=2000)
    found = mean_return(ITEM, p, restock_item.myopic_2(problem(p)), worlds=100)
    assert -found / p.days == pytest.approx(cost, rel=0.01)


def test_reorder_point_of_the_published_backorder_example():
    p = ItemParameters(
        mean=6.0, demand_law="poisson", lead_time=0, unmet="backordered", shortage=4.0, order_cost=5.0, days=2000
    )
    found = mean_return(ITEM, p, restock_item.s_S(problem(p), S=10, gap=6), worlds=100)
    assert -found / p.days == pytest.approx(8.034, rel=0.01)


def test_expected_stock_against_simulation():
    p = ItemParameters(mean=3.0, demand_law="poisson", lead_time=2, max_packs=6)
    table, _ = law.expected_stock(p, 30)
    demand = np.random.default_rng(0).poisson(3.0, size=(200_000, 2))
    stock = np.maximum(np.maximum(4 - demand[:, 0], 0) + 5 - demand[:, 1], 0)
    assert table[0, 4, 5] == pytest.approx(stock.mean(), abs=0.02)


@pytest.mark.parametrize(
    ("name", "S", "value"), [("de-moor-l1-fifo-w7", 7, -1474.5), ("de-moor-l1-lifo-w7", 5, -1565.3)]
)
def test_best_base_stock_of_de_moor_2022(name, S, value):  # noqa: N803  S is its name in every textbook
    p = BOX.scenarios[name].replace(days=465)
    twin = BOX.twin(num_envs=1000, scenario=p, autoreset_mode="Disabled")
    rows, _ = twin.reset(seed=1)
    agent = restock_box.base_stock(problem(p, BOX), S=S)
    total = np.zeros(1000)
    for day in range(p.days):
        rows, rewards, *_ = twin.step(agent.act(rows))
        total += rewards * 0.99 ** (day - 100) * (day >= 100)
    assert total.mean() == pytest.approx(value, rel=0.01)


def test_fill_the_truck_sends_whole_trucks():
    p = BOX.scenarios["vanvuchelen-setting5"]
    rule = restock_box.fill_the_truck(problem(p, BOX), service=0.9, fill=0.5)
    rows = np.zeros((4, len(rule.rule.reader.stock[0]) * 2 + 3), dtype=np.float32)[
        :, : len(problem(p, BOX).view.features)
    ]
    rows[:, 0] = [0, 2, 4, 6]
    assert (rule.act(rows).sum(axis=1) % p.truck_size == 0).all()


def test_random_takes_only_possible_actions_and_each_alike():
    of = problem(ItemParameters(max_packs=3))
    mask = np.array([[True, False, True, False]]).repeat(4000, axis=0)
    drawn = Random(of, seed=2).act(np.zeros((4000, 2), dtype=np.float32), mask)
    counts = np.bincount(drawn, minlength=4)
    assert counts[1] == counts[3] == 0
    assert abs(counts[0] - 2000) < 200


def test_ladder_names_every_kind_once_and_in_order():
    p = SCENARIOS["corner-shop"]
    ladder = ladder_of(ITEM, p)
    kinds = "random rule predict bandit tabular search branching pathwise deep untuned cloned reference"
    assert list(dict.fromkeys(spec.kind for spec in ladder)) == kinds.split()
    assert len({spec.name for spec in ladder}) == len(ladder)


def test_a_wrong_kind_is_named_with_the_nearest():
    with pytest.raises(AgentError, match=r"^agent 'mine': unknown kind 'rules'; did you mean 'rule'\?$"):
        AgentSpec("mine", "rules", "observations", Random)
