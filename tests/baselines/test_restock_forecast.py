import sys

import numpy as np
import pytest

from baselines.agents import MissingDependencyError, Problem
from baselines.rules.restock_forecast import forecast_then_order
from baselines.rules.restock_law import newsvendor_levels
from bizgyms import case
from envs_data.restock.item import SCENARIOS, ItemParameters

ITEM = case("RestockItem")


def problem(parameters):
    return Problem(ITEM, parameters, ITEM.env.view_type(parameters))


def test_levels_come_near_those_of_who_knows_the_law():
    pytest.importorskip("sklearn")
    p = SCENARIOS["corner-shop"]
    agent = forecast_then_order(problem(p))
    known = newsvendor_levels(p)
    assert np.corrcoef(agent.levels, known)[0, 1] > 0.9
    assert agent.levels.mean() == pytest.approx(known.mean(), rel=0.12)


def test_constant_demand_is_forecast_exactly():
    pytest.importorskip("sklearn")
    p = ItemParameters(mean=5.0, demand_law="constant", lead_time=1, start_on_hand=50)
    assert set(forecast_then_order(problem(p)).levels.tolist()) == {10.0}


def test_same_seed_same_levels_and_another_table_other_ones():
    pytest.importorskip("sklearn")
    of = problem(SCENARIOS["corner-shop"])
    first, again, other = (forecast_then_order(of, seed=seed).levels for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_without_scikit_learn_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    with pytest.raises(MissingDependencyError, match=r"pip install \"bizgyms\[baselines\]\""):
        forecast_then_order(problem(SCENARIOS["corner-shop"]))
