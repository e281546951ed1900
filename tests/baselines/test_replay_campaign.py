import numpy as np
import pandas as pd
import pytest

import baselines
import bizgyms
from baselines.agents import Kind, problem_of
from baselines.play.rollout import rewards_on
from baselines.protocols.own_period import own_period
from baselines.rules.bidding_campaign import constant
from bizgyms.bidding.campaign.bounds import day_in_hindsight
from envs_data.bidding.campaign import CampaignParameters, draw
from envs_data.bidding.campaign.fit import fit
from envs_data.bidding.campaign.last_days import due_and_came, last_days, luck_of
from envs_data.bidding.campaign.luck import CLICKED
from envs_data.bidding.campaign.table import generate
from envs_data.bidding.reading import read_table
from envs_data.tables import TableError

pytestmark = pytest.mark.usefixtures("quick_tuning")

CASE = bizgyms.case("BiddingCampaign")
MARKET = CampaignParameters(
    ticks=12, auctions=240.0, budget=3_000, price="second", feedback="minimum_bid", day_sd=0.1, tick_sd=0.0, delay=2.0
)
DAYS, SEED = 60, 4


@pytest.fixture(scope="module")
def log():
    return generate(MARKET, seed=SEED, days=DAYS)


@pytest.fixture(scope="module")
def scenario(log):
    return fit(log, known={"budget": 3_000, "ticks": 12}).scenario()


@pytest.fixture(scope="module")
def period(log, scenario):
    return own_period(CASE, scenario, log)


def lived():
    """The luck of the log's last days."""
    rng, _, _ = (np.random.default_rng(s) for s in np.random.SeedSequence(SEED).spawn(3))
    luck = draw(MARKET, rng, DAYS)
    return type(luck)(*(array[-12:] for array in luck))


def test_a_log_that_tells_every_price_is_the_market_as_it_was(period):
    own = lived()
    assert (len(period.days), period.fillings, period.days_an_episode) == (12, 20, 1)
    assert (period.luck.arrivals[:12] == own.arrivals).all()
    for day in range(12):
        first = 0
        for count in own.arrivals[day]:
            there = slice(first, first + count)
            mine = sorted(zip(period.luck.rate[day, there], period.luck.competing[day, there], strict=True))
            assert [price for _, price in mine] == [
                price for _, price in sorted(zip(own.rate[day, there], own.competing[day, there], strict=True))
            ]
            first += count


def test_every_rule_earns_what_it_would_have_earned(log, period):
    problem = period.problem
    agent = constant(problem, 0.0)
    truth = rewards_on(problem, agent, _fitting(lived(), period.luck), "rule").sum(axis=1)
    played = period.rewards(agent, "rule")
    assert played.shape == (20, 12)
    assert played.mean() == pytest.approx(truth.mean(), rel=0.03)


def _fitting(luck, like):
    """Luck with as many places for auctions as the fitted market has."""
    wide = like.rate.shape[1]
    padded = [np.pad(array, ((0, 0), (0, max(wide - array.shape[1], 0))))[:, :wide] for array in luck[3:]]
    return type(luck)(*luck[:2], np.full(len(luck.bias), like.bias.mean()), *padded)


def test_the_board_of_a_campaign_has_the_column_and_hindsight_is_beyond_everybody(log, scenario):
    found = baselines.replay(scenario, ["rules"], log, episodes=20)
    rows = {row.role: row for row in found.rows}
    assert {"hindsight", Kind.TODAY, Kind.BEST_RULE} <= {*rows}
    assert all(row.value <= rows["hindsight"].value for row in found.rows)
    assert rows[Kind.BEST_RULE].expected == pytest.approx(rows[Kind.BEST_RULE].value, rel=0.25)
    assert "each with the bid that would have won it" in str(found)
    assert "hindsight knows the price of every auction beforehand" in str(found)
    assert "what those you did not win would have led to is drawn 20 times from the fitted law" in str(found)
    assert "moves a value by at most 0" not in str(found)
    assert not rows[Kind.TODAY].surprises
    assert rows[Kind.BEST_RULE].over_today.low < rows[Kind.BEST_RULE].over_today.high
    assert any("Every day has a budget of 3,000" in note for note in found.notes)


def test_hindsight_is_the_bound_of_that_day(period):
    world, luck = period.world, period.luck
    cheap = luck._replace(competing=np.minimum(luck.competing, 2).astype(np.int16))
    assert day_in_hindsight(world, cheap, 0) > day_in_hindsight(world, luck, 0) > 0
    empty = luck._replace(arrivals=np.zeros_like(luck.arrivals))
    assert day_in_hindsight(world, empty, 0) == 0


def test_what_was_won_happened_and_what_was_lost_is_drawn(log, period):
    rows = period.days.frame
    won = (rows["won"] == 1).to_numpy()
    day = rows["day"].to_numpy()
    place = np.arange(len(rows)) - np.searchsorted(day, np.arange(12))[day]
    outcomes = np.array([period.luck.outcome[12 * k + day, place] for k in range(20)])
    assert (outcomes[:, won] == outcomes[0, won]).all()
    assert ((outcomes[0, won] >= CLICKED) == (rows["click"].to_numpy()[won] == 1)).all()
    assert outcomes[:, ~won].std(axis=0).max() > 0


def unknown(log, share, seed=0):
    """The log with the price of some of its lost auctions left out, the dearest first."""
    lost = log.index[log["won"] == 0]
    cut = np.random.default_rng(seed).choice(lost, int(share * len(lost)), replace=False)
    return log.assign(minimum_bid=log["minimum_bid"].where(~log.index.isin(cut)))


def test_prices_that_the_log_does_not_tell_are_drawn_given_what_it_says(log, scenario):
    hidden = unknown(log, 0.2)
    period = own_period(CASE, scenario, hidden)
    assert 0 < period.days.unknown.mean() < 1 / 3
    days, world = period.days, period.world
    luck = luck_of(days, world, np.random.default_rng(1), 200)
    day = days.frame["day"].to_numpy()
    place = np.arange(len(day)) - np.searchsorted(day, np.arange(12))[day]
    drawn = np.array([luck.competing[12 * k + day, place] for k in range(200)])
    assert (drawn >= days.low).all()
    assert (drawn[:, ~days.unknown] == days.low[~days.unknown]).all()
    real = log.loc[days.frame.index[days.unknown], "minimum_bid"].to_numpy(np.float64)
    assert np.log(drawn[:, days.unknown]).mean() == pytest.approx(np.log(real).mean(), abs=0.15)
    assert np.log(drawn[:, days.unknown]).std() == pytest.approx(np.log(real).std(), rel=0.15)
    assert (drawn == days.low)[:, days.unknown].mean() < (real == days.low[days.unknown]).mean() + 0.05
    told = f"what would have won {int(days.unknown.sum()):,} of them is not in the log"
    assert told in days.in_words(20)
    assert days.in_words(20).endswith("drawn 20 times from the fitted law")


def test_a_log_with_the_price_of_auctions_won_alone_is_refused(log):
    for known in ({"budget": 3_000}, {"budget": 3_000, "price": "first"}):
        bare = log.drop(columns="minimum_bid")
        if "price" in known:
            bare = bare.assign(price=bare["bid"].where(bare["won"] == 1))
        found = fit(bare, known=known).scenario()
        with pytest.raises(TableError, match="the log does not tell what would have won them") as refused:
            own_period(CASE, found, bare)
        assert "what can answer is the fitted world alone" in str(refused.value)
        assert "minimum_bid, the smallest bid that would have won" in str(refused.value)


def test_too_few_days_are_refused_and_short_ones_left_out(log, scenario):
    few = log[log["time"] < "2025-01-20"]
    with pytest.raises(TableError, match="needs 3 whole ones: 15 days of auctions, not 14"):
        own_period(CASE, scenario, few)
    cut = log[log["time"] < log["time"].max().normalize() + pd.Timedelta(hours=3)]
    period = own_period(CASE, scenario, cut)
    assert (len(period.days), period.days.short) == (11, 1)
    assert any("Left out, with less than half the usual traffic: 1 of the last days" in note for note in period.notes)


def test_a_day_beyond_the_fitted_market_is_refused(log, scenario):
    day = log[log["time"].dt.normalize() == log["time"].max().normalize()]
    with pytest.raises(TableError, match="the world fitted to the days before holds"):
        own_period(CASE, scenario, pd.concat([log, *[day] * 5]))


def test_factors_of_days_follow_the_conversions_that_came():
    market = MARKET.replace(bias_sd=0.5, delay=0.0, auctions=2_000.0, budget=60_000)
    frame = read_table(generate(market, seed=2, days=40)).frame
    days = last_days(frame, True, "log")
    luck = luck_of(days, market, np.random.default_rng(0), 20)
    due, came = due_and_came(days, market)
    factors = luck.bias.reshape(20, -1).mean(axis=0)
    assert np.corrcoef(factors, came / due)[0, 1] > 0.9
    assert (np.abs(np.log(factors)) < np.abs(np.log(came / due)) + 0.1).all()


def test_the_first_part_alone_is_fitted(log, scenario, period):
    last = log["time"] >= pd.Timestamp(period.days.first)
    other = log.assign(minimum_bid=log["minimum_bid"].where(~last | (log["won"] == 1), 900))
    assert own_period(CASE, scenario, other).world == period.world
    assert period.world.budget == 3_000
    assert problem_of(CASE, period.world).parameters.ticks == 12


def test_a_log_in_the_notation_of_public_ones_is_replayed(log, period, tmp_path):
    names = {"time": "timestamp", "predicted": "pctr", "bid": "bidprice", "won": "win", "price": "payprice"}
    public = log.rename(columns={**names, "minimum_bid": "market_price"}).drop(columns=["conversion", "propensity"])
    public = public.assign(timestamp=public["timestamp"].dt.strftime("%Y%m%d%H%M%S") + "102")
    public.to_csv(tmp_path / "log.csv", index=False)
    found = fit(tmp_path / "log.csv", columns={"predicted": "pctr"}, known={"budget": 3_000, "ticks": 12}).scenario()
    assert found.parameters.price == "second"
    own = own_period(CASE, found, tmp_path / "log.csv")
    assert (own.luck.arrivals == period.luck.arrivals).all()
    assert (own.luck.competing == period.luck.competing).all()
    assert not any("brought" in note for note in own.notes)
