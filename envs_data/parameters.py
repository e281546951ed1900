"""Parameters of a case: frozen, with a unit behind every field, checked at birth, and at home in a JSON file."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, get_args

OriginKind = Literal["fitted", "known", "assumed", "preset"]


class ParameterError(ValueError):
    """Parameters that cannot be. Holds every problem found, one sentence each.

    Attributes:
        problems: what is wrong and what would be right, one sentence a problem.
    """

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))

    def __reduce__(self) -> tuple[type[ParameterError], tuple[str, tuple[str, ...]]]:
        return type(self), (self.where, self.problems)


@dataclasses.dataclass(frozen=True)
class Quantity:
    """What a field measures.

    Attributes:
        unit: the unit, in words.
        meaning: what the number says about the business.
        low: smallest value allowed (inclusive).
        high: largest value allowed (inclusive).
        choices: the words allowed, for a field that is a word.
        lengths: the numbers of entries allowed, for a field that is a list.
    """

    unit: str
    meaning: str
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    lengths: tuple[int, ...] = ()

    def problem(self, name: str, value: object) -> str | None:
        """Says what is wrong with ``value`` for the field ``name``, or returns None."""
        if isinstance(value, tuple):
            return self._list_problem(name, value)
        if self.choices:
            return None if value in self.choices else self._choice_problem(name, value)
        if isinstance(value, str):
            return None
        return self._number_problem(name, value)

    def _choice_problem(self, name: str, value: object) -> str:
        return f"{name} is {value!r}; it must be one of {', '.join(self.choices)}"

    def _list_problem(self, name: str, value: tuple[object, ...]) -> str | None:
        if self.lengths and len(value) not in self.lengths:
            wanted = " or ".join(str(n) for n in self.lengths)
            return f"{name} has {len(value)} entries; it must have {wanted} ({self.unit})"
        found = (self._entry_problem(f"{name}[{i}]", entry) for i, entry in enumerate(value))
        return next((problem for problem in found if problem), None)

    def _entry_problem(self, name: str, entry: object) -> str | None:
        if isinstance(entry, tuple):
            return next((p for i, e in enumerate(entry) if (p := self._entry_problem(f"{name}[{i}]", e))), None)
        return self._number_problem(name, entry)

    def _number_problem(self, name: str, value: object) -> str | None:
        if isinstance(value, (int, float)) and math.isfinite(value) and self.low <= value <= self.high:
            return None
        return f"{name} is {value!r}; it must be {self.range()} ({self.unit})"

    def range(self) -> str:
        """The values allowed, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if math.isinf(self.low) and math.isinf(self.high):
            return "a finite number"
        if math.isinf(self.high):
            return f"at least {self.low:g}"
        return f"between {self.low:g} and {self.high:g}"


def quantity(
    default: Any,
    unit: str,
    meaning: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    choices: tuple[str, ...] = (),
    lengths: tuple[int, ...] = (),
) -> Any:
    """A dataclass field that carries its `Quantity`.

    Returns Any, as ``dataclasses.field`` does for the type checker: the annotation of the field is its type.
    """
    return dataclasses.field(
        default=default, metadata={"quantity": Quantity(unit, meaning, low, high, choices, lengths)}
    )


@dataclasses.dataclass(frozen=True)
class Parameters:
    """Base of every case's parameters.

    A subclass names its case in ``case`` and declares each field with `quantity`. Relations between fields go into
    `problems`. Wrong values raise one `ParameterError` that lists every problem.
    """

    case: ClassVar[str] = ""

    def __post_init__(self) -> None:
        problems = [*self._field_problems()]
        if not problems:
            problems = [*self.problems()]
        if problems:
            raise ParameterError(self.label(), problems)

    @classmethod
    def label(cls) -> str:
        """The name users know the case by, for messages."""
        return cls.case or cls.__name__

    @classmethod
    def quantities(cls) -> dict[str, Quantity]:
        """The `Quantity` of every field, by field name."""
        return {f.name: f.metadata["quantity"] for f in dataclasses.fields(cls) if "quantity" in f.metadata}

    def named_quantities(self) -> dict[str, Quantity]:
        """The `Quantity` of everything that may have an origin of its own.

        Every field; and where fields hold parameters with names, such as the items of a box, ``field`` stands for that
        field of all of them, and ``field.NAME`` for one's.
        """
        fields = dataclasses.fields(self)
        found = {f.name: f.metadata.get("quantity", Quantity("", "")) for f in fields}
        for entry in (entry for f in fields if "nested" in f.metadata for entry in getattr(self, f.name)):
            own = entry.named_quantities()
            found = {**own, **{f"{name}.{entry.name}": q for name, q in own.items() if "name" in own}, **found}
        return found

    def problems(self) -> Iterable[str]:
        """What is impossible between fields, one sentence a problem. Overridden where fields depend on each other."""
        return ()

    def _field_problems(self) -> Iterable[str]:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            wrong_type = _type_problem(field, value)
            if wrong_type:
                yield wrong_type
            elif "quantity" in field.metadata and "nested" not in field.metadata:
                problem = field.metadata["quantity"].problem(field.name, value)
                if problem:
                    yield problem

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, strings, lists and dicts that JSON keeps exactly."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Builds parameters from `to_dict`'s form; fields left out keep their defaults.

        Raises:
            ParameterError: unknown fields (with the nearest name) and impossible values, all at once.
        """
        fields = {f.name: f for f in dataclasses.fields(cls)}
        unknown = [unknown_name("field", name, fields) for name in values if name not in fields]
        known, problems = {}, unknown
        for name in (name for name in values if name in fields):
            try:
                known[name] = _rich(fields[name], values[name], name)
            except ParameterError as error:
                problems += error.problems
        try:
            parameters = cls(**known)
        except ParameterError as error:
            raise ParameterError(cls.label(), [*problems, *error.problems]) from None
        if problems:
            raise ParameterError(cls.label(), problems)
        return parameters

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, checked as at birth."""
        return type(self).from_dict({**self.to_dict(), **changes})


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where a field's value comes from.

    Attributes:
        kind: ``fitted`` from a table, ``known`` to the user, ``assumed`` for want of both, or ``preset``.
        stderr: standard error of a fitted value; None otherwise.
        note: one sentence on how, for the report.
    """

    kind: OriginKind
    stderr: float | tuple[float, ...] | None = None
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Scenario:
    """Parameters with the story of where they come from: what a scenario file holds.

    Attributes:
        parameters: the parameters.
        origins: origin by name out of `Parameters.named_quantities`; a field without one is ``preset``.
        draws: parameter changes drawn from the fit's uncertainty, each a dict of fields to values.
        notes: what the fit has to say beside the numbers (such as the back-test), plain JSON.
    """

    parameters: Parameters
    origins: Mapping[str, Origin] = dataclasses.field(default_factory=dict)
    draws: tuple[Mapping[str, Any], ...] = ()
    notes: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: case, parameters, origins, draws, notes."""
        preset = Origin("preset")
        names = [f.name for f in dataclasses.fields(self.parameters)]
        return {
            "case": self.parameters.case,
            "parameters": self.parameters.to_dict(),
            "origins": {name: _plain_origin(o) for name, o in {**dict.fromkeys(names, preset), **self.origins}.items()},
            "draws": [{k: _plain(v) for k, v in draw.items()} for draw in self.draws],
            "notes": dict(self.notes),
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the scenario file whole or not at all."""
        write_whole(path, json.dumps(self.to_dict(), indent=2) + "\n")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], parameters_type: type[Parameters]) -> Scenario:
        """Reads `to_dict`'s form for one case.

        Raises:
            ParameterError: another case's file, unknown keys or impossible values.
        """
        allowed = ("case", "parameters", "origins", "draws", "notes")
        problems = [unknown_name("key", key, allowed) for key in values if key not in allowed]
        if values.get("case") != parameters_type.case:
            problems.append(f"it is a scenario of {values.get('case')!r}, not of {parameters_type.case!r}")
        problems += [f"{key} is {values[key]!r}; it must be an object" for key in _not_objects(values)]
        if problems:
            raise ParameterError("scenario", problems)
        parameters = parameters_type.from_dict(values.get("parameters", {}))
        problems = [*_origin_problems(values.get("origins", {}), parameters.named_quantities())]
        if problems:
            raise ParameterError("scenario", problems)
        return cls(
            parameters=parameters,
            origins={name: Origin(**_tuples(origin)) for name, origin in values.get("origins", {}).items()},
            draws=tuple(values.get("draws", ())),
            notes=values.get("notes", {}),
        )


def read_scenario_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads a scenario file's JSON object.

    Raises:
        ParameterError: no such file, not UTF-8, not JSON, or not an object with a ``case``.
    """
    where = str(path)
    try:
        values = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ParameterError(where, ["no such file; write one with `bizgyms show ID -o mine.json`"]) from None
    except IsADirectoryError:
        raise ParameterError(where, ["it is a folder, not a scenario file"]) from None
    except UnicodeDecodeError:
        raise ParameterError(where, ["not UTF-8 text; a scenario file is JSON in UTF-8"]) from None
    except json.JSONDecodeError as error:
        problem = f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise ParameterError(where, [problem]) from None
    if not isinstance(values, dict) or "case" not in values:
        raise ParameterError(where, ['not a scenario file: it must be a JSON object with the key "case"'])
    return values


def write_whole(path: str | os.PathLike[str], text: str) -> None:
    """Writes a text file so that a crash leaves either the old file or the new one, never half of one."""
    target = Path(path)
    content = text.encode("utf-8")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        os.replace(draft, target)
    except OSError as error:
        error.filename = str(target)  # a full disk names no file, and the draft's name tells nobody anything
        raise
    finally:
        draft.unlink(missing_ok=True)


def unknown_name(kind: str, name: object, known: Iterable[str]) -> str:
    """A sentence on an unknown name: the nearest known one, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(names)
    return f"unknown {kind} {name!r}; {hint}"


def _type_problem(field: dataclasses.Field[Any], value: object) -> str | None:
    """Checks ``value`` against the field's annotation, as far as JSON's types go."""
    annotation = field.type if isinstance(field.type, str) else field.type.__name__
    accepted: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,), "bool": (bool,)}
    is_bool = isinstance(value, bool)
    for name, types in accepted.items():
        if annotation == name and (not isinstance(value, types) or (is_bool and name != "bool")):
            words = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false"}
            return f"{field.name} is {value!r}; it must be {words[name]}"
    if annotation.startswith("tuple") and not isinstance(value, tuple):
        return f"{field.name} is {value!r}; it must be a list"
    nested = field.metadata.get("nested")
    if nested and isinstance(value, tuple) and not all(isinstance(entry, nested) for entry in value):
        return f"{field.name} holds something that is no {nested.label()}; it must be a list of them"
    return None


def _plain(value: object) -> Any:
    if isinstance(value, Parameters):
        return value.to_dict()
    if isinstance(value, (tuple, list)):
        return [_plain(entry) for entry in value]
    return value


def _not_objects(values: Mapping[str, Any]) -> list[str]:
    """Keys of a scenario file that hold something else than a JSON object."""
    return [key for key in ("parameters", "origins", "notes") if not isinstance(values.get(key, {}), Mapping)]


def _origin_problems(origins: Mapping[str, Any], fields: Iterable[str]) -> Iterable[str]:
    """What is wrong with the origins in a scenario file."""
    known = list(fields)
    for name, origin in origins.items():
        if name not in known:
            yield "origins: " + unknown_name("field", name, known)
        elif not isinstance(origin, Mapping) or origin.get("kind") not in get_args(OriginKind):
            yield f"origin of {name} is {origin!r}; its kind must be one of {', '.join(get_args(OriginKind))}"
        else:
            keys = [f.name for f in dataclasses.fields(Origin)]
            yield from (f"origin of {name}: {unknown_name('key', key, keys)}" for key in origin if key not in keys)


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's lists as tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def _plain_origin(origin: Origin) -> dict[str, Any]:
    full = {"kind": origin.kind, "stderr": _plain(origin.stderr), "note": origin.note}
    return {key: value for key, value in full.items() if value not in (None, "")}


def _rich(field: dataclasses.Field[Any], value: object, name: str) -> Any:
    """Undoes `_plain`: lists become tuples, dicts the field's own nested parameters."""
    nested: type[Parameters] | None = field.metadata.get("nested")
    if isinstance(value, (list, tuple)):
        return tuple(_rich(field, entry, f"{name}[{i}]") for i, entry in enumerate(value))
    if nested and isinstance(value, Mapping):
        try:
            return nested.from_dict(value)
        except ParameterError as error:
            raise ParameterError(name, [f"{name}: {problem}" for problem in error.problems]) from None
    return value
