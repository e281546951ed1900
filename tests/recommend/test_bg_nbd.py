"""The law of coming back: CDNOW's published numbers, sums over everything that can happen, and its draws."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from envs_data.recommend.bg_nbd import BgNbd, Cohort, Customers, draw_gaps, draw_stops

TABLE = Path(__file__).parents[3] / "shared" / "data" / "cdnow_customers.csv"
PUBLISHED = BgNbd(0.243, 4.414, 0.793, 2.426)
FITTED = BgNbd(0.24259294, 4.41353255, 0.79288616, 2.42575287)

laws = st.builds(BgNbd, st.floats(0.1, 3), st.floats(1, 20), st.floats(0.2, 3), st.floats(0.5, 5))


@pytest.fixture(scope="module")
def cdnow():
    if not TABLE.exists():
        pytest.skip("the table of CDNOW customers is not here")
    table = pd.read_csv(TABLE)
    return Cohort(table["frequency"].to_numpy(), table["recency"].to_numpy(), table["T"].to_numpy())


def test_cdnow_likelihood_and_expected_repeat_purchases(cdnow):
    assert FITTED.log_likelihood(cdnow).sum() == pytest.approx(-9582.43, abs=0.005)
    assert FITTED.expected(cdnow.age).sum() == pytest.approx(2493.97, abs=0.005)
    assert PUBLISHED.expected(cdnow.age).sum() == pytest.approx(2497.56, abs=0.005)
    assert FITTED.nothing(cdnow.age).mean() == pytest.approx(0.597, abs=5e-4)


@pytest.mark.parametrize("way", ["summary", "one by one"])
def test_cdnow_simulated_cohorts_buy_what_the_closed_form_expects(cdnow, way):
    """Means of 200 cohorts within two standard errors, and one cohort's published standard deviation of 117."""
    rng = np.random.default_rng(4 if way == "summary" else 5)
    counts = [_counts(FITTED, rng, cdnow.age, way) for _ in range(200)]
    repeats, none = (np.array(column) for column in zip(*((c.sum(), (c == 0).mean()) for c in counts), strict=True))
    assert abs(repeats.mean() - FITTED.expected(cdnow.age).sum()) < 2 * repeats.std() / np.sqrt(200)
    assert abs(none.mean() - FITTED.nothing(cdnow.age).mean()) < 2 * none.std() / np.sqrt(200)
    assert repeats.std() == pytest.approx(117, rel=0.15)


def _counts(law, rng, age, way):
    if way == "summary":
        return law.draw_cohort(rng, age).frequency
    return np.bincount(law.draw_purchases(rng, age).customer, minlength=len(age))


@given(laws, st.floats(0.5, 3))
@settings(max_examples=25, deadline=None)
def test_everything_that_can_happen_has_probability_one(law, age):
    """The density of times integrated over the order statistics below the last purchase, for every count."""

    nodes, weights = np.polynomial.legendre.leggauss(60)
    last = age * (nodes + 1) / 2

    def chance(count):
        if count == 0:
            return float(law.nothing(np.array(age)))
        every = Cohort(np.full(60, count), last, np.full(60, age))
        paths = (count - 1) * np.log(last) - special.gammaln(count)
        return float(age / 2 * weights @ np.exp(law.log_likelihood(every) + paths))

    chances = np.array([chance(count) for count in range(100)])
    assert chances.sum() == pytest.approx(1, abs=1e-6)
    assert chances @ np.arange(100) == pytest.approx(float(law.expected(np.array(age))), rel=1e-4)


@given(laws, st.floats(0.1, 30), st.floats(0.1, 30))
@settings(deadline=None)
def test_what_is_expected_so_far_and_after_adds_up(law, age, more):
    """For who has bought nothing yet, weighting by the probability of nothing; and numbers never fall with time."""
    newcomer = Cohort(np.array([0]), np.array([0.0]), np.array([0.0]))
    assert law.expected_after(newcomer, age)[0] == pytest.approx(float(law.expected(np.array(age))), rel=1e-7)
    assert law.expected(np.array(age + more)) > law.expected(np.array(age)) > 0
    bought = Cohort(np.array([3]), np.array([age / 2]), np.array([age]))
    assert 0 < law.alive(bought)[0] < 1
    assert law.expected_after(bought, more)[0] > 0


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.0), (0.4, 0.6)])
def test_limits_of_the_expectation(a, b):
    near, at = BgNbd(0.5, 3, a + 1e-4, b), BgNbd(0.5, 3, a, b)
    assert at.expected(np.array(9.0)) == pytest.approx(float(near.expected(np.array(9.0))), rel=1e-3)


def test_who_is_alive_buys_what_is_expected_of_them():
    rng = np.random.default_rng(8)
    law, age, more = BgNbd(0.8, 4.0, 0.7, 2.0), 12.0, 20.0
    bought = law.draw_purchases(rng, np.full(200_000, age + more))
    before = bought.time < age
    count = np.bincount(bought.customer[before], minlength=200_000)
    last = np.zeros(200_000)
    np.maximum.at(last, bought.customer[before], bought.time[before])
    later = np.bincount(bought.customer[~before], minlength=200_000)
    expected = law.expected_after(Cohort(count, last, np.full(200_000, age)), more)
    for chosen in (count == 0, count == 1, (count > 1) & (last > 9), (count > 1) & (last < 6)):
        error = later[chosen].std() / np.sqrt(chosen.sum())
        assert abs(later[chosen].mean() - expected[chosen].mean()) < 4 * error


def test_gaps_and_stops_follow_what_a_customer_is_like():
    rng = np.random.default_rng(2)
    customers = Customers(np.array([0.5, 4.0]), np.array([0.1, 0.9]))
    assert draw_gaps(rng, customers, 20_000).mean(axis=1) == pytest.approx([2.0, 0.25], rel=0.03)
    assert draw_stops(rng, customers, 20_000).mean(axis=1) == pytest.approx([0.1, 0.9], abs=0.01)


def test_purchases_are_in_order_and_inside_the_window():
    bought = PUBLISHED.draw_purchases(np.random.default_rng(1), np.linspace(1, 40, 3000))
    assert (np.diff(bought.customer) >= 0).all()
    same = np.diff(bought.customer) == 0
    assert (np.diff(bought.time)[same] >= 0).all()
    assert (bought.time < np.linspace(1, 40, 3000)[bought.customer]).all()
