"""A board on a disk that takes no more, and beside an agent that fails: one message, and nothing is lost."""

import contextlib
import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import baselines
from baselines.cli import main
from baselines.ladder import specs
from baselines.play import budget
from baselines.runs.run_file import NAME, RunFile, RunFileError
from envs_data.parameters import write_whole
from tests.baselines.killed import finished
from tests.baselines.small import SHOP, WRITTEN, little_training

KEPT = "finished runs are kept: make room on the disk and start again, and it goes on from there"
LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from baselines.runs.run_file import RunFile, RunFileError
run_file = RunFile(Path(sys.argv[1]))
run_file.put({"k": 0}, {}, {"returns": np.arange(10.0)})
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    run_file.put({"k": 1}, {}, {"returns": np.arange(100_000.0)})
except RunFileError as error:
    print(error)
print(len(run_file))
"""


@pytest.fixture
def full(monkeypatch):
    """Makes SQLite say what it says of a full disk, from a number of pages on."""
    monkeypatch.setitem(budget.BUDGETS, "quick", little_training())
    opened = RunFile._open

    def limit(pages):
        def narrow(self):
            opened(self)
            self._database.execute(f"PRAGMA max_page_count = {pages}")

        monkeypatch.setattr(RunFile, "_open", narrow if pages else opened)

    return limit


def board(folder, agents=("rules", "thompson")):
    return baselines.score("RestockItem", agents, scenario=SHOP, out=folder, episodes=60, say=lambda line: None)


def test_a_full_disk_in_the_middle_of_a_board_keeps_what_is_finished(tmp_path, full):
    full(12)
    with pytest.raises(RunFileError) as told:
        board(tmp_path)
    assert str(told.value) == f"{tmp_path / NAME}: cannot be written (database or disk is full); {KEPT}"
    before = finished(tmp_path / NAME)
    assert before
    full(0)
    assert board(tmp_path).table["value"].notna().all()
    after = finished(tmp_path / NAME)
    assert len(after) > len(before)
    assert all(after[key] == row for key, row in before.items())
    assert {path.name for path in tmp_path.iterdir()} == {*WRITTEN, NAME}


def test_a_full_disk_while_processes_train(tmp_path, full):
    board(tmp_path, "rules")
    full((tmp_path / NAME).stat().st_size // 4096)
    with pytest.raises(RunFileError, match="database or disk is full"):
        baselines.score(
            "RestockItem",
            ["rules", "thompson"],
            scenario=SHOP,
            out=tmp_path,
            episodes=60,
            processes=1,
            say=lambda line: None,
        )
    assert finished(tmp_path / NAME)


def test_the_command_line_says_it_in_one_line(tmp_path, full, capsys):
    full(12)
    assert main(["score", "RestockItem", "--agents", "rules", "--episodes", "60", "--out", str(tmp_path)]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f"bizgyms: {tmp_path / NAME}: cannot be written (database or disk is full); {KEPT}"


@pytest.mark.skipif(os.name == "nt", reason="resource limits are POSIX")
def test_a_file_that_may_not_grow(tmp_path):
    command = [sys.executable, "-c", LIMITED, str(tmp_path / NAME)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    said, kept = done.stdout.splitlines()
    assert said == f"{tmp_path / NAME}: cannot be written (disk I/O error); {KEPT}"
    assert kept == "1"


def test_a_file_that_another_holds_is_not_a_damaged_one(tmp_path, monkeypatch):
    monkeypatch.setattr("baselines.runs.run_file.WAIT_SECONDS", 0.01)
    one, other = RunFile(tmp_path / NAME), RunFile(tmp_path / NAME)
    with one._transaction(), pytest.raises(RunFileError, match=r"database is locked\); finished runs are kept"):
        other.put({"a": 1}, {}, {})
    other.put({"a": 1}, {}, {})
    assert len(one) == 1
    one.close()
    other.close()


def test_a_full_disk_names_the_file_that_was_to_be_written(tmp_path, monkeypatch):
    def no_room(self, mode):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "open", no_room)
    with pytest.raises(OSError, match="No space left") as told:
        write_whole(tmp_path / "board.txt", "a board")
    assert told.value.filename == str(tmp_path / "board.txt")
    assert not list(tmp_path.iterdir())


class NaNFromStep:
    """Decides well for some steps, and then what is no number."""

    def __init__(self):
        self.asked = 0

    def act(self, observations, mask=None):
        self.asked += 1
        return np.full(len(observations), 3.0 if self.asked <= 5 else np.nan)


def test_an_agent_that_decides_nan_in_mid_play_costs_only_its_row(tmp_path, monkeypatch):
    monkeypatch.setitem(budget.BUDGETS, "quick", little_training())
    whole, kept = specs.ladder_of, ("random", "base-stock", "Thompson")
    monkeypatch.setattr(specs, "ladder_of", lambda *given: [r for r in whole(*given) if r.name.startswith(kept)])
    found = board(tmp_path, {"mine": NaNFromStep(), "three": lambda row: 3})
    rows = {row.agent: row for row in found.rows}
    assert rows["mine"].value is None
    assert rows["mine"].note.startswith("agent 'mine', world 0, step 5: ")
    assert "nan" in rows["mine"].note
    assert all(row.value is not None for name, row in rows.items() if name != "mine")
    assert any(row.trainings == 3 for row in found.rows)
    assert rows["mine"].note in str(found)
    assert {path.name for path in tmp_path.iterdir()} == {*WRITTEN, NAME}


def test_a_run_file_of_an_older_layout_is_one_line(tmp_path, capsys):
    with contextlib.closing(RunFile(tmp_path / NAME)) as run_file:
        run_file._database.execute("PRAGMA user_version = 0")
    before = (tmp_path / NAME).read_bytes()
    assert main(["score", "RestockItem", "--agents", "rules", "--episodes", "60", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"bizgyms: {tmp_path / NAME}: written in format 0, this version of bizgyms reads format 1; "
        "choose another folder with --out"
    ]
    assert (tmp_path / NAME).read_bytes() == before
