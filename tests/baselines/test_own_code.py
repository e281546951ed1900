"""Runs of a user's own case belong to the code of its folder."""

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
CODE = "import bakery; from baselines.runs.code import code_of; import bizgyms; print(code_of({}))"


def key(folder, case="bizgyms.case('Bakery')"):
    path = os.pathsep.join([str(folder), *sys.path])
    command = [sys.executable, "-c", CODE.format(case)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True)
    return done.stdout


def test_an_edited_world_is_another_run(tmp_path):
    (tmp_path / "bakery").mkdir()
    file = tmp_path / "bakery" / "__init__.py"
    file.write_text((EXAMPLES / "bakery" / "__init__.py").read_text())
    before, shipped = key(tmp_path), key(tmp_path, "bizgyms.case('RestockItem')")
    assert key(tmp_path) == before
    (tmp_path / "bakery" / "notes.txt").write_text("not code")
    assert key(tmp_path) == before
    file.write_text(file.read_text().replace("3.0", "3.1"))
    assert key(tmp_path) != before
    assert key(tmp_path, "bizgyms.case('RestockItem')") == shipped
