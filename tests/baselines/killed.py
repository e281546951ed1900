"""Scores a small shop again and again and kills it each time, at a random moment; run as a program.

Children are forked from a process that has everything imported and compiled, so that the moments fall into the scoring.
"""

import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path

import baselines
from baselines.play import budget
from baselines.runs.run_file import NAME
from tests.baselines.small import SHOP, little_training


def play(folder):
    board = baselines.score(
        "RestockItem", ["rules", "thompson"], scenario=SHOP, out=folder, episodes=60, say=lambda _: None
    )
    return board.table.drop(columns="seconds").to_csv(index=False)


def finished(path):
    """Every run as it is stored, its duration included: one done again would differ."""
    if not path.exists():
        return {}
    database = sqlite3.connect(path)
    try:
        return {row[0]: row for row in database.execute("SELECT key, rowid, facts, arrays FROM runs")}
    except sqlite3.OperationalError:  # killed before the table was made
        return {}
    finally:
        database.close()


def kill_often(folder, times, longest):
    rng = random.Random(5)
    before, hits = {}, 0
    for _ in range(times):
        child = os.fork()
        if child == 0:
            play(folder)
            os._exit(0)
        time.sleep(rng.uniform(0.0, longest))
        os.kill(child, signal.SIGKILL)
        hits += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        after = finished(folder / NAME)
        assert all(after[key] == row for key, row in before.items()), "a finished run was done again"
        before = after
    return before, hits


if __name__ == "__main__":
    home = Path(sys.argv[1])
    budget.BUDGETS["quick"] = little_training()
    began = time.perf_counter()
    whole = play(home / "whole")
    # A tenth of the whole at most, however fast the machine: nearly every kill then comes before the end.
    before, hits = kill_often(home / "killed", int(sys.argv[2]), (time.perf_counter() - began) / 10)
    assert play(home / "killed") == whole, "other numbers after being killed"
    after = finished(home / "killed" / NAME)
    assert all(after[key] == row for key, row in before.items()), "a finished run was done again"
    assert set(after) == set(finished(home / "whole" / NAME)), "other runs"
    names = [path.name for path in (home / "killed").iterdir()]
    sys.stdout.write(
        f"{hits} kills in mid-run; {len(before)} of {len(after)} runs survived them; files: {sorted(names)}\n"
    )
