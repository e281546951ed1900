import os
import sqlite3
import subprocess
import sys
import threading

import numpy as np
import pytest

from baselines.runs.run_file import NAME, RunFile, RunFileError, digest


def finish(run_file, key, value=1.0):
    return run_file.once(key, lambda: ({"value": value}, {"returns": np.array([value, 2.0])}))


def test_a_run_is_done_once_and_comes_back_exactly(tmp_path):
    key, value = {"agent": "a", "seed": np.int64(3)}, 0.1 + 0.2
    with_run = RunFile(tmp_path / NAME)
    facts, arrays = finish(with_run, key, value)
    again = finish(with_run, key, 99.0)
    assert facts == again[0] == {"value": value}
    assert np.array_equal(arrays["returns"], again[1]["returns"])
    assert len(with_run) == 1
    with_run.close()
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_memory_only():
    run_file = RunFile(None)
    assert finish(run_file, {"a": 1}, 5.0)[0] == finish(run_file, {"a": 1}, 6.0)[0] == {"value": 5.0}
    run_file.close()


def test_keys_do_not_depend_on_order_and_tell_everything_apart():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert len({digest(key) for key in ({"a": 1}, {"a": 1.5}, {"a": "1"}, {"b": 1})}) == 4
    with pytest.raises(TypeError, match="cannot be part of a run's key"):
        digest({"a": object()})


def test_a_failure_keeps_nothing_and_lets_go(tmp_path):
    run_file = RunFile(tmp_path / NAME)

    def fail():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        run_file.once({"a": 1}, fail)
    assert len(run_file) == 0
    assert finish(run_file, {"a": 1})[0] == {"value": 1.0}
    run_file.close()


def test_a_run_another_claims_is_waited_for(tmp_path):
    path, key = tmp_path / NAME, {"a": 1}
    holder = RunFile(path)
    claim = holder.claim(key)
    assert claim is not None
    found = []

    def other():
        mine = RunFile(path)
        found.append(finish(mine, key, 7.0)[0])
        mine.close()

    waiting = threading.Thread(target=other)
    waiting.start()
    with claim:
        holder.put(key, {"value": 3.0}, {})
    waiting.join(10)
    assert found == [{"value": 3.0}]
    holder.close()


DIES = """
import os, signal, sys
from pathlib import Path
from baselines.runs.run_file import RunFile
claim = RunFile(Path(sys.argv[1])).claim({"a": 1})
print("claimed", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_dead_claimer_s_claim_is_free_at_once(tmp_path):
    done = subprocess.run([sys.executable, "-c", DIES, tmp_path / NAME], capture_output=True, text=True, check=False)
    assert done.stdout == "claimed\n"
    assert done.returncode == -9
    run_file = RunFile(tmp_path / NAME)
    assert finish(run_file, {"a": 1}, 4.0)[0] == {"value": 4.0}
    run_file.close()


def broken(path):
    path.write_bytes(b"this is no database" * 100)


def foreign(path):
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE customers (name TEXT)")
    database.close()


def older(path):
    RunFile(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 0")
    database.close()


@pytest.mark.parametrize(
    ("make", "message"),
    [(broken, "not a run file, or a damaged one"), (foreign, "of another program"), (older, "written in format 0")],
)
def test_a_file_that_is_none_of_ours(tmp_path, make, message):
    make(tmp_path / NAME)
    with pytest.raises(RunFileError, match=f"{NAME}: .*{message}.*--out"):
        RunFile(tmp_path / NAME)


def test_a_file_damaged_in_the_middle(tmp_path):
    run_file = RunFile(tmp_path / NAME)
    for k in range(40):
        run_file.once({"k": k}, lambda: ({}, {"returns": np.arange(900.0)}))
    run_file.close()
    content = bytearray((tmp_path / NAME).read_bytes())
    content[4_096:40_000] = b"\xff" * (40_000 - 4_096)
    (tmp_path / NAME).write_bytes(content)
    damaged = RunFile(tmp_path / NAME)
    with pytest.raises(RunFileError, match="damaged"):
        [damaged.get({"k": k}) for k in range(40)]
    damaged.close()


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFileError, match="cannot be written"):
        RunFile(tmp_path / "file" / "deeper" / NAME)
