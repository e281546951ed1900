"""Laws of demand beyond the plain ones, trends that go on, and what a fit cannot reproduce."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

import bizgyms
from bizgyms.testing.engines import twin_equals_world
from bizgyms.testing.optimum import reference_holds
from bizgyms.testing.play import Subject
from envs_data.censored_counts import Counts, log_likelihood
from envs_data.chance import demand_pmf
from envs_data.parameters import ParameterError
from envs_data.restock.box import SCENARIOS as BOXES
from envs_data.restock.box import BoxItem, BoxParameters
from envs_data.restock.box import draw as draw_box
from envs_data.restock.box.table import generate as box_table
from envs_data.restock.item import SCENARIOS
from envs_data.restock.item.luck import draw
from envs_data.restock.item.table import generate

ITEM = bizgyms.case("RestockItem")
SHOP = SCENARIOS["corner-shop"]
DAYS = pd.date_range("2024-01-01", periods=500)


def table(units, **columns):
    return pd.DataFrame({"date": DAYS[: len(units)], "units": units} | columns)


@pytest.mark.parametrize("size", [None, 3.0])
@pytest.mark.parametrize("share", [0.0, 0.35])
def test_moments_and_tails_are_those_of_the_probabilities(size, share):
    law = "poisson" if size is None else "negative_binomial"
    pmf = demand_pmf(law, 6.0, size or 1.0, zero_inflation=share)
    number, mean, counts = np.arange(len(pmf)), np.array([6.0]), Counts(size, share)
    assert pmf @ number == pytest.approx(6.0)
    assert counts.variance(mean) == pytest.approx(pmf @ number**2 - 36.0)
    for k in (0, 1, 4, 11):
        assert counts.at_least(np.array([k]), mean) == pytest.approx(pmf[k:].sum())
        given = pmf[k:] @ number[k:] / pmf[k:].sum()
        assert counts.imputed_mean(np.array([k]), np.array([True]), mean) == pytest.approx(given)
    for probability in (0.1, 0.5, 0.9):
        assert counts.quantile(probability, mean) == np.searchsorted(np.cumsum(pmf), probability)


def test_slopes_of_the_likelihood_are_its_differences():
    rng = np.random.default_rng(0)
    regressors = np.column_stack([np.ones(300), rng.normal(size=300) * 0.3])
    units = np.where(rng.random(300) < 0.3, 0, rng.poisson(np.exp(regressors @ [2.0, 0.5])))
    censored, theta = rng.random(300) < 0.2, np.array([1.8, 0.4, 1.2, -0.6])

    def value(at):
        return log_likelihood(at, regressors, units, censored, "zero_inflated")[0]

    _, by_mean, own = log_likelihood(theta, regressors, units, censored, "zero_inflated")
    assert np.append(regressors.T @ by_mean, own) == pytest.approx(approx_fprime(theta, value, 1e-7), rel=1e-4)


def test_a_shop_where_nobody_comes_on_three_days_of_ten_is_fitted_as_such():
    found = ITEM.fit(generate(SHOP.replace(zero_inflation=0.3), seed=4, days=500))
    assert found.parameters.zero_inflation == pytest.approx(0.3, abs=0.06)
    assert found.parameters.mean == pytest.approx(SHOP.mean, rel=0.1)
    assert found.back_test.passed
    assert "nobody asks on" in found.summary()
    assert ITEM.fit(generate(SHOP, seed=4, days=500)).parameters.zero_inflation == 0.0


def test_the_mean_of_demand_is_that_of_all_days():
    quiet = SHOP.replace(zero_inflation=0.4, days=300)
    demand = draw(quiet, np.random.default_rng(0), 200).demand
    assert demand.mean() == pytest.approx(quiet.factors().mean() * quiet.mean, rel=0.03)
    assert (demand == 0).mean() == pytest.approx(0.4, abs=0.01)


def test_an_item_of_a_box_for_which_nobody_comes_on_three_days_of_ten_is_fitted_as_such():
    quiet = BoxItem(name="quiet", mean=9.0, demand_law="negative_binomial", size=6.0, zero_inflation=0.3, max_packs=40)
    box = BoxParameters(
        items=[quiet, BoxItem(name="busy", mean=4.0, max_packs=20, start_on_hand=20)], weekday=SHOP.weekday
    )
    found = bizgyms.case("RestockBox").fit(box_table(box, seed=4, days=500))
    fitted = {item.name: item for item in found.parameters.items}
    assert fitted["quiet"].zero_inflation == pytest.approx(0.3, abs=0.06)
    assert fitted["quiet"].mean == pytest.approx(9.0, rel=0.12)
    assert fitted["quiet"].demand_law == "negative_binomial"
    assert fitted["busy"].zero_inflation == 0.0
    assert "nobody on" in found.summary()
    shares = [draw["items"][0]["zero_inflation"] for draw in found.draws]
    assert 0.01 < np.std(shares) < 0.05
    demand = draw_box(found.parameters.replace(days=300), np.random.default_rng(0), 100).demand[:, :, 0]
    assert demand.mean() == pytest.approx(fitted["quiet"].mean, rel=0.03)
    assert (demand == 0).mean() > fitted["quiet"].zero_inflation


def test_the_twin_of_a_box_equals_its_world_on_days_when_nobody_comes():
    items = [item.replace(zero_inflation=0.5) for item in BOXES["grocery-box"].items]
    box = BOXES["grocery-box"].replace(days=40, items=items)
    twin_equals_world(Subject(bizgyms.case("RestockBox"), box, box, {}))


def test_a_trend_goes_on_in_half_of_the_draws():
    level = 30 * np.exp(-np.arange(500) / 300)
    found = ITEM.fit(table(np.random.default_rng(0).poisson(level)))
    means = np.array([draw["mean"] for draw in found.draws])
    assert means[1::2].mean() < 0.85 * means[::2].mean()
    assert means[::2].mean() == pytest.approx(found.parameters.mean, rel=0.05)
    assert any("not in half of the draws" in note for note in found.notes)


def test_weeks_that_differ_more_than_days_are_no_fit_to_use():
    rng = np.random.default_rng(1)
    # With days on which nobody asks, no level that wanders is looked for.
    units = np.where(rng.random(500) < 0.3, 0, rng.poisson(16 * np.repeat(rng.gamma(4, 0.25, 72), 7)[:500]))
    assert any("weekly totals vary" in problem for problem in ITEM.fit(table(units)).back_test.problems)


def test_stock_outs_that_the_fit_does_not_expect_are_told():
    rng = np.random.default_rng(2)
    units = rng.poisson(10, 500)
    # Stock that follows what will be asked for, so that full shelves tell little of demand.
    on_hand = np.where(np.arange(500) < 400, 8, np.where(rng.random(500) < 0.5, 0, 8))
    found = ITEM.fit(table(units, on_hand=on_hand))
    assert any("of days sold out, expected" in problem for problem in found.back_test.problems)


def test_deliveries_that_vary_are_told_beside_a_known_lead_time():
    rng = np.random.default_rng(3)
    ordered, delivered = rng.poisson(9, 400) + 1, np.zeros(410, dtype=int)
    for day, units in enumerate(ordered):
        delivered[day + rng.integers(1, 4)] += units
    frame = table(rng.poisson(9, 400), ordered=ordered, delivered=delivered[:400])
    found = ITEM.fit(frame, known={"lead_time": 2})
    assert any(note.startswith("Deliveries took 1 to 3 days in the table, and always 2") for note in found.notes)
    drawn = np.bincount([draw["lead_time"] for draw in found.draws], minlength=4)
    assert drawn[1:] == pytest.approx(np.full(3, 50 / 3), abs=4)
    steady = ITEM.fit(frame.assign(delivered=np.append([0, 0], ordered[:-2])), known={"lead_time": 2})
    assert not any("lead_time" in draw for draw in steady.draws)


@pytest.mark.parametrize(
    "wide", [{"mean": 5_000, "size": 0.001}, {"mean": 20_000.0, "demand_law": "rounded_gamma", "cv": 10.0}]
)
def test_laws_that_no_table_can_hold_are_refused(wide):
    with pytest.raises(ParameterError, match=r"demand of a day could reach [\d,]+ units, and 4,000,000 are possible"):
        SHOP.replace(**wide)
    assert SHOP.replace(mean=20_000.0, size=0.5, max_packs=60, pack=1000)


def test_busy_days_that_never_come_are_told():
    # As many days of each number, so that no number is met often enough for a limit.
    units = np.random.default_rng(5).permutation(np.arange(500) % 26)
    assert any(
        "of days above the 80 % bands, expected" in problem for problem in ITEM.fit(table(units)).back_test.problems
    )


def test_a_limit_of_demand_is_found_with_the_law_beyond_it():
    units = np.minimum(np.random.default_rng(5).negative_binomial(6, 6 / 18, 500), 15)
    found = ITEM.fit(table(units, on_hand=20), known={"price": 10.0})
    assert found.parameters.daily_limit == 15
    assert found.parameters.mean == pytest.approx(12, rel=0.08)
    assert found.back_test.passed
    assert sum(draw["daily_limit"] == 0 for draw in found.draws) == len(found.draws) // 2 - 1
    assert any(note.startswith("Exactly 15 units were sold on so many days") for note in found.notes)
    demand = draw(found.parameters, np.random.default_rng(0), 50).demand
    assert demand.max() == 15
    assert (demand == 15).mean() == pytest.approx((units == 15).mean(), abs=0.04)
    small = found.parameters.replace(days=20, mean=2.0, daily_limit=4, max_packs=5, lead_time=1)
    twin_equals_world(Subject(ITEM, small, small, {}))
    reference_holds(Subject(ITEM, small, small, {}))
    assert ITEM.reference(small).kind == "exact"


def test_days_that_are_nearly_all_alike_have_no_limit():
    units = np.where(np.arange(300) % 10 == 0, 3, 5)
    found = ITEM.fit(table(units, on_hand=20)).parameters
    assert (found.daily_limit, found.mean) == (0, pytest.approx(4.8, abs=0.1))


@pytest.mark.parametrize("mean", [0.7, 5.0, 40.0])
def test_a_largest_day_is_no_limit(mean):
    for seed in range(8):
        units = np.random.default_rng(seed).negative_binomial(5, 5 / (5 + mean), 400)
        assert ITEM.fit(table(units)).parameters.daily_limit == 0


def test_without_stock_half_of_the_draws_take_the_best_days_for_sold_out():
    frame = generate(SHOP, seed=6, days=300)
    with_stock, without = ITEM.fit(frame), ITEM.fit(frame.drop(columns="on_hand"))
    means = np.array([draw["mean"] for draw in without.draws]).reshape(-1, 2)
    assert means[1::2].mean() > 1.03 * means[::2].mean()
    assert means.min() < with_stock.parameters.mean < means.max()
    assert any("In half of the draws the best fifth of days did sell out" in note for note in without.notes)


@pytest.fixture(scope="module")
def independent():
    return np.random.default_rng(4).negative_binomial(6, 6 / 14, 500)


def test_independent_days_last_as_long_as_expected(independent):
    assert ITEM.fit(table(independent, on_hand=40), known={"lead_time": 3}).back_test.passed


def test_high_totals_of_a_lead_time_are_looked_at():
    """The same days, of which the busiest come in fours: no single day is other than it was."""
    alone = np.random.default_rng(4).negative_binomial(1.5, 1.5 / 9.5, 500)
    together = np.arange(500) % 24 < 4
    busiest = np.argsort(alone)[-together.sum() :]
    units = np.empty(500, dtype=int)
    units[together], units[~together] = alone[busiest], np.delete(alone, busiest)
    (clause,) = ITEM.fit(table(units, on_hand=90), known={"lead_time": 3, "level_spread": 0.0}).back_test.problems
    assert clause.startswith(
        "totals of 4 days, which an order must last for, were as high as one in twenty should be 2."
    )
    assert ITEM.fit(table(alone, on_hand=90), known={"lead_time": 3, "level_spread": 0.0}).back_test.passed


def test_spells_without_demand_are_named(independent):
    units = np.where(np.arange(500) // 10 % 5 == 0, 0, independent)
    found = ITEM.fit(table(units, on_hand=40), known={"lead_time": 2})
    assert any("days without demand follow each other" in one for one in found.back_test.problems)
