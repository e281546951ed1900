"""The software that determines a run, as digests and versions."""

from __future__ import annotations

import hashlib
import importlib.metadata
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from bizgyms.registry import Case

PACKAGES = ("envs_data", "bizgyms", "baselines")


@cache
def code() -> dict[str, str]:
    """The software that determines a run: the three packages' version and contents, and the libraries' versions."""
    return {"bizgyms": _contents(), **{name: _version(name) for name in ("numpy", "torch", "stable-baselines3")}}


def code_of(case: Case) -> dict[str, str]:
    """The same for one case: for a user's own, the contents of its package or module too."""
    home = case.env.__module__.partition(".")[0]
    return code() if home in PACKAGES else {**code(), home: _contents_of_own(home)}


def own_code(case: Case) -> dict[str, str] | None:
    """Path and digest of a case that is a user's own; None of the package's, and of code that has no file."""
    home = case.env.__module__.partition(".")[0]
    file = getattr(sys.modules.get(home), "__file__", None)
    if home in PACKAGES or file is None:
        return None
    path = Path(file).resolve()
    return {"path": str(path.parent if path.name == "__init__.py" else path), "digest": _contents_of_own(home)}


@cache
def _contents_of_own(package: str) -> str:
    """A hash over the Python files of a user's package; a constant for code that was typed in and has no file."""
    path = getattr(sys.modules[package], "__file__", None)
    if path is None:
        return "no file"
    file = Path(path)
    paths = sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]
    # A virtual environment in the folder is not part of the case.
    files = [path for path in paths if not any(part.startswith(".") for part in path.relative_to(file.parent).parts)]
    return _hash(file.parent, files, hashlib.sha256())


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _contents() -> str:
    """A hash over the code and the hyperparameters of the three packages, so that a changed rule is a new run."""
    root = Path(__file__).parents[2]
    files = [path for package in PACKAGES for path in sorted((root / package).rglob("*"))]
    mine = [path for path in files if path.suffix in (".py", ".yml")]
    return _hash(root, mine, hashlib.sha256(_version("bizgyms").encode()))


def _hash(root: Path, files: Iterable[Path], begun: hashlib._Hash) -> str:
    """Continues a hash over the names and contents of files."""
    for path in files:
        begun.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return begun.hexdigest()[:16]
