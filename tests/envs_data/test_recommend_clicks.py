"""Logs of clicks: what is read and refused, and what a fit recovers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from envs_data.choice import choose_case
from envs_data.recommend.clicks import read_clicks
from envs_data.recommend.lifetime import SCENARIOS, Item, LifetimeParameters, Segment
from envs_data.recommend.lifetime.click_fit import fit
from envs_data.recommend.lifetime.click_model import Log, _Likelihood, chances, estimate, log_of
from envs_data.recommend.lifetime.table import generate
from envs_data.tables import TableError

SAMPLES = Path(__file__).parents[2] / "envs_data" / "tables"
SHOP = LifetimeParameters(
    days=180,
    visits=80,
    slate=3,
    topics=2,
    r=2.0,
    alpha=12.0,
    a=1.0,
    b=20.0,
    position=0.7,
    items=tuple(
        Item(f"item_{k}", topic=k % 2, appeal=-1.2 + 0.3 * k, quality=k / 8, margin=5.0 + k, buys=0.3) for k in range(8)
    ),
)


@pytest.fixture(scope="module")
def log():
    return generate(SHOP, seed=4, customers=250)


def told(frame, **kwargs):
    with pytest.raises(TableError) as error:
        read_clicks(frame, **kwargs)
    return "\n".join(error.value.problems)


def test_a_log_is_a_row_a_place_with_the_probability_of_what_was_shown(log):
    assert len(read_clicks(log).frame) == len(log)
    assert (log.groupby(["customer", "visit"])["clicked"].sum() <= 1).all()
    # Where a slate is drawn at random half the time, an item stands at a place with probability 1/16, or 9/16 as usual.
    assert set(log["propensity"].round(4)) == {0.0625, 0.5625}
    usual = log["propensity"] > 0.5
    assert usual.mean() == pytest.approx(0.5 + 0.5 / 8, abs=0.02)
    pd.testing.assert_frame_equal(log, generate(SHOP, seed=4, customers=250))


def test_the_sample_is_what_its_card_says_and_tells_its_shop():
    sample = (SAMPLES / "music_clicks.csv").read_text(encoding="utf-8")
    made = generate(SCENARIOS["cdnow"], seed=8, customers=200)
    assert sample == made.to_csv(index=False, lineterminator="\n")
    card = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert "`music_clicks.csv`" in card
    assert '`generate(SCENARIOS["cdnow"], seed=8, customers=200)`' in card
    found = fit(SAMPLES / "music_clicks.csv")
    for name in ("r", "alpha", "a", "b", "position"):
        off = abs(getattr(found.parameters, name) - getattr(SCENARIOS["cdnow"], name))
        assert off < 2.5 * found.origins[name].stderr


def test_bad_logs_get_one_message_with_row_numbers(log):
    frame = log.head(12).astype({"item": object, "margin": float}).reset_index(drop=True)
    frame.loc[1, "date"] = pd.Timestamp("2199-01-01")
    frame.loc[3, "margin"] = -2.0
    frame.loc[4, ["item", "clicked"]] = [None, 1]
    frame.loc[6, "propensity"] = 0.0
    message = told(frame)
    for part in (
        "row 3, column 'date': 2199-01-01 lies in the future",
        "row 5, column 'margin': -2 is less than 0",
        "row 6, column 'clicked': 1 was clicked where nothing was shown",
        "row 8, column 'propensity': 0 is the probability of what was done, so it cannot be 0",
    ):
        assert part in message


def test_a_customer_before_his_first_visit_is_refused(log):
    frame = log[log["customer"] == log["customer"].iloc[0]].reset_index(drop=True)
    frame.loc[frame["visit"] == 2, "date"] = pd.Timestamp("2023-01-01")
    assert "2023-01-01 is before an earlier visit of this customer" in told(frame)


def test_two_clicks_a_visit_twice_a_place_and_bought_unclicked_are_refused(log):
    frame = log.head(9).reset_index(drop=True)
    frame["clicked"] = 0
    frame["bought"] = 0
    frame.loc[[0, 1], "clicked"] = 1
    frame.loc[4, "position"] = 1
    frame.loc[8, "bought"] = 1
    message = told(frame)
    assert "row 3, column 'clicked': 1 is the second click of this visit; keep one" in message
    assert "row 6, column 'position': 1 is in this visit already" in message
    assert "row 10, column 'bought': 1 is bought without being clicked" in message


def test_one_position_only_and_no_clicks_are_refused(log):
    first = log[log["position"] == 1]
    message = told(first.assign(clicked=0, bought=0, returned=0))
    assert "one position only, so that the effect of the position cannot be told" in message
    assert "nobody ever clicked" in message


def test_the_gradient_is_the_slope_of_the_likelihood():
    rng = np.random.default_rng(0)
    items = np.array([rng.permutation(4)[:3] for _ in range(40)])
    log = Log(np.repeat(np.arange(10), 4), items, rng.integers(0, 4, 40), np.array([0, 0, 1, 1]), np.zeros((40, 3)))
    model = _Likelihood(log, 2)
    at = rng.normal(0, 0.5, 4 + 1 + 2 + 1)
    _, slope = model.loss(at)
    steps = np.eye(len(at)) * 1e-6
    by_hand = [(model.loss(at + step)[0] - model.loss(at - step)[0]) / 2e-6 for step in steps]
    assert slope == pytest.approx(by_hand, rel=1e-4, abs=1e-5)
    each, scores = model.scores(at, log.customer)
    assert scores.sum(axis=0) == pytest.approx(model.scores(at, np.zeros(40, dtype=np.int64))[1][0])
    assert np.isfinite(each).all()


def test_chances_of_a_visit_sum_to_one(log):
    table, _ = log_of(read_clicks(log).frame, [item.name for item in SHOP.items], SHOP.topic_of())
    found = chances(table, np.linspace(-1, 1, 8), -0.2, np.array([[0.5, -0.5], [-0.5, 0.5]]))
    assert found.sum(axis=2) == pytest.approx(1)


def test_a_fit_recovers_appeal_place_and_visits(log):
    found = fit(log)
    p, count = found.parameters, len(SHOP.items)
    errors = np.array(found.origins["items"].stderr)
    z = (np.array([item.appeal for item in p.items]) - [item.appeal for item in SHOP.items]) / errors
    assert abs(z).max() < 3.5
    assert (z**2).mean() < 2.2
    assert abs(p.position - SHOP.position) < 3 * found.origins["position"].stderr
    for name in ("r", "alpha", "a", "b"):
        assert abs(getattr(p, name) - getattr(SHOP, name)) < 3.5 * found.origins[name].stderr
    assert [item.margin for item in p.items] == [item.margin for item in SHOP.items]
    assert [item.quality for item in p.items] == pytest.approx([item.quality for item in SHOP.items])
    assert np.mean([item.buys for item in p.items]) == pytest.approx(0.3, abs=0.05)
    assert len(p.segments) == 1
    assert len(p.items) == count
    assert found.back_test.passed
    assert len(found.draws) == 50
    for draw in found.draws[:3]:
        p.replace(**draw)


def test_a_customer_with_a_weight_counts_as_many_times(log):
    some = log[log["customer"].isin(log["customer"].unique()[:60])]
    number = pd.factorize(some["customer"])[0]
    weighed = fit(some.assign(weight=1 + number % 2))
    copies = some[number % 2 == 1].assign(customer=lambda rows: rows["customer"].astype(str) + " again")
    copied = fit(pd.concat([some.assign(customer=some["customer"].astype(str)), copies]))
    assert weighed.parameters.items[0].appeal == pytest.approx(copied.parameters.items[0].appeal, abs=1e-4)
    assert weighed.parameters.r == pytest.approx(copied.parameters.r, rel=1e-3)
    said = told(some.assign(weight=1 + (some["visit"] % 2)))
    assert "column 'weight': 1 is not the only weight of this customer; a weight says how many customers" in said
    assert "weights add up to" in told(some.assign(weight=1_000_000))


def test_places_beyond_any_slate_are_refused(log):
    frame = log.head(12).reset_index(drop=True).astype({"position": float})
    frame.loc[2, "position"] = 1e300
    assert "row 4, column 'position': 1e+300 is further down than the 20 places" in told(frame)


@pytest.mark.slow
def test_two_kinds_of_customers_are_told_apart():
    kinds = (Segment("a", tastes=(1.5, -1.5)), Segment("b", tastes=(-1.5, 1.5)))
    shop = SHOP.replace(segments=[kind.to_dict() for kind in kinds], alpha=6.0)
    frame = read_clicks(generate(shop, seed=1, customers=250)).frame
    table, _ = log_of(frame, [item.name for item in shop.items], shop.topic_of())
    found = estimate(table)
    assert found.shares == pytest.approx([0.5, 0.5], abs=0.12)
    assert abs(found.tastes[0]) == pytest.approx([1.5, 1.5], abs=0.4)


def test_known_fields_and_messages(log):
    found = fit(log, known={"hold": 1.0, "boredom": [1.0, 0.5]})
    assert found.parameters.hold == 1.0
    assert found.origins["hold"].kind == "known"
    assert found.origins["pull"].kind == "assumed"
    assert "a place further down counts" in found.summary()


def test_choice_tells_logs_from_purchases(log):
    assert choose_case("recommend", log)[1].startswith("items shown and clicked")
    bought = pd.DataFrame({"customer": ["a"], "date": ["2024-01-01"], "amount": [3.0]})
    assert choose_case("recommend", bought) == (
        "RecommendLifetime",
        "purchases of customers, so when they come back can be told",
    )


@pytest.mark.parametrize("name", ["tiny-boredom", "cdnow"])
def test_logs_of_all_kinds_of_scenarios_can_be_read(name):
    made = generate(SCENARIOS[name], seed=0, customers=20)
    assert len(made) and read_clicks(made).frame["item"].notna().all() if made["clicked"].any() else True
