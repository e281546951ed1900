"""Use cases of the user's own: the folder `bizgyms new` writes, and folders and modules named on the command line."""

from __future__ import annotations

import importlib
import importlib.util
import keyword
import re
import sys
import traceback
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

from bizgyms import registry
from bizgyms.registry import Case
from envs_data.parameters import unknown_name

NAME = re.compile(r"[a-z][a-z0-9_]*")


class OwnCaseError(ValueError):
    """A folder or module without a use case, or a name that cannot be one; the message says what would be right."""


def write_new(name: str, where: Path, model: Path | None = None) -> Path:
    """Writes a small use case that runs at once.

    Args:
        name: its name, which becomes a folder and a Python package.
        where: the folder to put it into.
        model: a SimPy script to write it around; None for a story of its own.

    Returns:
        The new folder.

    Raises:
        OwnCaseError: the name is no name of a package, or is taken; or the script cannot be played.
    """
    import jinja2

    problem = name_problem(name, where)
    if problem:
        raise OwnCaseError(problem)
    seen_there = {} if model is None else _found_in(model)
    words = {
        **seen_there,
        "name": name,
        "class_name": "".join(part.capitalize() for part in name.split("_")),
        "title": name.replace("_", " ").strip().capitalize(),
    }
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)
    texts = {
        environment.from_string(template.name.removesuffix(".jinja")).render(words): environment.from_string(
            template.read_text("utf-8")
        ).render(words)
        for template in resources.files("baselines.cli")
        .joinpath("new_case" if model is None else "new_model")
        .iterdir()
        if template.name.endswith(".jinja")
    }
    folder = where / name
    folder.mkdir()
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8")
    if model is not None:
        (folder / "model.py").write_bytes(model.read_bytes())
    return folder


def _found_in(model: Path) -> dict[str, Any]:
    """What a use case around a script is filled with: what one run of it shows.

    Raises:
        OwnCaseError: the script cannot be played, or has nothing that could be decided.
    """
    from bizgyms.own.script import look_at
    from envs_data.world import WorldError

    if not model.is_file():
        raise OwnCaseError(f"{model}: there is no such file")
    try:
        look = look_at(model)
    except WorldError as error:
        raise OwnCaseError(f"{model}: {error} See docs/your-model.md for a story by hand") from None
    except Exception as error:
        raise OwnCaseError(
            f"{model}: it fails: {type(error).__name__}: {error}{_line(error, model.resolve())}"
        ) from None
    # Half of what a slot earns now, so that more slots are worth it at times and not always.
    wage = 10.0 * look.served / max(look.slot_time, 1e-9) / 2
    rounded = {"wage": float(f"{wage:.2g}"), "every": float(f"{look.until / 20:.2g}"), "until": look.until}
    return {**rounded, "slots": look.slots, "most": max(2 * look.slots, 3)}


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
    """Whether a word of the command line names a folder, file or module of code, or one of its cases after a colon."""
    code, _ = _parts(name)
    if Path(code).is_dir():
        return (Path(code) / "__init__.py").is_file()
    if code.endswith(".py"):
        return True
    return all(part.isidentifier() for part in code.split(".")) and (":" in name or _findable(code))


def _parts(name: str) -> tuple[str, str]:
    """The code, and the case within it: ``shop.py:CASE``, ``shop:mine/Shop-v0``; empty where none is named."""
    code, colon, case = name.rpartition(":")
    return (code, case) if colon and len(code) > 1 else (name, "")


def load_own(name: str) -> list[Case]:
    """Runs the code of a folder, file or module, which registers its use cases.

    Args:
        name: path of a folder with an ``__init__.py`` or of a Python file, or a module's name; perhaps a colon and the
            id or the variable of one of its cases.

    Returns:
        The cases of that package, in the order of their registration; the one named, where one is.

    Raises:
        OwnCaseError: no such code, code that fails, another package of the same name, or code that registers nothing.
    """
    code, wanted = _parts(name)
    module, home = _imported(code)
    package = module.__name__.partition(".")[0]
    cases = [case for case in registry.cases() if case.env.__module__.partition(".")[0] == package]
    if wanted:
        return [_wanted(module, wanted, name)]
    if not cases:
        raise OwnCaseError(f"{code}: its code registers no case; write bizgyms.add(bizgyms.Case(...)) in {home}")
    return cases


def _imported(code: str) -> tuple[ModuleType, str]:
    """The module of a folder, file or name; and where its cases are made, in words."""
    path = Path(code).resolve() if Path(code).is_dir() or code.endswith(".py") else None
    if path is not None and not path.exists():
        raise OwnCaseError(f"{code}: there is no such file")
    if path is not None and not path.stem.isidentifier():
        raise OwnCaseError(f"{code}: {path.stem!r} cannot be a module's name; rename it with letters, digits and _")
    # Last, so that no file beside the code is taken for a library.
    folder = str(path.parent if path is not None else Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)
    module_name = code if path is None else path.stem
    if path is None and not _findable(code):
        raise OwnCaseError(f"{code}: there is no module of that name, here ({Path.cwd()}) or installed")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise OwnCaseError(f"{code}: its code fails: {type(error).__name__}: {error}{_line(error, path)}") from error
    file = Path(module.__file__ or "").resolve()
    if path is not None and path not in (file, file.parent):
        raise OwnCaseError(f"{code}: another module of the same name comes first: {file}; rename yours")
    return module, file.name


def _line(error: Exception, path: Path | None) -> str:
    """The line of the user's own code on which it failed, in brackets."""
    steps = [(Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    mine = [f" ({file.name}, line {line})" for file, line in steps if path is not None and path in (file, file.parent)]
    return mine[-1] if mine else ""


def _wanted(module: ModuleType, wanted: str, name: str) -> Case:
    """One case of a module, by id, name or variable; or a plain environment that it registers with Gymnasium."""
    from baselines.agents import case_of
    from bizgyms import from_gym

    found = getattr(module, wanted, None)
    if isinstance(found, Case):
        return found
    if any(case.is_called(wanted) for case in registry.cases()) or from_gym.is_gym_id(wanted):
        return case_of(wanted)
    variables = [name for name, value in vars(module).items() if isinstance(value, Case)]
    mine = [case.id for case in registry.cases() if case.env.__module__ == module.__name__]
    raise OwnCaseError(f"{name}: {unknown_name('case', wanted, [*variables, *mine])}")


def _findable(module: str) -> bool:
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
