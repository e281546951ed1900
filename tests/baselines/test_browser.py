"""The report in a real browser: nothing wider than the window, no errors, every picture described."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import baselines
from baselines.play import budget
from tests.baselines.small import SHOP, little_training

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Tells how wide the page wants to be, as the last thing in it.
PROBE = """<script>
addEventListener("load", () => {
  const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest("pre"));
  const probe = document.createElement("p");
  probe.id = "probe";
  probe.textContent = [innerWidth, document.documentElement.scrollWidth, wide.map(e => e.tagName).join(" ")].join("|");
  document.body.append(probe);
});
</script>"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium is installed")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(budget.BUDGETS, "quick", little_training())
        board = baselines.score(
            "RestockItem", ["rules", "tabular"], SHOP, episodes=40, out=folder, say=lambda line: None, anyway=True
        )
    assert board.insight is not None
    text = (folder / "report.html").read_text("utf-8")
    assert len(text.encode()) < 1_000_000
    probed = folder / "probed.html"
    probed.write_text(text.replace("</body>", PROBE + "</body>"), "utf-8")
    return probed


def browse(page: Path, width: int, *what: str) -> subprocess.CompletedProcess[str]:
    quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr"]
    where = [f"--user-data-dir={page.parent / 'profile'}", f"--window-size={width},2000", "--virtual-time-budget=2000"]
    command = [str(BROWSER), *quiet, *where, *what, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.mark.parametrize("width", [1200, 500])
def test_nothing_overflows_and_nothing_is_logged(page, width):
    done = browse(page, width, "--dump-dom")
    inner, wanted, wide = re.search(r'id="probe">(\d+)\|(\d+)\|([^<]*)<', done.stdout).groups()
    assert int(wanted) <= int(inner), wide
    assert wide == ""
    assert "CONSOLE" not in done.stderr


@pytest.mark.parametrize("width", [1200, 500])
def test_it_can_be_pictured(page, width, tmp_path):
    shot = tmp_path / "shot.png"
    browse(page, width, f"--screenshot={shot}")
    assert shot.stat().st_size > 20_000


def test_every_picture_says_what_it_shows(page):
    pictures = re.findall(r"<svg[^>]*>", page.read_text("utf-8"))
    assert len(pictures) >= 6
    for picture in pictures:
        assert "aria-label=" in picture or 'aria-hidden="true"' in picture
