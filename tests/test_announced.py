"""Installed packages announce their cases."""

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


def listed(tmp_path, lines):
    """What a fresh Python sees of a package that is installed beside the others."""
    about = tmp_path / "acme-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[bizgyms.cases]\n" + lines)
    code = "import bizgyms; print([case.id for case in bizgyms.cases()][-1])"
    path = os.pathsep.join([str(tmp_path), str(EXAMPLES), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    return done.stdout.split()[0], done.stderr


def test_an_announced_case_is_there_after_import(tmp_path):
    assert listed(tmp_path, "wash = from_simpy:CASE\n") == ("examples/Wash-v0", "")


def test_what_cannot_be_loaded_is_said_and_left_out(tmp_path):
    last, said = listed(tmp_path, "wash = from_simpy:CASE\nbad = from_simpy:PATIENCE\nworse = nowhere:CASE\n")
    assert last == "examples/Wash-v0"
    assert "acme announces bad = 'from_simpy:PATIENCE' in bizgyms.cases, but that is a int, not a bizgyms.Case" in said
    assert "No module named 'nowhere'" in said
