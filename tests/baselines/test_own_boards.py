"""Boards of one's own cases: from a script to a decision, by the words that a user types."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODEL = '''"""A desk."""
import random
import simpy

done = []


def customer(env, desk):
    with desk.request() as turn:
        yield turn
        yield env.timeout(random.expovariate(1 / 2))
        done.append(env.now)


def arrivals(env, desk):
    while True:
        yield env.timeout(random.expovariate(1))
        env.process(customer(env, desk))


env = simpy.Environment()
desk = simpy.Resource(env, 2)
env.process(arrivals(env, desk))
env.run(until=40)
print("served", len(done))
'''
COMMANDS = """
import sys
from baselines.cli import main

for words in sys.argv[1:]:
    print(f"<{main(words.split())}>")
    print(file=sys.stderr, flush=True)
"""


def typed(folder, *commands):
    """What commands print in one process, and their statuses."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    words = [sys.executable, "-c", COMMANDS, *commands]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "desk.py").write_text(MODEL)
    score = "score ./shop --scenario mine.json --agents random --episodes 4 --quiet --out runs/a"
    out, said = typed(folder, "new shop --from desk.py", "check shop:CASE", "show ./shop -o mine.json", score)
    assert out.count("<0>") == 4, out + said
    assert "bizgyms score ./shop --scenario mine.json" in out
    assert "note     random, numpy.random: each world has one of its own" in out
    assert f"Code of the case: {folder / 'shop'}, digest " in out
    assert "the same seeds for everyone" in out
    return folder


def test_a_board_is_asked_once_its_code_is_named(home):
    state = "waiting=3 busy=2 time=10"
    out, said = typed(home, f"decide runs/a {state}", f"decide runs/a --code ./shop {state}", "score mine.json")
    assert out.count("<2>") == 2
    assert "runs/a: its case shop/Shop-v0 is code of your own in " in said
    assert f"name it again: --code {home / 'shop'}" in said
    assert "of a case of your own, name the code: bizgyms score CODE --scenario mine.json" in said
    assert "Shop: waiting 3 number, busy 2 number, time 10 number" in out
    assert "the same seeds" in (home / "runs/a/report.html").read_text("utf-8")


def test_code_that_has_changed_is_said(home):
    file = home / "shop" / "__init__.py"
    kept = file.read_text("utf-8")
    file.write_text(kept + "# changed\n")
    try:
        _, said = typed(home, "decide runs/a --code ./shop waiting=3 busy=2 time=10")
    finally:
        file.write_text(kept)
    assert "the code of shop/Shop-v0 has changed since (it was " in said


def test_what_cannot_be_found_or_played_is_a_sentence(home):
    (home / "empty.py").write_text("import simpy\nsimpy.Environment().run()\n")
    (home / "broken.py").write_text("import simpy\n1 / 0\n")
    words = (
        "check nowhere:CASE",
        "check nowhere.py",
        "check shop:CAES",
        "new a --from empty.py",
        "new a --from broken.py",
    )
    out, said = typed(home, *words)
    assert out.count("<2>") == 5
    assert "Traceback" not in said
    assert f"nowhere: there is no module of that name, here ({Path(home)}) or installed" in said
    assert "nowhere.py: there is no such file" in said
    assert "unknown case 'CAES'; did you mean 'CASE'?" in said
    assert "empty.py makes no simpy.Resource before env.run()" in said
    assert "broken.py: it fails: ZeroDivisionError: division by zero (broken.py, line 2)" in said
