"""Recomputes published numbers, which are data: ``published/<family>.yml``."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import yaml

from bizgyms.registry import case
from bizgyms.scenario import resolve
from envs_data.parameters import ParameterError, Parameters, unknown_name


@dataclasses.dataclass(frozen=True)
class Row:
    """One published number.

    Attributes:
        source: paper and table.
        what: what the number is.
        published: the number as printed.
        compute: ``module:function`` that recomputes it.
        arguments: its arguments.
        scenario: a case and one of its scenarios (a name, or fields), whose parameters are its first argument.
        take: attribute or place of the number in what it returns.
        times: factor on the number, such as -1 where a cost was printed.
        cut: whether the source truncated the number instead of rounding it.
    """

    source: str
    what: str
    published: str
    compute: str
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    scenario: tuple[str, str | Mapping[str, Any]] | None = None
    take: str | int | None = None
    times: float = 1
    cut: bool = False

    def ours(self) -> float:
        """Recomputes the number."""
        module, function = self.compute.split(":")
        given = [] if self.scenario is None else [_parameters(*self.scenario)]
        result: Any = getattr(importlib.import_module(module), function)(*given, **self.arguments)
        if self.take is not None:
            result = getattr(result, self.take) if isinstance(self.take, str) else result[self.take]
        return float(self.times * result)

    def digits(self) -> int:
        """Decimals printed."""
        return len(self.published.partition(".")[2])

    def agrees(self, ours: float) -> bool:
        """Whether ours rounds (or truncates) to the printed number; ties go either way."""
        unit = 10.0 ** -self.digits()
        difference = ours - float(self.published)
        if self.cut:
            return 0 <= abs(ours) - abs(float(self.published)) < unit
        return abs(difference) <= 0.5 * unit * (1 + 1e-6)


def families() -> list[str]:
    """Families with published numbers."""
    return sorted(file.name.removesuffix(".yml") for file in _folder().iterdir() if file.name.endswith(".yml"))


def table(family: str | None = None) -> list[Row]:
    """The published numbers of a family, or of all.

    Raises:
        ParameterError: no such family.
    """
    known = families()
    if family is not None and family not in known:
        raise ParameterError("verify", [unknown_name("family", family, known)])
    chosen = known if family is None else [family]
    return [Row(**row) for name in chosen for row in yaml.safe_load((_folder() / f"{name}.yml").read_text("utf-8"))]


def rows(family: str | None = None) -> Iterator[dict[str, Any]]:
    """Recomputes the published numbers of a family, or of all: source, what, published, ours, difference, ok."""
    for row in table(family):
        ours = row.ours()
        yield {
            "source": row.source,
            "what": row.what,
            "published": row.published,
            "ours": f"{ours:.{row.digits() + 2}f}",
            "difference": ours - float(row.published),
            "ok": row.agrees(ours),
        }


def _folder() -> Any:
    return resources.files("baselines") / "published"


def _parameters(name: str, scenario: str | Mapping[str, Any]) -> Parameters:
    """A scenario by name, or fields, of which a published model leaves most at their defaults."""
    found = case(name)
    return resolve(found, scenario) if isinstance(scenario, str) else found.parameters.from_dict(scenario)
