"""Everything but the learners works where torch and what builds on it are not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# An import hook that stands for an environment with the core packages alone, in worker processes too.
HOOK = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "stable_baselines3", "sb3_contrib", "sklearn", "optuna"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""
COMMANDS = """
import sys
import bizgyms, baselines
from baselines.cli import main

def run(*words):
    assert main([str(word) for word in words]) == 0, words

run("list")
run("show", "restock")
run("show", "RestockItem", "--scenario", "zipkin-poisson-p4-l2", "-o", "shop.json")
run("generate", "restock", "--days", 150, "-o", "sales.csv")
run("fit", "restock", "sales.csv", "--known", "lead_time=1", "price=3", "-o", "mine.json")
run("score", "shop.json", "--agents", "rules", "--episodes", 20, "--out", "run")
run("report", "run")
run("decide", "run", "on_hand=3", "on_order=2")
run("verify", "nudge")
run("fit", "restock", "items.csv", "--each", "item", "-o", "items")
run("score", "items", "--agents", "rules", "--episodes", 10, "--out", "screen")
run("score", "shop.json", "--agents", "ppo,rules", "--episodes", 20, "--out", "run")
print(open("run/board.txt").read())
assert not any(name.split(".")[0] in ("torch", "stable_baselines3") for name in sys.modules)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    return tmp_path


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(folder), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": paths}
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_every_command_but_training(folder: Path) -> None:
    (folder / "run.py").write_text(COMMANDS, encoding="utf-8")
    days = [f"2025-0{month}-{day:02d}" for month in (1, 2, 3) for day in range(1, 29)]
    rows = [f"{date},{item},{(7 * k + more) % 6}" for k, date in enumerate(days) for item, more in (("a", 0), ("b", 2))]
    (folder / "items.csv").write_text("\n".join(["date,item,units", *rows]) + "\n", encoding="utf-8")
    done = python(folder, "run.py")
    assert done.returncode == 0, done.stderr[-3000:]
    board = done.stdout[done.stdout.rindex("best possible (exact)") :]
    ppo = next(line for line in board.split("\n") if line.startswith("PPO"))
    assert "pip install" in ppo
    assert "Traceback" not in done.stdout + done.stderr


def test_importing_the_packages(folder: Path) -> None:
    done = python(
        folder, "-c", "import bizgyms, baselines, baselines.ladder.specs, baselines.protocols.scoring, baselines.report"
    )
    assert done.returncode == 0, done.stderr
    assert python(folder, "-c", "import torch").returncode == 1
