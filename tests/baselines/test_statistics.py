"""Every figure by hand or from a printed table."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from baselines.judge import statistics
from baselines.judge.statistics import Interval


def test_t_interval_of_five_numbers():
    # mean 3, s = sqrt(2.5), t(.975, 4) = 2.7764 in every table
    found = statistics.mean_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    half = 2.7764 * np.sqrt(2.5 / 5)
    assert found.value == 3
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half), abs=1e-4)


def test_crossed_interval_by_hand():
    # Trainings: variance 1 / 3 on 2 degrees. Episodes: 1 / 3 more, so that 2 / 3 stands on 2 * 2**2 = 8 degrees.
    found = statistics.crossed_interval(np.array([1.0, 2.0, 3.0]), error=3**-0.5)
    half = 2.3060 * np.sqrt(2 / 3)
    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half), abs=1e-4)


def test_without_an_error_of_episodes_it_is_the_t_interval_and_without_spread_the_normal_one():
    sample = np.array([1.0, 2.0, 3.0, 7.0])
    assert statistics.crossed_interval(sample) == statistics.mean_interval(sample)
    alike = statistics.crossed_interval(np.full(10, 5.0), error=2.0)
    assert (alike.low, alike.high) == pytest.approx((5 - 3.919928, 5 + 3.919928), abs=1e-5)
    assert statistics.crossed_interval(np.array([7.0]), 1.0) == Interval(7, -np.inf, np.inf)


@given(
    st.lists(st.floats(-100, 100), min_size=2, max_size=12),
    st.floats(0, 50),
)
def test_the_interval_leaves_out_zero_exactly_where_the_p_value_is_below_a_twentieth(sample, error):
    found, p = statistics.crossed_interval(np.array(sample), error), statistics.p_value(np.array(sample), error)
    assume(abs(p - 0.05) > 1e-9)
    assert found.touches_zero == (p > 0.05)


def test_crossed_interval_covers_where_trainings_share_their_episodes():
    rng = np.random.default_rng(3)
    hits = plain = 0
    for _ in range(2_000):
        shared, own = rng.normal(0, 1, size=400), rng.normal(0, 0.1, size=(10, 1))
        gains = own + shared + rng.normal(0, 0.5, size=(10, 400))
        error = float(gains.mean(axis=0).std(ddof=1) / 20)
        found, alone = (
            statistics.crossed_interval(gains.mean(axis=1), error),
            statistics.mean_interval(gains.mean(axis=1)),
        )
        hits += found.low <= 0 <= found.high
        plain += alone.low <= 0 <= alone.high
    assert 0.935 < hits / 2_000 < 0.97
    assert plain / 2_000 < 0.85


def test_one_training_tells_nothing():
    found = statistics.mean_interval(np.array([7.0]))
    assert (found.value, found.low, found.high) == (7, -np.inf, np.inf)
    assert found.touches_zero


def test_pairing_removes_what_both_share():
    luck = np.array([10.0, 200.0, -50.0])
    found = statistics.paired_interval(luck + 1, luck)
    assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1))


def test_t_covers_95_per_cent_at_five_trainings():
    samples = np.random.default_rng(0).normal(1.0, 3.0, size=(4_000, 5))
    intervals = [statistics.mean_interval(sample) for sample in samples]
    assert np.mean([i.low <= 1.0 <= i.high for i in intervals]) == pytest.approx(0.95, abs=0.012)


def test_a_bound_with_its_standard_error_against_a_sample():
    sample = np.array([1.0, 3.0])  # mean 2, standard error 1, t(.975, 1) = 12.706
    found = statistics.against_interval(5.0, 2.0, sample)
    half = np.hypot(1.959964 * 2, 12.7062)
    assert found.value == 3
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half), abs=1e-3)


def test_captured_is_negative_when_the_rule_wins_and_unclipped():
    ceiling = Interval(10.0, 8.0, 12.0)
    assert statistics.captured(5.0, ceiling) == 0.5
    assert statistics.captured(-20.0, ceiling) == -2.0


@pytest.mark.parametrize("low", [-0.1, 0.0, -5.0])
def test_no_ceiling_when_its_interval_touches_zero(low):
    assert statistics.captured(5.0, Interval(1.0, low, 2.0)) is None


def test_share_of_the_possible():
    random, reference = Interval(-100.0, -110.0, -90.0), Interval(-20.0, -25.0, -15.0)
    assert statistics.share_of_possible(-40.0, random, reference) == 0.75
    assert statistics.share_of_possible(-180.0, random, reference) == -1.0


def test_share_of_the_possible_is_refused_when_the_anchors_overlap():
    assert statistics.share_of_possible(-40.0, Interval(-30.0, -60.0, -10.0), Interval(-20.0, -25.0, -15.0)) is None


def test_holm_by_hand():
    # sorted .01 x4 = .04, .02 x3 = .06, .03 x2 = .06, .5 x1 = .5; never falling along the order
    assert statistics.holm([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert statistics.holm([0.9, 0.8]) == [1.0, 1.0]
    assert statistics.holm([]) == []


def test_p_value_of_a_known_t():
    sample = np.array([1.0, 2.0, 3.0])  # t = 2 / (1 / sqrt 3) = 3.4641, two-sided p on 2 degrees .0742
    assert statistics.p_value(sample) == pytest.approx(0.0742, abs=1e-4)
    assert statistics.p_value(np.zeros(3)) == 1.0
    assert statistics.p_value(np.ones(3)) == 0.0
    assert statistics.p_value(np.ones(1)) == 1.0
