"""The announced duration grows with what is done."""

import baselines
from baselines.play.budget import BUDGETS, expected_seconds
from bizgyms import registry
from bizgyms.registry import Case
from tests.baselines.small import SHOP

FULL, QUICK = BUDGETS["full"], BUDGETS["quick"]


def test_re_scoring_counts_for_each_training():
    plain = expected_seconds(FULL, ["deep"], 2)
    fitted = expected_seconds(FULL, ["deep"], 2, worlds_again=50)
    assert fitted - plain > 20
    assert expected_seconds(QUICK, ["deep"], 2, worlds_again=50) - expected_seconds(QUICK, ["deep"], 2) < 20
    assert expected_seconds(QUICK, [], 1, worlds_again=50) == expected_seconds(QUICK, [], 1)


def test_event_by_event_is_slower():
    assert expected_seconds(QUICK, ["tabular"], 1, event_steps=365) > 10 * expected_seconds(QUICK, ["tabular"], 1)


def test_a_case_without_a_twin_says_so(monkeypatch):
    said = []
    item = {"env": "bizgyms.restock.item.env:RestockItem", "draw": "envs_data.restock.item:draw"}
    case = Case("tests/NoTwin-v0", scenarios={"small": SHOP}, **item)
    monkeypatch.setitem(registry._cases, case.id, case)
    baselines.score(case, ["rules"], episodes=4, say=said.append)
    assert "The case has no compiled twin: a quarter of the steps and episodes, event by event." in said[0]
    said.clear()
    baselines.score("RestockItem", ["base_stock"], SHOP, episodes=4, say=said.append)
    assert "event by event" not in said[0]
