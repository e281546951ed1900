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


def test_the_page_of_models_shows_what_changed() -> None:
    page = (EXAMPLES.parent / "docs" / "your-model.md").read_text("utf-8")
    shown = dict(re.findall(r"<!-- (\w+) -->\n```diff\n(.*?)\n```", page, re.DOTALL))
    models = EXAMPLES / "models"
    assert set(shown) == {file.stem for file in (models / "originals").glob("[a-z]*.py")}
    for name, told in shown.items():
        before, after = (file.read_text("utf-8").splitlines() for file in _pair(models, name))
        changed = difflib.unified_diff(before, after, lineterm="", n=0)
        lines = [line.rstrip() for line in changed if not line.startswith(("---", "+++", "@@"))]
        assert told.splitlines() == lines


def _pair(models: Path, name: str) -> tuple[Path, Path]:
    return models / "originals" / f"{name}.py", models / f"{name}.py"


def test_the_tutorial_shows_what_is_there() -> None:
    page = (EXAMPLES.parent / "docs" / "tutorial.md").read_text("utf-8")
    code = "".join(file.read_text("utf-8") for file in (EXAMPLES / "grown_bakery").glob("*.py"))
    shown = re.findall(r"```py\n(.*?)```", page, re.DOTALL)
    assert len(shown) >= 6
    for excerpt in shown:
        assert excerpt in code
