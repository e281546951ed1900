"""`bizgyms new`: what it writes runs at once, and folders of code are taken wherever an id is."""

import json
import subprocess
import sys

import pytest

from baselines.cli import main

NAMES = ("a", "corner_kiosk", "distribution_centre")


def run(folder, *words):
    done = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert [main(["new", name]) for name in NAMES] == [0, 0, 0]
    return folder


def test_what_it_writes_passes_ruff(home):
    rules = "E,F,W,I,N,UP,B,SIM,RET"
    assert "All checks passed" in run(home, "ruff", "check", "--isolated", "--select", rules, *NAMES)
    assert "already formatted" in run(home, "ruff", "format", "--isolated", "--check", *NAMES)


@pytest.mark.slow
def test_what_it_writes_passes_mypy(home):
    run(home, "mypy", "--strict", "--cache-dir", "cache", "corner_kiosk")


def test_what_it_writes_passes_its_own_tests(home):
    assert "2 passed" in run(home, "pytest", "-q", "-p", "no:cacheprovider", "corner_kiosk")


COMMANDS = """
from baselines.cli import main

for words in (
    ["check", "./corner_kiosk"],
    ["score", "corner_kiosk/", "--scenario", "fortnight.json", "--agents", "rules", "--episodes", "20"],
    ["list", "./corner_kiosk"],
    ["show", "./corner_kiosk"],
):
    assert main(words) == 0, words
    print("====")
"""


def test_a_folder_stands_for_its_case(home):
    # A fortnight instead of a quarter: rules are tuned event by event.
    fortnight = {"case": "corner_kiosk/CornerKiosk-v0", "parameters": {"days": 14}}
    (home / "fortnight.json").write_text(json.dumps(fortnight))
    (home / "commands.py").write_text(COMMANDS)
    checked, board, listed, shown, _ = run(home, "commands").split("====")
    assert "22 checks passed" in checked
    assert "best rule: fill-up" in board
    assert "What is possible is unknown; best known so far" in board
    assert "what could be gained at most is not known" in board.replace("How much could", "what could")
    assert "has draw, rules; without twin, reference, fit, generate" in listed
    assert "mean of a weekday" in shown


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("My-Case", "small letters, digits and _"),
        ("class", "small letters, digits and _"),
        ("json", "name of an installed package"),
        ("../there", "small letters, digits and _"),
    ],
)
def test_an_impossible_name_is_refused(name, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", name]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_taken_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stall").mkdir()
    assert main(["new", "stall"]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "words"),
    [("1 / 0", "its code fails: ZeroDivisionError"), ("x = 1", "registers no case; write bizgyms.add")],
)
def test_code_that_is_no_case_says_so(code, words, tmp_path, monkeypatch, capsys):
    package = f"own_{abs(hash(code)) % 10**8}"
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert main(["check", f"./{package}"]) == 2
    assert words in capsys.readouterr().err
