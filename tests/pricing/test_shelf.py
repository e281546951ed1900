"""A shelf: choice, luck, world, twin and bound."""

import itertools
import math

import numpy as np
import pytest

import bizgyms
from bizgyms.pricing.shelf.optimum import myopic_steps, reference, unit_margins, weights_at_rest
from bizgyms.pricing.shelf.view import project
from envs_data.parameters import ParameterError
from envs_data.pricing.shelf import SCENARIOS, ShelfLuck, ShelfParameters, ShelfProduct, ShelfWorld, draw, tables
from envs_data.pricing.shelf.choice import choice_law, chosen


def flat(name, weight, **fields):
    """A product of one price, 1, with a given weight."""
    return ShelfProduct(name=name, appeal=math.log(weight) + 1.0, sensitivity=1.0, prices=(1.0,), **fields)


def lived(parameters, customers, wishes, decisions):
    luck = ShelfLuck(np.zeros(1, dtype=np.int16), np.array([customers]), np.array([wishes]))
    world = ShelfWorld(parameters, luck, record=True)
    world.start()
    for decision in decisions:
        world.play(decision)
    return world


def test_customers_choose_in_proportion_to_the_weights():
    bars = [0] * 3
    assert choice_law([1.0, 2.0, 3.0], [5, 0, 5], bars) == 5.0
    fifth = 2**32 / 5
    assert bars == [int(fifth), int(fifth), int(4 * fifth)]
    wishes = [0, int(fifth) - 1, int(fifth), int(4 * fifth) - 1, int(4 * fifth), 2**32 - 1]
    assert [chosen(wish, bars) for wish in wishes] == [0, 0, 2, 2, 3, 3]


def test_what_runs_out_sells_the_other():
    products = (flat("a", 1.0, start_stock=1), flat("b", 1.0, start_stock=5))
    # Thirds for a, b and nothing; a is out after the first, then halves for b and nothing.
    world = lived(ShelfParameters(periods=1, products=products), [3], [0, int(0.4 * 2**32), int(0.6 * 2**32)], [(0, 0)])
    assert world.sold == [1, 1]
    assert (world.stock, world.left, world.sold_out) == ([0, 4], 4, 1)
    assert world.events()["what"].tolist() == ["sale a", "sale b"]


def test_delivery_comes_before_the_decision():
    products = (flat("a", 1.0, start_stock=1, delivery=3),)
    world = lived(ShelfParameters(periods=2, delivery_period=1, products=products), [2, 2], [0, 0, 0, 0], [(0,)])
    assert (world.sold, world.left, world.stock) == ([1], 0, [3])


def test_reference_price_follows_the_price():
    product = ShelfProduct(prices=(1.0, 2.0), start_step=0)
    parameters = ShelfParameters(periods=3, memory=0.5, loss=1.0, gain=0.5, products=(product,))
    found = tables(parameters)
    assert found.references[0, [0, 50, 100]].tolist() == [1.0, 1.5, 2.0]
    assert found.moves[0, 0, 1] == 50
    # A price of 2 against a reference of 1 loses one more, a price of 1 against 2 gains a half.
    assert np.log(found.weights[0, 0]).tolist() == pytest.approx([0.0, -2.0])
    assert np.log(found.weights[0, 100]).tolist() == pytest.approx([0.5, -1.0])
    world = lived(parameters, [0, 0, 0], [], [(1,), (1,)])
    assert world.reference == [75]


def test_changes_beyond_the_limit_are_skipped_in_order():
    decision = [0, 0, 0]
    assert project(np.array([1, 0, 2]), np.array([0, 0, 0]), 1, decision) == 1
    assert decision == [1, 0, 0]
    assert project(np.array([1, 0, 2]), np.array([0, 0, 0]), 9, decision) == 2


def test_mask_leaves_the_last_price_once_no_change_is_left():
    env = bizgyms.make(SCENARIOS["few-changes"].replace(max_changes=1))
    env.reset(seed=1)
    assert env.unwrapped.action_masks().all()
    info = env.step(np.array([5]))[4]
    assert info["action_mask"].tolist() == [False] * 5 + [True] + [False]
    assert env.step(np.array([0]))[4]["decision"] == (5,)


def test_sales_follow_the_logit():
    parameters = SCENARIOS["rule-enough"].replace(periods=1, customers=50.0)
    worlds, steps = 2000, np.array([0, 1, 2, 3, 4])
    twin = bizgyms.make_vec(parameters, num_envs=worlds, autoreset_mode="Disabled")
    twin.reset(seed=3)
    seen, _, _, _, infos = twin.step(np.tile(steps, (worlds, 1)))
    weights = weights_at_rest(parameters)[np.arange(5), steps]
    expected = weights / (1 + weights.sum())
    assert seen[:, 10:15].sum(axis=0) / infos["customers"].sum() == pytest.approx(expected, abs=0.005)


def test_luck_is_uniform_and_follows_the_level():
    parameters = SCENARIOS["unknown-demand"]
    luck = draw(parameters, np.random.default_rng(1), 4000)
    assert (luck.wishes / 2**32).mean() == pytest.approx(0.5, abs=0.002)
    for kind, level in enumerate(parameters.kinds()):
        assert luck.customers[luck.kind == kind].mean() == pytest.approx(20 * level, rel=0.02)


def test_wrong_shelves_are_all_told_at_once():
    with pytest.raises(ParameterError) as caught:
        ShelfParameters(delivery_period=99, profile=(1.0,), products=(flat("a", 1.0), flat("a", 1.0)))
    assert all(words in str(caught.value) for words in ("a, a", "profile has 1", "delivery_period is 99"))


def test_myopic_prices_by_enumeration():
    parameters = SCENARIOS["scarce-shelf"]
    weights, margins = weights_at_rest(parameters), unit_margins(parameters)

    def worth(steps):
        chosen_weights = weights[np.arange(2), list(steps)]
        return (chosen_weights * margins[np.arange(2), list(steps)]).sum() / (1 + chosen_weights.sum())

    best = max(itertools.product(range(3), repeat=2), key=worth)
    assert myopic_steps(weights, margins).tolist() == list(best)


def test_bound_without_scarcity_is_the_equal_markup():
    assert reference(SCENARIOS["equal-markup"]).value == pytest.approx(80 * 0.915883, rel=1e-6)


def test_bound_holds_where_kindness_to_a_cheap_product_would_lower_it():
    """Prices 10 and 1: the cheap product at its kindest alone takes customers from the dear one."""
    dear = ShelfProduct(name="dear", appeal=math.log(0.58) + 10.0, sensitivity=1.0, prices=(10.0,))
    cheap = ShelfProduct(name="cheap", appeal=1.0 + math.log(1e-6), sensitivity=1.0, prices=(1.0, 50.0), start_step=1)
    parameters = ShelfParameters(periods=1, customers=10.0, gain=0.3, products=(dear, cheap))
    # With the cheap product at its dear step nobody takes it: what the dear one earns alone.
    alone = 10 * 10 * 0.58 / 1.58
    kind = tables(parameters).weights[1].max()
    kind_only = 10 * (10 * 0.58 + kind) / (1.58 + kind)
    assert kind_only < alone
    assert reference(parameters).value >= alone - 1e-6


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_rule_beats_the_bound(name):
    from baselines.agents import Problem
    from baselines.rules import rules

    parameters = SCENARIOS[name]
    case = bizgyms.case(parameters.case)
    problem, bound = Problem(case, parameters, case.env.view_type(parameters)), reference(parameters).value
    for rung in rules(problem):
        agent = rung.build(problem, **rung.settings(problem)[0])
        twin = bizgyms.make_vec(parameters, num_envs=200, autoreset_mode="Disabled")
        seen, _ = twin.reset(seed=5)
        returns = np.zeros(200)
        for _ in range(parameters.periods):
            seen, rewards, _, _, _ = twin.step(agent.act(seen))
            returns += rewards
        assert returns.mean() <= bound + 4 * returns.std() / np.sqrt(200) + 1e-9 * bound
