"""Use cases of the user's own: the folder `bizgyms new` writes, and folders and modules named on the command line."""

from __future__ import annotations

import importlib
import importlib.util
import keyword
import re
import sys
from importlib import resources
from pathlib import Path

from bizgyms import registry
from bizgyms.registry import Case

NAME = re.compile(r"[a-z][a-z0-9_]*")


class OwnCaseError(ValueError):
    """A folder or module without a use case, or a name that cannot be one; the message says what would be right."""


def write_new(name: str, where: Path) -> Path:
    """Writes a small use case that runs at once.

    Args:
        name: its name, which becomes a folder and a Python package.
        where: the folder to put it into.

    Returns:
        The new folder.

    Raises:
        OwnCaseError: the name is no name of a package, or is taken.
    """
    import jinja2

    problem = name_problem(name, where)
    if problem:
        raise OwnCaseError(problem)
    words = {
        "name": name,
        "class_name": "".join(part.capitalize() for part in name.split("_")),
        "title": name.replace("_", " ").strip().capitalize(),
    }
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)
    texts = {
        environment.from_string(template.name.removesuffix(".jinja")).render(words): environment.from_string(
            template.read_text("utf-8")
        ).render(words)
        for template in resources.files("baselines.cli").joinpath("new_case").iterdir()
        if template.name.endswith(".jinja")
    }
    folder = where / name
    folder.mkdir()
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def name_problem(name: str, where: Path) -> str | None:
    """The problem with the name of a new use case; None for a good name."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        return f"{name!r} cannot be a package's name: small letters, digits and _, beginning with a letter: my_case"
    if (where / name).exists():
        return f"{where / name} is there already; choose another name, or move it away"
    if importlib.util.find_spec(name) is not None:
        return f"{name!r} is the name of an installed package; choose another"
    return None


def is_own(name: str) -> bool:
    """Whether a word of the command line names a folder or module of code."""
    if Path(name).is_dir():
        return (Path(name) / "__init__.py").is_file()
    return all(part.isidentifier() for part in name.split(".")) and _findable(name)


def load_own(name: str) -> list[Case]:
    """Runs the code of a folder or module, which registers its use cases.

    Args:
        name: path of a folder with an ``__init__.py``, or a module's name.

    Returns:
        The cases of that package, in the order of their registration.

    Raises:
        OwnCaseError: code that fails, another package of the same name, or code that registers nothing.
    """
    folder = Path(name).resolve() if Path(name).is_dir() else None
    if folder is not None and str(folder.parent) not in sys.path:
        # Last, so that no file beside the folder is taken for a library.
        sys.path.append(str(folder.parent))
    module_name = name if folder is None else folder.name
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise OwnCaseError(f"{name}: its code fails: {type(error).__name__}: {error}") from error
    home = Path(module.__file__ or "").resolve().parent
    if folder is not None and home != folder:
        raise OwnCaseError(f"{name}: another package of the same name comes first: {home}; rename the folder")
    package = module_name.partition(".")[0]
    cases = [case for case in registry.cases() if case.env.__module__.partition(".")[0] == package]
    if not cases:
        raise OwnCaseError(f"{name}: its code registers no case; write bizgyms.add(bizgyms.Case(...)) in __init__.py")
    return cases


def _findable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
