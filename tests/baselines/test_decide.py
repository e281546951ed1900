"""One state in, each agent's decision out."""

import re

import numpy as np
import pandas as pd
import pytest

import baselines
import bizgyms
from baselines.agents import problem_of
from baselines.cli import entry as cli
from baselines.protocols import saved_agents
from baselines.protocols.policy_table import MOST_VALUES, grid
from baselines.protocols.typed_state import Calendar, read_state
from baselines.protocols.why import moment_like, weigh
from baselines.rules import rules
from envs_data.parameters import ParameterError
from tests.baselines.small import SHOP

ITEM = bizgyms.case("RestockItem")
WEEK = SHOP.replace(weekday=(0.5, 0.8, 1, 1, 1.2, 2, 0.5), days=40)


def problem(p):
    return problem_of(ITEM, p)


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scored")
    baselines.score("RestockItem", ["rules"], WEEK, out=folder, episodes=20, say=lambda _: None)
    return folder


def run(capsys, *words):
    status = cli.main([str(word) for word in words])
    told = capsys.readouterr()
    return status, told.out, told.err


def test_each_agent_decides_as_it_was_scored(capsys, scored):
    status, out, _ = run(capsys, "decide", scored, "on_hand=3", "on_order=2", "weekday=fri")
    assert status == 0
    assert "on_hand 3 units, on_order_1 2 units, weekday Fri, forecast " in out
    assert "(from the calendar: forecast, days_left)" in out
    found = saved_agents.load(scored)
    row = read_state(found.problem, {"on_hand": "3", "on_order": "2", "weekday": "4"}, "x").row
    today = next(agent.agent for agent in found.agents if agent.kind == "today").act(row[np.newaxis])[0]
    best = ITEM.reference(WEEK).policy.act(row[np.newaxis])[0]
    assert re.search(rf"^today {today}   best rule \d+ .*best possible {best}$", out, re.MULTILINE)
    assert "other rules: base-stock" in out
    assert "in units to order" in out


def test_what_the_day_decides_is_that_of_the_day_nearest_to_the_middle():
    state = read_state(problem(WEEK), {"on_hand": "3", "on_order_1": "0", "weekday": "Sat"}, "x")
    of = problem(WEEK).view
    assert state.filled == ["forecast", "days_left"]
    place = WEEK.days - int(state.row[-1])
    assert of.calendar_columns[place].tolist() == state.row[2:].tolist()
    assert state.row[2] == 5
    assert abs(place - WEEK.days // 2) <= 3
    late = read_state(problem(WEEK), {"on_hand": "3", "on_order_1": "0", "days_left": "2"}, "x")
    assert late.row[2:].tolist() == of.calendar_columns[-3].tolist()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], r"on_hand is missing: stock after .* a number from 0 to 326 \(units\).*on_order_1 is missing"),
        (["on_hnd=3"], "unknown field 'on_hnd'; did you mean 'on_hand'.*on_hand is missing"),
        (["on_hand=x", "weekday=Mox"], "on_hand is 'x'; it must be a number.*weekday is 'Mox'; it must be one of Mon"),
        (["on_hand=-1", "on_order=1"], "on_hand is '-1'; it must be a number from 0"),
        (["on_hand=nan", "on_order=1"], "on_hand is 'nan'"),
        (["on_hand=3", "on_order=1", "on_order_1=2"], "on_order_1 is given twice"),
        (["on_hand=3", "on_hand=4"], "on_hand is given twice"),
        (["on_hand"], "'on_hand' is no field=value; write on_hand=12"),
        (["on_hand=3", "on_order=1", "weekday=1.5"], "weekday is '1.5'"),
        (["on_hand=3", "on_order=1", "weekday=Mon", "forecast=1"], "no day of the scenario has weekday Mon, forecast"),
    ],
)
def test_all_bad_fields_at_once(capsys, scored, words, message):
    status, out, err = run(capsys, "decide", scored, *words)
    assert (status, out) == (2, "")
    assert re.search(message, err.replace("\n", " ")), err


def test_a_folder_that_is_none(capsys, tmp_path):
    status, _, err = run(capsys, "decide", tmp_path, "on_hand=3")
    assert status == 2
    assert "no agents are kept there; make them with: bizgyms score" in err


def test_several_orders_under_way_are_named_one_by_one():
    with pytest.raises(ParameterError, match="on_order has several parts here; give on_order_1, on_order_2"):
        read_state(problem(SHOP.replace(lead_time=3)), {"on_order": "3", "on_hand": "1"}, "x")


@pytest.mark.parametrize("case", bizgyms.cases(), ids=lambda case: case.name)
def test_every_case_reads_a_state_of_its_own(case):
    of = problem_of(case, next(iter(case.scenarios.values())))
    row, _ = case.env(scenario=of.parameters).reset(seed=1)
    given = {feature.name: repr(float(value)) for feature, value in zip(of.view.features, row, strict=True)}
    state = read_state(of, given, "x")
    np.testing.assert_allclose(state.row, row, rtol=1e-6)


def test_policy_is_written_where_a_state_has_three_numbers(scored):
    table = pd.read_csv(scored / "policy.csv")
    assert {"on_hand", "on_order_1", "weekday", "forecast", "days_left"} < set(table.columns)
    assert sorted(table["weekday"].unique()) == sorted(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
    found = saved_agents.load(scored)
    names = [feature.name for feature in found.problem.view.features]
    days = list(found.problem.view.features[names.index("weekday")].labels)
    rows = table.assign(weekday=table["weekday"].map(days.index))[names].to_numpy(dtype=np.float32)
    today = next(agent.agent for agent in found.agents if agent.kind == "today")
    assert table["today"].tolist() == today.act(rows).tolist()
    assert table["best possible"].tolist() == ITEM.reference(WEEK).policy.act(rows).tolist()
    assert (table["best rule"] >= 0).all()


def test_states_that_are_too_many_have_no_table():
    item = problem(SHOP.replace(lead_time=3))
    agent = saved_agents.revive(item, {"rung": "base-stock", "setting": {"S": 9.0}}, None)
    assert grid(item, agent) is None
    assert grid(item, None) is None
    shop = problem(SHOP)
    states = grid(shop, saved_agents.revive(shop, {"rung": "base-stock", "setting": {"S": 9.0}}, None))
    assert 1 < len(states) <= MOST_VALUES**2
    assert Calendar(shop).decided.tolist() == [False, False, True]


def test_why_weighs_every_alternative_on_the_same_futures(capsys, scored):
    status, out, _ = run(capsys, "decide", scored, "on_hand=3", "on_order=2", "weekday=fri", "--why")
    assert status == 0
    assert "on the same 1,000 futures to the end of the episode" in out
    assert "worlds that came to exactly this state in play" in out
    gains = [float(line.split()[1]) for line in out.partition("(95 %):\n")[2].splitlines() if line.startswith("  ")]
    assert gains == sorted(gains, reverse=True)
    assert 0.0 in gains, "the rule's own decision is what all others are compared with"


def test_gains_of_decisions_are_those_of_the_optimum(scored):
    found = saved_agents.load(scored)
    state = read_state(found.problem, {"on_hand": "3", "on_order": "2", "weekday": "fri"}, "x").row
    best = found.best_possible()
    moment = moment_like(found.problem, [one.agent for one in found.agents], state)
    assert not moment.off
    weighed = weigh(found.problem, moment, best, state, [])
    own = int(best.act(state[np.newaxis])[0])
    assert all(one.gain.low <= 0 for one in weighed), "nothing earns more than the optimum's own decision"
    wrong = next(one for one in weighed if abs(int(one.action) - own) >= 3)
    assert wrong.gain.high < 0


def test_a_state_that_play_never_meets_is_told_by_the_nearest(capsys, scored):
    status, out, _ = run(capsys, "decide", scored, "on_hand=60", "on_order=0", "weekday=fri", "--why")
    assert status == 0
    assert re.search(r"Play never came to this state; the 50 worlds nearest to it stand for it \(on_hand \d+ to", out)


def test_what_is_hidden_is_as_likely_as_where_such_a_state_comes_about():
    case = bizgyms.case("PricingSeason")
    hidden = problem_of(case, next(p for p in case.scenarios.values() if p.hidden))
    spec = next(spec for spec in rules(hidden) if spec.kind == "rule")
    agent = spec.build(hidden, **next(iter(spec.settings(hidden))))
    start = case.twin(num_envs=1, scenario=hidden.parameters).reset(seed=0)[0][0]
    moment = moment_like(hidden, [agent], start)
    assert not moment.off
    kinds = np.bincount(moment.twin._luck.kind[moment.rows])
    assert (kinds > 0).sum() > 1, "before anything was seen every kind may be"
