"""Fixtures of several files of tests."""

import pytest

from baselines.play import tuning
from tests.baselines.shop_tables import SHORT, STOCKED, replayed


@pytest.fixture(scope="module")
def quick_tuning():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning, "ROUNDS", ((None, 20), (2, 20), (2, 40)))
        yield


@pytest.fixture(scope="module")
def stocked(quick_tuning):
    return replayed(STOCKED, agents=["rules"])


@pytest.fixture(scope="module")
def short(quick_tuning):
    return replayed(SHORT, agents=["rules"])
