"""A run folder of somebody else's runs no code."""

import io
import json
import pickle
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pytest

import baselines
from baselines import report
from baselines.play import budget
from baselines.protocols import saved_agents
from baselines.protocols.decide import decide
from baselines.runs.run_file import NAME, RunFileError
from envs_data.parameters import ParameterError
from tests.baselines.small import SHOP, little_training

STATE = {"on_hand": "3", "on_order": "2", "days_left": "20"}


class Canary:
    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    monkeypatch.setitem(budget.BUDGETS, "quick", little_training())


def scored(folder, agents, **options):
    return baselines.score("RestockItem", agents, SHOP, out=folder, episodes=60, say=lambda _: None, **options)


def poisoned(folder, make):
    """Puts other arrays into every run of a folder."""
    database = sqlite3.connect(folder / NAME)
    for key, content in database.execute("SELECT key, arrays FROM runs").fetchall():
        blob = io.BytesIO()
        np.savez(blob, **make(dict(np.load(io.BytesIO(content)))))
        database.execute("UPDATE runs SET arrays = ? WHERE key = ?", (blob.getvalue(), key))
    database.commit()
    database.close()


def test_nothing_in_a_run_file_is_unpickled(tmp_path):
    scored(tmp_path, ["base_stock", "thompson"])
    poisoned(tmp_path, lambda arrays: dict.fromkeys([*arrays, "learned"], np.array([Canary(tmp_path / "ran")], object)))
    with pytest.raises(RunFileError, match="not a run file, or a damaged one"):
        decide(tmp_path, STATE)
    report.write(tmp_path, report.read(tmp_path))
    with pytest.raises(RunFileError, match="not a run file, or a damaged one"):
        scored(tmp_path, ["base_stock", "thompson"])
    assert not (tmp_path / "ran").exists()


def test_a_pickle_in_a_deep_learners_place_is_not_run(tmp_path):
    pytest.importorskip("stable_baselines3")
    scored(tmp_path, ["ppo"], processes=0)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as model:
        data = {"policy_class": {":type:": "type", ":serialized:": pickle.dumps(Canary(tmp_path / "ran")).hex()}}
        model.writestr("data", json.dumps(data))
        model.writestr("policy.pth", pickle.dumps(Canary(tmp_path / "ran")))
    model = np.frombuffer(content.getvalue(), dtype=np.uint8)
    poisoned(tmp_path, lambda arrays: {**arrays, "learned": model})
    assert any(line.startswith("PPO: ") for line in decide(tmp_path, STATE).missing)
    scored(tmp_path, ["ppo"], processes=0)
    assert not (tmp_path / "ran").exists()


def test_a_state_is_refused_before_any_agent_is_loaded(tmp_path, monkeypatch):
    scored(tmp_path, ["base_stock"])
    monkeypatch.setattr(saved_agents.Manifest, "load", lambda *_: pytest.fail("loaded"))
    with pytest.raises(ParameterError, match="is missing"):
        decide(tmp_path, {"on_hand": "3"})


def test_deep_learners_are_exported_for_stable_baselines3(tmp_path):
    sb3 = pytest.importorskip("stable_baselines3")
    scored(tmp_path, ["base_stock", "ppo"], processes=0, export="sb3")
    seeds = (2_000_000, 2_000_001, 2_000_002)
    assert sorted(path.name for path in (tmp_path / "sb3").iterdir()) == [f"PPO-{seed}.zip" for seed in seeds]
    found = saved_agents.load(tmp_path)
    row = np.array([[3, 2, 20]], dtype=np.float32)
    row = np.resize(row, (1, len(found.problem.view.features)))
    for agent in [agent for agent in found.agents if agent.name == "PPO"]:
        model = sb3.PPO.load(tmp_path / "sb3" / f"PPO-{agent.seed}.zip", device="cpu")
        decided, _ = model.predict(found.problem.view.normalized(row), deterministic=True)
        assert decided == agent.agent.act(row)


def test_an_export_needs_a_folder_and_a_known_format(tmp_path):
    with pytest.raises(ParameterError, match="name one with out"):
        scored(None, ["base_stock"], export="sb3")
    with pytest.raises(ParameterError, match="must be sb3"):
        scored(tmp_path, ["base_stock"], export="onnx")
