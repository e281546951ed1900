"""What a story can reach and change outside of its processes: globals, class attributes, variables around a function.

A script has one world, and may keep it anywhere. `bizgyms.own.copies` gives each world a copy of its own.
"""

from __future__ import annotations

import dataclasses
import dis
import functools
import random
import sys
import sysconfig
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import simpy

# What never changes, and what is taken for unchanging beyond this size: copies of a table for every world fill memory.
FIXED = (int, float, complex, str, bytes, bool, type(None), np.generic, range, types.BuiltinFunctionType, type(...))
MOST_BYTES = 100_000
# The generators behind the functions of `random` and `numpy.random`.
SHARED, SHARED_NUMPY = random.random.__self__, np.random.rand.__self__  # type: ignore[attr-defined]  # methods, in truth
OWN_GENERATORS = {"", "default_rng", "Generator", "SeedSequence", "RandomState", "PCG64", "MT19937"}
SHARED_NAMES = [name for name, value in vars(np.random).items() if getattr(value, "__self__", None) is SHARED_NUMPY]
GLOBAL_NUMPY = {f"random.{name}" for name in (*SHARED_NAMES, "seed", "ranf", "sample")}
ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
ASSIGNMENTS = ("STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR", "DELETE_ATTR", "STORE_DEREF")
LIBRARIES = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))


@dataclasses.dataclass(frozen=True)
class Spot:
    """A place that holds something.

    Attributes:
        name: as a reader of the model knows it, such as ``NOW`` or ``Customer.count``.
        home: a module's globals, a class, or a cell of a closure.
        key: the name there.
    """

    name: str
    home: Any
    key: str

    def get(self) -> Any:
        """What is there now."""
        if isinstance(self.home, dict):
            return self.home[self.key]
        return self.home.cell_contents if isinstance(self.home, types.CellType) else getattr(self.home, self.key)

    def put(self, value: Any) -> None:
        """Puts something else there."""
        if isinstance(self.home, dict):
            self.home[self.key] = value
        elif isinstance(self.home, types.CellType):
            self.home.cell_contents = value
        else:
            setattr(self.home, self.key, value)


class Reach:
    """All that a story can reach, found in its code.

    Args:
        story: the story.

    Attributes:
        spots: places whose content may change, and their content before any world has changed it.
        fixed: names of large tables, which all worlds share.
        generators: names of random generators, and of the modules ``random`` and ``numpy.random``.
        environments: places that hold the class ``simpy.Environment``.
        stored: names that some code assigns to.
        playing: the copies that are in place now; None before the first world.
    """

    def __init__(self, story: Callable[..., Any]) -> None:
        self.spots: list[tuple[Spot, Any]] = []
        self.fixed: list[str] = []
        self.generators: list[str] = []
        self.environments: list[Spot] = []
        self.stored: set[str] = set()
        self.playing: Any = None
        self._home = _folder(getattr(story, "__module__", ""))
        self._top = getattr(story, "__module__", "").partition(".")[0]
        self._seen: set[int] = set()
        self._found: list[tuple[Spot, Any]] = []
        self._visit_code(story)
        # Only now it is known to what names code assigns.
        self.spots = [(spot, value) for spot, value in self._found if self._may_change(spot, value)]

    def _may_change(self, spot: Spot, value: Any) -> bool:
        if isinstance(value, (np.ndarray, pd.DataFrame, pd.Series)) and _bytes(value) > MOST_BYTES:
            if spot.key not in self.stored:
                self.fixed.append(spot.name)
                return False
            return True
        return spot.key in self.stored or not _is_fixed(value) or shared_by(value) is not None

    def _mine(self, module: str) -> bool:
        """Whether a module is the user's own: of the story's package, or beside it."""
        if module == "" or module.partition(".")[0] == self._top:
            return True
        home = _folder(module)
        return bool(home) and home == self._home and not home.startswith(LIBRARIES)

    def _visit_code(self, thing: Any) -> None:
        thing = getattr(thing, "__wrapped__", None) or getattr(thing, "__func__", None) or thing
        if isinstance(thing, functools.partial):
            for part in (thing.func, *thing.args, *thing.keywords.values()):
                self._visit_value(part)
            return
        if getattr(thing, "__module__", "") == "bizgyms.own.script":  # it runs code that cannot be looked into
            self.generators += ["random", "numpy.random"]
        if (
            not isinstance(thing, types.FunctionType)
            or id(thing) in self._seen
            or not self._mine(thing.__module__ or "")
        ):
            return
        self._seen.add(id(thing))
        self._look_at_defaults(thing)
        uses = _uses(thing.__code__)
        self.stored |= uses.stored
        for name, attributes in sorted(uses.loaded.items()):
            if name in thing.__globals__:
                self._visit(Spot(name, thing.__globals__, name), thing.__globals__[name], attributes)
        for name, cell in zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True):
            try:
                self._visit(Spot(name, cell, name), cell.cell_contents, frozenset())
            except ValueError:  # nothing is in it yet
                continue

    def _look_at_defaults(self, function: types.FunctionType) -> None:
        """What a function keeps from call to call: defaults such as ``log=[]``, and attributes of its own."""
        for key in ("__defaults__", "__kwdefaults__"):
            value = getattr(function, key)
            if value is not None and not _is_fixed(tuple(value.values()) if isinstance(value, dict) else value):
                self._found.append((Spot(f"defaults of {function.__name__}()", function, key), value))
        if vars(function):
            self._found.append((Spot(f"attributes of {function.__name__}()", function, "__dict__"), vars(function)))

    def _visit(self, spot: Spot, value: Any, names: Iterable[str]) -> None:
        if isinstance(value, types.ModuleType):
            self._visit_module(value, names)
        elif isinstance(value, type) and issubclass(value, simpy.Environment):
            self.environments.append(spot)
        elif isinstance(value, (type, types.FunctionType, functools.partial)):
            self._visit_value(value)
        elif id(spot.home) + hash(spot.key) not in self._seen:
            self._seen.add(id(spot.home) + hash(spot.key))
            if is_generator(value) or shared_by(value) is not None:
                self.generators.append(spot.name)
            self._found.append((spot, value))
            self._visit_value(value)

    def _visit_module(self, module: types.ModuleType, attributes: Iterable[str]) -> None:
        """Looks at what code uses of a module: ``random.gauss``, ``config.NOW``, ``np.random.rand``."""
        used = set(attributes)
        if module is random:
            self.generators.append("random")
        elif (module is np.random and used - OWN_GENERATORS) or (module is np and used & GLOBAL_NUMPY):
            self.generators.append("numpy.random")
        if self._mine(module.__name__):
            for name in sorted(used & set(vars(module))):
                self._visit(Spot(f"{module.__name__}.{name}", vars(module), name), vars(module)[name], used)

    def _visit_value(self, value: Any) -> None:
        """Looks at the code of a function or class, and at that of the class of an object."""
        if isinstance(value, (types.FunctionType, types.MethodType, functools.partial)):
            self._visit_code(value)
            return
        kind = value if isinstance(value, type) else type(value)
        if id(kind) in self._seen or not self._mine(kind.__module__) or kind.__module__ == "builtins":
            return
        self._seen.add(id(kind))
        for base in kind.__bases__:
            self._visit_value(base)
        for name, part in list(vars(kind).items()):
            inner = part.fget if isinstance(part, property) else part
            if isinstance(inner, (types.FunctionType, classmethod, staticmethod)):
                self._visit_code(inner)
            elif not name.startswith("__") and not hasattr(part, "__get__"):
                self._visit(Spot(f"{kind.__name__}.{name}", kind, name), part, ())


def _folder(module: str) -> str:
    file = getattr(sys.modules.get(module), "__file__", None)
    return str(Path(file).resolve().parent) if file else ""


class Uses(NamedTuple):
    """What code uses that is not its own.

    Attributes:
        loaded: global names, each with the attributes it is asked for: ``np.random.rand`` is ``random.rand`` of ``np``.
        stored: names that it assigns to outside of its own variables; attributes too, as in ``Customer.count += 1``.
    """

    loaded: dict[str, frozenset[str]]
    stored: frozenset[str]


@functools.lru_cache(maxsize=4_096)
def _uses(code: types.CodeType) -> Uses:
    steps = list(dis.get_instructions(code))
    loaded: dict[str, set[str]] = {}
    for step, then, last in zip(steps, [*steps[1:], None], [*steps[2:], None, None], strict=True):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            names = loaded.setdefault(str(step.argval), set())
            chain = [str(other.argval) for other in (then, last) if other is not None and other.opname in ATTRIBUTES]
            names |= {*chain[:1], ".".join(chain)}
    stored = {str(step.argval) for step in steps if step.opname in ASSIGNMENTS}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner = _uses(constant)
            stored |= inner.stored
            for name, attributes in inner.loaded.items():
                loaded.setdefault(name, set()).update(attributes)
    return Uses({name: frozenset(attributes) for name, attributes in loaded.items()}, frozenset(stored))


def _is_fixed(value: Any) -> bool:
    if isinstance(value, (tuple, frozenset)):
        return all(map(_is_fixed, value))
    return isinstance(value, (*FIXED, dataclasses.Field)) or callable(value)


def _bytes(value: Any) -> int:
    return int(value.nbytes) if isinstance(value, np.ndarray) else int(np.sum(value.memory_usage(deep=False)))


def is_generator(value: Any) -> bool:
    """Whether something is a random generator."""
    return isinstance(value, (np.random.Generator, np.random.RandomState, random.Random))


def shared_by(value: Any) -> Any:
    """The generator that all Python shares, of which something is a method; None of anything else."""
    owner = getattr(value, "__self__", None)
    return owner if owner is SHARED or owner is SHARED_NUMPY else None
