"""The box as environment and as twin."""

import numpy as np
import pytest

import bizgyms
from bizgyms.restock.box.optimum import solve
from bizgyms.restock.box.view import BoxView
from envs_data.restock.box import SCENARIOS, BoxItem, BoxParameters, draw

ID = "bizgyms/RestockBox-v0"


@pytest.mark.parametrize("worlds", [1, 65, 130])
def test_twin_equals_world_whatever_the_number_of_worlds(worlds):
    parameters = SCENARIOS["grocery-box"].replace(days=5)
    luck = draw(parameters, np.random.default_rng(1), worlds)
    twin = bizgyms.make_vec(parameters, num_envs=worlds, autoreset_mode="Disabled")
    twin.reset(options={"luck": luck})
    row = worlds - 1
    env = bizgyms.make(parameters)
    env.reset(options={"luck": type(luck)(*(array[row : row + 1] for array in luck))})
    actions = np.random.default_rng(2).integers(0, 3, (5, worlds, len(parameters.items)))
    for action in actions:
        seen, rewards, terminated, _, infos = twin.step(action)
        expected, reward, over, _, info = env.step(action[row])
        assert (seen[row] == expected).all()
        assert (rewards[row], terminated[row]) == (reward, over)
        assert tuple(infos["decision"][row]) == info["decision"]


def test_two_engines_agree_where_customers_wait_and_take_substitutes():
    items = (
        BoxItem(
            name="a", mean=3.0, unmet="backordered", lead_times=(0, 2), lead_time_probabilities=(0.5, 0.5), price=2
        ),
        BoxItem(name="b", mean=3.0, shelf_life=3, issue="LIFO", shortage=1.0, waste=1.0, max_packs=3),
    )
    parameters = BoxParameters(days=60, substitution=((0.0, 0.6), (0.7, 0.0)), min_order=3, max_order=7, items=items)
    luck = draw(parameters, np.random.default_rng(1), 1)
    returns = []
    for engine in ("simpy", "compiled"):
        env = bizgyms.make(parameters, engine=engine)
        env.reset(options={"luck": luck})
        env.action_space.seed(3)
        returns.append([env.step(env.action_space.sample())[1] for _ in range(60)])
    assert returns[0] == returns[1]


def view(**fields):
    items = (BoxItem(name="a", pack=2, max_packs=5), BoxItem(name="b", max_packs=6))
    return BoxView(BoxParameters(items=items, **fields))


def test_orders_that_fit_are_left_alone():
    assert view(capacity=20).projected([5, 6], held=4) == (10, 6)


def test_orders_too_large_for_the_box_are_cut_in_proportion():
    # room for 10 of 16 units: floor(5 * 10 / 16) = 3 packs of two, floor(6 * 10 / 16) = 3
    assert view(capacity=20).projected([5, 6], held=10) == (6, 3)
    assert view(max_order=10).projected([5, 6], held=10) == (6, 3)
    assert view(capacity=20).projected([5, 6], held=25) == (0, 0)


def test_orders_below_the_minimum_are_not_placed():
    assert view(min_order=4).projected([1, 1], held=0) == (0, 0)
    assert view(min_order=4).projected([1, 2], held=0) == (2, 2)


def test_mask_rules_out_what_does_not_fit_alone():
    box = view(capacity=20)
    observation = np.zeros((1, len(box.features)), dtype=np.float32)
    observation[0, :2] = 10, 5
    a, b = np.split(box.action_masks(observation)[0], [6])
    assert a.tolist() == [True] * 3 + [False] * 3
    assert b.tolist() == [True] * 6 + [False]


@pytest.mark.parametrize("name", ["hendrix-m3", "hendrix-two-items", "vanvuchelen-setting5", "shared-order-c6"])
def test_exact_value_is_the_simulated_mean_of_its_own_policy(name):
    parameters = SCENARIOS[name].replace(days=12)
    solution = solve(parameters, "total")
    twin = bizgyms.make_vec(parameters, num_envs=4096, autoreset_mode="Disabled")
    seen, _ = twin.reset(seed=11)
    returns = np.zeros(4096)
    for _ in range(parameters.days):
        seen, rewards, _, _, _ = twin.step(solution.policy.act(seen))
        returns += rewards
    stderr = returns.std() / 64
    assert abs(returns.mean() - solution.value) < 4 * stderr


def test_what_is_seen_names_every_entry_once():
    names = [feature.name for feature in bizgyms.make(ID).unwrapped.features]
    assert len(set(names)) == len(names)
    assert names[-1] == "days_left"
    assert "milk_on_hand_1" in names
    assert "eggs_on_order" in names


def test_two_engines_agree_on_days_busier_than_the_law_allows():
    parameters = SCENARIOS["grocery-box"].replace(days=3)
    luck = draw(parameters, np.random.default_rng(1), 2)
    luck.demand[:] *= 40
    twin = bizgyms.make_vec(parameters, num_envs=2, autoreset_mode="Disabled")
    twin.reset(options={"luck": luck})
    env = bizgyms.make(parameters)
    env.reset(options={"luck": type(luck)(*(array[1:] for array in luck))})
    for _ in range(3):
        action = np.ones(len(parameters.items), dtype=np.int64)
        assert twin.step(np.stack([action, action]))[1][1] == env.step(action)[1]
