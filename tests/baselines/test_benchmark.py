"""The protocol for other people's algorithms, and the scoreboard it stands beside."""

import gymnasium as gym
import numpy as np
import pandas as pd
import pytest
import yaml

import baselines
from baselines.judge import scoreboard, statistics, suite
from baselines.judge.scoring import score
from baselines.judge.suite import SuiteError, fingerprint, suite_of

CASE = "bizgyms/NudgeHabit-v0"


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A suite of one scenario, its scoreboard made by the command."""
    entry = {"case": CASE, "scenario": "rule-fails", "steps": 500, "parameters": fingerprint(CASE, "rule-fails")}
    (tmp_path / "tiny-v0.yml").write_text(yaml.safe_dump({"seed": 0, "episodes": 50, "entries": [entry]}))
    for module, name in ((suite, "FOLDER"), (scoreboard, "SUITES"), (scoreboard, "FOLDER")):
        monkeypatch.setattr(module, name, tmp_path)
    monkeypatch.setattr(scoreboard.scoring, "score", _short)
    assert scoreboard.main(["tiny-v0", "--out", str(tmp_path / "runs"), "--budget", "quick", "--name", "tiny-v0"]) == 0
    return tmp_path


def _short(case, **options):
    return score(case, agents=["rules"], episodes=50, say=lambda line: None, **options)


def constant(env_id, steps, seed):
    """No algorithm at all: the same message always."""
    env = gym.make(env_id)
    assert steps == 500
    assert env.action_space.n > 1
    return lambda observations: np.ones(len(observations), dtype=np.int64)


def test_a_benchmark_stands_beside_the_board(tiny):
    found = baselines.benchmark(constant, suite="tiny-v0", name="always", trainings=3, say=lambda line: None)
    (row,) = found.table.to_dict("records")
    assert row["random"] < row["best_rule"] < row["possible"]
    assert row["value"] == pytest.approx(baselines.evaluate(CASE, constant("bizgyms/NudgeHabit.rule-fails-v0", 500, 0),
                                                             50, scenario="rule-fails").mean)  # fmt: skip
    assert row["share_of_possible"] < 1
    assert found.score.value == pytest.approx(row["share_of_possible"])
    assert r"\toprule" in found.to_latex()
    assert "NudgeHabit & rule-fails" in found.to_latex()
    everything = found.to_csv(tiny / "all.csv") or (tiny / "all.csv").read_text()
    assert "best possible" in everything


def test_the_board_s_table_says_how_it_was_made(tiny):
    text = (tiny / "tiny-v0.md").read_text()
    assert "| NudgeHabit | `rule-fails` |" in text
    assert "python -m baselines.judge.scoreboard --out runs/board --budget quick tiny-v0" in text
    runs = pd.read_csv(tiny / "tiny-v0.csv")
    assert {"random", "best rule", "best possible"} <= set(runs.role)
    assert list(runs.columns[:6]) == ["case", "scenario", "agent", "role", "training", "value"]


def test_a_suite_that_has_changed_is_refused(tiny):
    file = tiny / "tiny-v0.yml"
    file.write_text(file.read_text().replace(fingerprint(CASE, "rule-fails"), "0" * 16))
    with pytest.raises(SuiteError, match=r"NudgeHabit-v0, rule-fails"):
        suite_of("tiny-v0")


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
