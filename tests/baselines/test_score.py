import math

import numpy as np
import pandas as pd
import pytest

import baselines
import bizgyms
from baselines.agents import AgentError, AgentSpec, problem_of
from baselines.judge import statistics
from baselines.ladder import specs
from baselines.play import budget, seeds, tuning
from baselines.protocols.screen_item import screen_one
from baselines.report.notes import provenance
from baselines.rules import restock_item
from baselines.runs.run_file import NAME, RunFileError
from bizgyms.registry import Case
from envs_data.parameters import ParameterError, Scenario
from tests.baselines.small import SHOP, WRITTEN, little_training

CASE = bizgyms.case("RestockItem")


def board_of(agents="rules", **kwargs):
    lines = []
    board = baselines.score("RestockItem", agents, **{"scenario": SHOP, "episodes": 600, "say": lines.append, **kwargs})
    return board, lines


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    monkeypatch.setitem(budget.BUDGETS, "quick", little_training())


@pytest.fixture(scope="module")
def board():
    return board_of(["base_stock"])[0]


def test_the_board_has_the_four_fixed_points(board):
    table = board.table.set_index("role")
    assert {"best possible", "best rule", "today", "random"} <= set(table.index)
    assert table.loc["best rule", "captured"] == 0
    assert table.loc["best possible", "captured"] == 1
    assert table.loc["today", "over_today"] == 0
    assert table.loc["random", "share_of_possible"] == 0
    assert table.loc["best possible", "share_of_possible"] == 1


def test_values_are_money_a_year_on_the_shared_luck(board):
    problem = problem_of(CASE, SHOP)
    random = next(spec for spec in specs.ladder_of(CASE, SHOP) if spec.kind == "random")
    returns = baselines.evaluate(CASE, random.build(problem), episodes=600, scenario=SHOP)
    found = board.table.set_index("role").loc["random", "value"]
    assert found == pytest.approx(returns.mean * problem.view.steps_per_year / SHOP.days)


def test_an_error_is_the_half_width_of_its_interval(board):
    random = next(spec for spec in specs.ladder_of(CASE, SHOP) if spec.kind == "random")
    returns = baselines.evaluate(CASE, random.build(problem_of(CASE, SHOP)), episodes=600, scenario=SHOP).returns
    row = next(row for row in board.rows if row.role == "random")
    half = 1.964 * returns.std(ddof=1) / math.sqrt(600)  # Student's t on 599 degrees of freedom
    assert row.error == pytest.approx(half * 365 / SHOP.days, rel=1e-3)


def test_the_printed_board_reads_as_the_table(board):
    lines = str(board).splitlines()
    assert lines[0] == "RestockItem, a scenario of yours, 600 episodes, the same luck for everyone"
    assert lines[1].split() == ["EUR/year", "over", "today", "(95", "%)", "captured", "told"]
    assert lines[2].startswith("best possible (exact)")
    assert any(line.startswith("best rule: ") for line in lines)
    assert any("nobody named a rule" in line for line in lines)
    assert any(line.startswith("Seeds: tuning 1000000, no training, evaluation 0") for line in lines)
    assert lines[-1] == board.verdict


def test_nothing_is_trained_before_the_ceiling_is_said():
    said = []

    class Spy:
        def __init__(self, problem):
            said.append("built")

        def act(self, observations, mask=None):
            return np.zeros(len(observations), dtype=np.int64)

        def learn(self, envs, steps, seed):
            said.append("learns")

    with_agents([AgentSpec("spy", "bandit", "observations", Spy)], say=said.append)
    assert "could" in said[1] or "gain" in said[1]
    assert said.index("learns") > 1


def with_agents(extra, say=None, **kwargs):
    """A board of a case that brings agents of its own."""
    parts = {name: CASE.entry_point(name) for name in ("parameters", "scenarios", "env", "twin", "draw", "reference")}
    own = [spec for spec in specs.ladder_of(CASE, SHOP) if spec.name == "base-stock"]
    lines = []
    case = Case(CASE.id, **parts, rules=[*own, *extra])
    chosen = ["rules", *(spec.name for spec in extra)]
    found = baselines.score(case, chosen, scenario=SHOP, episodes=600, say=say or lines.append, **kwargs)
    return found, lines


class Learns:
    """Orders a quantity that depends on its training."""

    def __init__(self, problem):
        self.order = 0

    def learn(self, envs, steps, seed):
        envs(2).reset(seed=seed)
        self.order = 3 + seed % 2

    def act(self, observations, mask=None):
        return np.full(len(observations), self.order)


class Fails(Learns):
    def learn(self, envs, steps, seed):
        if seed % 2:
            raise RuntimeError("diverged\nat step 3")
        super().learn(envs, steps, seed)


class AlwaysFails(Learns):
    def learn(self, envs, steps, seed):
        raise MemoryError("too large")


def test_a_learner_s_interval_is_over_its_trainings():
    found, _ = with_agents([AgentSpec("learns", "bandit", "observations", Learns)])
    row = next(row for row in found.rows if row.agent == "learns")
    even, odd = (baselines.evaluate(CASE, lambda o, n=n: n, episodes=600, scenario=SHOP).mean for n in (3, 4))
    rule = next(row for row in found.rows if row.role == "best rule")
    year = 365 / SHOP.days
    assert row.trainings == 3
    assert row.samples == pytest.approx([even * year - rule.value, odd * year - rule.value, even * year - rule.value])
    # t(.975, 2) is 4.303; what the shared episodes leave open is little beside trainings so far apart.
    over_trainings = 2 * 4.30265 * np.std(row.samples, ddof=1) / 3**0.5
    assert row.over_rule.high - row.over_rule.low == pytest.approx(over_trainings, rel=0.01)
    assert row.over_rule == statistics.crossed_interval(np.array(row.samples), row.gain_error)
    assert row.gain_error > 0
    assert found.verdict.startswith("Preview (3 trainings)")
    assert "learns, 3 trainings" in str(found)


def test_a_learner_that_raises_leaves_the_rest_of_the_board():
    extra = [
        AgentSpec("half", "bandit", "observations", Fails),
        AgentSpec("never", "bandit", "observations", AlwaysFails),
    ]
    found, _ = with_agents(extra)
    rows = {row.agent: row for row in found.rows}
    assert rows["half"].trainings == 2
    assert rows["half"].note == "1 of 3 trainings failed: RuntimeError: diverged at step 3"
    assert rows["never"].value is None
    assert rows["never"].note == "MemoryError: too large"
    assert "MemoryError: too large" in str(found)
    assert rows["best possible"].value is not None


def test_a_second_call_on_the_same_folder_does_nothing_again(tmp_path, monkeypatch):
    first, _ = board_of(["rules", "thompson"], out=tmp_path)
    monkeypatch.setattr(tuning, "tune", None)
    monkeypatch.setattr("baselines.play.experiment.play", None)
    monkeypatch.setattr("baselines.play.experiment.train", None)
    second, _ = board_of(["rules", "thompson"], out=tmp_path)
    assert first.table.equals(second.table)
    assert (tmp_path / "board.txt").read_text() == f"{second}\n"
    assert {path.name for path in tmp_path.iterdir()} == {*WRITTEN, NAME}


def test_processes_do_not_change_numbers():
    here, there = (board_of(["base_stock", "thompson"], processes=n)[0] for n in (0, 2))
    pd.testing.assert_frame_equal(
        here.table.drop(columns="seconds"), there.table.drop(columns="seconds"), check_exact=True
    )


def test_yours_beside_the_ladder(monkeypatch):
    whole = specs.ladder_of
    monkeypatch.setattr(specs, "ladder_of", lambda *given: [r for r in whole(*given) if r.kind in ("random", "rule")])
    found, _ = board_of({"mine": lambda o: 3})
    row = next(row for row in found.rows if row.agent == "mine")
    assert row.trainings == 1
    assert "one training each, no statement about the algorithm" in str(found)


@pytest.mark.parametrize(
    ("today", "label"), [("base_stock:S=14", "base-stock S=14"), ("base-stock:S=14", "base-stock S=14")]
)
def test_today_by_name(today, label):
    found, _ = board_of(["base_stock"], today=today)
    row = next(row for row in found.rows if row.role in ("today",))
    assert row.label == label
    assert "nobody named" not in str(found)


def test_today_from_a_file_reads_observations_by_name(tmp_path):
    (tmp_path / "rule.py").write_text(
        "def mine(seen):\n    return max(0, min(8, 14 - seen['on_hand'] - seen['on_order_1']))\n"
    )
    by_file, _ = board_of(["base_stock"], today=f"{tmp_path}/rule.py:mine")
    by_name, _ = board_of(["base_stock"], today="base_stock:S=14")
    assert [r.value for r in by_file.rows if r.role == "today"] == [r.value for r in by_name.rows if r.role == "today"]


@pytest.mark.parametrize(
    ("today", "message"),
    [
        ("bse_stock:S=3", "unknown rule 'bse_stock'; did you mean 'base_stock'"),
        ("base_stock:Q=3", "'Q=3' is no setting of base-stock; its settings are S, safety, as in base_stock:S="),
        ("base_stock:S=many", "S of base-stock is 'many'; it must be a number"),
        ("base_stock:S=3,safety=2", "not possible: .*either S or safety"),
        ("nowhere.py:mine", "nowhere.py: no such file"),
        (3, "is a int"),
    ],
)
def test_today_that_cannot_be(today, message):
    with pytest.raises(AgentError, match=message):
        board_of(today=today)


@pytest.mark.parametrize(
    ("text", "function", "message"),
    [
        ("x = 1\n", "mine", "no function 'mine'; it has no function"),
        ("def other(o): ...\n", "mine", "it has other"),
        ("def mine(o) return\n", "mine", "rule.py, line 1: SyntaxError"),
        ("\nimport nothing_here\n", "mine", "rule.py, line 2: ModuleNotFoundError"),
        ("def mine(o):\n    return o['stock']\n", "mine", "asked for 'stock'; an observation has on_hand, on_order_1"),
        ("def mine(o):\n    return 99\n", "mine", r"'rule.py:mine', world 0, step 0: action 99 is outside"),
        ("def mine(o):\n    return o['on_hand'] / 0\n", "mine", "step 0: it raised ZeroDivisionError"),
    ],
)
def test_a_rule_file_that_cannot_be(tmp_path, text, function, message):
    (tmp_path / "rule.py").write_text(text)
    with pytest.raises(AgentError, match=message):
        board_of(today=f"{tmp_path}/rule.py:{function}")


@pytest.mark.parametrize(
    "wrong", [{"budget": "huge"}, {"worth": -1}, {"worth": math.nan}, {"episodes": 1}, {"seed": -1}]
)
def test_impossible_arguments_say_what_would_be_right(wrong):
    with pytest.raises(ParameterError, match="not possible"):
        board_of(**wrong)


def test_unknown_agents_are_said_all_at_once():
    with pytest.raises(AgentError, match=r"(?s)'pppo'.*'rulez'; did you mean 'rule'"):
        board_of(["pppo", "rulez"])


def test_a_run_file_of_another_kind(tmp_path):
    (tmp_path / NAME).write_text("no database at all" * 100)
    with pytest.raises(RunFileError, match="--out"):
        board_of(out=tmp_path)


def test_tuning_finds_the_best_of_all_settings():
    problem = problem_of(CASE, SHOP)
    spec = next(spec for spec in restock_item.RULES if spec.name == "base-stock")
    found = tuning.tune(problem, spec, seeds.tuning(0))
    trial = tuning._Trial(problem, spec, seeds.tuning(0))
    _, (_, last) = tuning.rounds(problem)[1:]
    trial.play(trial.add(spec.settings(problem)), last)
    means = [trial.mean(k, last) for k in range(len(trial.settings))]
    assert found.value == max(means)
    assert found.tried == len(means)


def test_ray_does_not_change_numbers():
    pytest.importorskip("ray", reason="ray is not installed")
    here, there = (
        board_of(["base_stock", "thompson"], **given)[0] for given in ({"processes": 0}, {"executor": "ray"})
    )
    columns = ["agent", "value", "over_rule", "captured"]
    pd.testing.assert_frame_equal(here.table[columns], there.table[columns], check_exact=True)
    assert here.runs.value.tolist() == there.runs.value.tolist()


def test_an_unknown_executor_is_refused():
    with pytest.raises(ParameterError, match="executor: 'cluster' is not possible"):
        board_of(["base_stock"], executor="cluster")


def test_a_scaled_world_says_how_its_amounts_become_the_table_s():
    parameters = bizgyms.case("PricingShelf").scenarios["rule-enough"]
    said = [*provenance(Scenario(parameters, notes={"scale": 10}))]
    assert said == ["One customer here stands for 10 units of the table; amounts are told in the table's own."]
    assert not [*provenance(Scenario(parameters))]


def scored(scenario, home):
    scenario.save(home / "mine.json")
    table = board_of(["base_stock"], scenario=home / "mine.json")[0].table
    return [*table["value"].dropna(), *table["over_today"].dropna()]


def screened(scenario, home):
    found = screen_one(CASE, scenario, None, 0, 300)
    return [found["today"], found["best_rule"], *found["tuning"], *found["left"]]


@pytest.mark.parametrize("judge", [scored, screened])
def test_amounts_of_a_scaled_world_are_told_in_the_units_of_the_table(judge, tmp_path):
    single, tenfold = (judge(Scenario(SHOP, notes={"scale": scale}), tmp_path) for scale in (1, 10))
    assert len(single) > 4
    assert tenfold == pytest.approx([10 * value for value in single])
