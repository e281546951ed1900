import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest

import baselines
from baselines.agents import Kind
from baselines.cli import entry as cli
from baselines.judge import verdict
from baselines.judge.evidence import Evidence
from baselines.judge.own_days import Played, contradiction, own_rows
from envs_data.parameters import ParameterError
from envs_data.restock.fit import fit
from envs_data.tables import TableError
from tests.baselines.shop_tables import (
    CASE,
    KNOWN,
    SHOP,
    SHORT,
    STOCKED,
    fitted,
    quick_to_judge,
    replayed,
    row_of,
    table_of,
)

pytestmark = pytest.mark.usefixtures("quick_tuning")


def test_days_that_differ_from_what_was_promised_are_said(stocked, short):
    for found in (stocked, short):
        assert "had something that it leaves out" not in str(found)
        assert not row_of(found, Kind.TODAY).surprises
        assert not row_of(found, "hindsight").surprises
    late = STOCKED.index >= 160
    busy = STOCKED.assign(units=STOCKED["units"] * np.where(late, 3, 1), on_hand=STOCKED["on_hand"] + 500 * late)
    found = replayed(busy, agents=["base_stock"])
    today = row_of(found, Kind.TODAY)
    assert today.value < 2 * today.expected < 0
    promised = f"{found.money(today.expected)}, give or take {found.money(today.chance)}"
    assert "Today's rule earned " in str(found)
    assert f"fitted to the days before promised {promised}: they had something that it leaves out" in str(found)


def test_a_table_of_the_family_agrees_with_the_world():
    """Of tables that are exactly of the family none contradicts the fitted world, and hardly one surprises it."""
    shop, surprised = SHOP.replace(days=300, mean=6.0, max_packs=30), 0
    for seed in range(6):
        table = table_of(45, seed, shop)
        board = baselines.score(
            CASE,
            ["base_stock"],
            scenario=quick_to_judge(fit(table, known={**KNOWN, "max_packs": 30})),
            today="base_stock:S=14",
            episodes=50,
            replay=table,
            say=lambda line: None,
        )
        evidence = Evidence(board.rows, board.ceiling, 0.0, 50, board.money)
        assert contradiction(board.own, evidence) == ""
        rule = row_of(board.own, Kind.BEST_RULE)
        assert rule.over_today.value > 0
        surprised += row_of(board.own, Kind.TODAY).surprises
    assert surprised == 0


def test_where_the_two_witnesses_disagree_nothing_can_be_told():
    options = {"today": "base_stock:S=4", "episodes": 50, "replay": STOCKED, "say": lambda line: None}
    board = baselines.score(CASE, ["base_stock"], scenario=quick_to_judge(fitted()), **options)
    assert "On your own last 40 days, the best rule earned" in board.verdict
    assert "(95 % interval of the gain" in board.verdict
    assert json.loads(board.to_json())["own_days"]["sold_out"] == 0
    rewards = {row.role: np.full((1, 1, 40), 0.0) for row in board.own.rows}
    rewards[Kind.BEST_RULE] = rewards[Kind.BEST_RULE] - 1.0
    rows = own_rows([Played(row.agent, row.label, row.role, rewards[row.role]) for row in board.own.rows], 365)
    against = dataclasses.replace(board.own, rows=rows)
    evidence = Evidence(board.rows, board.ceiling, 0.0, 50, board.money)
    assert contradiction(board.own, evidence) == ""
    why = contradiction(against, evidence)
    assert "in the fitted world the best rule earns more than today's rule, but on your own last 40 days" in why
    said = verdict.verdict(dataclasses.replace(evidence, contradiction=why))
    assert said.startswith("Cannot tell yet: in the fitted world the best rule earns more")


def test_the_command_line_adds_the_column_and_a_file(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    SHORT.to_csv("sales.csv", index=False)
    (tmp_path / "mine.json").write_text(json.dumps(quick_to_judge(fitted(SHORT))))
    words = [
        "score",
        "mine.json",
        "--replay",
        "sales.csv",
        "--agents",
        "base_stock",
        "--episodes",
        "20",
        "--out",
        "run",
    ]
    assert cli.main(words) == 0
    out = capsys.readouterr().out
    assert "on your own last 40 days (95 %)" in out
    assert "not the policy tuned on everything" in out
    kept = pd.read_csv("run/replay.csv").set_index("role")
    assert {"hindsight", "today", "best rule"} <= {*kept.index}
    assert kept.loc["hindsight", "hindsight_share"] == 1
    assert "own_over_today" in pd.read_csv("run/board.csv")
    assert "On your own last 40 days" in (tmp_path / "run/report.html").read_text()
    assert json.loads((tmp_path / "run/board.json").read_text())["own"]["days"] == 40
    assert cli.main(["score", "mine.json", "RestockItem", "--replay", "sales.csv"]) == 2
    assert re.search(r"the table of one scenario", capsys.readouterr().err)
    assert cli.main(["score", "PricingSeason", "--replay", "sales.csv"]) == 2
    assert "prices change what customers do next" in capsys.readouterr().err


def test_the_scenario_may_be_given_in_any_form(tmp_path, stocked):
    fitted().save(tmp_path / "mine.json")
    for scenario in (tmp_path / "mine.json", fitted().scenario(), fitted().scenario().to_dict()):
        found = baselines.replay(scenario, ["base_stock"], STOCKED, today="base_stock:S=10", episodes=20)
        assert row_of(found, Kind.TODAY).value == row_of(stocked, Kind.TODAY).value
    with pytest.raises(ParameterError, match="dict names no case; give the scenario file"):
        baselines.replay({"mean": 3}, ["base_stock"], STOCKED)


def test_an_agent_of_your_own_plays_as_it_is():
    found = replayed(agents={"mine": lambda seen: 3, "lost": lambda seen: 99})
    assert row_of(found, Kind.YOURS).agent == "mine"
    assert any(note.startswith("mine plays as you gave it") for note in found.notes)
    assert any(note.startswith("lost is not replayed") for note in found.notes)


def test_agents_that_learn_are_trained_on_the_first_part_where_they_are_asked_for(monkeypatch, stocked):
    from baselines.play import budget
    from tests.baselines.small import little_training

    monkeypatch.setitem(budget.BUDGETS, "quick", little_training())
    found = replayed(agents=["base_stock", "cross_entropy"])
    learner = next(row for row in found.rows if row.role == Kind.SEARCH)
    assert learner.over_rule.low < learner.over_rule.value < learner.over_rule.high
    assert {row.role for row in stocked.rows} == {"hindsight", Kind.TODAY, Kind.BEST_RULE}


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("PricingSeason", "prices change what customers do next"),
        ("RecommendVisit", "what is shown changes what customers do next"),
        ("NudgeHabit", "messages change what people do next"),
        ("BiddingAuction", "no log is fitted as single auctions"),
    ],
)
def test_what_cannot_be_replayed_is_refused_with_the_reason(case, reason):
    with pytest.raises(ParameterError, match=reason) as refused:
        baselines.score(case, "rules", replay=STOCKED)
    assert "what can answer is" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_tables_that_say_too_little_are_refused():
    with pytest.raises(TableError, match="needs 28 of them: 140 days, not 139; what can answer is"):
        replayed(STOCKED[:139])
    scarce = table_of(9)
    with pytest.raises(TableError, match="of the last 40 days sold out, so too much of what was asked for is unknown"):
        replayed(scarce)
    with pytest.raises(TableError, match="units"):
        baselines.replay(fitted(), ["base_stock"], STOCKED[["date", "on_hand"]].assign(cost=1.5))
