"""Fields a user knows of a whole and its parts: of the whole, of all parts, or of one part."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from envs_data.parameters import ParameterError, Parameters, unknown_name


@dataclasses.dataclass(frozen=True)
class KnownFields:
    """The known fields of the whole and of each part.

    Attributes:
        whole: fields of the whole.
        parts: by part, its fields; fields known for all parts appear in each.
    """

    whole: Mapping[str, Any]
    parts: Mapping[str, Mapping[str, Any]]

    def anywhere(self, name: str) -> bool:
        """Whether a field is known, and not zero, of the whole or of any part."""
        return bool(self.whole.get(name)) or any(fields.get(name) for fields in self.parts.values())


@dataclasses.dataclass(frozen=True)
class NestedFields:
    """The names a user may write: ``capacity`` of a box, ``price`` of every item, ``price.milk`` of one.

    Attributes:
        part_name: what a part is called, with its article, such as "an item".
        whole: names of the whole.
        part: names of a part.
    """

    part_name: str
    whole: tuple[str, ...]
    part: tuple[str, ...]

    @classmethod
    def of(cls, part_name: str, whole: type[Parameters], part: type[Parameters], more: Sequence[str] = ()) -> Self:
        """The fields of two kinds of parameters, the parts' names and the field that holds them left out.

        Args:
            part_name: what a part is called, with its article.
            whole: the parameters of the whole.
            part: those of a part.
            more: further names of a part.
        """
        nested = [f.name for f in dataclasses.fields(whole) if "nested" in f.metadata]
        fields = tuple(name for name in whole.quantities() if name not in nested)
        return cls(part_name, fields, (*(name for name in part.quantities() if name != "name"), *more))

    def unknown(self, given: Mapping[str, Any], parts: Sequence[str] | None, more: Sequence[str] = ()) -> Iterator[str]:
        """A sentence for each name that does not exist.

        Args:
            given: value by name.
            parts: the parts; None as long as they are not known.
            more: further names without a part.
        """
        for name in given:
            field, dot, whose = name.partition(".")
            known = self.part if dot else (*self.whole, *self.part, *more)
            if field not in known:
                yield unknown_name(f"field of {self.part_name}" if dot else "field", field, known)
            elif dot and parts is not None and whose not in parts:
                yield f"{name}: {unknown_name(self.part_name.split()[-1], whose, parts)}"

    def read(self, given: Mapping[str, Any], parts: Sequence[str], more: Sequence[str] = ()) -> KnownFields:
        """Sorts known values as `sort` does, once the parts are known.

        Raises:
            ParameterError: names that do not exist.
        """
        problems = [*self.unknown(given, parts, more)]
        if problems:
            raise ParameterError("known", problems)
        return self.sort(given, parts)

    def sort(self, given: Mapping[str, Any], parts: Sequence[str]) -> KnownFields:
        """Sorts known values into those of the whole and of each part."""
        of_part = [(*name.partition("."), value) for name, value in given.items()]
        common = {field: value for field, dot, _, value in of_part if field in self.part and not dot}
        own = {part: {field: value for field, _, whose, value in of_part if whose == part} for part in parts}
        whole = {name: value for name, value in given.items() if name in self.whole}
        return KnownFields(whole, {part: {**common, **own[part]} for part in parts})
