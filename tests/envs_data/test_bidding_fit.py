"""From a log to a campaign: the round trip, floors, what a log cannot tell, the back-test."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from envs_data.bidding.campaign import SCENARIOS, outcomes, prices
from envs_data.bidding.campaign.back_test import held_back
from envs_data.bidding.campaign.fit import fit
from envs_data.bidding.campaign.observed_prices import seen
from envs_data.bidding.campaign.table import generate
from envs_data.bidding.reading import read_table
from envs_data.parameters import ParameterError
from envs_data.tables import TableError

WORLDS = {
    "first-price": SCENARIOS["first-price"].replace(auctions=2500.0, budget=40_000),
    "floors": SCENARIOS["floors"].replace(auctions=2500.0, budget=40_000),
    "target-3h": SCENARIOS["target-3h"].replace(auctions=2500.0),
}


@pytest.fixture(scope="module")
def logs():
    return {name: generate(p, seed=7, days=15) for name, p in WORLDS.items()}


@pytest.fixture(scope="module")
def fits(logs):
    return {name: fit(log) for name, log in logs.items()}


@pytest.mark.parametrize("name", WORLDS)
def test_the_round_trip_recovers_the_campaign_within_its_own_intervals(fits, name):
    found, p = fits[name], WORLDS[name]
    checked = 0
    for field, origin in found.origins.items():
        if origin.kind == "fitted" and isinstance(origin.stderr, float) and origin.stderr > 0:
            assert abs(getattr(found.parameters, field) - getattr(p, field)) < 3.3 * origin.stderr, field
            checked += 1
    assert checked >= 8
    hours = np.log(found.parameters.competition_hours) - np.log(p.competition_hours)
    assert np.abs(hours / np.array(found.origins["competition_hours"].stderr)).max() < 4.5
    assert found.parameters.price == p.price
    assert np.abs(np.array(found.parameters.traffic) / (np.array(p.traffic) * 24 / sum(p.traffic)) - 1).max() < 0.35
    assert found.parameters.tick_sd == pytest.approx(p.tick_sd, abs=0.06)
    assert found.parameters.feedback == p.feedback
    assert found.back_test.passed, found.back_test.problems
    assert len(found.draws) == 50
    assert found.parameters.replace(**found.draws[0]).rate == found.draws[0]["rate"]


def test_floors_reserve_and_cut_are_found(fits):
    found, p = fits["floors"], WORLDS["floors"]
    assert found.parameters.floors == p.floors
    errors = np.array(found.origins["floor_chances"].stderr)
    assert (np.abs(np.subtract(found.parameters.floor_chances, p.floor_chances)) < 3.5 * errors).all()
    assert (found.parameters.reserve, found.parameters.highest) == (p.reserve, p.highest)
    assert "32%" in found.summary() or "31%" in found.summary() or "33%" in found.summary()


def test_late_conversions_are_reckoned_with(logs):
    frame = read_table(logs["target-3h"]).frame
    cut = frame[frame["time"] < frame["time"].min() + pd.Timedelta(hours=30)].copy()
    end = cut["time"].max()
    cut["conversion"] = cut["conversion"].where(cut["conversion"] <= end)
    seen = (cut["conversion"] - cut["time"]).dt.total_seconds().mean() / 3600
    found = outcomes.delay(cut)
    assert seen < found.value
    assert abs(found.value - 3.0) < 3.3 * found.stderr


def test_the_slope_of_the_likelihood_is_its_slope(logs):
    rows = seen(read_table(logs["floors"]).frame.head(3_000), False)
    law = prices._Law(rows, *prices.heaps(rows))
    theta = np.concatenate([np.full(24, 4.0), [0.2, -0.3], np.linspace(-2.5, -3.5, law.size - 26)])
    theta[:24] += np.linspace(-0.3, 0.3, 24)
    _, slope = law.loss(theta, 0.1)
    straight = optimize.approx_fprime(theta, lambda x: law.loss(x, 0.1)[0], 1e-6)
    np.testing.assert_allclose(slope, straight, atol=2e-2 * np.abs(straight).max() / 10)


def test_losses_are_censored_and_not_ignored(logs):
    """Prices of auctions won are the low ones: their plain median is far below the median of all."""
    log = logs["target-3h"]
    paid = log.loc[log["won"] == 1, "price"].astype(float).median()
    assert paid < 0.6 * fit(log).parameters.competition


def test_one_multiple_for_all_bids_identifies_no_slope():
    p = WORLDS["first-price"]
    log = generate(p, policy=lambda world: (435.0, 0.0, 1.0), seed=2, days=6)
    found = fit(log)
    assert found.origins["competition_slope"].kind == "assumed"
    assert "competition_slope is not identified: bids are always the same multiple" in " ".join(found.summary().split())
    assert not found.back_test.passed
    assert fit(log, known={"competition_slope": 0.35}).parameters.competition_sd == pytest.approx(0.85, abs=0.1)


def test_prices_that_change_fail_the_back_test(logs):
    log = logs["floors"].copy()
    late = log["time"] >= held_back(read_table(log).frame)
    log.loc[late, "minimum_bid"] = (log.loc[late, "minimum_bid"] * 3).clip(upper=300)
    log["won"] = (log["bid"] >= log["minimum_bid"]).astype(int)
    log = log.drop(columns=["click", "conversion"])
    log["price"] = log["bid"].where(log["won"] == 1)
    found = fit(log)
    assert any("wins fell by" in problem for problem in found.back_test.problems)
    assert found.back_test.verdict.startswith("Do not trust")


def test_known_fields_win_and_what_is_assumed_is_said(logs):
    found = fit(logs["first-price"], known={"budget": 12_345, "target": 300.0, "delay": 2.0, "bias": 1.0})
    assert (found.parameters.budget, found.parameters.target, found.parameters.delay) == (12_345, 300.0, 2.0)
    assert {found.origins[name].kind for name in ("budget", "target", "delay")} == {"known"}
    assert "budget" not in found.draws[0]
    text = " ".join(found.summary().split())
    assert "highest" in text
    assert "floors, reserve and cut of prices are not identified" in text
    assert "--known budget=12345 target=300 delay=2 bias=1 highest=" in text


def test_a_log_without_conversions_takes_predictions_as_true(logs):
    found = fit(logs["first-price"].drop(columns=["click", "conversion"]))
    assert found.origins["bias"].kind == "assumed"
    assert found.parameters.bias == 1.0


def test_auctions_won_for_nothing_were_won_for_at_most_the_smallest_price(logs):
    log = logs["target-3h"]
    free = log.assign(price=log["price"].astype(float))
    won = free.index[free["won"] == 1]
    cheapest = free.loc[won, "price"].nsmallest(200).index
    free.loc[cheapest, "price"] = 0.0
    found, before = fit(free), fit(log)
    assert any("200 auctions were won for nothing: the best competing bid was at most" in note for note in found.notes)
    error = before.origins["competition"].stderr
    assert abs(found.parameters.competition - before.parameters.competition) < 3 * error
    rows = seen(read_table(free).frame, True)
    smallest = free.loc[free["price"] > 0, "price"].min()
    assert ((rows.low == 1) & (rows.high <= smallest)).sum() >= 200
    assert rows.low.min() >= 1


def test_nothing_paid_in_a_log_of_first_prices_only_says_that_the_bid_won(logs):
    log = logs["first-price"].head(20_000)
    free = log.assign(price=log["price"].astype(float))
    free.loc[free.index[free["won"] == 1][:50], "price"] = 0.0
    found = fit(free)
    assert found.parameters.price == "first"
    assert found.parameters.competition == fit(log).parameters.competition
    assert any("50 auctions were won for nothing, though bids are paid" in note for note in found.notes)


def test_what_no_world_can_hold_is_kept_at_its_bound_and_told(logs):
    log = logs["first-price"].head(6_000)
    wild = log.assign(predicted=np.where(np.arange(len(log)) % 2, 1e-12, 0.5))
    found = fit(wild)
    assert found.parameters.rate_sd == 3
    assert any(note.startswith("rate_sd (spread of predicted conversion rates) came out at") for note in found.notes)
    assert not any("()" in note for note in found.notes)


def test_predictions_that_are_off_are_told():
    p = WORLDS["first-price"].replace(bias=1.5, auctions=1000.0)
    found = fit(generate(p, seed=8, days=6))
    assert abs(found.parameters.bias - 1.5) < 3.3 * found.origins["bias"].stderr
    assert any("as often as predicted" in note for note in found.notes)


def test_impossible_requests_are_refused(logs):
    with pytest.raises(ParameterError, match="did you mean 'budget'"):
        fit(logs["floors"], known={"budgt": 3})
    with pytest.raises(ParameterError, match="BiddingCampaign can"):
        fit(logs["floors"], case="BiddingAuction")
    with pytest.raises(TableError, match="at least 500 are needed"):
        fit(logs["floors"].head(300))
