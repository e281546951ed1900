"""Parameters with their origins, and the JSON files that hold them."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from envs_data.parameters import json_schema
from envs_data.parameters.base import ParameterError, Parameters, plain, unknown_name
from envs_data.parameters.native import shown

# What each keyword of the schema of notes asks for.
NOTE_RULES = {
    "type": "it must be of type {}",
    "minimum": "it must be at least {}",
    "maximum": "it must be at most {}",
    "required": "it must have all of {}",
    "anyOf": "it must be a number, or a list of one kind of values",
}
OriginKind = Literal["fitted", "known", "assumed", "preset"]


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where a field's value comes from.

    Attributes:
        kind: ``fitted`` from a table, ``known`` to the user, ``assumed`` if neither, or ``preset``.
        stderr: standard error of a fitted value; None otherwise.
        note: one sentence on how, for the report.
    """

    kind: OriginKind
    stderr: float | tuple[float, ...] | None = None
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Scenario:
    """Parameters and where they come from: the content of a scenario file.

    Attributes:
        parameters: the parameters.
        origins: origin by name out of `Parameters.named_quantities`; a field without one is ``preset``.
        draws: parameter changes drawn from the fit's uncertainty, each a dict of fields to values.
        notes: further results of the fit, such as the back-test, as plain JSON.
    """

    parameters: Parameters
    origins: Mapping[str, Origin] = dataclasses.field(default_factory=dict)
    draws: tuple[Mapping[str, Any], ...] = ()
    notes: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def scale(self) -> int:
        """Units of the table that one unit of the world stands for: 1 but where a table's counts are huge."""
        return int(self.notes.get("scale", 1))

    def changed(self, changes: Mapping[str, Any]) -> Scenario:
        """With some fields changed, which are then known to the user and the same in every draw.

        Raises:
            ParameterError: unknown fields (with the nearest name) and impossible values, all at once.
        """
        if not changes:
            return self
        fields = dataclasses.fields(self.parameters)
        nested = [f.metadata["nested"] for f in fields if f.name in changes and "nested" in f.metadata]
        gone = {*changes, *(name for kind in nested for name in kind.quantities())}
        origins = {name: origin for name, origin in self.origins.items() if name.partition(".")[0] not in gone}
        draws = ({name: value for name, value in draw.items() if name not in changes} for draw in self.draws)
        parameters = self.parameters.replace(**changes)
        origins |= dict.fromkeys(changes, Origin("known"))
        return dataclasses.replace(self, parameters=parameters, origins=origins, draws=tuple(draws))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: case, parameters, origins, draws, notes."""
        preset = Origin("preset")
        names = [f.name for f in dataclasses.fields(self.parameters)]
        return {
            "case": self.parameters.case,
            "parameters": self.parameters.to_dict(),
            "origins": {name: _plain_origin(o) for name, o in {**dict.fromkeys(names, preset), **self.origins}.items()},
            "draws": [{k: plain(v) for k, v in draw.items()} for draw in self.draws],
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
        allowed = ("$schema", "case", "parameters", "origins", "draws", "notes")
        problems = [unknown_name("key", key, allowed) for key in values if key not in allowed]
        if values.get("case") != parameters_type.case:
            problems.append(f"it is a scenario of {values.get('case')!r}, not of {parameters_type.case!r}")
        problems += [f"{key} is {shown(values[key])}; it must be an object" for key in _not_objects(values)]
        problems = problems or [*_draw_problems(values.get("draws", ()), parameters_type)]
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

    @staticmethod
    def json_schema(parameters_type: type[Parameters]) -> dict[str, Any]:
        """The JSON schema of a scenario file of one case, by which editors complete and check."""
        fields = dataclasses.fields(parameters_type)
        nested = [name for f in fields if "nested" in f.metadata for name in f.metadata["nested"].quantities()]
        names = sorted({*(f.name for f in fields), *nested})
        return json_schema.of_file(parameters_type.case, parameters_type.json_schema(), names, get_args(OriginKind))


def read_scenario_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads a scenario file's JSON object.

    Raises:
        ParameterError: no such file, not UTF-8, not JSON, or not an object with a ``case``.
    """
    where = str(path)
    try:
        values = json.loads(Path(path).read_text(encoding="utf-8"))
        json.dumps(values, ensure_ascii=False).encode("utf-8")
    except FileNotFoundError:
        raise ParameterError(where, ["no such file; write one with `bizgyms show ID -o mine.json`"]) from None
    except IsADirectoryError:
        raise ParameterError(where, ["it is a folder, not a scenario file"]) from None
    except UnicodeEncodeError:
        raise ParameterError(where, ["a text in it holds half a character, such as \\ud800"]) from None
    except UnicodeDecodeError:
        raise ParameterError(where, ["not UTF-8 text; a scenario file is JSON in UTF-8"]) from None
    except json.JSONDecodeError as error:
        problem = f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise ParameterError(where, [problem]) from None
    except (ValueError, RecursionError):  # thousands of digits in a number, or of brackets in one another
        raise ParameterError(where, ["a number in it is too long, or its lists are nested too deeply"]) from None
    if not isinstance(values, dict) or "case" not in values:
        raise ParameterError(where, ['not a scenario file: it must be a JSON object with the key "case"'])
    problems = [*_note_problems(values["notes"])] if "notes" in values else []
    if problems:
        raise ParameterError(where, problems)
    return values


def write_whole(path: str | os.PathLike[str], text: str) -> None:
    """Writes a text file so that a crash leaves either the old file or the new one, never half of one."""
    target = Path(path)
    content = text.encode("utf-8")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)
        with draft.open("xb") as file:  # never through a link that somebody put in its place
            file.write(content)
        os.replace(draft, target)
    except OSError as error:
        error.filename = str(target)  # a full disk names no file, and the name of the draft would not help
        raise
    finally:
        draft.unlink(missing_ok=True)


def _not_objects(values: Mapping[str, Any]) -> list[str]:
    """Keys of a scenario file that hold something else than a JSON object."""
    return [key for key in ("parameters", "origins", "notes") if not isinstance(values.get(key, {}), Mapping)]


def _draw_problems(draws: object, parameters_type: type[Parameters]) -> Iterable[str]:
    """What is wrong with the draws in a scenario file; whether their values are possible is seen in play."""
    if not isinstance(draws, (list, tuple)):
        yield f"draws is {shown(draws)}; it must be a list"
        return
    known = [f.name for f in dataclasses.fields(parameters_type)]
    for number, draw in enumerate(draws):
        if not isinstance(draw, Mapping):
            yield f"draws[{number}] is {shown(draw)}; it must be an object"
        else:
            yield from (f"draws[{number}]: {unknown_name('field', name, known)}" for name in draw if name not in known)


def _note_problems(notes: object) -> Iterable[str]:
    """What is wrong with the notes of a fit, as a file holds them."""
    from jsonschema import Draft202012Validator  # late: only files of fits need it

    for error in Draft202012Validator(json_schema.NOTES).iter_errors(notes):
        rule = NOTE_RULES[str(error.validator)].format(error.validator_value)
        yield f"{error.json_path.replace('$', 'notes', 1)} is {shown(error.instance)}; {rule}"


def _origin_problems(origins: Mapping[str, Any], fields: Iterable[str]) -> Iterable[str]:
    """What is wrong with the origins in a scenario file."""
    known = list(fields)
    for name, origin in origins.items():
        if name not in known:
            yield "origins: " + unknown_name("field", name, known)
        elif not isinstance(origin, Mapping) or origin.get("kind") not in get_args(OriginKind):
            yield f"origin of {name} is {shown(origin)}; its kind must be one of {', '.join(get_args(OriginKind))}"
        else:
            keys = [f.name for f in dataclasses.fields(Origin)]
            yield from (f"origin of {name}: {unknown_name('key', key, keys)}" for key in origin if key not in keys)


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's lists as tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def _plain_origin(origin: Origin) -> dict[str, Any]:
    full = {"kind": origin.kind, "stderr": plain(origin.stderr), "note": origin.note}
    return {key: value for key, value in full.items() if value not in (None, "")}
