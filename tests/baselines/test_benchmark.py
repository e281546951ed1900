"""The protocol for other people's algorithms, and the scoreboard it stands beside."""

import re
from pathlib import Path

import gymnasium as gym
import numpy as np
import pandas as pd
import pytest
import yaml

import baselines
from baselines.judge import statistics
from baselines.ladder.specs import ladder_of
from baselines.protocols import scoreboard, suite
from baselines.protocols.scoring import score
from baselines.protocols.suite import SuiteError, fingerprint, suite_of
from bizgyms import registry

ROOT = Path(__file__).parents[2]
CASE = "bizgyms/NudgeHabit-v0"
BOARD = (scoreboard.FOLDER / "default.md").read_text(encoding="utf-8")


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A suite of one scenario, its scoreboard made by the command."""
    entry = {"case": CASE, "scenario": "rule-fails", "steps": 500, "parameters": fingerprint(CASE, "rule-fails")}
    (tmp_path / "tiny-v0.yml").write_text(yaml.safe_dump({"seed": 0, "episodes": 50, "entries": [entry]}))
    for module, name in ((suite, "FOLDER"), (scoreboard, "FOLDER")):
        monkeypatch.setattr(module, name, tmp_path)
    monkeypatch.setattr(scoreboard.scoring, "score", _short)
    readme = tmp_path / "README.md"
    readme.write_text(f"Before.\n{scoreboard.MARKS[0]}\nold\n{scoreboard.MARKS[1]}\nAfter.\n")
    options = ["--out", str(tmp_path / "runs"), "--budget", "quick", "--name", "tiny-v0", "--into", str(readme)]
    assert scoreboard.main(["tiny-v0", *options, "--agents", "rules"]) == 0
    return tmp_path


def _short(case, agents, **options):
    return score(case, agents=agents, say=lambda line: None, **options)


def constant(env_id, steps, seed):
    """No algorithm at all: the same message always."""
    env = gym.make(env_id)
    assert steps == 500
    assert env.action_space.n > 1
    return lambda observations: np.ones(len(observations), dtype=np.int64)


def test_a_benchmark_stands_beside_the_board(tiny):
    found = baselines.benchmark(constant, suite="tiny-v0", name="always", trainings=3, say=lambda line: None)
    (row,) = found.table.to_dict("records")
    assert row["today"] < row["best_rule"] < row["possible"]
    assert row["value"] == pytest.approx(baselines.evaluate(CASE, constant("bizgyms/NudgeHabit.rule-fails-v0", 500, 0),
                                                             50, scenario="rule-fails").mean)  # fmt: skip
    assert row["share_from_today"] == pytest.approx((row["value"] - row["today"]) / (row["possible"] - row["today"]))
    assert found.score.value == pytest.approx(row["share_from_today"])
    assert r"\toprule" in found.to_latex()
    assert "NudgeHabit & rule-fails" in found.to_latex()
    everything = found.to_csv(tiny / "all.csv") or (tiny / "all.csv").read_text()
    assert "best possible" in everything


def test_learners_of_ours_stand_beside_a_stranger_s_and_what_is_below_is_said_so(tiny):
    board = scoreboard.read("tiny-v0")
    today, possible = (float(board.value[board.role == role].iloc[0]) for role in ("today", "best possible"))
    known = {"case": CASE, "scenario": "rule-fails", "steps": 1_000}
    ours = [{**known, "agent": "PPO", "role": "deep", "training": k, "value": today + k} for k in (1, 2, 3)]
    pd.concat([board, pd.DataFrame(ours)]).to_csv(tiny / "tiny-v0.csv", index=False)
    found = baselines.benchmark(never_a_message, suite="tiny-v0", trainings=3, say=lambda line: None)
    (row,) = found.ours.to_dict("records")
    assert (row["agent"], row["scenarios"], row["steps"]) == ("PPO", 1, 1_000)
    assert row["score"] == pytest.approx(2 / (possible - today))
    assert row["yours"] == pytest.approx(found.score.value)
    assert row["yours"] < 0
    text = str(found)
    assert "below the best rule" in text
    assert "below today" in text
    assert "learners of bizgyms on the same scenarios" in text
    assert "below the best rule" in found.to_latex()


def never_a_message(env_id, steps, seed):
    return lambda observations: np.zeros(len(observations), dtype=np.int64)


def test_the_board_s_table_says_how_it_was_made(tiny):
    text = (tiny / "tiny-v0.md").read_text()
    assert "| NudgeHabit | `rule-fails` |" in text
    command = (
        "python -m baselines.protocols.scoreboard --out runs/board tiny-v0 --budget quick --name tiny-v0 --agents rules"
    )
    assert command in text, "a command in one line"
    assert "the optimum | " in text
    assert re.search(r"Not played: .*; PPO \(anywhere\); ", " ".join(text.split()))
    assert all(len(line) <= scoreboard.LONGEST for line in text.split("\n") if not line.startswith("|"))
    assert "`bizgyms score NudgeHabit --scenario rule-fails --agents rules --budget full`" in text
    runs = pd.read_csv(tiny / "tiny-v0.csv")
    assert {"random", "best rule", "best possible"} <= set(runs.role)
    assert list(runs.columns[:6]) == ["case", "scenario", "agent", "role", "training", "value"]


def test_a_suite_s_board_plays_the_suite_s_episodes(tiny):
    runs = scoreboard.read("tiny-v0")
    assert set(runs.episodes[runs.role == "best rule"]) == {50}


def test_a_marked_place_gets_the_table_and_nothing_else_changes(tiny):
    before, table, after = re.split("<!--.*-->", (tiny / "README.md").read_text())
    assert (before, after) == ("Before.\n", "\nAfter.\n")
    assert table.strip() in (tiny / "tiny-v0.md").read_text()
    (tiny / "other.md").write_text("no marks")
    with pytest.raises(ValueError, match="no place for the table"):
        scoreboard.put_into(tiny / "other.md", "table")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["core-v9"], "unknown case or suite 'core-v9'; did you mean 'core-v0'?"),
        (["RestockItm"], "unknown case or suite 'RestockItm'; did you mean 'RestockItem'?"),
        (["RestockItem:rule-enuf"], "unknown scenario 'rule-enuf'; did you mean 'rule-enough'?"),
        (["--into", "nowhere.md"], "nowhere.md"),
        (["--into", str(ROOT / "CHANGELOG.md")], "has no place for the table"),
    ],
)
def test_a_slip_is_told_before_anything_is_trained(options, said, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scoreboard.scoring, "score", _never)
    with pytest.raises(SystemExit) as end:
        scoreboard.main([*options, "--out", str(tmp_path)])
    assert end.value.code == 2
    assert said in capsys.readouterr().err


def test_the_committed_board_is_that_of_the_readme():
    shown = (ROOT / "README.md").read_text().split(scoreboard.MARKS[0])[1].split(scoreboard.MARKS[1])[0]
    assert BOARD.startswith(shown.strip())
    board, ids = scoreboard.read("default"), [case.id for case in registry.cases()]
    assert list(board.case.unique()) == ids
    assert set(board.groupby("case").scenario.nunique()) == {1}


def test_a_preview_holds_the_learner_that_the_board_finds_worth_it():
    """Otherwise a preview would see no sign of a gain that the committed board certifies."""
    worth_it = re.findall(r"^\| (\w+) \| `(.+?)` .*\| Worth it: (.+?) earns", BOARD, re.MULTILINE)
    assert len(worth_it) >= 4
    for name, scenario, learner in worth_it:
        case = registry.case(name)
        previewed = [spec.name for spec in ladder_of(case, case.scenarios[scenario]) if spec.preview]
        assert learner in previewed, f"{learner} is worth it in {name}, whose preview holds {', '.join(previewed)}"


@pytest.mark.parametrize("name", suite.suites_known())
def test_every_suite_has_its_anchors(name):
    board = scoreboard.read(name)
    for entry in suite_of(name).entries:
        own = board[(board.case == entry.case) & (board.scenario == entry.scenario)]
        assert {"random", "best rule", "best possible"} <= set(own.role)


def test_a_suite_that_has_changed_is_refused(tiny):
    file = tiny / "tiny-v0.yml"
    file.write_text(file.read_text().replace(fingerprint(CASE, "rule-fails"), "0" * 16))
    with pytest.raises(SuiteError, match=r"NudgeHabit-v0, rule-fails"):
        suite_of("tiny-v0")


def test_a_suite_without_a_board_is_refused_before_anything_is_trained(tiny):
    (tiny / "tiny-v0.csv").unlink()
    with pytest.raises(SuiteError, match=r"no scoreboard .* make it: python -m baselines.protocols.scoreboard tiny-v0"):
        baselines.benchmark(_never, suite="tiny-v0")


def _never(env_id, steps, seed):
    raise AssertionError("trained")


def test_an_unknown_suite_names_the_nearest():
    with pytest.raises(SuiteError, match="core-v0"):
        suite_of("core-v1")


def test_the_core_suite_is_what_it_was():
    core = suite_of("core-v0")
    assert len({entry.case for entry in core.entries}) >= 8
    for entry in core.entries:
        assert gym.spec(entry.env_id).kwargs == {"scenario": entry.scenario}


def test_the_middle_half_forgets_the_ends():
    assert statistics.interquartile_mean(np.array([-100.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 100.0])) == 3.5


def test_the_stratified_interval_covers():
    # Ten cases of five trainings, normal around a mean of their own: the middle half's mean is close to 1.
    rng = np.random.default_rng(0)
    inside = 0
    for seed in range(200):
        scores = [rng.normal(1.0, 0.3, size=5) for _ in range(10)]
        found = statistics.stratified_interval(scores, seed, draws=500)
        inside += found.low <= 1.0 <= found.high
    assert 0.86 <= inside / 200 <= 0.99
