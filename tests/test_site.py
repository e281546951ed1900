"""The documentation builds with one command, without a network, and every link in it leads somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import bizgyms

ROOT = Path(__file__).parents[1]


def test_the_site_builds(tmp_path):
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "mkdocs",
        "build",
        "--strict",  # a link that leads nowhere is an error; only if warnings are not kept quiet
        "--site-dir",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for case in bizgyms.cases():
        page = (tmp_path / "cases" / f"{case.name}.html").read_text("utf-8")
        assert f"{case.name}.svg" in page
        assert next(iter(case.scenarios)) in page
        assert (tmp_path / "cases" / f"{case.name}.svg").stat().st_size > 1_000
    for page in tmp_path.rglob("*.html"):
        assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"(https?:[^\"]*)", page.read_text("utf-8")), page
