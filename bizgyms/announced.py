"""Cases of other installed packages, which these announce as entry points."""

from __future__ import annotations

import warnings
from importlib.metadata import EntryPoint, entry_points

from bizgyms.registry import Case, add

GROUP = "bizgyms.cases"


class AnnouncedCaseWarning(UserWarning):
    """An installed package announces a case that cannot be loaded."""


def add_announced() -> None:
    """Registers every case that an installed package announces.

    A package does so in its ``pyproject.toml``: ``[project.entry-points."bizgyms.cases"]`` and a line
    ``bakery = "acme.bakery:CASE"`` for each `Case`. What cannot be loaded is said once and left out: somebody else's
    mistake shall not stop everything.
    """
    for entry in entry_points(group=GROUP):
        problem = _add(entry)
        if problem:
            package = entry.dist.name if entry.dist is not None else "a package"
            message = f"{package} announces {entry.name} = {entry.value!r} in {GROUP}, but {problem}"
            warnings.warn(message, AnnouncedCaseWarning, stacklevel=2)


def _add(entry: EntryPoint) -> str:
    """Registers one case; returns what is wrong with it, or an empty string."""
    try:
        found = entry.load()
    except Exception as error:
        return f"its code fails: {type(error).__name__}: {error}"
    if not isinstance(found, Case):
        return f"that is a {type(found).__name__}, not a bizgyms.Case"
    add(found)
    return ""
