"""From tables of prices to worlds: round trips, real sales of orange juice, what a table cannot tell."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from envs_data.parameters import ParameterError
from envs_data.pricing.logit import Offers, estimate
from envs_data.pricing.price_steps import ladder
from envs_data.pricing.regression import columns, regress, select
from envs_data.pricing.season import SCENARIOS as SEASONS
from envs_data.pricing.season.fit import fit as fit_season
from envs_data.pricing.season.table import generate as generate_season
from envs_data.pricing.shelf import SCENARIOS as SHELVES
from envs_data.pricing.shelf.fit import fit
from envs_data.pricing.shelf.table import generate, generate_visits
from envs_data.tables import TableError

OJ = Path(__file__).parents[2].parent / "shared" / "data" / "oj_weekly.csv"
OJ_COLUMNS = {"units": "sales", "product": "brand", "promotion": "feat"}
# Standard errors within which a fitted value must lie: one in a thousand is outside.
FAR = 3.3


def words(found):
    return " ".join(found.summary().split())


def off(found, shelf):
    """[products, 2] how many standard errors appeal and sensitivity are off."""
    return np.array([
        [
            (getattr(ours, field) - getattr(true, field)) / found.origins[f"{field}.{true.name}"].stderr
            for field in ("appeal", "sensitivity")
        ]
        for ours, true in zip(found.parameters.products, shelf.products, strict=True)
    ])  # fmt: skip


# Regressions.


def test_least_squares_by_hand():
    prices, units = np.array([1.0, 2.0, 4.0, 8.0]), np.array([64, 32, 16, 8])
    found = regress(columns(np.log(prices)), units, np.zeros(4, dtype=bool), "lognormal")
    assert found.theta == pytest.approx([np.log(64), -1.0])
    assert found.spread == pytest.approx(0.0, abs=1e-9)


def test_every_law_finds_its_own_elasticity():
    rng = np.random.default_rng(1)
    logs = rng.uniform(-0.5, 0.5, 4000)
    mean = np.exp(3 - 2 * logs)
    for law, units in (
        ("poisson", rng.poisson(mean)),
        ("negative_binomial", rng.poisson(mean * rng.gamma(2.0, 0.5, 4000))),
        ("lognormal", np.rint(30 * mean * np.exp(rng.normal(0, 0.6, 4000))).astype(int)),
    ):
        found = select(columns(logs), units, np.zeros(4000, dtype=bool))
        low, high = found.interval(1)
        assert found.law == law
        assert low < -2 < high
        assert high - low < 0.4


def test_sold_out_rows_count_as_at_least():
    rng = np.random.default_rng(2)
    logs = rng.uniform(-0.5, 0.5, 3000)
    demand = rng.poisson(np.exp(2 - 1.5 * logs))
    stock = rng.integers(3, 15, 3000)
    found = regress(columns(logs), np.minimum(demand, stock), demand >= stock, "poisson")
    assert abs(found.theta - [2, -1.5]) == pytest.approx([0, 0], abs=FAR * found.stderr(1))
    naive = regress(columns(logs), np.minimum(demand, stock), np.zeros(3000, dtype=bool), "poisson")
    assert naive.theta[1] > found.theta[1] + 0.2


def test_one_product_two_prices_by_hand():
    """Shares of a half and a fifth: log odds 0 and log(1/4), so a sensitivity of log 4 for a price one higher."""
    offers = Offers(
        prices=np.array([[1.0], [2.0]]),
        promotion=np.zeros((2, 1)),
        offered=np.ones((2, 1), dtype=bool),
        counts=np.array([[50.0], [20.0]]),
        customers=np.array([100.0, 100.0]),
        counted=True,
    )
    found = estimate(offers)
    assert found.sensitivity[0] == pytest.approx(np.log(4), rel=1e-5)
    assert found.appeal[0] == pytest.approx(np.log(4), rel=1e-5)


# Seasons.


@pytest.mark.parametrize("name", ["winter-coats", "late-season", "scarce-stock"])
@pytest.mark.parametrize("counted", [True, False])
def test_the_round_trip_recovers_a_season_within_its_own_intervals(name, counted):
    season = SEASONS[name]
    frame = generate_season(season, seed=1)
    found = fit_season(frame if counted else frame.drop(columns="visitors"))
    for field in ("sensitivity", "customers"):
        assert abs(getattr(found.parameters, field) - getattr(season, field)) < FAR * found.origins[field].stderr
    assert (found.parameters.start_stock, found.parameters.periods) == (season.start_stock, season.periods)
    assert found.parameters.prices == season.prices
    assert found.parameters.period_days == 7
    assert bool(found.parameters.profile) == bool(season.profile)
    if season.profile:
        ours = np.array(found.parameters.profile)
        # Levels are estimated as logs; a period of few customers has a wide, lopsided interval.
        errors = np.array(found.origins["profile"].stderr) / ours
        assert (abs(np.log(ours / season.profile)) < FAR * errors).all()
    assert found.back_test.passed
    assert len(found.draws) == 50
    assert found.parameters.replace(**found.draws[0]).sensitivity == found.draws[0]["sensitivity"]


def test_seasons_that_differ_are_told_and_those_that_do_not_are_not():
    hidden = fit_season(generate_season(SEASONS["fad-or-flop"], seed=1))
    assert "Seasons differ beyond chance" in words(hidden)
    assert "--known levels=[" in words(hidden)
    assert "differ" not in words(fit_season(generate_season(SEASONS["winter-coats"], seed=1)))


def test_known_fields_win():
    frame = generate_season(SEASONS["winter-coats"], seed=1)
    found = fit_season(frame, known={"salvage": 15, "customers": 12.0, "start_stock": 30})
    assert (found.parameters.salvage, found.parameters.customers, found.parameters.start_stock) == (15, 12.0, 30)
    assert {found.origins[name].kind for name in ("salvage", "customers", "start_stock")} == {"known"}
    assert "customers" not in found.draws[0]


def test_a_stock_that_rises_begins_a_season():
    frame = generate_season(SEASONS["winter-coats"], seed=1)
    found = fit_season(frame.drop(columns=["season"]))
    assert (found.parameters.start_stock, found.parameters.periods) == (40, 20)


def test_without_stock_nothing_is_known_of_sell_outs():
    found = fit_season(generate_season(SEASONS["winter-coats"], seed=1).drop(columns=["stock", "season", "visitors"]))
    assert found.origins["start_stock"].kind == "assumed"
    assert "No column for stock" in words(found)


def test_demand_that_does_not_fall_with_the_price_is_not_identified():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"price": rng.choice([10.0, 12.0], 60), "units": rng.poisson(5, 60)})
    with pytest.raises(TableError, match=r"rows 2 to 61, column 'price': the sensitivity is not identified"):
        fit_season(frame)


def test_impossible_requests_are_refused():
    frame = generate_season(SEASONS["winter-coats"], seed=1, days=280)
    with pytest.raises(ParameterError, match="did you mean 'salvage'"):
        fit_season(frame, known={"salvag": 3})
    with pytest.raises(ParameterError, match="PricingSeason can"):
        fit_season(frame, case="PricingShelf")
    with pytest.raises(TableError, match="at least 8"):
        fit_season(frame.head(5))
    with pytest.raises(TableError, match="5 products"):
        fit_season(generate(SHELVES["juice-shelf"], seed=1))


def test_demand_that_changed_fails_the_back_test():
    frame = generate_season(SEASONS["rule-enough"], seed=1)
    late = frame.index >= 480
    frame.loc[late, "units"] = frame.loc[late, "units"] // 3
    found = fit_season(frame)
    assert any("sales of product fell by" in problem for problem in found.back_test.problems)
    assert found.back_test.verdict.startswith("Do not trust")


# Shelves.


@pytest.mark.parametrize("name", ["juice-shelf", "rule-enough", "equal-markup"])
@pytest.mark.parametrize("kind", ["visitors", "market", "visits"])
def test_the_round_trip_recovers_a_shelf_within_its_own_intervals(name, kind):
    shelf = SHELVES[name]
    if kind == "visits":
        found = fit(generate_visits(shelf, seed=1, days=8 * 182))
    elif kind == "visitors":
        found = fit(generate(shelf, seed=1, days=8 * 182))
        assert abs(found.parameters.customers - shelf.customers) < FAR * found.origins["customers"].stderr
    else:
        frame = generate(shelf, seed=1, days=8 * 182).drop(columns="visitors")
        found = fit(frame, known={"customers": shelf.customers})
    assert np.abs(off(found, shelf)).max() < FAR
    assert found.back_test.passed
    assert [product.prices for product in found.parameters.products] == [q.prices for q in shelf.products]


def test_a_scarce_shelf_is_fitted_visit_by_visit():
    """Where stock runs out all the time, only a log of visits tells what was chosen from what."""
    shelf = SHELVES["scarce-shelf"]
    found = fit(generate_visits(shelf, seed=1, days=60 * 56))
    assert np.abs(off(found, shelf)).max() < FAR


@pytest.mark.slow
def test_intervals_cover_what_they_say():
    shelf = SHELVES["rule-enough"]
    inside = [np.abs(off(fit(generate(shelf, seed=seed)), shelf)) < 1.96 for seed in range(20)]
    assert 0.89 < np.mean(inside) < 0.985


def test_a_promotion_lifts_all_products_alike():
    shelf = SHELVES["rule-enough"]
    frame = generate_visits(shelf, seed=4)
    again = fit(frame.assign(promotion=(frame["visit"] % 3 == 0).astype(int)))
    assert np.abs(off(again, shelf)).max() < FAR


@pytest.mark.skipif(not OJ.exists(), reason="the table of orange juice is not part of the project")
def test_orange_juice_has_the_elasticities_in_print():
    """Log-log: -2.774, -1.991, -2.038 without advertisement, -3.139 of all together; .47 to 1.58 steeper with one."""
    found = fit(OJ, columns=OJ_COLUMNS, known={"unit": 64})
    text = words(found)
    assert "tropicana -2.038 (95 % -2.108 to -1.969), 1.46 steeper" in text
    assert "minute.maid -1.991 (95 % -2.063 to -1.919), 1.58 steeper" in text
    assert "dominicks -2.774 (95 % -2.866 to -2.682), 0.47 steeper" in text
    assert "level of its own: -3.139 (95 % -3.184 to -3.094)" in text
    assert "Cross-price effects are not identified" in text
    assert "How many customers there are, and so who buys nothing, is not identified" in text
    assert found.origins["customers"].kind == found.origins["cost"].kind == "assumed"
    # Shelves of real shops are remembered: what the logit leaves out is said.
    assert any("sales follow the prices before" in problem for problem in found.back_test.problems)
    for product, elasticity in zip(found.parameters.products, (-2.038, -1.991, -2.774), strict=True):
        rows = pd.read_csv(OJ).query("brand == @product.name and feat == 0")
        price = np.exp(np.log(rows["price"]).mean())
        weight = np.exp(product.appeal - product.sensitivity * price)
        others = [q for q in found.parameters.products if q is not product]
        usual = {
            q.name: np.exp(np.log(pd.read_csv(OJ).query("brand == @q.name and feat == 0")["price"]).mean())
            for q in others
        }
        total = 1 + weight + sum(np.exp(q.appeal - q.sensitivity * usual[q.name]) for q in others)
        assert -product.sensitivity * price * (1 - weight / total) == pytest.approx(elasticity, abs=0.01)


@pytest.mark.skipif(not OJ.exists(), reason="the table of orange juice is not part of the project")
def test_units_that_are_packages_are_noticed():
    with pytest.raises(TableError, match=r"all units sold are multiples of 64: .* write --known unit=64"):
        fit(OJ, columns=OJ_COLUMNS)


def test_what_is_known_of_one_product_is_known_of_it_alone():
    frame = generate(SHELVES["juice-shelf"], seed=1)
    found = fit(frame, known={"cost": 1.0, "cost.fresh": 1.4, "sensitivity.own": 1.9})
    assert [product.cost for product in found.parameters.products] == [1.0, 1.0, 1.0, 1.4, 1.0]
    assert found.parameters.products[0].sensitivity == 1.9
    assert {draw["products"][0]["sensitivity"] for draw in found.draws} == {1.9}
    assert found.origins["sensitivity.own"].kind == "known"
    with pytest.raises(ParameterError, match="did you mean 'fresh'"):
        fit(frame, known={"cost.fres": 1.4})
    with pytest.raises(ParameterError, match="unit is 0; it must be an amount"):
        fit(frame, known={"unit": 0})
    with pytest.raises(ParameterError, match="PricingShelf can"):
        fit(frame, case="PricingSeason")


def test_products_whose_price_does_nothing_are_all_named():
    rng = np.random.default_rng(5)
    rows = [
        {
            "date": f"2025-{1 + k // 28:02d}-{1 + k % 28:02d}",
            "product": name,
            "price": rng.choice([1.0, 2.0]),
            "units": 5,
        }
        for k in range(60)
        for name in ("a", "b")
    ]
    frame = pd.DataFrame(rows).assign(units=lambda f: rng.poisson(5, len(f)))
    with pytest.raises(TableError) as caught:
        fit(frame)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["product a", "product b"]


def test_a_scenario_file_holds_every_origin(tmp_path):
    found = fit(generate(SHELVES["juice-shelf"], seed=1))
    found.save(tmp_path / "mine.json")
    import bizgyms

    assert (
        bizgyms.make_vec("PricingShelf", 2, scenario=str(tmp_path / "mine.json")).unwrapped.parameters
        == found.parameters
    )
    scenario = dataclasses.asdict(found.scenario())
    assert scenario["origins"]["sensitivity.own"]["kind"] == "fitted"


def test_the_ladder_holds_prices_that_were_charged():
    assert ladder(np.array([3.0, 1.0, 2.0, 1.0])) == (1.0, 2.0, 3.0)
    many = ladder(np.random.default_rng(0).uniform(1, 4, 500).round(3))
    assert len(many) == 15
    assert 1 < many[0] < 1.3
    assert many == tuple(sorted(many))
    assert all(round(price, 2) == price for price in many)
