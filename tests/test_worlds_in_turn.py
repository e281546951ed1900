"""Event-by-event worlds played in turn do what the twin does."""

import gymnasium
import numpy as np
import pytest

import bizgyms
from bizgyms.registry import Case
from bizgyms.worlds_in_turn import twin_of
from tests.test_own_case import calls  # noqa: F401  a fixture

MODES = ("NextStep", "SameStep", "Disabled")


@pytest.fixture
def twinless():
    whole = bizgyms.case("RestockItem")
    found = Case(whole.id, scenarios=whole.scenarios, env=whole.env, draw=whole.draw)
    bizgyms.add(found)
    yield found, whole
    bizgyms.add(whole)


@pytest.mark.parametrize("mode", MODES)
def test_they_are_the_twin_step_by_step(twinless, mode):
    found, whole = twinless
    scenario = whole.scenarios["corner-shop"].replace(days=7)
    worlds = [made(3, scenario=scenario, autoreset_mode=mode) for made in (twin_of(found), whole.twin)]
    for world in worlds:
        world.reset(seed=4)
    rng = np.random.default_rng(0)
    for _ in range(7 if mode == "Disabled" else 20):
        actions = rng.integers(0, 9, size=3)
        first, second = (world.step(actions) for world in worlds)
        for one, other in zip(first[:4], second[:4], strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(first[4]["term_holding"], second[4]["term_holding"])
        np.testing.assert_array_equal(first[4]["decision"], second[4]["decision"])


def test_a_case_with_a_twin_keeps_it():
    case = bizgyms.case("RestockItem")
    assert twin_of(case) is case.twin


def test_worlds_without_draw_differ_and_repeat(calls):  # noqa: F811  the fixture
    def returns():
        worlds = twin_of(bizgyms.case(calls))(4, autoreset_mode="Disabled")
        worlds.reset(seed=7)
        rewards = np.zeros(4)
        while not worlds.over.all():
            _, reward, *_ = worlds.step(np.full(4, 2))
            rewards += reward
        return rewards

    first = returns()
    np.testing.assert_array_equal(first, returns())
    assert len(set(first)) > 1
    assert gymnasium.spec(calls).vector_entry_point is None
