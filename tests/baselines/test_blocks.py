import numpy as np
import pytest

from baselines.judge.blocks import blocked_interval
from baselines.judge.statistics import mean_interval


def test_the_interval_is_students_over_blocks_of_days():
    days = np.random.default_rng(0).normal(0.0, 2.0, 50) + np.repeat([1, -1, 1, -1, 1], 10)
    gains = 1.0 + np.concatenate([days, -days])
    blocks = gains.reshape(10, 10).mean(axis=1)
    half = 2.262157 * blocks.std(ddof=1) / np.sqrt(10)
    found = blocked_interval(gains[None, None])
    assert (found.value, found.high - found.value) == pytest.approx((gains.mean(), half), rel=1e-6)
    wider = blocked_interval(np.stack([gains, gains + 1.0])[None])
    assert wider.high - wider.low > 2 * half
    assert blocked_interval(np.ones((1, 3, 30))).low == 1


def test_few_days_that_cost_much_make_the_interval_longer_on_their_side():
    rng = np.random.default_rng(0)
    gains = np.where(rng.random((600, 100)) < 0.06, 30.0, 0.0) + rng.normal(0, 1, (600, 100))
    found = [blocked_interval(row[None, None]) for row in gains]
    plain = [mean_interval(row.reshape(10, 10).mean(axis=1)) for row in gains]
    held, before = (np.mean([one.low <= 1.8 <= one.high for one in kind]) for kind in (found, plain))
    assert held > 0.96
    assert held > before + 0.02
    assert all(one.low < one.value < one.high for one in found)
    mirrored = blocked_interval(-gains[:1, None])
    assert (mirrored.low, mirrored.high) == pytest.approx((-found[0].high, -found[0].low))


def test_blocks_that_resemble_each_other_tell_less():
    apart = np.repeat([1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0], 10)
    drifting = np.sort(apart)
    known, less = (blocked_interval(gains[None, None]) for gains in (apart, drifting))
    assert less.high - less.low > 1.5 * (known.high - known.low)


@pytest.mark.parametrize(("keeps", "least", "widest"), [(0.0, 0.93, 0.6), (0.9, 0.88, 2.6)])
def test_the_longer_days_resemble_each_other_the_longer_the_blocks(keeps, least, widest):
    rng = np.random.default_rng(5)
    days = np.zeros((600, 400))
    for day in range(1, 400):
        days[:, day] = keeps * days[:, day - 1] + np.sqrt(1 - keeps**2) * rng.standard_normal(600)
    found = [blocked_interval(row[None, None, -100:]) for row in days]
    assert np.mean([one.low <= 0 <= one.high for one in found]) >= least
    assert np.mean([one.high - one.low for one in found]) < widest


def test_days_that_stand_alone_need_no_week_to_a_block():
    gains = np.random.default_rng(2).normal(0.0, 2.0, (400, 12))
    alone, weeks = ([blocked_interval(row[None, None], shortest=n) for row in gains] for n in (1, 7))
    assert np.mean([one.low <= 0 <= one.high for one in alone]) > 0.93
    assert np.median([one.high - one.low for one in alone]) < 0.5 * np.median([one.high - one.low for one in weeks])
