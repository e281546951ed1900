"""A campaign's day: the world by hand, its laws, and what other simulators of auctions got wrong."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bizgyms
from envs_data.bidding.campaign import SCENARIOS, CampaignLuck, CampaignParameters, CampaignWorld, draw
from envs_data.bidding.campaign.law import paying, winning
from envs_data.bidding.campaign.luck import columns, normals
from envs_data.parameters import ParameterError

SMALL = SCENARIOS["small-first-price"].replace(bounds=False)


def two_ticks(rates, competing, outcomes, split, bias=1.0):
    """Luck of one day of two ticks: ``split`` auctions in the first."""
    return CampaignLuck(
        np.array([[split, len(rates) - split]], dtype=np.int32),
        np.zeros((1, 2)),
        np.array([bias]),
        np.array([rates], dtype=np.float32),
        np.array([competing], dtype=np.int16),
        np.array([outcomes], dtype=np.int16),
    )


@pytest.mark.parametrize(
    ("price", "budget", "won", "spent"),
    [("second", 100, [2, 1], [30, 40]), ("first", 100, [1, 1], [50, 50]), ("second", 30, [2, 0], [30, 0])],
)
def test_day_by_hand(price, budget, won, spent):
    """Bids of 100 a conversion at rates .5, .25, .5; competing 20, 10, 40; and one at 60 that is lost.

    In first price 50 + 25 + 50 would be paid, but 50 is all that is left after the first tick's first auction but one.
    """
    p = CampaignParameters(ticks=2, budget=budget, price=price)
    rates, competing = [0.5, 0.25, 0.5, 0.5], [20, 10, 40, 60]
    if price == "first":
        rates, competing = [0.5, 0.5, 0.5], [20, 60, 50]
    luck = two_ticks(rates, competing, [-2] * len(rates), 2)
    world = CampaignWorld(p, luck)
    world.start()
    seen = []
    for _ in range(2):
        world.play((100.0, 0.0))
        seen.append((world.won, world.spent))
    assert [row[0] for row in seen] == won
    assert [row[1] for row in seen] == spent
    assert world.budget == budget - sum(spent)


def test_the_budget_is_a_hard_stop_in_order_of_arrival():
    """Nobody's win is undone: the first two are paid in full, the third finds 10 left and bids those."""
    p = CampaignParameters(ticks=1, budget=70, price="first")
    luck = two_ticks([0.3] * 4, [30, 30, 30, 10], [-2] * 4, 4)
    world = CampaignWorld(p, luck._replace(arrivals=np.array([[4]], dtype=np.int32)), record=True)
    world.start()
    world.play((100.0, 0.0))
    assert (world.won, world.spent, world.budget) == (3, 70, 0)


def test_shading_and_rounding_by_hand():
    """Worth 100 at a usual median of 64 and shading 2: 100 / sqrt(1 + 200 / 64) = 49.2, so 49 wins and 50 does not."""
    p = CampaignParameters(ticks=1, competition_hours=(1.0,) * 24, budget=1000)
    luck = two_ticks([1.0, 1.0], [49, 50], [-2, -2], 2)._replace(arrivals=np.array([[2]], dtype=np.int32))
    world = CampaignWorld(p, luck)
    world.start()
    world.play((100.0, 2.0))
    assert (world.won, world.spent) == (1, 49)


def test_conversions_are_reported_when_they_are_due_and_count_at_once():
    """Won in the first of two ticks: one reported in the same tick, one in the next, one after the day."""
    p = CampaignParameters(ticks=2, budget=1000)
    luck = two_ticks([0.5, 0.5, 0.5, 0.25], [1, 1, 1, 1], [0, 1, 2, -1], 4, bias=1.5)
    world = CampaignWorld(p, luck, record=True)
    world.start()
    world.play((10.0, 0.0))
    assert (world.reported, world.clicks, world.value) == (1, 4, 3 * 0.75 + 0.375)
    assert world.predicted == 1.75
    world.play((10.0, 0.0))
    assert (world.reported, world.told) == (1, 2)
    events = world.events()
    assert events[events.what == "converts"].time.tolist() == [6.0, 18.0]


@pytest.mark.parametrize("delay", [0.1, 1.0, 8.0])
def test_share_still_to_be_reported(delay):
    """The recursion a buyer sees as ``due`` against the law of delays drawn."""
    p = CampaignParameters(delay=delay)
    own, keeps = p.reporting()
    rng = np.random.default_rng(0)
    late = np.floor(rng.random(200_000) + rng.exponential(delay / p.hours, 200_000))
    assert (late >= 1).mean() == pytest.approx(own, abs=0.005)
    assert (late >= 4).mean() == pytest.approx(own * keeps**3, abs=0.005)


@given(
    name=st.sampled_from(sorted(SCENARIOS)),
    budget=st.integers(0, 3000),
    seed=st.integers(0, 1000),
    bids=st.lists(st.tuples(st.floats(1, 9000), st.floats(0, 4)), min_size=6, max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_conservation(name, budget, seed, bids):
    """The budget is never overdrawn, wins are never more than auctions, and conversions reported are among clicks."""
    p = SCENARIOS[name].replace(ticks=6, auctions=120.0, budget=budget)
    luck = draw(p, np.random.default_rng(seed), 1)
    world = CampaignWorld(p, luck)
    world.start()
    spent = clicks = 0
    value = 0.0
    for bid in bids:
        world.play(bid)
        spent, clicks, value = spent + world.spent, clicks + world.clicks, value + world.value
        assert 0 <= world.won <= world.offered
        assert world.spent <= world.won * p.highest
    assert world.over
    assert world.budget == budget - spent >= 0
    assert world.told <= clicks
    assert world.total == pytest.approx(value)
    assert 0 <= world.pending <= world.predicted + 1e-12
    assert sum(luck.arrivals[0]) <= columns(p)


def test_sixteen_bit_normals_have_the_moments_and_the_tails():
    x = normals(np.random.default_rng(1), 4_000_000).astype(np.float64)
    assert x.mean() == pytest.approx(0, abs=0.003)
    assert x.std() == pytest.approx(1, abs=0.002)
    assert (x**4).mean() == pytest.approx(3, abs=0.02)
    assert (x > 4).sum() == pytest.approx(4_000_000 * 3.167e-5, abs=45)
    assert 4.6 < np.abs(x).max() < 6.2


def test_competing_bids_follow_their_law():
    p = SCENARIOS["floors"].replace(
        ticks=1, auctions=20_000.0, day_sd=0.0, hour_sd=0.0, tick_sd=0.0, competition_slope=0.0
    )
    luck = draw(p, np.random.default_rng(2), 10)
    seen = np.concatenate([row[:n] for row, n in zip(luck.competing, luck.arrivals[:, 0], strict=True)])
    law = winning(p, np.log(p.usual()))[0]
    frequency = np.bincount(seen, minlength=p.highest + 1).cumsum() / len(seen)
    assert np.abs(frequency - law).max() < 5 * 0.5 / np.sqrt(len(seen))
    assert law[p.reserve - 1] == 0
    assert law[-1] == 1
    assert (np.diff(law) >= 0).all()
    second = paying(p.replace(price="second"), law[None])[0]
    assert second[-1] == pytest.approx(seen.mean(), rel=0.01)
    assert paying(p, law[None])[0, 100] == law[100] * 100


def test_shocks_traffic_and_bias_have_their_moments():
    p = CampaignParameters(auctions=50.0, traffic_sd=0.1, bias_sd=0.3, day_sd=0.2, hour_sd=0.1, tick_sd=0.05)
    luck = draw(p, np.random.default_rng(3), 4_000)
    assert luck.arrivals.sum(axis=1).mean() == pytest.approx(50, rel=0.01)
    assert luck.bias.mean() == pytest.approx(1, abs=0.02)
    assert np.log(luck.bias).std() == pytest.approx(0.3, rel=0.05)
    assert luck.level.std() == pytest.approx(np.sqrt(0.2**2 + 0.1**2 + 0.05**2), rel=0.05)
    assert (luck.level[:, 0] - luck.level[:, 3]).std() == pytest.approx(np.sqrt(2) * 0.05, rel=0.05)


def test_ticks_and_auctions_have_draws_of_their_own():
    p = SCENARIOS["small-first-price"]
    luck = draw(p, np.random.default_rng(4), 2_000)
    shocks = luck.level - luck.level.mean(axis=1, keepdims=True)
    assert (np.abs(np.corrcoef(shocks.T) - np.eye(p.ticks)) < 0.2).all()
    rates = np.log(luck.rate[:, :100].astype(np.float64))
    assert np.abs(np.corrcoef(rates.T) - np.eye(100)).max() < 0.12


def test_two_environments_share_nothing():
    one, other = gym.make("bizgyms/BiddingCampaign-v0"), gym.make("bizgyms/BiddingCampaign-v0", scenario="small-target")
    first, _ = one.reset(seed=1)
    other.reset(seed=2)
    other.step(np.ones(1, dtype=np.float32))
    assert one.unwrapped.parameters.budget == 60_000
    assert np.array_equal(one.reset(seed=1)[0], first)


def test_reset_keeps_parameters_and_takes_its_options():
    p = SMALL.replace(budget=777)
    env = bizgyms.make(p)
    luck = draw(p, np.random.default_rng(5), 1)
    for _ in range(2):
        row, _ = env.reset(options={"luck": luck, "record": True})
        assert row[0] == 777
        _, _, _, _, info = env.step(np.zeros(2, dtype=np.float32))
        assert info["auctions"] == luck.arrivals[0, 0]
        assert len(env.unwrapped.events()) >= 2


def test_the_last_observation_is_the_ended_days_own():
    envs = bizgyms.make_vec(SMALL, num_envs=2, autoreset_mode="SameStep")
    envs.reset(seed=6)
    for _ in range(SMALL.ticks):
        rows, _, ended, _, infos = envs.step(np.full((2, 2), -0.5, dtype=np.float32))
    assert ended.all()
    assert rows[:, 1].tolist() == [SMALL.ticks] * 2
    assert [row[1] for row in infos["final_obs"]] == [0, 0]
    assert all(row[0] < SMALL.budget for row in infos["final_obs"])


@pytest.mark.parametrize("feedback", ["none", "win_only", "minimum_bid"])
@pytest.mark.parametrize("price", ["first", "second"])
def test_losers_are_told_what_the_mode_says(feedback, price):
    """All is lost against 37: the number is nowhere in observation or info but with ``minimum_bid``."""
    p = CampaignParameters(ticks=2, feedback=feedback, price=price)
    env = bizgyms.make(p)
    env.reset(options={"luck": _padded(p, two_ticks([0.01], [37], [-2], 1))})
    row, _, _, _, info = env.step(np.full(env.action_space.shape, -1.0, dtype=np.float32))
    assert (37 in row.tolist()) is (feedback == "minimum_bid")
    numbers = [value for value in info.values() if isinstance(value, (int, float))]
    assert 37 not in numbers
    assert ("won_last" in [f.name for f in env.unwrapped.features]) is (feedback != "none")


def _padded(p, luck):
    """Luck with as many columns as the case's own."""
    wide = columns(p)
    return luck._replace(
        **{
            name: np.pad(array, ((0, 0), (0, wide - array.shape[1])))
            for name, array in luck._asdict().items()
            if name in ("rate", "competing", "outcome")
        }
    )


def test_logs_do_not_grow():
    env = bizgyms.make(SMALL)
    env.reset(seed=7)
    world = env.unwrapped._world_now
    for _ in range(SMALL.ticks):
        env.step(np.zeros(2, dtype=np.float32))
    assert world._log is None
    sizes = []
    for _ in range(2):
        env.reset(seed=7, options={"record": True})
        env.step(np.zeros(2, dtype=np.float32))
        sizes.append(len(env.unwrapped.events()))
    assert sizes[0] == sizes[1]


def test_memory_of_a_default_day():
    p = CampaignParameters()
    luck = draw(p, np.random.default_rng(0), 2)
    assert sum(array.nbytes for array in luck) / 2 < 150_000


def test_wrong_parameters_are_all_named():
    with pytest.raises(ParameterError) as error:
        CampaignParameters(floors=(9, 5), floor_chances=(0.7, 0.7, 0.2), reserve=2000, traffic=(0.0,) * 24)
    assert len(error.value.problems) == 5
