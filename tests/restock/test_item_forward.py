import dataclasses

import numpy as np
import pytest

from baselines.agents import Problem
from baselines.play.rollout import play
from baselines.rules.restock_item import base_stock, s_S
from bizgyms import case
from bizgyms.reference import TooLargeError
from bizgyms.restock.item.forward import episode_value
from envs_data.restock.item import ItemParameters

ITEM = case("RestockItem")
BASE = ItemParameters(days=20, mean=3.0, demand_law="poisson", lead_time=2, max_packs=8, start_on_hand=6)
WORLDS = {
    "at once": {"lead_time": 0, "order_cost": 4.0},
    "a day": {"lead_time": 1},
    "packs": {"lead_time": 3, "pack": 2, "max_packs": 4},
    "weekdays": {"weekday": (1.0, 1.0, 0.5, 1.0, 1.5, 2.0, 0.0), "demand_law": "negative_binomial", "size": 2.0},
    "waiting": {"unmet": "backordered", "order_cost": 5.0},
    "waiting, at once": {"unmet": "backordered", "lead_time": 0},
}


@pytest.mark.parametrize("changes", WORLDS.values(), ids=WORLDS)
def test_it_is_the_value_the_dynamic_programme_computes(changes):
    p = BASE.replace(**changes)
    reference = ITEM.reference(p)
    assert episode_value(p, reference.policy) == pytest.approx(reference.value, rel=1e-7)


@pytest.mark.parametrize("changes", WORLDS.values(), ids=WORLDS)
def test_rules_earn_it_when_simulated(changes):
    p = BASE.replace(**changes)
    problem = Problem(ITEM, p, ITEM.env.view_type(p))
    for rule in (base_stock(problem, S=11.0), s_S(problem, gap=4.0, S=12.0)):
        played = play(problem, rule, 2_000, 1_000_000, "rule")
        assert abs(played.mean - episode_value(p, rule)) < 4 * played.stderr


def test_an_agent_may_believe_in_another_demand():
    p = BASE.replace(weekday=(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0))
    wrong = dataclasses.replace(p, mean=4.0)
    rule = base_stock(Problem(ITEM, wrong, ITEM.env.view_type(wrong)), safety=2.0)
    level = base_stock(Problem(ITEM, p, ITEM.env.view_type(p)), S=3 * 4.0 + 2.0)
    seen = episode_value(p, rule, believed=ITEM.env.view_type(wrong))
    assert seen != episode_value(p, rule)
    # Ordering up to the wrong forecast and a safety stock is, day for day, ordering up to one level: until the end,
    # when the forecast runs out.
    long = p.replace(days=200)
    assert seen / p.days == pytest.approx(episode_value(long, level) / 200, rel=0.1)


def test_too_many_states_are_counted():
    p = BASE.replace(lead_time=9, max_packs=30)
    with pytest.raises(TooLargeError, match="states and more; larger packs"):
        episode_value(p, base_stock(Problem(ITEM, p, ITEM.env.view_type(p)), S=11.0))


def test_no_probability_is_lost():
    p = BASE.replace(holding=0.0, shortage=1.0, max_packs=1, start_on_hand=0)
    nothing = ITEM.reference(p.replace(max_packs=1)).policy
    assert nothing is not None

    class Never:
        def act(self, observations, mask=None):
            return np.zeros(len(observations), dtype=np.int64)

    assert episode_value(p, Never()) == pytest.approx(-20 * 3.0, rel=1e-9)
