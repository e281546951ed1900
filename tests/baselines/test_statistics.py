"""Every figure by hand or from a printed table."""

import numpy as np
import pytest

from baselines.judge import statistics
from baselines.judge.statistics import Interval


def test_t_interval_of_five_numbers():
    # mean 3, s = sqrt(2.5), t(.975, 4) = 2.7764 in every table
    found = statistics.mean_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    half = 2.7764 * np.sqrt(2.5 / 5)
    assert found.value == 3
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half), abs=1e-4)


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
