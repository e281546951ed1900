import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines.judge.money import Money
from baselines.judge.statistics import Interval

EURO, CENTS = Money("EUR", 0), Money("EUR", 2)


def test_ends_are_rounded_away_from_the_middle():
    assert EURO.range(Interval(5.0, 1.9, 8.1)) == "1 to 9"
    assert EURO.range(Interval(-5.0, -8.1, -1.9)) == "-9 to -1"
    assert CENTS.range(Interval(0.5, 0.129, 1_234.561)) == "0.12 to 1,234.57"
    assert EURO.at_most(3.2) == "at most 4 EUR a year"


def test_what_is_printed_as_it_is_stays_as_it_is():
    assert EURO.range(Interval(5.0, 2.0, 8.0)) == "2 to 8"
    assert CENTS.range(Interval(0.3, 0.1 + 0.2, 0.9)) == "0.30 to 0.90"
    assert EURO.at_most(2.0 + 1e-12) == "at most 2 EUR a year"
    assert EURO.outward(Interval(0.0, -np.inf, np.inf)) == Interval(0.0, -np.inf, np.inf)


def test_one_figure_is_no_interval():
    assert EURO.range(Interval(0.0, -1e-12, 1e-12)) == "-1 to 1"
    assert CENTS.range(Interval(0.3, 0.3, 0.3)) == "0.29 to 0.31"


@given(st.floats(-1e6, 1e6), st.floats(0, 1e4), st.sampled_from([EURO, CENTS]))
def test_what_is_printed_holds_the_interval_and_is_less_than_a_digit_wider(low, width, money):
    found = money.outward(Interval(low, low, low + width))
    digit = 10.0**-money.digits
    assert found.low <= low + digit * 1e-5
    assert found.high >= low + width - digit * 1e-5
    assert 0 < found.high - found.low <= width + 2 * digit * (1 + 1e-5)
    words = [float(word.replace(",", "")) for word in money.range(found).split(" to ")]
    assert words == pytest.approx([found.low, found.high])


@pytest.mark.parametrize(("anchor", "digits"), [(-8_290.0, 0), (500.0, 0), (499.0, 2), (0.0, 2)])
def test_cents_are_for_what_is_small(anchor, digits):
    assert Money.beside("EUR", anchor).digits == digits
    assert math.isclose(float(Money.beside("EUR", anchor)(anchor).replace(",", "")), anchor)
