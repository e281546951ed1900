"""A rule that is another on fixed occasions: by hand, joined, tuned and typed."""

import numpy as np
import pytest

import bizgyms
from baselines.agents import Kind, problem_of
from baselines.batching import Panel, batched
from baselines.ladder.current_rule import today_of
from baselines.play import seeds, tuning
from baselines.rules import nudge_habit, recommend_visit, rules
from baselines.rules.occasions import NEAR, with_occasions

HABIT = problem_of(bizgyms.case("NudgeHabit"), bizgyms.case("NudgeHabit").scenarios["newsletter"])
WHOLE = 52


def spec_of(problem, name):
    return next(spec for spec in rules(problem) if spec.name == name)


def at(problem, steps):
    """Observations at some steps of an episode, all else zero."""
    rows = np.zeros((len(steps), len(problem.view.features)), dtype=np.float32)
    clock = problem.view.columns[problem.view.clock]
    rows[:, clock] = problem.view.features[clock].high - np.array(steps)
    return rows


def test_by_hand():
    build = spec_of(HABIT, "always").build
    ends = build(HABIT, kind=1, instead=3, final=2)
    assert ends.act(at(HABIT, [0, 1, WHOLE - 3, WHOLE - 2, WHOLE - 1])).tolist() == [1, 1, 1, 3, 3]
    cycle = build(HABIT, kind=1, kind_then=2, cycle=4, spell=2, offset=1)
    assert cycle.act(at(HABIT, range(6))).tolist() == [1, 2, 2, 1, 1, 2]
    both = build(HABIT, kind=1, instead=0, final=1, cycle=3, spell=1)
    assert both.act(at(HABIT, [0, 1, 2, 3, WHOLE - 1])).tolist() == [0, 1, 1, 0, 0]
    assert type(build(HABIT, kind=1)) is type(nudge_habit.always(HABIT, 1)), "without occasions it is the rule itself"


def test_a_box_rests_as_a_whole():
    case = bizgyms.case("RestockBox")
    box = problem_of(case, case.scenarios["grocery-box"])
    agent = spec_of(box, "periodic fixed order").build(box, every=1, share=1.0, instead=0, cycle=7, spell=1, offset=6)
    packs = agent.act(at(box, [5, 6, 7]))
    assert (packs[[0, 2]].sum(axis=1) > 0).all()
    assert packs[1].tolist() == [0] * 8


@pytest.mark.parametrize("case", bizgyms.cases(), ids=lambda case: case.name)
def test_joined_rules_decide_on_their_occasions_as_each_alone(case):
    problem = problem_of(case, next(iter(case.scenarios.values())))
    for spec in rules(problem):
        setting = spec.settings(problem)[0]
        found = [one for one in spec.finer(problem, setting, NEAR) if "final" in one or "cycle" in one]
        if spec.kind != Kind.RULE or spec.name == "timetable" or not found:
            continue
        agents = [spec.build(problem, **one) for one in (setting, found[0], found[-1])]
        rows, owner = at(problem, [0, 1, 2, 3, 4, 5] * 3), np.arange(18) % 3
        together, apart = batched(agents, owner), Panel(agents, owner)
        mask = problem.view.action_masks(rows) if problem.view.masked else None
        np.testing.assert_array_equal(together.act(rows, mask), apart.act(rows, mask), spec.name)


def test_an_impossible_decision_becomes_the_nearest_possible():
    agent = spec_of(HABIT, "never").build(HABIT, instead=3, final=WHOLE)
    assert agent.act(at(HABIT, [0]), np.array([[True, True, False, False]])).tolist() == [1]


def test_tuning_finds_that_the_last_messages_cost_nothing():
    spec = spec_of(HABIT, "habituation threshold")
    own = next(one for one in nudge_habit.RULES if one.name == spec.name)
    plain, found = (tuning.tune(HABIT, one, seeds.tuning(0)) for one in (own, spec))
    assert found.setting["final"] >= 1
    assert found.setting.get("instead", found.setting["kind"]) == 3, "the discount"
    best = HABIT.case.reference(HABIT.parameters).value
    assert found.value - plain.value > (best - plain.value) / 2


def test_occasions_are_typed_by_name():
    today = today_of(HABIT, rules(HABIT), "habituation_threshold:kind=3,most=0,instead=3,final=2")
    assert today.label == "habituation threshold kind=3, most=0, instead=3, final=2"
    assert today.agent.act(at(HABIT, [WHOLE - 1])).tolist() == [3]


def test_without_a_clock_there_are_no_occasions():
    case = bizgyms.case("RecommendVisit")
    visit = problem_of(case, next(iter(case.scenarios.values())))
    (spec,) = (one for one in recommend_visit.RULES if one.name == "always the same")
    assert with_occasions(spec).finer(visit, {"kind": 0}, NEAR) == []
