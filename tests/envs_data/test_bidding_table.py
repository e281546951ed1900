"""The log of impressions: made by the world, read under its contract, refused with rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs_data.bidding.campaign import SCENARIOS
from envs_data.bidding.campaign.table import generate
from envs_data.bidding.reading import read_table
from envs_data.choice import choose_case
from envs_data.tables import TableError

SAMPLES = Path(__file__).parents[2] / "envs_data" / "tables"
FLOORS = SCENARIOS["floors"].replace(auctions=150.0, budget=1_800)


def table(**columns):
    times = ["2025-01-06 08:00:00", "2025-01-06 08:10:00", "2025-01-07 09:00:00", "2025-01-07 10:00:00"]
    rows = {"time": times, "predicted": [0.1, 0.2, 0.1, 0.3], "bid": [50, 60, 70, 80], "won": [1, 0, 1, 0]}
    return pd.DataFrame(rows | {"price": [40, None, 60, None]} | columns)


def problems_of(frame, **options):
    with pytest.raises(TableError) as caught:
        read_table(frame, **options)
    return caught.value.problems


def test_the_log_has_the_columns_of_its_contract():
    frame = generate(FLOORS, seed=1, days=3)
    assert list(frame) == [
        "time", "predicted", "bid", "won", "price", "minimum_bid", "click", "conversion", "propensity",
    ]  # fmt: skip
    assert frame["time"].is_monotonic_increasing
    won = frame["won"] == 1
    assert (frame.loc[won, "price"] == frame.loc[won, "bid"]).all()
    assert frame.loc[~won, "price"].isna().all()
    assert ((frame["bid"] >= frame["minimum_bid"]) == won).all()
    daily = frame.loc[won].groupby(frame["time"].dt.normalize())["price"].sum()
    assert (daily <= FLOORS.budget).all()
    assert "minimum_bid" not in generate(FLOORS.replace(feedback="win_only"), seed=1, days=1)


def test_propensity_is_the_frequency_of_the_decision():
    frame = generate(FLOORS, seed=2, days=10)
    assert frame["propensity"].between(0.1, 0.6).all()
    assert sorted(frame["propensity"].unique()) == [0.1, 0.6]
    ticks = frame.groupby([frame["time"].dt.floor("15min")])["propensity"].first()
    assert (ticks == 0.6).mean() == pytest.approx(0.6, abs=0.06)


def test_delays_of_the_log_are_those_of_the_scenario():
    p = SCENARIOS["target-3h"].replace(budget=10_000_000)
    frame = generate(p, policy=lambda world: (2000.0, 0.0, 1.0), seed=3, days=4)
    early = frame[frame["time"] < "2025-01-08"]
    hours = (early["conversion"] - early["time"]).dt.total_seconds().dropna() / 3600
    assert hours.mean() == pytest.approx(3.0, rel=0.1)
    assert (hours < 0.5).mean() == pytest.approx(1 - np.exp(-0.5 / 3), abs=0.03)
    assert hours.min() >= 0


def test_same_seed_same_table():
    assert generate(FLOORS, seed=5, days=2).equals(generate(FLOORS, seed=5, days=2))
    assert not generate(FLOORS, seed=5, days=2).equals(generate(FLOORS, seed=6, days=2))


def test_the_sample_table_is_what_its_card_says():
    made = generate(FLOORS, seed=5, days=14).to_csv(index=False, lineterminator="\n")
    assert (SAMPLES / "ad_campaign.csv").read_text(encoding="utf-8") == made
    call = '`generate(SCENARIOS["floors"].replace(auctions=150.0, budget=1_800), seed=5, days=14)`'
    assert call in (SAMPLES / "README.md").read_text()
    assert choose_case("bidding", SAMPLES / "ad_campaign.csv")[0] == "BiddingCampaign"


def test_a_price_of_a_lost_auction_is_refused():
    found = problems_of(table(price=[40, 45, 60, None]))
    assert len(found) == 1
    assert found[0].startswith("row 3, column 'price': 45 is the price of an auction that was lost")


def test_what_was_paid_needs_no_column_where_winners_pay_their_bids():
    unpaid = table().drop(columns="price")
    (said,) = problems_of(unpaid)
    assert said.endswith("if winners pay their bids, say --known price=first")
    assert "price" not in read_table(unpaid, bids_are_paid=True).mapping


def test_a_price_above_the_bid_is_refused():
    assert problems_of(table(price=[51, None, 60, None])) == ("row 2, column 'price': 51 is more than was bid",)


def test_conversions_before_clicks_and_impressions_are_refused():
    odd = table(click=[0, 0, 1, 1], conversion=["2025-01-06 09:00:00", None, "2025-01-07 08:59:00", None])
    found = problems_of(odd)
    assert "row 2, column 'conversion': 2025-01-06 is a conversion before any click" in found
    assert "row 4, column 'conversion': 2025-01-07 is a conversion before the impression" in found
    assert "row 5, column 'click': 1 is a click on an impression that was lost" in found


def test_mixed_time_zones_are_refused():
    first = ["2025-01-06T08:00:00+01:00", "2025-01-06T08:10:00+01:00", "2025-01-07T09:00:00+01:00"]
    (found,) = problems_of(table(time=[*first, "2025-01-07 10:00"]))
    assert found.startswith("row 5, column 'time': '2025-01-07 10:00' has no time zone, and most rows have one")
    (found,) = problems_of(table(time=[*first, "2025-01-07T10:00:00-05:00"]))
    assert "several time zones (+01:00, -05:00)" in found
    read = read_table(table(time=[f"2025-01-06T0{k}:00:00Z" for k in range(4)]))
    assert read.frame["time"].dt.hour.tolist() == [0, 1, 2, 3]


def test_a_log_without_losses_or_wins_is_refused():
    found = problems_of(table(won=[1] * 4, price=[40] * 4))
    assert found[0].startswith("rows 2 to 5, column 'won': no auction was lost")
    assert any("no auction was won" in said for said in problems_of(table(won=[0] * 4, price=[None] * 4)))


def test_prices_and_times_beyond_any_world_are_refused_with_a_remedy():
    found = problems_of(table(price=[40_000, None, 60, None], bid=[50_000, 60, 70, 80]))
    assert found[0].startswith("row 2, column 'price': 40000 is more than 30,000, the highest price a world can hold")
    assert "is more than 1e+15" in problems_of(table(bid=[1e300, 60, 70, 80]))[0]
    times = ["2025-01-06 08:00:00", "2025-01-06 08:10:00", "2025-01-07 09:00:00", "2999-12-31 10:00:00"]
    (found,) = problems_of(table(time=times))
    assert found.startswith("row 5, column 'time': 2999-12-31 lies ten years or more from most others")
    assert len(read_table(table(time=times), until="2025-12-31").frame) == 3


def test_a_propensity_of_0_is_refused():
    (found,) = problems_of(table(propensity=[0.5, 0, 1, 1]))
    assert found == "row 3, column 'propensity': 0 is the probability of what was done, so it cannot be 0"


def test_a_log_in_which_all_was_won_for_nothing_is_refused():
    (found,) = problems_of(table(price=[0, None, 0, None]))
    assert found.startswith("rows 2 to 5, column 'price': every auction won cost 0")
    named = table(price=[0, None, 0, None]).rename(columns={"price": "fee"}).assign(settled=[40, None, 60, None])
    assert read_table(named, columns={"price": "settled"}).mapping["price"] == "settled"


def test_totals_of_days_are_told_apart_from_auctions():
    days = {"day": ["2025-01-06", "2025-01-07"], "impressions": ["1,200", "900"], "clicks": [12, 9], "cost": [30, 22.5]}
    with pytest.raises(TableError) as caught:
        read_table(pd.DataFrame(days))
    (told,) = caught.value.problems
    assert told.startswith("a row holds totals (impressions, clicks, cost), not one auction.")
    assert "export a row for each auction: time, predicted, bid, won, price (or minimum_bid)" in told
    with pytest.raises(TableError, match="a row holds totals"):
        choose_case("bidding", pd.DataFrame(days))
    assert "no column for time" in problems_of(table().drop(columns="time"))[0]


def test_everything_wrong_is_one_message():
    found = problems_of(
        table(predicted=[0, 1.2, 0.1, 0.1], minimum_bid=[55, 60, None, None], price=[None, None, 1.5, 0])
    )
    text = "\n".join(found)
    for part in (
        "row 2, column 'predicted': 0 is not more than 0",
        "row 3, column 'predicted': 1.2 is more than 1",
        "row 2, column 'minimum_bid': 55 is more than was bid, yet the bid won",
        "row 3, column 'minimum_bid': 60 was bid, yet the auction was lost",
        "row 2, column 'price': the cell is empty, though the auction was won",
        "row 4, column 'price': 1.5 is not a whole number",
    ):
        assert part in text
    assert "no column for what was paid" in problems_of(table().drop(columns="price"))[0]
    assert "no rows with --since 2026-01-01" in problems_of(table(), since="2026-01-01")[0]
    assert len(read_table(table(), since="2025-01-07").frame) == 2


cells = st.one_of(st.none(), st.integers(-2, 90), st.floats(-1, 2), st.sampled_from(["x", "", "2025-01-06 10:00"]))


@given(st.lists(st.fixed_dictionaries({
    "time": cells, "predicted": cells, "bid": cells, "won": cells, "price": cells, "click": cells, "conversion": cells,
}), min_size=1, max_size=6))  # fmt: skip
def test_any_table_is_read_or_refused_with_a_table_error(rows):
    found: tuple[object, ...] = ()
    try:
        found = tuple(read_table(pd.DataFrame(rows, dtype=object)).frame["bid"] >= 0)
    except TableError as error:
        found = error.problems
    assert found
    assert all(found)
