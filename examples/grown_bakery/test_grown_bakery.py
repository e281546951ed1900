"""The contract, the optimum at a glance, and a planted mistake that the twin check finds."""

import numpy as np
import pytest

from bizgyms.testing import CaseError, check_case

from . import CASE, twin
from .optimum import reference
from .parameters import GrownBakeryParameters
from .world import law


def test_contract():
    check_case(CASE.id)


def test_with_nothing_kept_every_day_is_a_newsvendor_s():
    p = GrownBakeryParameters(days=1, rain=0.0, stale=1.0)
    best = int(np.searchsorted(np.cumsum(law(p, False)), 1 - p.flour / p.price))
    assert reference(p).policy.loaves[0, 0, 0] == best


def test_a_wrong_constant_in_the_twin_is_found(monkeypatch):
    right = twin.GrownBakeryTwin._allocate

    def wrong(self):
        right(self)
        self._money[1] *= 1.01

    monkeypatch.setattr(twin.GrownBakeryTwin, "_allocate", wrong)
    with pytest.raises(
        CaseError, match=r"the twin equals the world\n.*world 0, step 1, reward: world .*, twin .*, difference -"
    ):
        check_case(CASE.id)
