"""The facts of a report as plain JSON, saved beside the board so that the page can be made again at any time."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from baselines.runs.run_file import RunFileError
from envs_data.parameters import Origin, Scenario

FACTS = "board.json"
FORMAT = 1
KINDS = ("fitted", "known", "assumed", "preset")
ENTRIES_SHOWN = 12


def fields(scenario: Scenario) -> list[dict[str, str]]:
    """Every field with its value, unit, meaning and origin; fitted fields first, presets last."""
    values = scenario.parameters.to_dict()
    found = []
    for name, quantity in scenario.parameters.quantities().items():
        origin = scenario.origins.get(name, Origin("preset"))
        error = "" if origin.stderr is None else short(origin.stderr)
        known = {"name": name, "value": short(values[name]), "unit": quantity.unit, "meaning": quantity.meaning}
        found.append({**known, "kind": origin.kind, "error": error, "note": origin.note})
    return sorted(found, key=lambda field: KINDS.index(field["kind"]))


def short(value: object, brackets: str = "") -> str:
    """A value as a reader wants it: four digits, the first entries of a list.

    Args:
        value: the value.
        brackets: what stands around a list, such as ``[]``; without them an empty list is ``none``.
    """
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return str(value.get("name", f"{len(value)} fields"))
    if isinstance(value, (list, tuple)):
        shown = [short(entry, brackets) for entry in value[:ENTRIES_SHOWN]]
        text = ", ".join([*shown, "..."] if len(value) > len(shown) else shown)
        return f"{brackets[0]}{text}{brackets[1]}" if brackets else text or "none"
    return str(value)


def plain(value: Any) -> Any:
    """JSON without infinities, which not every reader accepts."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


def read(folder: Path) -> dict[str, Any]:
    """The facts that `write` saved in a folder.

    Raises:
        RunFileError: the folder holds none, or damaged ones.
    """
    path = folder / FACTS
    if not folder.is_dir():
        raise RunFileError(f"{folder}: no such folder; name one that bizgyms score wrote, such as runs/0001")
    if not path.is_file():
        boards = sorted(str(found.parent) for found in folder.glob(f"*/{FACTS}"))
        hint = f"name one of {', '.join(boards)}" if boards else f"make one with: bizgyms score ... --out {folder}"
        raise RunFileError(f"{folder}: no finished board is in it; {hint}")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise RunFileError(f"{path}: not a board of this version, or a damaged one; score again with --out {folder}")
    return found
