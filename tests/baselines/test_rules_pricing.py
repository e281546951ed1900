"""The rules of pricing on cases small enough to reckon by hand."""

import numpy as np
import pytest

import bizgyms
from baselines.agents import Problem
from baselines.rules import pricing_lookahead as lookahead
from baselines.rules import pricing_predict as predict
from baselines.rules import pricing_season as season
from baselines.rules import rules
from bizgyms.pricing import solve
from bizgyms.pricing.season.optimum import left_after
from bizgyms.pricing.shelf.optimum import myopic_steps, sales_bound
from envs_data.pricing.season import SCENARIOS, SeasonParameters
from envs_data.pricing.shelf import SCENARIOS as SHELVES
from envs_data.pricing.shelf import ShelfParameters, ShelfProduct


def problem_of(parameters):
    case = bizgyms.case(parameters.case)
    return Problem(case, parameters, case.env.view_type(parameters))


def seen(problem, **values):
    """One row of observations, entries given by feature name, others zero."""
    names = [feature.name for feature in problem.view.features]
    row = np.zeros((1, len(names)), dtype=np.float32)
    for name, value in values.items():
        row[0, names.index(name)] = value
    return row


KNOWN = problem_of(
    SeasonParameters(periods=4, start_stock=8, prices=(10.0, 20.0, 40.0), customers=10.0, sensitivity=0.05)
)
HIDDEN = problem_of(SeasonParameters(periods=4, start_stock=50, prices=(10.0, 20.0, 40.0), levels=(0.5, 2.0)))


def test_fluid_price_sells_the_stock_and_no_more():
    # Expected a period: 6.07, 3.68, 1.35. Eight units in four periods: 80, 160 (14.7 > 8), 216 (5.4 units at 40).
    assert season.fluid(KNOWN).act(seen(KNOWN, stock=8, periods_left=4)).tolist() == [2]
    # In one period: 60.7 at 10, 73.6 at 20, 54 at 40.
    assert season.fluid(KNOWN).act(seen(KNOWN, stock=8, periods_left=1)).tolist() == [1]


def test_threshold_lowers_the_price_where_stock_is_ahead():
    rule = season.threshold_markdown(KNOWN, step=1, slope=1.0)
    assert rule.act(seen(KNOWN, stock=4, periods_left=2)).tolist() == [1]
    assert rule.act(seen(KNOWN, stock=8, periods_left=2)).tolist() == [0]
    assert rule.act(seen(KNOWN, stock=0, periods_left=2)).tolist() == [2]


def test_demand_curve_through_two_prices():
    sold, time = np.array([[7.5, 0.0, 1.5]]), np.array([[1.0, 0.0, 1.0]])
    rates = season.exponential_rates(np.array([10.0, 20.0, 40.0]), sold, time, (0, 2))
    assert rates == pytest.approx(np.array([[8.0, 8 * (2 / 8) ** (1 / 3), 2.0]]))


def test_explorer_commits_to_what_the_curve_says():
    rule = season.explore_then_commit(HIDDEN, low=0, high=2, periods=2)
    assert rule.act(seen(HIDDEN, stock=50, periods_left=4)).tolist() == [0]
    assert rule.act(seen(HIDDEN, stock=50, periods_left=3)).tolist() == [2]
    steep = seen(HIDDEN, stock=40, periods_left=2, sold_at_0=10, time_at_0=1, sold_at_2=0, time_at_2=1)
    flat = seen(HIDDEN, stock=30, periods_left=2, sold_at_0=10, time_at_0=1, sold_at_2=9, time_at_2=1)
    assert [rule.act(row).tolist() for row in (steep, flat)] == [[0], [2]]


def test_ucb_prefers_what_sold_and_what_is_unknown():
    rule = season.ucb(HIDDEN, bonus=0.0, strength=0.01)
    row = seen(HIDDEN, stock=50, periods_left=2, sold_at_1=20, time_at_1=2, sold_at_0=4, time_at_0=1, time_at_2=1)
    assert rule.act(row).tolist() == [1]
    assert season.ucb(HIDDEN, bonus=5.0, strength=0.01).act(seen(HIDDEN, stock=50, periods_left=2)).tolist() == [2]


def test_best_single_price_by_hand():
    """One unit, one period left: the most of p (1 - exp(-rate)), rates 6.07, 3.68, 1.35; none left: nothing."""
    reader = season.Reader(KNOWN)
    values = lookahead.fixed_price_values(reader, reader.mean_rates())
    assert values[3, :2] == pytest.approx([0.0, 40 * (1 - np.exp(-10 * np.exp(-2)))])
    assert (values[4] == 0).all()
    # So much stock that nothing runs out: the best price a period, four times.
    ample = season.Reader(problem_of(KNOWN.parameters.replace(start_stock=200)))
    assert lookahead.fixed_price_values(ample, ample.mean_rates())[0, -1] == pytest.approx(4 * 200 * np.exp(-1))


def test_rollout_is_no_worse_than_the_price_it_looks_ahead_with_and_no_better_than_the_optimum():
    rule = lookahead.rollout(KNOWN)
    reader, p = rule.reader, KNOWN.parameters
    after = p.salvage * np.arange(p.start_stock + 1)
    for period in reversed(range(p.periods)):
        left = [left_after(rate, p.start_stock) for rate in reader.mean_rates()]
        steps = rule.steps[period]
        after = np.array(
            [reader.prices[k] * (n - left[k][n] @ np.arange(9)) + left[k][n] @ after for n, k in enumerate(steps)]
        )
    fixed = lookahead.fixed_price_values(reader, reader.mean_rates())[0, -1]
    assert fixed < after[-1] <= solve(p).value + 1e-9
    assert after[-1] > 0.999 * solve(p).value


def test_bid_prices_follow_scarcity_product_by_product():
    products = tuple(ShelfProduct(name=name, appeal=4.0, prices=(1.0, 2.0, 3.0, 4.0, 5.0)) for name in ("a", "b"))
    problem = problem_of(ShelfParameters(periods=4, customers=10.0, products=products))
    rule = lookahead.bid_prices(problem)
    row = {"a_price": 1.0, "b_price": 1.0, "periods_left": 4}
    ample, scarce, out = (seen(problem, a_stock=500, b_stock=n, **row) for n in (500, 4, 0))
    alone = myopic_steps(rule.weights, rule.margins).tolist()
    assert rule.act(ample).tolist() == [alone]
    dear = rule.act(scarce)[0]
    assert dear[1] > alone[1]
    assert rule.act(out).shape == (1, 2)
    # Prices that stay for two periods are not touched in the second.
    slow = lookahead.bid_prices(problem, every=2)
    assert slow.act(seen(problem, a_stock=500, b_stock=4, a_price=1.0, b_price=1.0, periods_left=3)).tolist() == [
        [0, 0]
    ]


@pytest.mark.parametrize("stock", [(30, 30), (8, 30), (5, 12)])
def test_bid_prices_are_those_of_the_linear_programme(stock):
    """What the prices found would sell and earn is within a step of the ladder of what the programme says."""
    ladder = tuple(np.round(np.arange(1.0, 5.8, 0.08), 2).tolist())
    products = tuple(
        ShelfProduct(name=name, appeal=appeal, prices=ladder, start_stock=n)
        for (name, appeal), n in zip((("a", 4.0), ("b", 3.5)), stock, strict=True)
    )
    problem = problem_of(ShelfParameters(periods=4, customers=10.0, products=products))
    rule = lookahead.bid_prices(problem)
    row = seen(problem, a_stock=stock[0], b_stock=stock[1], a_price=1.0, b_price=1.0, periods_left=4)
    steps = rule.act(row)[0]
    weights = rule.weights[[0, 1], steps]
    sold = np.minimum(40 * weights / (1 + weights.sum()), stock)
    assert sold @ rule.margins[[0, 1], steps] == pytest.approx(sales_bound(problem.parameters, 1.0), rel=0.04)


def test_known_demand_needs_no_bandit():
    assert [spec.name for spec in rules(KNOWN)][:3] == ["fixed price", "fluid price", "threshold markdown"]
    assert "price UCB" not in [spec.name for spec in rules(KNOWN)]


def test_regression_finds_the_demand_curve_of_a_season():
    problem = problem_of(SCENARIOS["winter-coats"])
    # One table leaves 9 % of doubt at the highest price; eight together are within three standard errors of it.
    ours = np.array([predict.season_regression(problem, seed).rates for seed in range(8)])
    assert ours.mean(axis=0)[2:] == pytest.approx(season.Reader(problem).mean_rates()[2:], rel=0.1)
    assert (np.diff(ours) < 0).all()


def test_regression_prices_a_shelf_by_its_curves():
    """One product, units exp(4 - price), cost 1: the best price is 2, and at 4 units a period the one that sells 4."""
    product = ShelfProduct(prices=(1.5, 2.0, 2.5, 3.0), cost=1.0, start_stock=1000)
    problem = problem_of(ShelfParameters(periods=4, products=(product,)))
    rule = predict.ShelfRegression(problem.view, np.array([4.0]), np.array([[-1.0]]))
    assert rule.act(seen(problem, product_stock=1000, product_price=3.0, periods_left=4)).tolist() == [[1]]
    assert rule.act(seen(problem, product_stock=16, product_price=3.0, periods_left=4)).tolist() == [[2]]


def test_regression_of_a_shelf_sees_that_substitutes_compete():
    problem = problem_of(SHELVES["rule-enough"])
    rule = predict.shelf_regression(problem, seed=1)
    assert (np.diag(rule.slopes) < 0).all()
    assert rule.slopes[~np.eye(5, dtype=bool)].mean() > 0


@pytest.mark.parametrize("parameters", [SCENARIOS["winter-coats"], SCENARIOS["rule-fails"], SHELVES["juice-shelf"]])
def test_every_rule_plays_every_setting(parameters):
    problem = problem_of(parameters)
    twin = bizgyms.make_vec(parameters, num_envs=4)
    rows, _ = twin.reset(seed=1)
    for spec in rules(problem):
        for setting in spec.settings(problem):
            actions = spec.build(problem, **setting).act(rows)
            assert all(problem.view.action_space.contains(action) for action in actions)
