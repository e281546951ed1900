import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import baselines
from baselines.play import budget
from baselines.play.rollout import play
from baselines.protocols import saved_agents
from baselines.runs.run_file import NAME, RunFileError
from tests.baselines.small import SHOP, little_training

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    monkeypatch.setitem(budget.BUDGETS, "quick", little_training())


def scored(folder, agents=("rules", "thompson"), **options):
    return baselines.score("RestockItem", agents, SHOP, out=folder, episodes=60, say=lambda _: None, **options)


def test_every_agent_of_a_board_comes_back_and_earns_the_same(tmp_path):
    board = scored(tmp_path, ["rules", "predict", "thompson"])
    found = saved_agents.load(tmp_path)
    assert found.problem.parameters == SHOP
    assert not found.missing
    by_name = {}
    for agent in found.agents:
        earned = play(found.problem, agent.agent, 60, 0, agent.name).mean * 365 / SHOP.days
        by_name.setdefault((agent.name, agent.kind), []).append(earned)
    for row in board.rows:
        if row.role != "best possible":
            assert np.mean(by_name.pop((row.agent, row.role))) == pytest.approx(row.value, rel=1e-12), row.agent
    assert not by_name
    seeds = [agent.seed for agent in found.agents if agent.kind == "bandit"]
    assert seeds == [2_000_000, 2_000_001, 2_000_002]
    assert play(found.problem, found.best_possible(), 60, 0, "best").mean < 0


def test_deep_learners_come_back_to_the_last_digit(tmp_path):
    pytest.importorskip("stable_baselines3")
    board = scored(tmp_path, ["ppo", "dqn"], processes=0)
    found = saved_agents.load(tmp_path)
    for name in ("PPO", "DQN"):
        agents = [agent for agent in found.agents if agent.name == name]
        row = next(row for row in board.rows if row.agent == name)
        gains = [play(found.problem, agent.agent, 60, 0, name).mean * 365 / SHOP.days for agent in agents]
        assert np.mean(gains) == pytest.approx(row.value, rel=1e-12)
        assert len(agents) == 3


def test_after_a_kill_and_a_second_start_they_are_all_there(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from baselines.play import budget, experiment\n"
        "from tests.baselines.test_saved_agents import scored, little_training\n"
        "budget.BUDGETS['quick'] = little_training()\n"
        "put, count = experiment.RunFile.put, []\n"
        "def dies(self, *given):\n"
        "    put(self, *given)\n"
        "    count.append(1)\n"
        "    if given[0].get('training_seed') == 2_000_001: os.kill(os.getpid(), signal.SIGKILL)\n"
        "experiment.RunFile.put = dies\n"
        "scored(sys.argv[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == -9, done.stderr
    with pytest.raises(RunFileError, match="no agents are kept there"):
        saved_agents.load(tmp_path)
    board = scored(tmp_path)
    found = saved_agents.load(tmp_path)
    bandits = [agent for agent in found.agents if agent.kind == "bandit"]
    earned = [play(found.problem, agent.agent, 60, 0, "Thompson").mean * 365 / SHOP.days for agent in bandits]
    assert len(earned) == 3
    assert np.mean(earned) == pytest.approx(next(row.value for row in board.rows if row.role == "bandit"), rel=1e-12)


def test_a_rule_in_a_file_is_run_only_when_it_is_named(tmp_path):
    rule = tmp_path / "rule.py"
    rule.write_text("def mine(seen):\n    return min(8, int(seen['days_left']))\n")
    scored(tmp_path / "run", ["base_stock"], today=f"{rule}:mine")
    unnamed = saved_agents.load(tmp_path / "run")
    assert "today" not in [agent.kind for agent in unnamed.agents]
    assert "name it with --today" in unnamed.missing[0]
    named = saved_agents.load(tmp_path / "run", today=f"{rule}:mine")
    assert [agent.label for agent in named.agents if agent.kind == "today"] == ["rule.py:mine"]
    rule.write_text("def mine(seen):\n    return 0\n")
    assert (
        "not the rule the board was made with" in saved_agents.load(tmp_path / "run", today=f"{rule}:mine").missing[0]
    )


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(RunFileError, match="no agents are kept there; make them with: bizgyms score"):
        saved_agents.load(tmp_path)
    scored(tmp_path, ["base_stock"])
    (tmp_path / saved_agents.MANIFEST).write_text("[]")
    with pytest.raises(RunFileError, match="damaged"):
        saved_agents.load(tmp_path)
    (tmp_path / saved_agents.MANIFEST).write_text(
        '{"case": "RestockItem", "scenario": {}, "agents": [{"name": "base-stock"}]}'
    )
    with pytest.raises(RunFileError, match="of an older version, or damaged; score again with --out"):
        saved_agents.load(tmp_path)
    (tmp_path / NAME).unlink()
    with pytest.raises(RunFileError, match="no agents"):
        saved_agents.load(tmp_path)
