"""Who plays or solves the world to decide is on the board as a kind of its own, and no rule."""

import pytest

import baselines
import bizgyms
from baselines.agents import Kind, problem_of
from baselines.judge.evidence import Evidence
from baselines.judge.money import Money
from baselines.judge.rows import Row
from baselines.judge.statistics import Interval
from baselines.ladder.selection import select
from baselines.report import notes
from baselines.rules import rules
from envs_data.pricing.season import SCENARIOS

SEASON = SCENARIOS["scarce-stock"]
PLANNERS = {
    "NudgeBudget": {"dual-price index"},
    "PricingSeason": {"rollout of a fixed price"},
    "RecommendLifetime": {"planner"},
}


def test_which_agents_are_planners():
    for case in bizgyms.cases():
        listed = rules(problem_of(case, next(iter(case.scenarios.values()))))
        assert {spec.name for spec in listed if spec.kind == Kind.PLANNER} == PLANNERS.get(case.name, set())


@pytest.fixture(scope="module")
def board():
    agents = ["fixed_price", "planners"]
    return baselines.score("PricingSeason", agents, scenario=SEASON, episodes=500, say=lambda line: None)


def test_a_planner_is_never_the_best_rule_nor_the_zero_of_captured(board):
    rows = board.table.set_index("agent")
    planner, rule = rows.loc["rollout of a fixed price"], board.table.set_index("role").loc["best rule"]
    assert planner.role == Kind.PLANNER
    assert planner.value > rule.value, "which has no eye for stock"
    assert rule.captured == 0
    assert rule.agent == "fixed price"
    assert "planner: rollout of a fixed price demand=" in str(board)


def test_planners_are_chosen_by_kind_or_name_and_none_comes_with_the_rules():
    problem = problem_of(bizgyms.case("PricingSeason"), SEASON)
    for asked in (["planners"], ["planner"], ["rollout_of_a_fixed_price"], None):
        assert "rollout of a fixed price" in [spec.name for spec in select(problem, asked).others]
    chosen = select(problem, ["rules"])
    assert [*chosen.others] == []
    assert "rollout of a fixed price" not in [spec.name for spec in chosen.all_rules]


def test_a_planner_that_beats_the_rules_is_told_of():
    row = Row("plan", "plan depth=3", Kind.PLANNER, "the law of the world", 90.0, over_rule=Interval(7.0, 5.0, 9.0))
    small = Row("look", "look", Kind.PLANNER, "the law of the world", 84.0, over_rule=Interval(1.0, -1.0, 3.0))
    said = list(notes.planners(Evidence([row, small], None, 0.0, 250, Money("EUR", 0))))
    assert said == [
        "plan depth=3 is a planner: it plays or solves the world to decide, and earns 7 EUR a year more than your best "
        "rule without learning."
    ]
