"""The worked examples pass their own tests, and each says what it is there to say."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"
FOLDERS = sorted(path.name for path in EXAMPLES.iterdir() if (path / "__init__.py").is_file())


def test_the_examples_pass_their_own_tests() -> None:
    """In a process of their own: they stand on nothing but the installed packages."""
    assert len(FOLDERS) >= 4
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(EXAMPLES), *sys.path])}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", *FOLDERS]
    done = subprocess.run(command, cwd=EXAMPLES, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_bakery_is_a_page() -> None:
    lines = [line for file in (EXAMPLES / "bakery").glob("*.py") for line in file.read_text("utf-8").splitlines()]
    assert len(lines) <= 60


def test_a_simpy_model_needs_fifteen_lines() -> None:
    before, after = ((EXAMPLES / "from_simpy" / name).read_text("utf-8") for name in ("original.py", "__init__.py"))
    lines = [line[0] for line in difflib.ndiff(before.splitlines(), after.splitlines())]
    assert lines.count("+") <= 15


def test_the_tutorial_shows_what_is_there() -> None:
    page = (EXAMPLES.parent / "docs" / "tutorial.md").read_text("utf-8")
    code = "".join(file.read_text("utf-8") for file in (EXAMPLES / "grown_bakery").glob("*.py"))
    shown = re.findall(r"```py\n(.*?)```", page, re.DOTALL)
    assert len(shown) >= 6
    for excerpt in shown:
        assert excerpt in code
