"""Parameters of a case: frozen, with a unit for every field, checked when they are made."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Container, Iterable, Mapping
from typing import Any, ClassVar, Self

from envs_data.parameters import json_schema
from envs_data.parameters.native import native, shown
from envs_data.parameters.quantities import Quantity

# The types of JSON by annotation, and their names in words.
TUPLE = json_schema.TUPLE
TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "str": ((str,), "a text"),
    "bool": ((bool,), "true or false"),
}
# So many known names are listed for an unknown one.
MOST_NAMES = 40


class ParameterError(ValueError):
    """Impossible parameters. Holds every problem found, one sentence each.

    Attributes:
        problems: what is wrong and what would be right, one sentence for each problem.
    """

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))

    def __reduce__(self) -> tuple[type[ParameterError], tuple[str, tuple[str, ...]]]:
        return type(self), (self.where, self.problems)


@dataclasses.dataclass(frozen=True)
class Parameters:
    """Base of every case's parameters.

    A subclass names its case in ``case`` and declares each field with `quantity`. Relations between fields go into
    `problems`. Impossible values raise one `ParameterError` that lists every problem.
    """

    case: ClassVar[str] = ""

    def __post_init__(self) -> None:
        self._take_as_json()
        problems = [*self._field_problems()]
        if not problems:
            problems = [*self.problems()]
        if problems:
            raise ParameterError(self.label(), problems)

    def _take_as_json(self) -> None:
        """Takes numbers and arrays of NumPy and pandas as plain ones, and 2.0 as a whole number where one is due."""
        for field in dataclasses.fields(self):
            whole = _annotation(field).replace("tuple[", "").startswith("int")
            object.__setattr__(self, field.name, native(getattr(self, field.name), whole))

    @classmethod
    def label(cls) -> str:
        """The name users know the case by, for messages."""
        return cls.case or cls.__name__

    @classmethod
    def quantities(cls) -> dict[str, Quantity]:
        """The `Quantity` of every field, by field name."""
        return {f.name: f.metadata["quantity"] for f in dataclasses.fields(cls) if "quantity" in f.metadata}

    def named_quantities(self) -> dict[str, Quantity]:
        """The `Quantity` of everything that may have its own origin.

        Every field. Where a field holds named parameters, such as the items of a box, ``field`` stands for that field
        of all of them, and ``field.NAME`` for that of one.
        """
        fields = dataclasses.fields(self)
        quantities = {f.name: f.metadata.get("quantity", Quantity("", "")) for f in fields}
        for entry in (entry for f in fields if "nested" in f.metadata for entry in getattr(self, f.name)):
            own = entry.named_quantities()
            named = {f"{name}.{entry.name}": q for name, q in own.items() if "name" in own}
            quantities = {**own, **named, **quantities}
        return quantities

    def problems(self) -> Iterable[str]:
        """What contradicts between fields, one sentence each; overridden where fields depend on each other."""
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
        return {f.name: plain(getattr(self, f.name)) for f in dataclasses.fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Builds parameters from `to_dict`'s form; omitted fields keep their defaults.

        Raises:
            ParameterError: unknown fields (with the nearest name) and impossible values, all at once.
        """
        fields = {f.name: f for f in dataclasses.fields(cls)}
        unknown = [unknown_name("field", name, fields) for name in values if name not in fields]
        known, problems = {}, unknown
        for name in (name for name in values if name in fields):
            try:
                known[name] = _rich(fields[name], native(values[name]), name)
            except ParameterError as error:
                problems += error.problems
        try:
            parameters = cls(**known)
        except ParameterError as error:
            raise ParameterError(cls.label(), [*problems, *error.problems]) from None
        if problems:
            raise ParameterError(cls.label(), problems)
        return parameters

    @classmethod
    def kept_in_range(cls, values: Mapping[str, Any], known: Container[str] = ()) -> tuple[dict[str, Any], list[str]]:
        """Estimated values, those out of range at the nearest bound; and a sentence on each of these.

        Args:
            values: estimates in `to_dict`'s form.
            known: fields that are left as they are; ``field.NAME`` of one nested entry.
        """
        kept = {name: plain(native(value)) for name, value in values.items()}
        sentences: list[str] = []
        nested = {f.name: f.metadata["nested"] for f in dataclasses.fields(cls) if "nested" in f.metadata}
        for name, measured in cls.quantities().items():
            if name not in kept or name in known or f"{name}.{kept.get('name')}" in known:
                continue
            if name in nested:
                parts = [nested[name].kept_in_range(part, known) for part in kept[name]]
                kept[name] = [part for part, _ in parts]
                sentences += [f"{part.get('name', name)}: {sentence}" for part, said in parts for sentence in said]
            else:
                value, kept[name] = kept[name], measured.nearest(kept[name])
                sentences += measured.kept(name, value, kept[name])
        return kept, sentences

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON schema of `to_dict`'s form: type, unit, meaning, range, length and default of every field."""
        fields = dataclasses.fields(cls)
        defaults = {f.name: plain(f.default) for f in fields if f.default is not dataclasses.MISSING}
        return json_schema.of_object(fields, defaults)

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, checked like new parameters."""
        return type(self).from_dict({**self.to_dict(), **changes})


def unknown_name(kind: str, name: object, known: Iterable[str]) -> str:
    """A sentence on an unknown name: the nearest known one, or all of them."""
    return f"unknown {kind} {name!r}; {nearest(name, known)}"


def nearest(name: object, known: Iterable[str]) -> str:
    """A hint: the known name nearest to one that is not, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=1)
    return f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(names)


def unknown_names(kind: str, names: Iterable[str], known: Iterable[str]) -> list[str]:
    """A sentence for each unknown name with the nearest known one; the known names once, for those without."""
    unknown, known = [*names], [*known]
    near = {name: difflib.get_close_matches(name, known, n=1) for name in unknown}
    lost = [name for name in unknown if not near[name]]
    more = f" and {len(known) - MOST_NAMES:,} more" if len(known) > MOST_NAMES else ""
    told = [f"unknown {kind} {name!r}; did you mean {near[name][0]!r}?" for name in unknown if near[name]]
    return (
        [*told, f"unknown {kind} {', '.join(map(repr, lost))}; known: {', '.join(known[:MOST_NAMES])}{more}"]
        if lost
        else told
    )


def _annotation(field: dataclasses.Field[Any]) -> str:
    return field.type.__name__ if isinstance(field.type, type) else str(field.type)


def _type_problem(field: dataclasses.Field[Any], value: object) -> str | None:
    """Checks ``value`` against the field's annotation, as far as JSON's types go."""
    nested = field.metadata.get("nested")
    if not nested:
        return _wrong_type(field.name, value, _annotation(field))
    if not isinstance(value, tuple):
        return f"{field.name} is {shown(value)}; it must be a list"
    if not all(isinstance(entry, nested) for entry in value):
        return f"{field.name} holds something that is no {nested.label()}; it must be a list of them"
    return None


def _wrong_type(name: str, value: object, annotation: str) -> str | None:
    """Says that a value, or the first entry of a list in which that is so, is not of the type annotated."""
    if annotation.startswith(TUPLE):
        if not isinstance(value, tuple):
            return f"{name} is {shown(value)}; it must be a list"
        inside = annotation.removeprefix(TUPLE).removesuffix(", ...]")
        return next((p for i, entry in enumerate(value) if (p := _wrong_type(f"{name}[{i}]", entry, inside))), None)
    types, words = TYPES.get(annotation, ((object,), ""))
    if isinstance(value, types) and (annotation == "bool" or not isinstance(value, bool)):
        return None
    return f"{name} is {shown(value)}; it must be {words}"


def plain(value: object) -> Any:
    """A value as JSON holds it: tuples as lists, nested parameters as objects."""
    if isinstance(value, Parameters):
        return value.to_dict()
    if isinstance(value, (tuple, list)):
        return [plain(entry) for entry in value]
    return value


def _rich(field: dataclasses.Field[Any], value: object, name: str) -> Any:
    """Undoes `plain`: dicts become the field's own nested parameters."""
    nested: type[Parameters] | None = field.metadata.get("nested")
    if nested and isinstance(value, (list, tuple)):
        return tuple(_rich(field, entry, f"{name}[{i}]") for i, entry in enumerate(value))
    if nested and isinstance(value, Mapping):
        try:
            return nested.from_dict(value)
        except ParameterError as error:
            raise ParameterError(name, [f"{name}: {problem}" for problem in error.problems]) from None
    return value
