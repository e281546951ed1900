"""A hidden level that demand wanders around: its chain, the world, the bound, and the fit that finds it."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest

import bizgyms
from bizgyms.restock.item import optimum
from bizgyms.restock.item.forward import episode_value
from bizgyms.testing.engines import twin_equals_world
from bizgyms.testing.optimum import reference_holds, simulated_mean
from bizgyms.testing.play import Subject
from envs_data.restock import hidden_level
from envs_data.restock.demand import Structure
from envs_data.restock.estimation import estimate, likeliest
from envs_data.restock.item import ItemParameters
from envs_data.restock.item.luck import draw, redraw
from envs_data.restock.item.table import generate
from envs_data.restock.level_fit import around_level, with_level, with_other
from envs_data.restock.sales import Sales
from envs_data.restock.wandering import PERSISTENCE, SHARES, Wandering, _filtered, size_around, spread_of, wandering

ITEM = bizgyms.case("RestockItem")
WANDERS = ItemParameters(
    days=40, mean=3.0, size=6.0, max_packs=10, level_spread=0.4, level_persistence=0.9, start_on_hand=6
)
KINDS = [{}, {"lead_time": 2}, {"unmet": "backordered", "lead_time": 2}, {"lead_time": 0, "zero_inflation": 0.2}]


def subject(parameters):
    return Subject(ITEM, parameters, parameters, {})


def test_the_chain_has_the_mean_the_spread_and_the_memory_it_is_asked_for():
    weights, moves, factors = hidden_level.WEIGHTS, hidden_level.moves(0.8), hidden_level.factors(0.3)
    log = np.log(factors) - weights @ np.log(factors)
    assert weights @ factors == pytest.approx(1)
    assert weights @ log**2 == pytest.approx(0.3**2)
    assert moves.sum(axis=1) == pytest.approx(1)
    assert weights @ moves == pytest.approx(weights)
    for days in (1, 3):
        after = np.linalg.matrix_power(moves, days) @ log
        assert (weights * log) @ after == pytest.approx(0.3**2 * 0.8**days)
    assert spread_of(weights @ factors**2 - 1) == pytest.approx(0.3)


def test_days_drawn_anew_follow_from_those_that_came():
    parameters = WANDERS.replace(days=12, mean=40.0, size=50.0, level_spread=0.8, level_persistence=0.97, max_packs=60)
    luck = draw(parameters, np.random.default_rng(0), 4000)
    steps = np.where(np.arange(4000) % 2, 8, 5)
    anew = redraw(parameters, luck, steps, np.random.default_rng(1)).demand
    past = np.arange(12) < steps[:, None]
    assert (anew[past] == luck.demand[past]).all()
    assert (anew[:, 8:] != luck.demand[:, 8:]).mean() > 0.8
    tied = [
        [np.corrcoef(np.log1p(demand[:, 4]), np.log1p(demand[:, day]))[0, 1] for day in (5, 8, 11)]
        for demand in (luck.demand, anew)
    ]
    assert tied[1] == pytest.approx(tied[0], abs=0.03)
    assert tied[0][2] > 0.6
    fresh = redraw(parameters, luck, 0, np.random.default_rng(1)).demand
    assert fresh.mean() == pytest.approx(40.0, rel=0.05)
    assert abs(np.corrcoef(fresh[:, 0], luck.demand[:, 0])[0, 1]) < 0.06


def test_levels_are_drawn_as_the_chain_has_them():
    level = hidden_level.draw(np.random.default_rng(0), 4000, 30, 0.8)
    for day in (0, 29):
        assert np.bincount(level[:, day], minlength=5) / 4000 == pytest.approx(hidden_level.WEIGHTS, abs=0.03)
    moved = np.zeros((5, 5))
    np.add.at(moved, (level[:, :-1].ravel(), level[:, 1:].ravel()), 1)
    assert moved / moved.sum(axis=1, keepdims=True) == pytest.approx(hidden_level.moves(0.8), abs=0.02)


def test_demand_has_the_variance_and_the_memory_of_its_level():
    demand = draw(WANDERS.replace(days=200), np.random.default_rng(0), 2000).demand.astype(float)
    assert demand.flags.f_contiguous
    pmf = WANDERS.day_pmf(3.0)
    mean, variance = pmf @ np.arange(len(pmf)), pmf @ np.arange(len(pmf)) ** 2 - 9.0
    assert (mean, demand.mean()) == pytest.approx((3.0, 3.0), rel=0.02)
    assert demand.var() == pytest.approx(variance, rel=0.03)
    off = demand - 3.0
    tied = hidden_level.WEIGHTS @ hidden_level.factors(0.4) ** 2 - 1
    assert (off[:, 1:] * off[:, :-1]).mean() == pytest.approx(9 * tied * 0.9, rel=0.06)


def test_without_a_level_nothing_is_drawn_for_it():
    plain = WANDERS.replace(level_spread=0.0)
    lucks = [draw(one, np.random.default_rng(3), 5).demand for one in (plain, plain.replace(level_persistence=0.0))]
    assert np.array_equal(*lucks)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_twin_equals_world_and_nobody_beats_the_bound(kind):
    parameters = WANDERS.replace(**kind)
    twin_equals_world(subject(parameters))
    reference_holds(subject(parameters))
    assert optimum.reference(parameters).kind == "bound"


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_bound_joins_the_exact_optimum_where_the_level_hardly_wanders(kind):
    parameters = WANDERS.replace(**kind, level_spread=1e-7)
    assert optimum.reference(parameters).value == pytest.approx(
        optimum.reference(parameters.replace(level_spread=0.0)).value, rel=1e-4
    )


def test_the_bound_is_the_best_of_one_who_sees_the_level_in_two_days_worked_out_by_hand():
    parameters = WANDERS.replace(days=2, lead_time=0, mean=1.0, max_packs=2, start_on_hand=0, shortage=3.0)
    pmfs = [parameters.laws(level)[0][0] for level in range(5)]

    def day(level, stock, ahead):
        """Least cost from a morning with this stock on, ``ahead`` of what is left."""
        costs = []
        for order in range(3):
            left = np.maximum(stock + order - np.arange(len(pmfs[level])), 0)
            lost = np.maximum(np.arange(len(pmfs[level])) - stock - order, 0)
            after = np.array([ahead(int(one)) for one in left])
            costs.append(pmfs[level] @ (left * parameters.holding + lost * parameters.shortage + after))
        return min(costs)

    last = [[day(level, stock, lambda left: 0.0) for stock in range(3)] for level in range(5)]
    moves = hidden_level.moves(parameters.level_persistence)
    ahead = moves @ np.array(last)
    first = [day(level, 0, lambda left, k=level: ahead[k, left]) for level in range(5)]
    assert -optimum.reference(parameters).value == pytest.approx(hidden_level.WEIGHTS @ first)


def test_a_bound_that_would_take_long_is_that_of_a_shorter_lead_time():
    wide = WANDERS.replace(lead_time=3, max_packs=60, mean=20.0, days=365, level_persistence=0.98)
    found = optimum.quick_reference(wide)
    assert (found.kind, found.policy) == ("bound", None)
    assert found.method.count("a bound") == 1
    assert "instead of 3 days" in found.method


def test_no_exact_value_is_claimed_of_what_is_hidden():
    with pytest.raises(ValueError, match=r"hidden level .*: simulate"):
        episode_value(WANDERS, optimum.reference(WANDERS).policy)
    with pytest.raises(ValueError, match="only criterion='total'"):
        optimum.solve(WANDERS, "average")
    mean, error = simulated_mean(subject(WANDERS), optimum.reference(WANDERS).policy)
    assert mean + 4 * error < optimum.reference(WANDERS).value


def test_the_likelihood_is_that_of_all_paths_of_the_level():
    rng = np.random.default_rng(0)
    emitted = rng.random((2, 5, 4))
    value = _filtered(emitted, np.array([1, 2, 1]))
    for which, persistence in enumerate(PERSISTENCE[:2]):
        one, two = hidden_level.moves(persistence), hidden_level.moves(persistence**2)
        total = sum(
            hidden_level.WEIGHTS[a] * one[a, b] * two[b, c] * one[c, d]
            * np.prod(emitted[1, [a, b, c, d], range(4)])
            for a, b, c, d in itertools.product(range(5), repeat=4)
        )  # fmt: skip
        assert value[1, which] == pytest.approx(np.log(total))


def test_the_size_around_a_level_leaves_the_spread_of_all_days_as_it_is():
    for share in SHARES[:-1]:
        variance = share / 4.0
        inner = size_around(variance, 4.0)
        assert variance + (1 + variance) / inner == pytest.approx(1 / 4.0)
    assert size_around(0.3, 4.0) == 1e6


def test_a_level_that_wanders_is_found_and_one_that_does_not_is_not():
    shop = ItemParameters(
        mean=10.0, size=12.0, level_spread=0.4, level_persistence=0.9, max_packs=60, start_on_hand=40,
        weekday=(0.85, 0.8, 0.85, 0.95, 1.25, 1.5, 0.8),
    )  # fmt: skip
    found = ITEM.fit(generate(shop, seed=1, days=600))
    p = found.parameters
    assert p.level_spread == pytest.approx(0.4, abs=0.12)
    assert p.level_persistence == pytest.approx(0.9, abs=0.08)
    assert 1 / p.size == pytest.approx(1 / 12, abs=0.08)
    assert found.back_test.passed
    assert "hidden level" in found.summary()
    assert {draw["level_persistence"] for draw in found.draws} >= {p.level_persistence}
    assert ITEM.reference(p.replace(days=60)).kind == "bound"
    plain = ITEM.fit(generate(shop.replace(level_spread=0.0), seed=1, days=600))
    assert plain.parameters.level_spread == 0
    assert sum("level_spread" in draw for draw in plain.draws) < 20


def test_whoever_knows_that_there_is_no_level_has_its_spread_in_the_size():
    frame = generate(WANDERS.replace(mean=10.0, max_packs=60, days=500), seed=1)
    found, told = ITEM.fit(frame), ITEM.fit(frame, known={"level_spread": 0.0})
    assert found.parameters.level_spread > 0
    assert told.parameters.level_spread == 0
    assert told.parameters.size < 0.8 * found.parameters.size
    assert not any("level_spread" in draw for draw in told.draws)
    assert ITEM.reference(told.parameters.replace(days=30)).kind == "exact"


@pytest.mark.parametrize("size", [0.02, 0.3, 1e5])
def test_levels_of_any_spread_can_be_tried(size):
    units = np.random.default_rng(0).negative_binomial(size, size / (size + 0.5), 200)
    sales = Sales(np.datetime64("2024-01-01") + np.arange(200), units, units > 3, np.full(200, np.nan))
    found = wandering(sales, np.full(200, 0.5), size)
    assert found.chance.sum() == pytest.approx(1)
    for which in range(1, len(found.chance)):
        fields = {name: float(value[0]) for name, value in found.fields(which, size).items()}
        assert ItemParameters(mean=0.5, **fields).level_spread <= 1.5


def test_a_level_is_told_from_sold_out_days_and_over_gaps_as_well():
    rng = np.random.default_rng(5)
    level = hidden_level.factors(0.5)[hidden_level.draw(rng, 1, 600, 0.93)[0]]
    units = rng.poisson(8 * level)
    dates = np.datetime64("2024-01-01") + np.arange(600)
    cut = units > 12
    seen = np.arange(600) % 7 != 6
    sales = Sales(dates, np.minimum(units, 12), cut, np.full(600, np.nan)).where(seen)
    found = wandering(sales, np.full(len(sales), 8.0), 4.0)
    assert found.chosen
    assert found.chance[0] < 1e-6
    assert found.persistence[found.chosen] == pytest.approx(0.93, abs=0.06)
    assert np.bincount(found.drawn(50, rng), minlength=49)[0] == 0


def test_weeks_that_wander_with_the_level_are_no_longer_too_wild():
    rng = np.random.default_rng(2)
    level = np.repeat(rng.gamma(6, 1 / 6, 80), 7)[:500]
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=500), "units": rng.poisson(12 * level)})
    found = ITEM.fit(frame.assign(on_hand=30))
    assert found.parameters.level_spread > 0.2
    assert not any("weekly totals vary" in problem for problem in found.back_test.problems)


def test_days_that_are_independent_seldom_look_as_if_they_had_a_level():
    dates = np.datetime64("2024-01-01") + np.arange(400)
    nothing = np.zeros(400, dtype=bool)
    for seed in range(20):
        units = np.random.default_rng(seed).negative_binomial(6, 6 / 16, 400)
        found = wandering(Sales(dates, units, nothing, np.full(400, np.nan)), np.full(400, 10.0), 6.0)
        assert (found.chosen, found.gain, found.shift) == (0, 0.0, 0.0)


def test_days_that_sold_out_in_runs_hide_none_of_the_spread():
    """Looked at one by one, days cut off in good weeks leave demand too calm; one after the other they do not."""
    rng = np.random.default_rng(3)
    variance, inner = 0.2, 10.0
    level = hidden_level.factors(spread_of(variance))[hidden_level.draw(rng, 1, 1500, 0.9)[0]]
    units = rng.negative_binomial(inner, inner / (inner + 12 * level))
    truth = 1 / (variance + (1 + variance) / inner)
    sales = Sales(
        np.datetime64("2020-01-01") + np.arange(1500), np.minimum(units, 16), units >= 16, np.full(1500, np.nan)
    )
    alone = likeliest(sales, Structure(), "negative_binomial")
    found = around_level(with_level(alone, sales), sales)
    assert found.counts().size == pytest.approx(truth, rel=0.15)
    assert alone.counts().size > found.counts().size
    assert found.expected(sales.dates)[0] == pytest.approx(units.mean(), rel=0.05)


def test_the_level_of_the_mean_is_as_uncertain_as_all_levels_leave_it():
    found = Wandering(np.array([0.0, 0.1, 0.1]), np.array([0.0, 0.5, 0.9]), np.array([0.2, 0.4, 0.4]), 1, 5.0, 4.0)
    assert found.covariance(np.array([[0, 1], [2, 0]])) == pytest.approx(
        np.array([[0.08, 0.04 * (0.5 + 0.9)], [0.04 * (0.25 + 0.81), 0.08]])
    )


def test_a_structure_that_stays_possible_is_in_some_of_the_draws():
    units = np.random.default_rng(1).negative_binomial(6, 6 / 16, 300)
    sales = Sales(np.datetime64("2024-01-01") + np.arange(300), units, units > 90, np.full(300, np.nan))
    plain, trend = (estimate(sales, Structure(half_life=h), "negative_binomial") for h in (None, 300.0))
    both = with_other(plain, trend, days=300)
    odds = np.exp((plain.bic(300) - trend.bic(300)) / 2)
    assert both.share == pytest.approx(odds / (1 + odds))
    drawn = dataclasses.replace(both, share=0.4).draws(50, np.random.default_rng(0))
    assert len(drawn) == 50
    spread = [np.std([one["mean"][0] for one in part]) for part in (drawn[:30], drawn[30:])]
    assert spread[1] > 2 * spread[0]
    seasonal = dataclasses.replace(trend, structure=Structure(season=True))
    assert with_other(plain, seasonal, days=300).other is None
