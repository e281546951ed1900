"""Fitting a shop's table: known parameters come back, and what cannot be known is not given a number."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from envs_data.censored_counts import Counts, log_likelihood
from envs_data.chance import demand_pmf
from envs_data.parameters import ParameterError, Scenario
from envs_data.restock.back_test import back_test
from envs_data.restock.demand import Structure, design, spread_out
from envs_data.restock.estimation import estimate, select
from envs_data.restock.item import SCENARIOS, ItemParameters
from envs_data.restock.item.fit import fit
from envs_data.restock.item.table import generate, soft_base_stock
from envs_data.restock.reading import read_table
from envs_data.restock.sales import Sales
from envs_data.tables import TableError

CDNOW = Path(__file__).parents[2] / ".." / "shared" / "data" / "cdnow_daily_sales.csv"
WEEK = (0.85, 0.8, 0.85, 0.95, 1.25, 1.5, 0.8)
TURNED = (*WEEK[3:], *WEEK[:3])
POISSON = ItemParameters(mean=6.3, demand_law="poisson", weekday=WEEK, start_on_hand=12)
BINOMIAL = ItemParameters(mean=12.0, size=6.0, weekday=WEEK, start_on_hand=25)
# Levels of stock, in mean demand over lead time and a day: plenty, and so little that a quarter of days sells out.
PLENTY, TIGHT = 3.0, 1.1
FOUR_COSTS = {"lead_time": 2, "price": 14, "shortage": 6, "holding": 0.05}


def shop_table(parameters, seed, days=731, stock=PLENTY):
    level = int(stock * parameters.mean * (parameters.lead_time + 1))
    policy = soft_base_stock(parameters, np.random.default_rng(10_000 + seed), level=level)
    return generate(parameters, policy, seed=seed, days=days)


def sales_of(frame):
    frame = read_table(frame).frame
    sold_out = (frame["on_hand"] <= 0).to_numpy()
    units = frame["units"].to_numpy().astype(int)
    return Sales(frame["date"].to_numpy().astype("datetime64[D]"), units, sold_out, np.full(len(units), np.nan))


def changed_table(before, after, seed, days=365):
    """A shop whose law changes for the last fifth of its table."""
    early, late = shop_table(before, seed, days), shop_table(after, seed + 500, days)
    return pd.concat([early[: days - days // 5], late[days - days // 5 :]])


def inside(parameters, seeds, stock):
    """Shares of true values inside the fitted 95 % intervals, by field, and of tables whose law was found."""
    hits = {"mean": [], "weekday": [], "size": [], "law": []}
    for seed in seeds:
        fitted = select(sales_of(shop_table(parameters, seed, stock=stock)))
        hits["law"].append(fitted.law == parameters.demand_law)
        natural, errors = fitted.natural(), fitted.stderrs()
        for name in natural if hits["law"][-1] else ("mean", "weekday"):
            off = np.abs(natural[name] - np.asarray(getattr(parameters, name)))
            hits[name].extend(off < 1.96 * errors[name])
    return {name: np.mean(found) for name, found in hits.items() if found}


@pytest.mark.parametrize("law", ["poisson", "negative_binomial"])
def test_slopes_of_the_likelihood(law):
    rng = np.random.default_rng(0)
    dates = np.datetime64("2025-01-06") + np.arange(60)
    regressors = design(Structure(weekday=True, half_life=20.0), dates, dates[0], dates[-1])
    units, censored = rng.poisson(5, 60), rng.random(60) < 0.3
    theta = np.append(np.append(np.full(7, 1.6), 0.2), [0.9] if law == "negative_binomial" else [])

    def value(at):
        return log_likelihood(at, regressors, units, censored, law)[0]

    _, by_mean, by_size = log_likelihood(theta, regressors, units, censored, law)
    slope = np.append(regressors.T @ by_mean, [by_size] if law == "negative_binomial" else [])
    numeric = [(value(theta + e) - value(theta - e)) / 2e-5 for e in np.eye(len(theta)) * 1e-5]
    np.testing.assert_allclose(slope, numeric, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("size", [None, 1.5])
def test_mean_given_a_stock_out_by_summation(size):
    pmf = demand_pmf("poisson" if size is None else "negative_binomial", 4.0, size or 1.0)
    demand = np.arange(len(pmf))
    for units in (0, 1, 7):
        expected = (pmf * demand)[units:].sum() / pmf[units:].sum()
        found = Counts(size).imputed_mean(np.array([units]), np.array([True]), np.array([4.0]))
        assert found[0] == pytest.approx(expected)


@pytest.mark.parametrize("stock", [PLENTY, TIGHT])
@pytest.mark.parametrize("parameters", [POISSON, BINOMIAL], ids=["poisson", "negative_binomial"])
def test_fit_recovers_what_generated_the_table(parameters, stock):
    found = inside(parameters, range(8), stock)
    assert found["law"] >= 7 / 8
    assert found["mean"] >= 6 / 8
    assert found["weekday"] >= 0.88
    assert found.get("size", 1) >= 6 / 8


@pytest.mark.slow
@pytest.mark.parametrize("stock", [PLENTY, TIGHT])
@pytest.mark.parametrize("parameters", [POISSON, BINOMIAL], ids=["poisson", "negative_binomial"])
def test_intervals_cover_honestly(parameters, stock):
    found = inside(parameters, range(200), stock)
    assert found["law"] >= 0.97
    assert min(found["mean"], found.get("size", 1)) >= 0.90
    assert found["weekday"] >= 0.93


def test_dropping_sold_out_days_is_biased_and_censoring_is_not():
    plain = POISSON.replace(weekday=[])
    ours, dropped = [], []
    for seed in range(10):
        sales = sales_of(shop_table(plain, seed, stock=1.3))
        ours.append(estimate(sales, Structure(), "poisson").natural()["mean"][0])
        dropped.append(sales.units[~sales.censored].mean())
    assert np.mean(ours) == pytest.approx(6.3, abs=0.1)
    assert np.mean(dropped) < 6.1


def test_season_is_found_in_two_years():
    fitted = fit(generate(SCENARIOS["gift-season"], days=731, seed=2))
    season = np.asarray(SCENARIOS["gift-season"].season)
    off = np.abs(np.asarray(fitted.parameters.season) - season) / np.asarray(fitted.origins["season"].stderr)
    assert (off < 3.5).all()
    assert fitted.parameters.mean == pytest.approx(SCENARIOS["gift-season"].mean, rel=0.1)


def test_trend_ends_at_the_level_of_the_last_weeks():
    rng = np.random.default_rng(1)
    dates = np.datetime64("2024-01-01") + np.arange(500)
    level = 20 + 40 * 0.5 ** (np.arange(500) / 80)
    fitted = select(Sales(dates, rng.poisson(level), np.zeros(500, dtype=bool), np.full(500, np.nan)))
    assert fitted.structure.half_life is not None
    assert fitted.natural()["mean"][0] == pytest.approx(level[-56:].mean(), rel=0.05)
    later = fitted.expected(dates[-1] + np.arange(1, 400))
    assert np.ptp(later) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "refused"),
    [({}, False), ({"mean": 24.0}, True), ({"weekday": list(TURNED)}, True)],
    ids=["same law", "level doubled", "weekdays turned"],
)
def test_back_test_refuses_a_changed_law_and_accepts_the_same(change, refused):
    changed = BINOMIAL.replace(**change)
    verdicts = [back_test(sales_of(changed_table(BINOMIAL, changed, seed))).passed for seed in range(20)]
    assert sum(passed != refused for passed in verdicts) >= 18


def test_short_table_is_fitted_and_not_to_be_trusted():
    fitted = fit(shop_table(POISSON, 0, days=40))
    assert not fitted.back_test.passed
    assert "40 days are too few" in fitted.summary()


def test_closed_weekday_is_zero_and_said_so():
    frame = shop_table(POISSON.replace(weekday=[]), 0, days=365)
    fitted = fit(frame[frame["date"].map(lambda day: day.weekday()) != 6])
    assert fitted.parameters.weekday[6] == 0
    assert "Sun: taken as closed" in fitted.summary()


def test_what_is_not_identified_has_no_number():
    frame = shop_table(POISSON, 0, days=60)
    with pytest.raises(TableError, match="60 days, 60 of them sold out"):
        fit(frame.assign(on_hand=0))
    with pytest.raises(TableError, match="not a single unit"):
        fit(frame.assign(units=0))
    origin = fit(shop_table(POISSON, 0, days=365)).origins["size"]
    assert origin.kind == "preset"
    assert origin.note.startswith("Not identified")


def test_lead_time_from_orders_and_deliveries():
    fitted = fit(generate(SCENARIOS["corner-shop"], seed=1))
    assert (fitted.parameters.lead_time, fitted.origins["lead_time"].kind) == (2, "fitted")
    alike = generate(SCENARIOS["corner-shop"], seed=1).assign(ordered=12, delivered=12)
    assert fit(alike).origins["lead_time"].note.startswith("Not identified")


def test_customers_who_wait_are_seen_in_negative_stock():
    fitted = fit(generate(SCENARIOS["backorders"], seed=1, days=731))
    assert fitted.parameters.unmet == "backordered"
    assert abs(fitted.parameters.mean - 6.0) < 3 * fitted.origins["mean"].stderr


def test_money_needs_a_price():
    frame = generate(SCENARIOS["backorders"], seed=1)
    assert fit(frame).parameters.money == "items"
    assert fit(frame, known={"price": 5}).parameters.shortage == 2.0
    assert fit(frame, known={"shortage": 5, "holding": 1}).parameters.money == "EUR"
    with pytest.raises(ParameterError, match="shortage given in money, but no price"):
        fit(frame, known={"shortage": 5})


def test_price_is_the_mean_weighted_by_units():
    frame = generate(SCENARIOS["backorders"], seed=1)
    frame["revenue"] = frame["units"] * np.where(frame.index % 2, 3.0, 4.0)
    expected = frame["revenue"].sum() / frame["units"].sum()
    fitted = fit(frame)
    assert fitted.parameters.price == pytest.approx(expected, rel=1e-5)
    assert fitted.origins["price"].kind == "fitted"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"known": {"leed_time": 2}}, "did you mean 'lead_time'"),
        ({"known": {"lead_time": -2}}, "lead_time is -2"),
        ({"case": "PricingShelf"}, "RestockItem can"),
    ],
)
def test_wrong_requests(options, said):
    with pytest.raises(ParameterError, match=said):
        fit(shop_table(POISSON, 0, days=100), **options)


def test_known_wins_over_fitted_and_is_not_drawn():
    fitted = fit(shop_table(BINOMIAL, 0, days=365), known={"mean": 13.0, "pack": 4})
    assert (fitted.parameters.mean, fitted.parameters.pack) == (13.0, 4)
    assert fitted.origins["mean"].kind == "known"
    assert all("mean" not in draw for draw in fitted.draws)


def test_fit_is_kept_whole_in_a_scenario_file(tmp_path):
    fitted = fit(shop_table(BINOMIAL, 0, days=365))
    fitted.save(tmp_path / "mine.json")
    read = Scenario.from_dict(json.loads((tmp_path / "mine.json").read_text()), ItemParameters)
    assert read.parameters == fitted.parameters
    assert len(read.draws) == 50
    assert {read.parameters.replace(**draw).mean for draw in read.draws} != {fitted.parameters.mean}
    assert read.notes["back_test"]["verdict"] == fitted.back_test.verdict
    assert {origin.kind for origin in read.origins.values()} >= {"fitted", "assumed"}


def test_summary_ends_with_the_line_to_type_and_the_check():
    lines = fit(generate(SCENARIOS["backorders"], seed=1)).summary().splitlines()
    assert lines[0].startswith("Read 365 days as date -> date")
    typed = "bizgyms fit restock table.csv --known price=1 shortage=0.4 holding=0.001 -o mine.json"
    assert any(typed in line for line in lines)
    assert any(line.startswith("checked  on the last 73 days: 80 % bands covered") for line in lines)


@pytest.mark.skipif(not CDNOW.exists(), reason="the real table lies beside the project")
def test_cdnow_after_its_cohort_has_joined():
    fitted = fit(CDNOW, since="1997-04-01", known=FOUR_COSTS)
    world = fitted.parameters
    assert (world.demand_law, world.start_date, world.money) == ("negative_binomial", "1998-07-01", "EUR")
    # Long-run demand, around which the level wanders; sales of the last weeks lie within it.
    assert 200 < world.mean < 250
    assert 0.2 < world.level_spread < 0.4
    assert world.mean * (1 - 2 * world.level_spread) < 165 < world.mean
    assert world.mean**2 / world.size > 5 * world.mean
    assert world.max_packs <= 63
    assert world.pack > 1
    assert f"Orders in packs of {world.pack}" in fitted.summary()
    assert {fitted.origins[name].kind for name in FOUR_COSTS} == {"known"}


def test_a_known_margin_is_what_a_lost_sale_costs():
    frame = shop_table(POISSON, 0, days=120)
    found = fit(frame, known={"margin": 4, "holding": 0.1})
    assert found.parameters.shortage == 4
    assert found.origins["shortage"].kind == "known"
    with pytest.raises(ParameterError, match="margin and shortage are both given"):
        fit(frame, known={"margin": 4, "shortage": 5, "price": 10})


def test_the_suggested_line_repeats_what_was_given():
    frame = shop_table(POISSON, 0, days=120).rename(columns={"units": "menge"})
    found = fit(frame, {"units": "menge"}, {"price": 14, "margin": 6.5}, since="2025-01-10", until="2025-04-30")
    line = found.lines[-1][1]
    assert "table.csv --columns units=menge --since 2025-01-10 --until 2025-04-30 --known price=14 margin=6.5 " in line
    assert line.endswith("holding=0.014 -o mine.json")


def test_draws_from_a_fit_spread_as_their_law_does():
    covariance = np.array([[0.04, 0.03, 0.0], [0.03, 0.09, 0.01], [0.0, 0.01, 0.25]])
    center = np.array([1.0, -2.0, 3.0])
    found = [spread_out(center, covariance, 50, np.random.default_rng(seed)) for seed in range(40)]
    assert np.allclose([drawn.mean(axis=0) for drawn in found], center, atol=0.02)
    single = [spread_out(np.zeros(1), np.eye(1), 50, np.random.default_rng(seed)).std() for seed in range(200)]
    assert np.allclose(single, 1.0, atol=0.15)
    at_random = [np.random.default_rng(seed).normal(size=50).std() for seed in range(200)]
    assert np.std(single) < np.std(at_random) / 2
    assert np.allclose(np.mean([np.cov(drawn.T) for drawn in found], axis=0), covariance, atol=0.015)


def test_draws_of_a_law_without_doubt_are_its_center():
    drawn = spread_out(np.array([1.0, 2.0]), np.zeros((2, 2)), 7, np.random.default_rng(0))
    assert (drawn == [1.0, 2.0]).all()
