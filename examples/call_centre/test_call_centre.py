"""The contract, and a day reckoned by hand."""

import numpy as np
import pytest

import bizgyms
from bizgyms.testing import check_case

from . import CASE_ID, Luck


def test_contract():
    check_case(CASE_ID)


def test_two_callers_by_hand():
    """One agent; the first caller talks for an hour, the second hangs up after a quarter of one."""
    env = bizgyms.make(CASE_ID, hours=2, agents=2, worries=5, wage=10.0, worth=9.0)
    luck = Luck(np.full(202, np.inf), np.ones(202), np.full(202, 0.25))
    luck.arrival[:2] = 0.5, 0.75
    env.reset(options={"luck": Luck(*(row[None] for row in luck))})
    _, _, over, _, info = env.step(0)
    assert (over, info["elapsed"], info["calls"]) == (False, 1.5, 2)
    assert (info["term_calls_worth"], info["term_wages"]) == (9.0, -15.0)
    _, _, over, _, info = env.step(1)
    assert over
    assert (info["term_calls_worth"], info["term_wages"]) == (0.0, pytest.approx(-10.0))
