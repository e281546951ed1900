"""Names that users may have typed before modules moved still work."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from baselines.protocols import saved_agents

ROOT = Path(__file__).parents[2]
FORMER = {
    "baselines": ("Benchmark", "Board", "EpisodeReturns", "benchmark", "evaluate", "score"),
    "baselines.agents": ("Agent", "Problem", "Rung"),
    "baselines.cli": ("main",),
    "baselines.judge.kept": ("Kept", "KeptAgent", "load", "write"),
    "baselines.judge.money": ("Money",),
    "baselines.judge.scoreboard": ("main",),
    "baselines.judge.statistics": ("Interval", "crossed_interval"),
    "baselines.learners.tabular": (),
    "baselines.rules": ("rules",),
    "baselines.rules.restock_item": ("base_stock", "s_S"),
}


@pytest.mark.parametrize("module", FORMER)
def test_a_name_of_before_can_be_imported(module):
    found = importlib.import_module(module)
    assert all(hasattr(found, name) for name in FORMER[module])


def test_agents_of_a_board_are_loaded_by_the_former_name():
    from baselines.judge import kept

    assert kept.load is saved_agents.load


def test_the_scoreboard_is_made_by_its_former_command():
    command = [sys.executable, "-m", "baselines.judge.scoreboard", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--out" in done.stdout
