"""Every Python snippet of the README and the docs runs as it stands."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import gymnasium
import pytest

from baselines.play import experiment
from baselines.play.budget import BUDGETS
from bizgyms import registry

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SLOW = {"benchmark.md-0"}  # trains for a benchmark, of which test_benchmark.py tests every part
SNIPPETS = [
    pytest.param(snippet, id=f"{page.name}-{k}", marks=[pytest.mark.slow] if f"{page.name}-{k}" in SLOW else [])
    for page in PAGES
    for k, snippet in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
]


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_snippet_runs(snippet: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With trainings a tenth as long, by one process: whether a snippet runs does not depend on how much is learned."""
    monkeypatch.chdir(tmp_path)
    quick = BUDGETS["quick"]
    steps = {kind: count // 10 for kind, count in quick.steps.items()}
    monkeypatch.setattr(experiment, "CORES", 1)
    monkeypatch.setitem(BUDGETS, "quick", dataclasses.replace(quick, trainings=2, steps=steps))
    known = [(kept, {*kept}) for kept in (registry._cases, gymnasium.registry)]
    try:
        exec(compile(snippet, "snippet", "exec"), {"__name__": "__main__"})
    finally:
        for kept, before in known:  # a case of the snippet's own is no case of this package
            for name in {*kept} - before:
                del kept[name]
    assert not list(tmp_path.glob("*.pkl"))
