"""A shelf: choice, luck, world, twin and bound."""

import itertools
import math
import re

import numpy as np
import pytest

import bizgyms
from bizgyms.pricing import solve
from bizgyms.pricing.shelf.decomposed import best_offers, bound, own_values
from bizgyms.pricing.shelf.exact import Values, sold_by
from bizgyms.pricing.shelf.optimum import (
    bounded,
    kindest,
    myopic_steps,
    reference,
    sales_bound,
    sales_programme,
    unit_margins,
    weights_at_rest,
)
from bizgyms.pricing.shelf.view import ShelfView, project
from bizgyms.reference import TooLargeError
from envs_data.parameters import ParameterError
from envs_data.pricing.shelf import (
    SCENARIOS,
    ShelfLuck,
    ShelfParameters,
    ShelfProduct,
    ShelfWorld,
    choice,
    draw,
    weights_at,
)
from envs_data.pricing.shelf.choice import choice_law, chosen


def flat(name, weight, **fields):
    """A product of one price, 1, with a given weight."""
    return ShelfProduct(name=name, appeal=math.log(weight) + 1.0, sensitivity=1.0, prices=(1.0,), **fields)


def lived(parameters, customers, wishes, decisions):
    luck = ShelfLuck(np.zeros(1, dtype=np.int16), np.zeros(1), np.array([customers]), np.array([wishes]))
    world = ShelfWorld(parameters, luck, record=True)
    world.start()
    for decision in decisions:
        world.play(decision)
    return world


def test_customers_choose_in_proportion_to_the_weights():
    bars = [0] * 3
    assert choice_law([1.0, 2.0, 3.0], [5, 0, 5], 0.0, bars) == 5.0
    fifth = 2**16 / 5
    assert bars == [int(fifth), int(fifth), int(4 * fifth)]
    wishes = [0, int(fifth) - 1, int(fifth), int(4 * fifth) - 1, int(4 * fifth), 2**16 - 1]
    assert [chosen(wish, bars) for wish in wishes] == [0, 0, 2, 2, 3, 3]
    # A fifth of the wishes is 13107.2: one rounding in five gives the first product one more.
    roundings = (np.arange(1000) + 0.5) / 1000
    found = []
    for rounding in roundings:
        choice_law([1.0, 2.0, 3.0], [5, 0, 5], float(rounding), bars)
        found.append(list(bars))
    assert np.mean(found, axis=0) == pytest.approx([fifth, fifth, 4 * fifth], abs=1e-3)


def test_a_product_everybody_takes_is_taken_in_both_engines():
    """A share of one but for rounding has a bar behind every wish, which would not fit sixteen bits."""
    products = tuple(ShelfProduct(name=name, appeal=appeal) for name, appeal in (("loved", 50.0), ("shunned", -50.0)))
    parameters = ShelfParameters(periods=1, customers=9.0, products=products)
    luck = draw(parameters, np.random.default_rng(1), 1)
    env, twin = bizgyms.make(parameters), bizgyms.make_vec(parameters, num_envs=1)
    env.reset(options={"luck": luck}), twin.reset(options={"luck": luck})
    sold = env.step(np.array([0, 0]))[4]["sold"]
    assert sold == luck.customers.sum() > 0
    assert twin.step(np.array([[0, 0]]))[4]["sold"].tolist() == [sold]


def test_what_runs_out_sells_the_other():
    products = (flat("a", 1.0, start_stock=1), flat("b", 1.0, start_stock=5))
    # Thirds for a, b and nothing; a is out after the first, then halves for b and nothing.
    world = lived(ShelfParameters(periods=1, products=products), [3], [0, int(0.4 * 2**16), int(0.6 * 2**16)], [(0, 0)])
    assert world.sold == [1, 1]
    assert (world.stock, world.left, world.sold_out) == ([0, 4], 4, 1)
    assert world.events()["what"].tolist() == ["sale a", "sale b"]


def test_delivery_comes_before_the_decision():
    products = (flat("a", 1.0, start_stock=1, delivery=3),)
    world = lived(ShelfParameters(periods=2, delivery_period=1, products=products), [2, 2], [0, 0, 0, 0], [(0,)])
    assert (world.sold, world.left, world.stock) == ([1], 0, [3])


def test_reference_price_follows_the_price():
    product = ShelfProduct(prices=(1.0, 2.0), start_step=0)
    parameters = ShelfParameters(periods=3, memory=0.3, loss=1.0, gain=0.5, products=(product,))
    # A price of 2 against a reference of 1 loses one more, a price of 1 against 2 gains a half.
    assert np.log(weights_at(parameters, np.array([1.0]))[0]).tolist() == pytest.approx([0.0, -2.0])
    assert np.log(weights_at(parameters, np.array([2.0]))[0]).tolist() == pytest.approx([0.5, -1.0])
    world = lived(parameters, [0, 0, 0], [], [(1,), (1,)])
    assert world.reference == [0.3 * (0.3 * 1.0 + (1.0 - 0.3) * 2.0) + (1.0 - 0.3) * 2.0]


def test_a_price_that_stays_is_what_customers_expect_in_the_end():
    twin = bizgyms.make_vec(SCENARIOS["rule-fails"].replace(periods=200), num_envs=1)
    twin.reset(seed=1)
    seen = [twin.step(np.array([[2]]))[0][0, 3] for _ in range(199)]
    assert seen[0] == np.float32(0.8 * 7.0 + (1 - 0.8) * 6.0)
    assert seen[-1] == 6.0


def test_fixed_prices_earn_what_the_law_gives():
    """Reference prices move from 7 towards a price that stays, so that customers gain, or lose, less and less."""
    p = SCENARIOS["rule-fails"]
    expected = []
    for price in p.products[0].prices:
        reference, total = 7.0, 0.0
        for _ in range(p.periods):
            over = price - reference
            taken = math.exp(3.0 - 0.5 * price - (p.loss if over > 0 else p.gain) * over)
            total += p.customers * (price - 2.0) * taken / (1 + taken)
            reference = p.memory * reference + (1 - p.memory) * price
        expected.append(total)
    assert max(expected) == pytest.approx(2194.65, abs=0.01)
    best = int(np.argmax(expected))
    returns = returns_of(p, Fixed(best), 2000)
    assert abs(returns.mean() - expected[best]) < 4 * returns.std() / np.sqrt(2000)


class Fixed:
    def __init__(self, step):
        self.step = step

    def act(self, observations):
        return np.full((len(observations), 1), self.step)


def test_the_weight_of_both_engines_is_the_exponential():
    for utility in np.random.default_rng(1).uniform(-299, 299, 2000).tolist():
        assert choice.weight(utility, 1.0, 1.0, [9.0, 9.0]) == pytest.approx(math.exp(utility), rel=1e-15 * 300)
    assert choice.weight(0.0, 1.0, 1.0, [9.0, 9.0]) == 1.0
    assert choice.weight(0.0, 2.0, 1.0, [9.0, 5.0]) == pytest.approx(math.exp(-9.0))
    assert choice.weight(0.0, 1.0, 2.0, [9.0, 5.0]) == pytest.approx(math.exp(5.0))


@pytest.mark.parametrize("gain", [100.0, 1e6])
def test_everybody_takes_a_bargain_that_is_beyond_all_measure(gain):
    product = ShelfProduct(prices=tuple(map(float, range(1, 11))), start_step=9, start_stock=10_000)
    parameters = ShelfParameters(periods=3, gain=gain, products=(product,))
    luck = draw(parameters, np.random.default_rng(1), 1)
    env, twin = bizgyms.make(parameters), bizgyms.make_vec(parameters, num_envs=1)
    env.reset(options={"luck": luck}), twin.reset(options={"luck": luck})
    for customers in luck.customers[0]:
        assert env.step(np.array([0]))[1] == customers
        assert twin.step(np.array([[0]]))[1].tolist() == [customers]
    assert solve(parameters).value == pytest.approx(3 * 20.0 * 9.0, rel=0.2)


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
    assert (luck.wishes / 2**16).mean() == pytest.approx(0.5, abs=0.002)
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
    """Prices 10 and 1: the cheap product at its kindest takes customers from the dear one, 3.67 becomes 2.33 each."""
    gain = math.log(1.593e6) / 49
    dear = ShelfProduct(name="dear", appeal=math.log(0.58) + 10.0, sensitivity=1.0, prices=(10.0,))
    cheap = ShelfProduct(name="cheap", appeal=1.0 + math.log(1e-6), sensitivity=1.0, prices=(1.0, 50.0), start_step=1)
    parameters = ShelfParameters(periods=1, customers=10.0, gain=gain, products=(dear, cheap))
    # With the cheap product at its dear step nobody takes it: what the dear one earns alone.
    alone = 10 * 0.58 / 1.58
    kind = kindest(parameters)[1].max()
    kind_only = (10 * 0.58 + kind) / (1.58 + kind)
    assert round(alone, 2) == 3.67
    assert round(kind_only, 2) == 2.33
    assert sales_bound(parameters, 1.0) >= 10 * alone - 1e-6
    assert sales_bound(parameters, 1.0) >= solve(parameters).value - 1e-9


# The exact solution.


def test_two_products_two_customers_by_hand():
    """One unit each, fixed prices, two customers for sure in mind: thirds, then halves of what is left."""
    weights, margins, after = np.array([1.0, 1.0]), np.array([2.0, 4.0]), np.zeros((1, 2, 2))
    mean, found = 3.0, 0.0
    # Expected margin of n customers: n = 1 earns 2; of the next, whoever finds one product takes it half the time.
    worth = [0.0]
    left = {(1, 1): 1.0}
    for _ in range(60):
        gained, then = 0.0, {}
        for (a, b), chance in left.items():
            total = 1 + a + b
            for which, units in ((0, a), (1, b)):
                if units:
                    gained += chance / total * margins[which]
                    key = (a - (which == 0), b - (which == 1))
                    then[key] = then.get(key, 0.0) + chance / total
            then[a, b] = then.get((a, b), 0.0) + chance / total
        worth.append(worth[-1] + gained)
        left = then
    for customers, value in enumerate(worth):
        found += math.exp(-mean + customers * math.log(mean) - math.lgamma(customers + 1)) * value
    assert sold_by(mean, weights[None], margins, after[None])[0, 0, 1, 1] == pytest.approx(found, rel=1e-9)


def test_one_price_and_ample_stock_earn_the_mean():
    product = ShelfProduct(prices=(2.0,), appeal=math.log(3.0) + 2.0, sensitivity=1.0, cost=0.5, start_stock=1000)
    parameters = ShelfParameters(periods=3, customers=4.0, products=(product,))
    assert solve(parameters).value == pytest.approx(3 * 4 * 0.75 * 1.5)


def test_a_change_costs_what_it_costs_and_only_so_many_are_allowed():
    product = ShelfProduct(prices=(1.0, 2.0), appeal=3.0, sensitivity=1.0, start_stock=1000)
    base = ShelfParameters(periods=4, customers=10.0, products=(product,))
    free, best_step = solve(base).value, 10 * 2 * math.e / (1 + math.e)
    assert free == pytest.approx(4 * best_step)
    assert solve(base.replace(change_cost=3.0)).value == pytest.approx(free - 3.0)
    assert solve(base.replace(max_changes=1)).value == pytest.approx(free)


def test_a_delivery_is_worth_what_it_sells():
    product = ShelfProduct(prices=(2.0,), appeal=20.0, sensitivity=1.0, start_stock=1, delivery=2)
    parameters = ShelfParameters(periods=2, customers=50.0, delivery_period=1, products=(product,))
    assert solve(parameters).value == pytest.approx(2.0 * 3)


@pytest.mark.parametrize(
    ("memory", "gain", "loss"), [(0.6, 1.2, 0.3), (0.9, 0.0, 2.0), (0.0, 3.0, 0.0), (0.45, 5.0, 5.0)]
)
def test_values_between_reference_prices_are_as_exact_as_is_said(memory, gain, loss):
    """Against every sequence of prices, under the law itself."""
    products = [ShelfProduct(name="a", appeal=2.0, prices=(1.0, 2.0, 3.5), start_step=1, start_stock=1000)]
    p = ShelfParameters(periods=6, memory=memory, gain=gain, loss=loss, products=tuple(products))

    def earned(steps):
        reference, total = 2.0, 0.0
        for step in steps:
            price = (1.0, 2.0, 3.5)[step]
            taken = math.exp(2.0 - price - loss * max(price - reference, 0) + gain * max(reference - price, 0))
            total, reference = total + 20 * price * taken / (1 + taken), memory * reference + (1 - memory) * price
        return total

    best = max(map(earned, itertools.product(range(3), repeat=6)))
    found = reference(p)
    said = float(re.search(r"to (\S+) \(", found.method)[1])
    assert found.kind == "exact"
    assert abs(found.value - best) <= said < 1e-3 * best
    coarse = Values(p, 1.0, 10).start()
    assert abs(found.value - best) <= abs(coarse - best)


def test_two_products_are_remembered_side_by_side():
    """Two that take nothing from each other, since nobody takes either: each alone, added."""
    a = ShelfProduct(name="a", appeal=-9.0, prices=(1.0, 2.0, 3.0), start_stock=1000)
    b = a.replace(name="b", appeal=-9.5, prices=(2.0, 3.5), start_step=1)
    alone = [solve(ShelfParameters(periods=5, gain=1.0, loss=0.5, products=(one,))).value for one in (a, b)]
    both = reference(ShelfParameters(periods=5, gain=1.0, loss=0.5, products=(a, b)))
    assert both.kind == "exact"
    assert both.value == pytest.approx(sum(alone), rel=2e-3)


def test_scarce_stock_and_memory_are_solved_together():
    parameters = SCENARIOS["scarce-shelf"].replace(gain=0.3, loss=0.1, products=SCENARIOS["scarce-shelf"].products[:1])
    found = reference(parameters)
    returns = returns_of(parameters, found.policy, 2000)
    assert found.kind == "exact"
    assert abs(returns.mean() - found.value) < 4 * returns.std() / np.sqrt(2000)


@pytest.mark.parametrize("name", ["rule-fails", "loss-aversion", "scarce-shelf", "few-changes"])
def test_env_agrees_with_its_own_optimum(name):
    found = reference(SCENARIOS[name])
    returns = returns_of(SCENARIOS[name], found.policy, 1000)
    assert found.kind == "exact"
    assert abs(returns.mean() - found.value) < 4 * returns.std() / np.sqrt(1000)
    assert found.value <= sales_bound(SCENARIOS[name], 1.0) + 1e-9


def test_hidden_level_has_a_bound_and_no_exact_solution():
    parameters = SCENARIOS["unknown-demand"]
    with pytest.raises(ValueError, match="bound"):
        solve(parameters)
    found = reference(parameters)
    returns = returns_of(parameters, found.policy, 1000)
    assert found.kind == "bound"
    assert found.value < np.mean([sales_bound(parameters, level) for level in parameters.kinds()])
    assert 0.9 * found.value < returns.mean() < found.value + 4 * returns.std() / np.sqrt(1000)


@pytest.mark.parametrize("name", ["scarce-shelf", "few-changes"])
def test_the_decomposition_is_between_the_optimum_and_the_linear_programme(name):
    parameters = SCENARIOS[name]
    programme = sales_programme(parameters, 1.0)
    values = [
        own_values(parameters, 1.0, k, kindest(parameters), unit_margins(parameters), programme)
        for k in range(len(parameters.products))
    ]
    found = bound(values, parameters, programme)
    # Prices of both solutions are sets of the same steps; customers of the bound may each have their own.
    assert solve(parameters).value - 1e-9 <= found < programme.value
    for own in values:
        assert (np.diff(own, axis=1) >= -1e-9).all()


def test_best_offers_by_enumeration():
    rng = np.random.default_rng(4)
    weights, margins = rng.uniform(0.1, 2, (3, 4)), rng.uniform(-1, 3, (5, 3, 4))

    def worth(case, steps):
        taken = [(weights[k, j], margins[case, k, j]) for k, j in enumerate(steps) if j >= 0]
        return sum(w * m for w, m in taken) / (1 + sum(w for w, _ in taken))

    best = [max(worth(case, steps) for steps in itertools.product(range(-1, 4), repeat=3)) for case in range(5)]
    assert best_offers(weights, margins) == pytest.approx(best)


def test_prices_of_stock_fall_with_the_delivery():
    programme = sales_programme(SCENARIOS["juice-shelf"], 1.0)
    costs = programme.by_period(SCENARIOS["juice-shelf"])
    assert (costs[0] >= costs[-1] - 1e-9).all()
    assert costs[0].max() > 0


def test_bid_prices_earn_most_of_the_bound():
    parameters = SCENARIOS["scarce-shelf"]
    found = bounded(parameters)
    returns = returns_of(parameters, found.policy, 1000)
    assert returns.mean() > 0.98 * found.value


def test_a_large_shelf_says_how_many_states_it_has():
    with pytest.raises(TooLargeError, match=r"states and 16,807 price vectors are too many .* Fewer products"):
        solve(SCENARIOS["juice-shelf"])
    assert reference(SCENARIOS["juice-shelf"]).kind == "bound"


def returns_of(parameters, policy, worlds):
    twin = bizgyms.make_vec(parameters, num_envs=worlds, autoreset_mode="Disabled")
    seen, _ = twin.reset(seed=5)
    returns = np.zeros(worlds)
    for _ in range(parameters.periods):
        seen, rewards, _, _, _ = twin.step(policy.act(seen))
        returns += rewards
    return returns


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_rule_beats_the_bound(name):
    from baselines.agents import Problem
    from baselines.rules import rules

    parameters = SCENARIOS[name]
    case = bizgyms.case(parameters.case)
    problem, bound = Problem(case, parameters, case.env.view_type(parameters)), reference(parameters).value
    for spec in rules(problem):
        returns = returns_of(parameters, spec.build(problem, **spec.settings(problem)[0]), 200)
        assert returns.mean() <= bound + 4 * returns.std() / np.sqrt(200) + 1e-9 * bound


def test_margins_are_prices_less_costs():
    for p in SCENARIOS.values():
        for product, row in zip(p.products, unit_margins(p), strict=True):
            assert row[: len(product.prices)] == pytest.approx(np.array(product.prices) - product.cost)
    assert any(product.cost > 0 for p in SCENARIOS.values() for product in p.products)


def test_whoever_believes_in_no_memory_sees_none_and_the_other_way_round():
    plain = SCENARIOS["rule-enough"]
    without, remembering = ShelfView(plain), ShelfView(plain.replace(loss=1.0, gain=1.0))
    count = len(plain.products)
    rows = np.arange(2 * len(remembering.features), dtype=np.float32).reshape(2, -1)
    seen = without.believed(rows)
    assert seen.shape[1] == len(without.features)
    assert (seen == np.delete(rows, np.s_[3 * count : 4 * count], axis=1)).all()
    assert (remembering.references(remembering.believed(seen)) == without.group(seen, "price", count)).all()
    assert (without.believed(seen) == seen).all()
