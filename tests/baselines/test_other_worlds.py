import html
import json

import numpy as np
import pandas as pd
import pytest

import baselines
from baselines.agents import problem_of
from baselines.judge import break_even, statistics
from baselines.play import budget, other_worlds
from baselines.play.rollout import play
from baselines.protocols.judging import judge_again
from baselines.report import page
from baselines.rules.restock_item import base_stock
from baselines.runs.run_file import RunFileError
from bizgyms import case
from bizgyms.restock.item.forward import episode_value
from envs_data.parameters import Origin, Scenario
from tests.baselines.small import SHOP, little_training

ITEM = case("RestockItem")
PROBLEM = problem_of(ITEM, SHOP)
WEEKLY = SHOP.replace(weekday=(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0))


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    monkeypatch.setitem(budget.BUDGETS, "quick", little_training())


def fitted(parameters=SHOP, spread=0.3, kinds=("assumed", "known")):
    draws = tuple({"mean": 3.0 + spread * x} for x in np.linspace(-2, 2, 20))
    origins = {"mean": Origin("fitted", spread), "shortage": Origin(kinds[0]), "holding": Origin(kinds[1])}
    return Scenario(parameters, origins, draws, {"observed": 100})


def test_worlds_side_by_side_are_worlds_played_alone():
    rules = [base_stock(PROBLEM, S=level) for level in (9.0, 13.0)]
    worlds = other_worlds.worlds_of(PROBLEM, fitted())
    found = other_worlds.means_in(worlds, rules, PROBLEM.view, 0)
    alone = [[play(world, rule, other_worlds.EPISODES, 0, "rule").mean for rule in rules] for world in worlds]
    assert found.tolist() == pytest.approx(np.array(alone), rel=1e-12)


@pytest.mark.parametrize("lead_time", [1, 2, 4])
def test_an_agent_that_minds_all_on_order_keeps_its_stock_in_worlds_of_another_lead_time(lead_time):
    problem = problem_of(ITEM, SHOP.replace(lead_time=2))
    other = problem_of(ITEM, SHOP.replace(lead_time=lead_time))
    found = other_worlds.means_in([problem, other], [base_stock(problem, S=14.0)], problem.view, 0)[1, 0]
    assert found == other_worlds.means_in([other], [base_stock(other, S=14.0)], other.view, 0)[0, 0]


def test_agents_believe_what_they_believed_when_they_were_made():
    problem = problem_of(ITEM, WEEKLY)
    rule = base_stock(problem, safety=4.0)
    busier = problem_of(ITEM, WEEKLY.replace(mean=4.0))
    found = other_worlds.means_in([busier], [rule], problem.view, 0)[0, 0]
    exact = episode_value(busier.parameters, rule, believed=problem.view)
    assert abs(found - exact) < 4 * play(busier, rule, 400, 0, "rule").stderr * 2
    assert abs(found - episode_value(busier.parameters, rule)) > 10  # as whoever knew the new level would do


def exact_gain(one, other):
    return lambda p: episode_value(p, one) - episode_value(p, other)


def test_a_break_even_is_where_the_exact_values_are_equal():
    gain = exact_gain(base_stock(PROBLEM, S=13.0), base_stock(PROBLEM, S=10.0))
    breaks = {found.name: found for found in break_even.break_evens(PROBLEM, fitted(), gain, gain(SHOP))}
    assert set(breaks) == {"shortage", "holding"}
    for name, found in breaks.items():
        assert gain(SHOP.replace(**{name: found.at})) == pytest.approx(0.0, abs=0.02 * abs(gain(SHOP)))
    # A higher level pays where stock is cheap or a lost sale dear.
    assert breaks["shortage"].at > SHOP.shortage
    assert breaks["holding"].at < SHOP.holding
    assert (breaks["shortage"].origin, breaks["holding"].origin) == ("assumed", "known")


def test_a_gain_that_is_no_straight_line_is_bracketed():
    found = break_even.break_evens(PROBLEM, fitted(kinds=("assumed", "preset")), lambda p: p.shortage**3 - 8.0, 56.0)
    assert found[0].at == pytest.approx(2.0, abs=0.1)


def test_costs_that_turn_nothing_or_do_nothing():
    scenario = fitted()
    steady = break_even.break_evens(PROBLEM, scenario, lambda p: 5.0 + 0.001 * p.shortage, 5.004)
    assert [(found.name, found.at) for found in steady] == [("shortage", None)]  # holding does nothing at all


def test_quantiles_over_worlds_and_error():
    rng = np.random.default_rng(0)
    exact = statistics.widened_interval(rng.normal(size=20_000), 0.0, 100)
    both = statistics.widened_interval(rng.normal(size=20_000), 1.0, 100_000)
    assert exact.high == pytest.approx(1.96, abs=0.05)
    assert both.high == pytest.approx(1.96 * 2**0.5, abs=0.07)
    assert not np.isfinite(statistics.widened_interval(rng.normal(size=20), np.inf, 1).high)


def test_a_board_of_a_fitted_world_has_both_intervals(tmp_path):
    scenario = fitted()
    scenario.save(tmp_path / "mine.json")
    options = {"scenario": tmp_path / "mine.json", "out": tmp_path, "episodes": 400, "today": "base_stock:S=8"}
    board = baselines.score("RestockItem", ["rules"], **options, say=lambda _: None)
    row = next(row for row in board.rows if row.role == "best rule")
    assert row.table_over_today.low < row.over_today.low < row.over_today.high < row.table_over_today.high
    assert row.holds[1] == 20
    assert "It rests on shortage = 4, which is assumed: " in board.verdict
    assert "beats today's rule as long as shortage is more than" in board.verdict
    again = baselines.score("RestockItem", ["rules"], **options, say=lambda _: None)
    assert again.table.equals(board.table)
    assert again.verdict == board.verdict
    assert set(board.table.columns) >= {"table_over_today_low", "holds", "years_to_pass"}


def test_learners_of_a_fitted_world_have_both_intervals_and_a_curve():
    agents, say = ["tabular", "thompson"], lambda _: None
    board = baselines.score("RestockItem", agents, fitted().to_dict(), episodes=300, say=say)
    best = max((row for row in board.rows if row.role in ("bandit", "tabular")), key=lambda row: np.mean(row.samples))
    assert best.holds[1] == 20
    assert "while it learns" in str(board)
    assert all(row.watched for row in board.rows if row.role in ("bandit", "tabular"))
    assert any(note.startswith("Q-learning after its first training:") and "cells" in note for note in board.notes)


def test_a_folder_is_judged_again_without_playing_anything(tmp_path, monkeypatch):
    fitted().save(tmp_path / "mine.json")
    options = {"scenario": tmp_path / "mine.json", "episodes": 200, "today": "base_stock:S=8", "say": lambda _: None}
    board = baselines.score("RestockItem", ["rules", "thompson"], **options, out=tmp_path)
    worth = 20.0
    asked = baselines.score(
        "RestockItem", ["rules", "thompson"], **options, out=tmp_path / "asked", worth=worth, anyway=True
    )
    monkeypatch.setattr("baselines.play.rollout.play_luck", None)
    monkeypatch.setattr("baselines.play.other_worlds.means_in", None)
    verdict = judge_again(tmp_path, worth)
    # Where a gain turns comes from the values of a cost that each of the two happened to try.
    assert verdict.partition(" It ")[0] == asked.verdict.partition(" It ")[0]
    assert (tmp_path / "board.txt").read_text().endswith(f"\n{verdict}\n")
    assert verdict in html.unescape((tmp_path / "report.html").read_text())
    table = pd.read_csv(tmp_path / "board.csv").set_index("agent")
    assert table.loc["Thompson", "holds"] == asked.table.set_index("agent").loc["Thompson", "holds"]
    judge_again(tmp_path, 0.0)
    assert (tmp_path / "board.txt").read_text() == f"{board}\n"


def test_a_folder_of_a_version_that_kept_too_little(tmp_path):
    page.write(
        tmp_path,
        {
            "format": 1,
            "title": "",
            "verdict": "",
            "ceiling_sentence": "",
            "money": {"unit": "EUR", "digits": 0},
            "rows": [],
            "notes": [],
            "fields": [],
            "fit": {},
            "steps_per_year": 1,
            "episode": None,
            "code": {},
        },
    )
    with pytest.raises(RunFileError, match="kept too little to be judged again; score again with --out"):
        judge_again(tmp_path, 5.0)
    facts = json.loads((tmp_path / "board.json").read_text())
    for damaged in ({"ceiling": 5}, {"money": {}}, []):
        (tmp_path / "board.json").write_text(json.dumps({**facts, "evidence": damaged}))
        with pytest.raises(RunFileError, match=r"board\.json: damaged; score again with --out"):
            judge_again(tmp_path, 5.0)


def test_where_a_gain_turns_for_another_worth():
    found = break_even.BreakEven("shortage", 4.0, "known", 2.0, ((4.0, 10.0), (8.0, 30.0), (2.0, 0.0)))
    assert found.asking(20.0).at == pytest.approx(6.0)
    assert found.asking(40.0).at is None
