"""Workers run nothing of the user's, say why they died, and cost one task when they do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from baselines.runs.workers import WorkerDiedError, WorkerPool
from tests.baselines.tasks import Doubled, Exits, Killed

ROOT = Path(__file__).parents[2]
# What workers import early, from the standard library, from libraries and from this package.
NAMES = ("queue", "statistics", "colorsys", "numpy", "pandas", "scipy", "baselines")


@pytest.fixture
def canaries(tmp_path):
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})\n")
    return tmp_path


@pytest.mark.parametrize("pool", ["processes", "ray"])
def test_workers_take_no_library_from_the_current_folder(pool, canaries):
    if pool == "ray":
        pytest.importorskip("ray", reason="ray is not installed")
    program = str(ROOT / "tests" / "baselines" / "tasks.py")
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-P", program, pool],
        cwd=canaries,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "8 -1\n", done.stderr  # the folder is searched, after everything else
    assert not (canaries / "ran").exists(), (canaries / "ran").read_text()


@pytest.fixture
def pool():
    pool = WorkerPool(1)
    yield pool
    pool.close()


def test_a_killed_worker_costs_one_task(pool):
    futures = [pool.submit(task) for task in (Doubled(1), Killed(2), Doubled(3))]
    assert [futures[k].result()[0]["number"] for k in (0, 2)] == [2, 6]
    with pytest.raises(WorkerDiedError, match=r"status -9; was memory short\?"):
        futures[1].result()


def test_a_worker_that_dies_leaves_its_last_words(pool):
    with pytest.raises(WorkerDiedError, match=r"status 3\. Its last lines: a library complains\nand gives up$"):
        pool.submit(Exits(1)).result()


def test_a_worker_that_cannot_start_says_why(pool, monkeypatch):
    monkeypatch.setattr("baselines.runs.workers.START", "raise SystemExit('no such library')")
    with pytest.raises(WorkerDiedError, match=r"status 1\. Its last lines: no such library"):
        pool.submit(Doubled(1)).result()
