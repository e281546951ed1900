"""A line of the board, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from baselines.agents import Kind
from baselines.judge import columns
from baselines.judge.anchors import Anchors
from baselines.runs.results import EpisodeReturns, Results, Run


def player(*curves):
    return SimpleNamespace(
        kind=Kind.DEEP, results=[SimpleNamespace(curve=np.array(curve, dtype=float)) for curve in curves]
    )


def anchors(rule):
    returns = np.full(10, float(rule))
    return SimpleNamespace(
        best_rule=SimpleNamespace(played=SimpleNamespace(returns=returns)), scale=SimpleNamespace(steps=100.0)
    )


@pytest.mark.parametrize(
    ("values", "years"),
    [((1, 6, 4, 7, 8), 4.0), ((6, 7, 8, 9, 9), 1.0), ((1, 9, 9, 9, 5), None), ((9, 9, 9, 9, 4), None)],
)
def test_a_learner_has_passed_the_rule_once_it_stays_above(values, years):
    steps = (100, 200, 300, 400, 500)
    assert columns.years_to_pass(anchors(5), player((steps, values))) == years


def test_it_is_the_mean_of_the_trainings_that_passes():
    steps = (100, 200, 300)
    assert columns.years_to_pass(anchors(5), player((steps, (9, 4, 9)), (steps, (2, 7, 9)))) == 1.0


def run(name, tuned, kind=Kind.RULE):
    played = EpisodeReturns(np.zeros(2), np.ones(2, dtype=np.int64), {}, {}, {}, 0)
    return Run(name, name, kind, "observations", played, tuned=tuned)


def best_rule(*runs):
    return Anchors(None, Results(runs)).best_rule.name


def test_the_best_rule_is_the_best_on_the_tuning_luck():
    one, two, today = run("one", -3.0), run("two", -2.0), run("today", -2.5, Kind.TODAY)
    assert best_rule(one, two, today) == "two"
    assert best_rule(one, today) == "today"
    assert best_rule(run("today", -3.0, Kind.TODAY), one) == "one", "today's rule only where it is better"


def test_a_table_of_results_groups_its_rows_by_agent():
    first, second = run("PPO", None, Kind.DEEP), run("PPO", None, Kind.DEEP)
    failed = Run("PPO", "PPO", Kind.DEEP, "observations", error="no memory")
    results = Results((run("rule", 1.0), first)).plus([second, failed])
    ppo = results.of("PPO")
    assert ppo.returns.shape == (2, 2)
    assert ppo.error == "1 of 3 trainings failed: no memory"
    assert [player.name for player in results.players] == ["rule", "PPO"]
    assert results.of_kind(Kind.DEEP) == [ppo]
