"""Rows of results that grow as a study goes on: it can be stopped at any row, and goes on behind it."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def known(path: Path) -> list[dict[str, str]]:
    """The rows there are by now, as text; none without a file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def add(path: Path, row: Mapping[str, Any]) -> None:
    """Writes a row behind those there are, and says it."""
    fresh = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        if fresh:
            writer.writeheader()
        writer.writerow(row)
    sys.stdout.write(f"{path.stem}: {row}\n")
    sys.stdout.flush()


def written(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows, of which there is at least one, as the text of a file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
