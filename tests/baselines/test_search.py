"""Hyperparameters are searched, kept, and gone on with."""

import pytest
import yaml

from baselines.cli import main
from baselines.judge import search
from baselines.judge.adapt import AgentError
from baselines.judge.episodes import problem_of
from bizgyms import case
from envs_data.restock.item import ItemParameters

pytest.importorskip("optuna", reason="optuna is not installed")
ITEM = case("RestockItem")
SHOP = ItemParameters(mean=5.0, days=10, max_packs=12)
PROBLEM = problem_of(ITEM, SHOP)


def test_a_study_goes_on_where_it_stopped(tmp_path):
    said = []
    arguments = {"steps": 9_000, "study": tmp_path / "study.sqlite", "seed": 0, "say": said.append}
    first = search.search(PROBLEM, "ppo", trials=2, **arguments)
    assert len(said) == first.trials == 2
    again = search.search(PROBLEM, "ppo", trials=3, **arguments)
    assert len(said) == again.trials == 3
    assert again.value >= first.value >= first.shipped
    block = yaml.safe_load(again.to_yaml(ITEM.id))[ITEM.id]
    assert block["policy"] == "OrdinalPolicy"
    assert 0.8 <= block["gamma"] < 1.0


def test_an_agent_without_hyperparameters_is_refused(tmp_path):
    with pytest.raises(AgentError, match="there are ppo"):
        search.search(PROBLEM, "base_stock", 1, 1_000, tmp_path / "study.sqlite", 0, print)


def test_the_command_refuses_before_it_begins(tmp_path, capsys):
    assert main(["tune", "RestockItem", "--agent", "sarsa", "-o", str(tmp_path / "best.yml")]) == 2
    assert "sarsa" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
