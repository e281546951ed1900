"""Tables of prices as people have them: what is left out by name, refused, asked for, or scaled."""

import json
import shlex

import numpy as np
import pandas as pd
import pytest

from envs_data.parameters import ParameterError
from envs_data.pricing.season import SCENARIOS as SEASONS
from envs_data.pricing.season.fit import fit as fit_season
from envs_data.pricing.season.table import generate as generate_season
from envs_data.pricing.shelf.fit import fit
from envs_data.pricing.units import scale_for
from envs_data.tables import TableError

PRICES = np.array([2.0, 2.5, 3.0])


def words(found):
    return " ".join(found.summary().split())


def shelf(seed=1, periods=120, dated=True, visitors=False, **means):
    """Weekly sales of products, each with its mean units at a price."""
    rng = np.random.default_rng(seed)
    rows = []
    for week in range(periods):
        for name, mean in means.items():
            price = float(rng.choice(PRICES))
            rows.append({"date": pd.Timestamp("2024-01-01") + pd.Timedelta(days=7 * week), "product": name,
                         "price": price, "units": int(rng.poisson(mean(price)))})  # fmt: skip
    frame = pd.DataFrame(rows)
    if visitors:
        frame["visitors"] = 400
    return frame if dated else frame.drop(columns="date")


def falling(price):
    return 300 * np.exp(-price)


def rising(price):
    return 2 * np.exp(price)


def flat(price):
    return 20.0


def typed_known(said):
    """What a line of a message gives as --known."""
    typed = shlex.split(said[said.index("bizgyms fit") :])
    known = typed[typed.index("--known") + 1 : typed.index("-o")]
    return {name: json.loads(value) for name, value in (pair.split("=") for pair in known)}


def said_of(fitted, frame):
    """What is printed of a fit, or of the table that has none."""
    try:
        return fitted(frame).summary()
    except TableError as error:
        return str(error)


# Demand that does not fall.


@pytest.mark.parametrize("counted", [True, False])
def test_a_season_whose_demand_rises_with_the_price_is_refused_with_and_without_visitors(counted):
    frame = generate_season(SEASONS["winter-coats"], seed=1)
    frame["units"] = np.minimum((frame["price"] / 40).round().astype(int), frame["visitors"])
    frame = frame[frame["units"] <= frame["stock"]]
    with pytest.raises(TableError, match=r"the sensitivity is not identified: -.* a higher price may sell as many"):
        fit_season(frame if counted else frame.drop(columns="visitors"))


def test_visitors_do_not_make_a_flat_demand_fall():
    """A curve from all visitors at a price of 0 through those who buy falls, whatever the prices charged did."""
    rng = np.random.default_rng(2)
    price = rng.choice([10.0, 10.5], 80)
    frame = pd.DataFrame({"price": price, "units": rng.binomial(50, 0.4, 80), "visitors": 50})
    with pytest.raises(TableError, match="the sensitivity is not identified"):
        fit_season(frame)


def test_visitors_who_would_never_buy_are_no_customers():
    """A tenth of the visitors may buy: through all of them the sensitivity would come out far too high."""
    rng = np.random.default_rng(0)
    price = rng.choice([20.0, 30.0, 40.0], 300)
    units = rng.poisson(200 * 0.1 * np.exp(-0.03 * price))
    found = fit_season(pd.DataFrame({"price": price, "units": units, "visitors": 200}))
    for field, true in (("sensitivity", 0.03), ("customers", 20.0)):
        assert abs(getattr(found.parameters, field) - true) < 3.3 * found.origins[field].stderr
    assert "of the visitors who would buy at a price of 0" in words(found)
    assert found.back_test.passed


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("visitors", [True, False])
def test_products_whose_demand_rises_are_left_out_by_name_and_the_others_fitted(dated, visitors):
    found = fit(shelf(dated=dated, visitors=visitors, tea=falling, wine=rising, milk=falling))
    assert [product.name for product in found.parameters.products] == ["tea", "milk"]
    assert "Product wine is left out: it sold more the dearer it was" in words(found)
    alone = fit(
        shelf(dated=dated, visitors=visitors, tea=falling, wine=rising, milk=falling).query("product != 'wine'")
    )
    assert alone.parameters == found.parameters
    with pytest.raises(TableError) as caught:
        fit(shelf(dated=dated, visitors=visitors, wine=rising, gin=rising))
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["product wine", "product gin"]


def test_units_that_never_change_do_not_fall_either():
    frame = pd.DataFrame({"price": np.tile(PRICES, 20), "units": 4})
    with pytest.raises(TableError, match="the sensitivity is not identified"):
        fit_season(frame)


# One bad piece.


@pytest.mark.parametrize("dated", [True, False])
def test_a_product_that_was_never_repriced_takes_the_effect_of_the_others(dated):
    frame = shelf(dated=dated, tea=falling, mug=flat)
    frame.loc[frame["product"] == "mug", "price"] = 9.0
    found = fit(frame)
    tea, mug = found.parameters.products
    assert mug.prices == (9.0,)
    assert found.origins["sensitivity.tea"].kind == "fitted"
    assert found.origins["sensitivity.mug"].kind == "assumed"
    assert "Not identified by itself" in found.origins["sensitivity.mug"].note
    assert "mug not identified by itself" in words(found)
    # One price leaves its sales alone identified: with the appeal that goes with any sensitivity they are the same.
    weights = [np.exp(one.appeal - one.sensitivity * price) for one, price in ((tea, 2.5), (mug, 9.0))]
    sold = found.parameters.customers * weights[1] / (1 + sum(weights))
    assert sold == pytest.approx(20, rel=0.15)


def test_a_product_without_demand_or_with_few_rows_is_left_out_by_name():
    frame = shelf(tea=falling, mug=lambda price: 0.0, cup=falling)
    found = fit(frame[(frame["product"] != "cup") | (frame["date"] < "2024-02-01")])
    assert [product.name for product in found.parameters.products] == ["tea"]
    assert "Product mug is left out: not a single unit of it was sold" in words(found)
    assert "Product cup is left out: only 5 of the 10 periods or visits" in words(found)
    assert "mug" in str(found.scenario().notes["notes"])
    with pytest.raises(TableError, match="product mug: not a single unit"):
        fit(frame[frame["product"] == "mug"])


@pytest.mark.parametrize("dated", [True, False])
def test_a_product_that_says_little_of_its_price_takes_the_effect_of_all_unless_it_contradicts_it(dated):
    found = fit(shelf(seed=3, dated=dated, tea=falling, mug=lambda price: 0.006 * falling(price), cup=flat))
    assert [product.name for product in found.parameters.products] == ["tea", "mug"]
    assert "Not identified by itself" in found.origins["sensitivity.mug"].note
    assert "Not identified by itself: how sales of mug follow the price" in words(found)
    assert "Product cup is left out: " in words(found)
    assert "a higher price may sell as many" in words(found)


def test_a_product_too_steep_for_a_shelf_is_left_out_by_name():
    frame = shelf(tea=falling, pen=lambda price: 50.0 * (price < 2.2))
    frame.loc[frame["product"] == "pen", "price"] = 100 + frame["price"] / 100
    found = fit(frame)
    assert [product.name for product in found.parameters.products] == ["tea"]
    assert "Product pen is left out: it follows its price too steeply" in words(found)


# Purchases only.


def panel(visits=1500, nothing=False, seed=3):
    """Choices among three brands, or none; without ``nothing`` visits that bought none are not written down."""
    rng = np.random.default_rng(seed)
    prices = rng.choice([6.0, 7.0, 8.0, 9.0], (visits, 3))
    utility = np.array([2.0, 3.0, 2.5]) - 0.5 * prices
    chosen = (np.column_stack([utility, np.zeros(visits)]) + rng.gumbel(size=(visits, 4))).argmax(axis=1)
    names = ["dannon", "hiland", "weight"]
    rows = [
        {"visit": v, "product": names[k], "price": prices[v, k], "chosen": int(chosen[v] == k)}
        for v in range(visits)
        for k in range(3)
        if nothing or chosen[v] < 3
    ]
    return pd.DataFrame(rows), float((chosen == 3).mean())


def test_a_panel_of_purchases_is_fitted_among_the_brands_once_the_share_of_no_purchase_is_known():
    frame, share = panel()
    with pytest.raises(TableError, match=r"say their share, such as 30 %: bizgyms fit pricing table\.csv") as caught:
        fit(frame)
    known = typed_known(caught.value.problems[0])
    assert known == {"outside": 0.3}
    assert [product.name for product in fit(frame, known=known).parameters.products] == ["dannon", "hiland", "weight"]
    found = fit(frame, known={"outside": share})
    for product, appeal in zip(found.parameters.products, (2.0, 3.0, 2.5), strict=True):
        for field, true in (("appeal", appeal), ("sensitivity", 0.5)):
            assert abs(getattr(product, field) - true) < 3.3 * found.origins[f"{field}.{product.name}"].stderr
    assert "of the visits buy nothing, as you said" in words(found)
    whole, _ = panel(nothing=True)
    seen = fit(whole)
    assert [p.appeal for p in seen.parameters.products] == pytest.approx(
        [p.appeal for p in found.parameters.products], abs=0.5
    )
    with pytest.raises(TableError, match=r"bought nothing, so that outside is not for you to say: leave it out"):
        fit(whole, known={"outside": share})
    with pytest.raises(ParameterError, match="outside is 1; it must be a share above 0 and below 1"):
        fit(frame, known={"outside": 1})


def test_visits_that_took_a_brand_that_is_left_out_are_among_those_that_take_nothing():
    frame, _ = panel()
    some = frame["visit"].unique()[:5]
    rare = pd.DataFrame({"visit": some, "product": "rare", "price": 7.0, "chosen": 1})
    with_rare = pd.concat([frame.assign(chosen=frame["chosen"].where(~frame["visit"].isin(some), 0)), rare])
    found, others = fit(with_rare, known={"outside": 0.3}), frame[~frame["visit"].isin(some)]
    share = 1 - 0.7 * (1 - 5 / frame["visit"].nunique())
    same = fit(others, known={"outside": share})
    assert "Product rare is left out: only 5 of the 10" in words(found)
    for ours, theirs in zip(found.parameters.products, same.parameters.products, strict=True):
        assert ours.appeal == pytest.approx(theirs.appeal, abs=1e-4)
        assert ours.sensitivity == pytest.approx(theirs.sensitivity, abs=1e-4)


def test_the_weight_of_a_visit_counts_it_as_many_times():
    frame, _ = panel(visits=150, nothing=True)
    frame["weight"] = 1 + frame["visit"] % 2
    twice = pd.concat([frame, frame[frame["weight"] == 2].assign(visit=lambda rows: rows["visit"] + 1000)])
    weighed, copied = fit(frame), fit(twice.drop(columns="weight"))
    for ours, theirs in zip(weighed.parameters.products, copied.parameters.products, strict=True):
        assert ours.appeal == pytest.approx(theirs.appeal, abs=1e-3)
        assert ours.sensitivity == pytest.approx(theirs.sensitivity, abs=1e-3)


# Counts and prices of any size.


def test_scales_are_round_and_just_large_enough():
    assert [scale_for(count, 100) for count in (0, 100, 101, 1000, 1001, 4e6)] == [1, 1, 2, 10, 20, 50_000]


def test_a_city_of_customers_is_scaled_and_told_in_its_own_units():
    def many(price):
        return 1000 * falling(price)

    found = fit(shelf(tea=many, milk=many))
    assert found.scale == 20
    assert found.scenario().notes["scale"] == 20
    assert found.parameters.customers <= 10_000
    assert "One customer of the fitted world stands for 20 units of the table" in words(found)
    small = fit(shelf(tea=falling, milk=falling))
    for ours, theirs in zip(found.parameters.products, small.parameters.products, strict=True):
        assert ours.sensitivity == pytest.approx(theirs.sensitivity, rel=0.25)
    typed = typed_known(words(found))
    again = fit(shelf(tea=many, milk=many), known=typed)
    assert again.parameters.customers == pytest.approx(found.parameters.customers, rel=1e-3)
    assert fit(shelf(tea=many, milk=many), known={"unit": 50}).parameters.customers < 10_000


def test_units_of_very_many_that_may_be_packages_are_asked_for():
    frame = shelf(tea=falling, milk=falling)
    frame["units"] *= 640
    with pytest.raises(TableError, match=r"multiples of 640: .* write --known unit=640; .* write --known unit=1$"):
        fit(frame)
    packages, units = fit(frame, known={"unit": 640}), fit(frame, known={"unit": 1})
    assert (packages.scale, units.scale) == (1, 10)
    assert units.parameters.customers * 10 == pytest.approx(packages.parameters.customers * 640)


def test_more_products_than_a_shelf_holds_are_refused_without_those_that_sold_nothing():
    frame = shelf(periods=12, **{f"p{k}": falling for k in range(33)})
    with pytest.raises(TableError, match="column 'product': 33 products; a shelf has 32 at most"):
        fit(frame)


@pytest.mark.parametrize("money", [1e-4, 1e6])
def test_prices_in_any_money_are_the_same_fit(money):
    season = generate_season(SEASONS["winter-coats"], seed=1)
    for frame, fitted, of in (
        (shelf(tea=falling, milk=falling), fit, lambda found: found.parameters.products[0].sensitivity),
        (season, fit_season, lambda found: found.parameters.sensitivity),
    ):
        dear, usual = fitted(frame.assign(price=frame["price"] * money)), fitted(frame)
        assert of(dear) * money == pytest.approx(of(usual), rel=1e-3)
        assert len(dear.back_test.problems) == len(usual.back_test.problems)


def test_a_season_of_very_many_units_is_scaled():
    rng = np.random.default_rng(1)
    price = rng.choice([2.0, 3.0, 4.0], 100)
    frame = pd.DataFrame({"price": price, "units": rng.poisson(1e5 * np.exp(-0.5 * price))})
    found = fit_season(frame)
    assert found.scale == 500
    assert found.parameters.customers * found.scale == pytest.approx(1e5, rel=0.05)
    assert found.parameters.sensitivity == pytest.approx(0.5, rel=0.05)
    known = fit_season(frame, known={"start_stock": 400_000})
    assert known.parameters.start_stock * known.scale == 400_000
    with pytest.raises(ParameterError, match=r"start_stock is 1e\+12; it must be at most"):
        fit_season(frame, known={"start_stock": 1e12})
    with pytest.raises(TableError, match="demand rises so steeply as the price falls"):
        fit_season(pd.DataFrame({"price": 50 + price, "units": rng.poisson(30 * np.exp(-price))}))


def test_units_that_never_change_are_no_demand():
    for dated in (True, False):
        with pytest.raises(TableError, match="not identified"):
            fit(shelf(dated=dated, tea=falling).assign(units=5))


def test_one_row_of_very_many_units_takes_no_more_room_than_another():
    frame = shelf(periods=40, tea=falling).drop(columns="date").assign(units=lambda rows: rows["units"].astype(float))
    frame.loc[3, "units"] = 999_999_999
    assert said_of(fit_season, frame)


@pytest.mark.parametrize("cell", [1e300, -1e300, 1e-300, 0.0])
@pytest.mark.parametrize("column", ["price", "units", "visitors", "stock"])
def test_no_cell_of_any_size_leads_to_more_than_a_sentence(column, cell):
    frame = shelf(periods=12, tea=falling, milk=falling).assign(stock=900.0, visitors=900.0).astype({"units": float})
    frame.loc[3, column] = cell
    for table, fitted in ((frame, fit), (frame[frame["product"] == "milk"], fit_season)):
        assert said_of(fitted, table)


@pytest.mark.parametrize("day", ["1700-01-03", "9999-12-31"])
def test_no_date_leads_to_more_than_a_sentence(day):
    frame = shelf(tea=falling).astype({"date": object})
    frame.loc[0, "date"] = np.datetime64(day)
    assert said_of(fit_season, frame).startswith(("Read 120 periods", "table: row 2, column 'date'"))


def test_a_period_of_more_than_a_year_is_refused():
    yearly = shelf(periods=20, tea=falling).assign(date=[f"{year}-01-01" for year in range(1980, 2020, 2)])
    with pytest.raises(TableError, match=r"73\d days lie between its dates"):
        fit_season(yearly)
