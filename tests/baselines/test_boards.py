"""Several boards side by side."""

import json

import pytest

import bizgyms
from baselines.cli import entry as cli
from baselines.protocols import many_boards
from baselines.protocols.many_boards import BoardTask, boards, nothing

OPTIONS = {"agents": ["rules"], "episodes": 40, "executor": "processes"}


def pieces(folder, **options):
    cases = [bizgyms.case(name) for name in ("RestockItem", "NudgeHabit")]
    return [BoardTask(case, None, folder / case.name, {**OPTIONS, **options}) for case in cases]


def numbers(told):
    board = json.loads(told["json"])
    return board["title"], [{name: value for name, value in row.items() if name != "seconds"} for row in board["rows"]]


def test_side_by_side_and_one_after_the_other_give_the_same_boards_in_the_same_order(tmp_path, monkeypatch):
    monkeypatch.setattr(many_boards, "CORES", 2)
    said = []
    abreast = [numbers(told) for told in boards(pieces(tmp_path / "abreast"), said.append)]
    monkeypatch.setattr(many_boards, "CORES", 1)
    in_turn = [numbers(told) for told in boards(pieces(tmp_path / "in turn"), nothing)]
    assert abreast == in_turn
    assert [title.split(",")[0] for title, _ in abreast] == ["RestockItem", "NudgeHabit"]
    assert said == ["2 boards, 2 at a time; each is told when it and those before it are there."]
    assert (tmp_path / "abreast" / "NudgeHabit" / "report.html").is_file()


@pytest.mark.parametrize("cores", [1, 2])
def test_what_a_board_raises_costs_only_its_own(tmp_path, monkeypatch, cores):
    monkeypatch.setattr(many_boards, "CORES", cores)
    item, habit = boards(pieces(tmp_path, agents=["base_stock"]), nothing)
    assert "base-stock" in item["text"]
    assert isinstance(habit, ValueError)
    assert "base_stock" in str(habit)


def test_the_command_line_tells_the_others_and_names_the_board_that_failed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["score", "NudgeHabit", "RestockItem", "--agents", "base_stock", "--episodes", "40"]
    assert cli.main(words) == 2
    printed = capsys.readouterr()
    assert "RestockItem, scenario corner-shop" in printed.out
    assert printed.err.startswith("bizgyms: NudgeHabit: agents: unknown agent 'base_stock'")
