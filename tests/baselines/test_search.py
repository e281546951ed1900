"""Hyperparameters are searched, kept, and gone on with."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import yaml

from baselines.agents import AgentError, problem_of
from baselines.cli import main
from baselines.ladder.selection import select
from baselines.ladder.specs import revive
from baselines.learners.algorithms import ALGORITHMS, hyperparameters
from baselines.play import hyperparameter_search
from baselines.play.rollout import play
from baselines.play.training import TrainingTask, portable, train_by_name
from bizgyms import case
from bizgyms.registry import cases
from envs_data.restock.item import ItemParameters

pytest.importorskip("optuna", reason="optuna is not installed")
ITEM = case("RestockItem")
SHOP = ItemParameters(mean=5.0, days=10, max_packs=12)
PROBLEM = problem_of(ITEM, SHOP)


@pytest.fixture(autouse=True)
def briefly(monkeypatch):
    monkeypatch.setattr(hyperparameter_search, "AGAIN", 2)
    monkeypatch.setattr(hyperparameter_search, "EPISODES", 50)


def test_a_study_goes_on_where_it_stopped(tmp_path):
    said = []
    arguments = {"steps": 9_000, "study": tmp_path / "study.sqlite", "seed": 0, "say": said.append}
    first = hyperparameter_search.search(PROBLEM, "ppo", trials=2, **arguments)
    assert [line.partition(":")[0] for line in said[:2]] == ["Trial 1 of 2", "Trial 2 of 2"]
    assert first.trials == 2
    done = len(said)
    assert hyperparameter_search.search(PROBLEM, "ppo", trials=2, **arguments) == first
    assert len(said) == done, "nothing is trained twice"
    third = hyperparameter_search.search(PROBLEM, "ppo", trials=3, **arguments)
    assert said[done].startswith("Trial 3 of 3")
    assert third.value >= first.value
    block = yaml.safe_load(third.to_yaml(ITEM.id, "ppo"))[ITEM.id]
    assert block["algorithm"] == "ppo"
    assert block["policy"] == "OrdinalPolicy"
    assert block["gamma"] in hyperparameter_search.GAMMAS


def test_another_scenario_is_another_study(tmp_path):
    arguments = {"steps": 1_000, "study": tmp_path / "study.sqlite", "seed": 0, "say": lambda line: None}
    hyperparameter_search.search(PROBLEM, "ppo", trials=1, **arguments)
    busier = problem_of(ITEM, dataclasses.replace(SHOP, mean=6.0))
    assert hyperparameter_search.search(busier, "ppo", trials=1, **arguments).trials == 1


def test_a_damaged_study_is_named(tmp_path, capsys):
    (tmp_path / "best.study.sqlite").write_bytes(b"no database" * 100)
    assert main(["tune", "RestockItem", "-o", str(tmp_path / "best.yml")]) == 2
    assert "best.study.sqlite is no study that can be gone on with" in capsys.readouterr().err


def test_a_lucky_trial_is_not_kept():
    found = hyperparameter_search.Found({"gamma": 0.9}, 20, 7.0, (5.0, 5.5), {"gamma": 0.97}, (5.2, 5.4))
    assert found.block == {"gamma": 0.97}
    assert "7.00 an episode" in found.in_words()
    assert "what is shipped is kept" in found.in_words()
    better = dataclasses.replace(found, again=(5.4, 5.5))
    assert better.block == {"gamma": 0.9}
    assert "the best trial's are kept" in better.in_words()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("case_id", [known.id for known in cases()])
def test_what_is_shipped_can_be_tried(algorithm, case_id):
    import optuna

    shipped = hyperparameters(algorithm, case_id)
    trial = optuna.trial.FixedTrial(hyperparameter_search.choices_of(shipped))
    tried = hyperparameter_search.block_of(shipped, trial)
    tried["learning_rate"] = shipped["learning_rate"]
    assert tried == shipped


def test_an_agent_without_hyperparameters_is_refused(tmp_path):
    with pytest.raises(AgentError, match="there are ppo"):
        hyperparameter_search.search(PROBLEM, "base_stock", 1, 1_000, tmp_path / "study.sqlite", 0, print)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--agent", "sarsa"], "agent 'sarsa' has no hyperparameters to search; there are ppo"),
        (["--agent", "sac"], "agent sac cannot play bizgyms/RestockItem-v0; ppo, a2c, dqn can"),
        (["--seed", "1000"], "seed: 1000 is not possible"),
        (["-o", "best"], "best: name a file that ends in .yml"),
    ],
)
def test_the_command_refuses_before_it_begins(tmp_path, capsys, words, told):
    assert main(["tune", "RestockItem", "-o", str(tmp_path / "best.yml"), *words]) == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_was_found_is_an_agent(tmp_path, capsys):
    file = str(tmp_path / "best.yml")
    assert main(["tune", "RestockItem", "--trials", "1", "--steps", "1000", "-o", file]) == 0
    assert f"Wrote {file}" in capsys.readouterr().out
    (spec,) = select(PROBLEM, [file]).learners
    assert spec.name == f"PPO of {file}"
    (setting,) = spec.settings(PROBLEM)
    shipped = TrainingTask(ITEM, SHOP, "PPO", {}, steps=9_000, training_seed=1, evaluation_seed=0, episodes=20)
    task = dataclasses.replace(shipped, agent=spec.name, setting=setting)
    assert portable(task, spec), "another process makes it from name and setting"
    Path(file).unlink()
    result = train_by_name(task)
    assert np.array_equal(result.played.returns, train_by_name(shipped).played.returns)
    again = revive(PROBLEM, {"rung": spec.name, "setting": setting}, result.learned)
    assert np.array_equal(play(PROBLEM, again, 20, 0, spec.name).returns, result.played.returns)


def test_what_a_file_leaves_out_is_as_shipped(tmp_path):
    file = tmp_path / "mine.yml"
    file.write_text(f"{ITEM.id}: {{algorithm: a2c, gamma: 0.5}}", encoding="utf-8")
    (spec,) = select(PROBLEM, [str(file)]).learners
    (setting,) = spec.settings(PROBLEM)
    assert setting == {"algorithm": "a2c", "block": {**hyperparameters("a2c", ITEM.id), "gamma": 0.5}}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "best.yml cannot be read: No such file or directory"),
        ("a: [", "is not YAML"),
        ("- 1", "must hold blocks of hyperparameters by case id"),
        (
            "bizgyms/RestockBox-v0: {algorithm: ppo}",
            "no block 'bizgyms/RestockItem-v0'; there are bizgyms/RestockBox-v0",
        ),
        ("bizgyms/RestockItem-v0: {algorithm: sarsa}", "must be one of ppo, .* not 'sarsa'"),
        ("bizgyms/RestockItem-v0: {gamma: 1.0}", "not None"),
        ("bizgyms/RestockItem-v0: {algorithm: sac}", "sac cannot play bizgyms/RestockItem-v0; ppo, a2c, dqn can"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(tmp_path, content, told):
    file = tmp_path / "best.yml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(AgentError, match=f"(?s)agents: .*{told}.*'pp0'"):
        select(PROBLEM, [str(file), "pp0"])


def test_a_search_that_was_killed_tries_what_one_that_ran_through_tries(tmp_path, monkeypatch):
    tried, dies = [], set()

    def earned(self, block, number, label):
        if number in dies:
            dies.remove(number)
            raise SystemExit
        tried.append((number, block["learning_rate"], block["gamma"]))
        return -abs(float(block["learning_rate"][4:]) - 2e-3)

    monkeypatch.setattr(hyperparameter_search._Trainer, "earned", earned)
    arguments = {"trials": 14, "steps": 1_000, "seed": 0, "say": print}
    whole = hyperparameter_search.search(PROBLEM, "ppo", study=tmp_path / "whole.sqlite", **arguments)
    through, dies = [*tried], {0, 4, 12}
    tried.clear()
    for _ in range(3):
        with pytest.raises(SystemExit):
            hyperparameter_search.search(PROBLEM, "ppo", study=tmp_path / "cut.sqlite", **arguments)
    assert hyperparameter_search.search(PROBLEM, "ppo", study=tmp_path / "cut.sqlite", **arguments) == whole
    assert tried == through
