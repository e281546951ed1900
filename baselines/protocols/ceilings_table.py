"""The committed table of ceilings: what could be gained in each shipped scenario."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

CEILINGS = Path(__file__).parents[1] / "ceilings.csv"


@cache
def ceilings() -> dict[tuple[str, str], dict[str, str]]:
    """What could be gained in each shipped scenario: columns of `baselines.protocols.ceilings` by case and scenario."""
    if not CEILINGS.exists():
        return {}
    with CEILINGS.open(encoding="utf-8", newline="") as file:
        return {(row["case"], row["scenario"]): row for row in csv.DictReader(file)}
