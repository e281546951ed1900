"""Fitting a table of several items: the boxes that made the tables come back, and nobody guesses the rest."""

import json

import numpy as np
import pandas as pd
import pytest

from envs_data.choice import choose_case
from envs_data.parameters import ParameterError, Scenario, read_scenario_file
from envs_data.restock.box import SCENARIOS, BoxItem, BoxParameters
from envs_data.restock.box.fit import fit
from envs_data.restock.box.table import generate, soft_base_stock
from envs_data.restock.demand import Structure
from envs_data.restock.estimation import estimate
from envs_data.restock.panel import BINOMIAL, Layout, _Search, estimate_together, select_together
from envs_data.restock.sales import Sales
from envs_data.tables import TableError

WEEK = (0.85, 0.8, 0.85, 0.95, 1.25, 1.5, 0.8)
ITEMS = (
    BoxItem(name="milk", mean=6.0, demand_law="negative_binomial", size=5.0, price=1.2, cost=0.7, start_on_hand=15),
    BoxItem(name="tea", mean=1.5, price=4.0, cost=2.0, start_on_hand=6),
    BoxItem(name="rice", mean=3.0, price=2.0, cost=1.5, start_on_hand=8),
)
SHOP = BoxParameters(items=ITEMS, weekday=WEEK)
# Levels of stock, in mean demand over lead time and a day: plenty, and so little that a quarter of days sells out.
PLENTY, TIGHT = 3.0, 1.1


def shop_table(parameters=SHOP, seed=0, days=731, stock=PLENTY):
    levels = [round(stock * item.mean * 2) for item in parameters.items]
    policy = soft_base_stock(parameters, np.random.default_rng(10_000 + seed), levels)
    return generate(parameters, policy, seed=seed, days=days)


def sales_of(frame):
    return [
        Sales(
            rows["date"].to_numpy().astype("datetime64[D]"),
            rows["units"].to_numpy().astype(int),
            (rows["on_hand"] + rows["wasted"] <= 0).to_numpy(),
            np.full(len(rows), np.nan),
        )
        for _, rows in frame.groupby("item", sort=False)
    ]


def inside(seeds, stock):
    """Shares of true values inside the fitted 95 % intervals, by field, and of laws found."""
    hits = {"mean": [], "weekday": [], "size": [], "law": []}
    for seed in seeds:
        panel = select_together(sales_of(shop_table(seed=seed, stock=stock)))
        for item, fitted in zip(ITEMS, panel.fits, strict=True):
            natural, errors = fitted.natural(), fitted.stderrs()
            hits["law"].append(fitted.law == item.demand_law)
            hits["mean"].append(abs(natural["mean"][0] - item.mean) < 1.96 * errors["mean"][0])
            if fitted.law == item.demand_law == BINOMIAL:
                hits["size"].append(abs(natural["size"][0] - item.size) < 1.96 * errors["size"][0])
        hits["weekday"].extend(np.abs(natural["weekday"] - WEEK) < 1.96 * errors["weekday"])
    return {name: np.mean(found) for name, found in hits.items()}


@pytest.mark.parametrize("stock", [pytest.param(PLENTY, marks=pytest.mark.slow), TIGHT])
def test_fit_recovers_what_generated_the_table(stock):
    found = inside(range(5), stock)
    assert found["law"] >= 13 / 15
    assert found["mean"] >= 12 / 15
    assert found["weekday"] >= 0.85
    assert found["size"] >= 3 / 5


@pytest.mark.slow
@pytest.mark.parametrize("stock", [PLENTY, TIGHT])
def test_intervals_cover_honestly(stock):
    found = inside(range(60), stock)
    assert found["law"] >= 0.97
    assert found["mean"] >= 0.90
    assert found["weekday"] >= 0.92
    assert found["size"] >= 0.85


def test_slopes_of_the_likelihood():
    sales = sales_of(shop_table(days=60, stock=TIGHT))
    search = _Search(sales, Layout(Structure(weekday=True, half_life=20.0), (BINOMIAL, "poisson", BINOMIAL)))
    theta = np.random.default_rng(0).normal(0.5, 0.2, sum(search.layout.sizes()))
    numeric = [(search.loss(theta + e)[0] - search.loss(theta - e)[0]) / 2e-5 for e in np.eye(len(theta)) * 1e-5]
    np.testing.assert_allclose(search.loss(theta)[1], numeric, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("law", ["poisson", BINOMIAL])
def test_a_panel_of_one_item_is_the_item(law):
    sales = sales_of(shop_table(stock=TIGHT))[0]
    for structure in (Structure(), Structure(weekday=True, half_life=100.0), Structure(season=True)):
        alone, together = estimate(sales, structure, law), estimate_together([sales], structure, [law]).fits[0]
        assert together.log_likelihood == pytest.approx(alone.log_likelihood, abs=1e-4)
        for name, value in alone.natural().items():
            np.testing.assert_allclose(together.natural()[name], value, rtol=2e-3)
            np.testing.assert_allclose(together.stderrs()[name], alone.stderrs()[name], rtol=0.03)


def test_weekdays_in_common_are_sharper_than_alone():
    sales = sales_of(shop_table())
    shape, laws = Structure(weekday=True), (BINOMIAL, "poisson", "poisson")
    alone = estimate(sales[1], shape, "poisson").stderrs()["weekday"]
    assert (estimate_together(sales, shape, laws).fits[1].stderrs()["weekday"] < 0.6 * alone).all()


def test_the_whole_box_comes_back(tmp_path):
    p = SCENARIOS["grocery-box"].replace(substitution=[])
    known = {"shelf_life": 5, "capacity": 160, "shelf_life.eggs": 0, "margin.milk": 0.5}
    found = fit(generate(p, seed=4, days=731), known=known)
    assert found.back_test.passed
    world = found.parameters
    assert world.promotion_every == p.promotion_every
    origin = found.origins["promotion_lift"]
    assert abs(world.promotion_lift - p.promotion_lift) < 3 * origin.stderr
    for item, true in zip(world.items, p.items, strict=True):
        assert (item.name, item.pack, item.price) == (true.name, max(true.pack, item.pack), pytest.approx(true.price))
        assert item.lead_times == true.lead_times
        assert item.lead_time_probabilities == pytest.approx(true.lead_time_probabilities, abs=0.09)
        assert abs(item.mean - true.mean) < 4 * found.origins[f"mean.{item.name}"].stderr
        assert item.shelf_life == (0 if item.name == "eggs" else 5)
    assert world.items[0].cost == pytest.approx(0.8)
    assert {found.origins[n].kind for n in ("capacity", "shelf_life", "cost.milk")} == {"known"}
    assert {found.origins[n].kind for n in ("truck_size", "substitution", "cost.bread", "holding")} == {"assumed"}
    assert not any("shelf life is not identified" in note for note in found.notes)
    assert any("shelf life is not identified" in note for note in fit(generate(p, seed=4, days=200)).notes)
    found.save(tmp_path / "mine.json")
    scenario = Scenario.from_dict(read_scenario_file(tmp_path / "mine.json"), BoxParameters)
    assert scenario.parameters == world
    assert len(scenario.draws) == 50
    drawn = [world.replace(**draw) for draw in scenario.draws]
    means = np.array([[item.mean for item in draw.items] for draw in drawn])
    errors = [found.origins[f"mean.{item.name}"].stderr for item in world.items]
    np.testing.assert_allclose(means.std(axis=0), errors, rtol=0.4)


def test_customers_who_wait_and_random_lead_times():
    p = SCENARIOS["spare-parts-box"]
    found = fit(generate(p, seed=1, days=731), known={"price": 100})
    assert all(item.backordered for item in found.parameters.items)
    assert found.parameters.observed == "demand"
    seal = found.parameters.items[2]
    assert seal.lead_times == (3, 5, 10)
    assert seal.lead_time_probabilities == pytest.approx((0.3, 0.5, 0.2), abs=0.1)
    assert seal.shortage == 40.0


def test_a_good_fit_is_rarely_refused_and_a_level_that_rose_always():
    assert sum(fit(shop_table(seed=seed, days=365)).back_test.passed for seed in range(6)) >= 5
    grown = SHOP.replace(items=[item.replace(mean=item.mean * 1.6).to_dict() for item in ITEMS])
    before, after = shop_table(seed=1, days=365), shop_table(grown, seed=1, days=365)
    cut = before["date"].unique()[292]
    changed = pd.concat([before[before["date"] < cut], after[after["date"] >= cut]])
    problems = fit(changed).back_test.problems
    assert any(problem.startswith("milk: the level of demand rose by") for problem in problems)


def test_dependence_the_world_does_not_have_is_told():
    frame = shop_table(days=365)
    shared = np.repeat(np.random.default_rng(0).gamma(3, 1 / 3, 365), 3)
    frame["units"] = np.random.default_rng(1).poisson(5 * shared)
    frame["on_hand"] = 100
    found = fit(frame)
    assert any("Days of the items go together" in note for note in found.notes)
    assert not any("Days of the items go together" in note for note in fit(shop_table(days=365)).notes)


def test_an_item_with_a_week_of_its_own_is_named():
    frame = shop_table(days=731)
    odd = frame["item"] == "rice"
    frame.loc[odd, "units"] = np.where(frame.loc[odd, "date"].dt.day_of_week == 1, 9, 2)
    assert any("rice: weekdays or season of its own" in note for note in fit(frame).notes)
    assert not any("of its own" in note for note in fit(shop_table(days=731)).notes)


def test_without_prices_results_are_in_items_and_costs_in_money_are_refused():
    frame = shop_table(days=200).drop(columns="price")
    found = fit(frame)
    assert found.parameters.money == "items"
    assert found.origins["price"].kind == "assumed"
    with pytest.raises(ParameterError, match="holding given in money, but no price"):
        fit(frame, known={"holding": 0.1})
    with pytest.raises(ParameterError, match=r"no price for tea, rice, while others have one; add --known price\.tea="):
        fit(frame, known={"price.milk": 1.2})


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"prise": 2}, "unknown field 'prise'; did you mean 'price'"),
        ({"price.mlk": 2}, "price.mlk: unknown item 'mlk'; did you mean 'milk'"),
        ({"capacity.milk": 2}, "unknown field of an item 'capacity'"),
        ({"lead_time": 2, "lead_times": [2]}, "lead_time and lead_times of milk are both given"),
        ({"margin.milk": 9}, "margin of milk is 9; it must be between 0 and its price, 1.2"),
        ({"shelf_life": -1}, "shelf_life is -1"),
    ],
)
def test_impossible_knowledge_is_refused(known, message):
    with pytest.raises(ParameterError, match=message):
        fit(shop_table(days=120), known=known)


def test_items_whose_demand_is_not_identified_are_left_out_by_name():
    frame = shop_table(days=60)
    whole = fit(frame[~frame["item"].isin(["tea", "rice"])])
    frame.loc[frame["item"] == "tea", "units"] = 0
    frame.loc[frame["item"] == "rice", "on_hand"] = 0
    found = fit(frame)
    assert found.parameters == whole.parameters
    assert found.notes[0] == ("Left out: item tea: not a single unit was sold in 60 days; demand is not identified.")
    assert found.notes[1].startswith("Left out: item rice: demand is not identified: 60 days, 60 of them sold out")


def test_tables_that_cannot_be_fitted():
    frame = shop_table(days=60)
    for wrong in ({"units": 0}, {"on_hand": 0}):
        with pytest.raises(TableError, match=r"item tea: .*\n.*no item is left to fit"):
            fit(frame[frame["item"] == "tea"].assign(**wrong))
    with pytest.raises(TableError, match=r"no column for item; found: .*--columns item=NAME"):
        fit(frame.drop(columns="item"))
    with pytest.raises(ParameterError, match="RestockBox can"):
        fit(frame, case="RestockItem")


def test_the_suggested_line_repeats_what_was_given():
    frame = shop_table(days=120).rename(columns={"units": "menge"})
    line = fit(frame, {"units": "menge"}, {"lead_time": 1}, since="2025-01-10").lines[-1][1]
    for words in ("--columns units=menge", "--since 2025-01-10", "--known lead_time=1 "):
        assert words in line


def test_the_case_is_chosen_by_the_number_of_items():
    frame = shop_table(days=30)
    assert choose_case("restock", frame, {}) == ("RestockBox", "3 items in column item")
    assert choose_case("restock", frame[frame["item"] == "tea"], {})[0] == "RestockItem"
    assert choose_case("restock", frame.drop(columns="item"), None)[0] == "RestockItem"


def test_summary_says_what_was_assumed():
    told = " ".join(fit(shop_table(days=200)).summary().split())
    assert "assumed cost 0.60 of price. holding 0.1% of price a day. shortage 0: a lost sale costs its margin." in told
    assert "none of capacity, max_order" in told
    assert "not identified from sales alone: assumed none" in told
    assert json.dumps(fit(shop_table(days=200)).scenario().to_dict())


def test_promotions_on_a_weekday_of_their_own_have_no_lift():
    days = pd.date_range("2024-01-01", periods=140)
    on = np.arange(len(days)) % 7 == 6
    units = np.random.default_rng(0).poisson(5.0, len(days)) * np.where(on, 3, 1)
    table = pd.DataFrame({"date": days, "item": "bread", "units": units, "promotion": on * 1})
    found = fit(table)
    assert found.parameters.promotion_lift == 1.0 or "promotion_lift" not in found.origins
    assert "All promotions are on weekdays without other sales" in " ".join(found.notes)
