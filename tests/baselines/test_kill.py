import os
import subprocess
import sys
from pathlib import Path

import pytest

from baselines.runs.run_file import NAME
from tests.baselines.small import SHOP, WRITTEN

ROOT = Path(__file__).parents[2]
SCORES = """
import sys, baselines
from pathlib import Path
from tests.baselines.small import SHOP
board = baselines.score("RestockItem", ["rules"], scenario=SHOP, out=Path(sys.argv[1]), episodes=60, say=lambda _: None)
print(board.table.drop(columns="seconds").to_csv())
"""


def environment():
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_killed_twenty_times_it_ends_with_the_same_numbers_and_no_run_done_twice(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.baselines.killed", str(tmp_path), "20"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert int(done.stdout.split()[0]) >= 10  # the others came after the end


def test_two_processes_on_one_run_file_share_the_work(tmp_path):
    command = [sys.executable, "-c", SCORES, str(tmp_path)]
    both = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    (first, first_errors), (second, second_errors) = [process.communicate(timeout=120) for process in both]
    assert not first_errors + second_errors
    assert first == second
    assert {path.name for path in tmp_path.iterdir()} == {*WRITTEN, NAME} - {"curves.svg"}
    assert SHOP.days == 20
