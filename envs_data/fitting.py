"""The steps that all fits share, from the request and the table to the parameters, draws, back-test and lines."""

from __future__ import annotations

import abc
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar

import numpy as np

from envs_data.fit_lines import known_line, read_line, type_line
from envs_data.fits import DRAWS_SEED, BackTest, Fit, with_known
from envs_data.parameters import Origin, ParameterError, Parameters, native, plain, unknown_name
from envs_data.posterior_checks import with_problems
from envs_data.reading.source import Source
from envs_data.tables import Asked, Table

Arguments = ParamSpec("Arguments")
# What stands around the name of a case in its id.
PLAIN_NAME = re.compile(r"^bizgyms/|-v\d+$")
World = TypeVar("World", bound=Parameters)
# Known besides the fields where amounts are counted: how much of the table's unit is one.
UNIT = "unit"
Fields = tuple[dict[str, Any], dict[str, Origin]]
"""Value and origin of each field."""


class Fitting(abc.ABC, Generic[World]):
    """One fit of one table. Each case has a subclass with the steps that are its own.

    `result` runs the steps in order; each step stores what later ones need.

    Attributes:
        kind: the parameters that are fitted.
        fitted_to: what they are fitted to, in words for messages.
        more: names that the user may give besides the fields.
        typed_case: the case in the line to type: the one asked for, or where another would be chosen otherwise.
        source: the table as it was given.
        asked: the user's columns and days.
        given: the values the user knows, as they were given.
        known: the same by field; they take precedence over fitted values.
        table: the table, read and checked.
        values: the value of each field; omitted fields keep their defaults.
        origins: where each field comes from.
        parameters: the fitted world.
        scale: units of the table that one unit of the world stands for.
    """

    kind: type[World]
    fitted_to: ClassVar[str]
    more: ClassVar[tuple[str, ...]] = ()
    typed_case: str | None = None
    table: Table
    values: dict[str, Any]
    origins: dict[str, Origin]
    parameters: World
    scale: int = 1

    def __init__(self, source: Source, asked: Asked, given: Mapping[str, Any]) -> None:
        self.source, self.given = source, {name: plain(native(value)) for name, value in given.items()}
        unit: Asked = {"unit_size": float(given[UNIT])} if UNIT in self.more and _is_positive(given.get(UNIT)) else {}
        self.asked: Asked = {**asked, **unit}
        self.known = {name: value for name, value in given.items() if name not in self.more}

    @classmethod
    def fit(
        cls,
        source: Source,
        columns: Mapping[str, str] | None = None,
        known: Mapping[str, Any] | None = None,
        since: str | None = None,
        until: str | None = None,
        case: str | None = None,
    ) -> Fit:
        """Fits a table.

        Args:
            source: path of a CSV file, or a DataFrame.
            columns: meaning to the table's own name, where a name is not recognised.
            known: values the user knows, by name.
            since: first day to use, as YYYY-MM-DD.
            until: last day to use.
            case: the case to fit; the only one this fits is also the default.

        Returns:
            The fitted world, with origins, draws, back-test and the lines to print.

        Raises:
            TableError: a table that cannot be read, is too short, or does not identify what is estimated.
            ParameterError: unknown or impossible known values, or another case.
        """
        chosen = cls.class_for(source, columns)
        return chosen(source, {"columns": columns, "since": since, "until": until}, known or {}).result(case)

    @classmethod
    def class_for(cls, source: Source, columns: Mapping[str, str] | None) -> type[Fitting[Any]]:
        """The class that fits a table; overridden where a case accepts several kinds of tables."""
        return cls

    def result(self, case: str | None) -> Fit:
        """Runs all steps, from the request to the fit."""
        self.check(case)
        self.typed_case = case or self.typed_case
        self.table = self.read_table()
        self.estimate()
        estimates, origins = self.fields()
        values, kept = self.kind.kept_in_range(estimates, self.given)
        self.values, self.origins = {**values, **self.known}, with_known(origins, self.known)
        self.parameters = self.kind.from_dict(self.values)
        settled = {*self.known} - {*self.doubted()}
        return Fit(
            parameters=self.parameters,
            origins=self.origins,
            draws=tuple({n: value for n, value in draw.items() if n not in settled} for draw in self.draws()),
            back_test=with_problems(self.back_test(), self.checks()),
            mapping=self.table.mapping,
            lines=tuple(self.lines()),
            notes=(*self.table.notes, *kept, *self.notes()),
            observed=self.observed(),
            would_help=tuple(self.would_help()),
            scale=self.scale,
            table=self.table,
            asked=self.said(),
        )

    def said(self) -> dict[str, Any]:
        """How the user wants the table read, as far as anything was said."""
        columns, days = self.asked.get("columns"), {name: self.asked.get(name) for name in ("since", "until")}
        said: dict[str, Any] = {name: str(day)[:10] for name, day in days.items() if day}
        said |= {"columns": dict(columns)} if columns else {}
        return {**said, **({UNIT: self.given[UNIT]} if "unit_size" in self.asked else {})}

    def check(self, case: str | None) -> None:
        """Checks the request before the table is read.

        Args:
            case: the case asked for; None for any.

        Raises:
            ParameterError: unknown names, another case, and impossible values.
        """
        asked, able = (name and PLAIN_NAME.sub("", name) for name in (case, self.kind.case))
        other = [] if asked in (None, able) else [f"case {case!r} cannot be fitted to {self.fitted_to}; {able} can"]
        problems = [*self.unknown_names(), *other, *self.problems()]
        if UNIT in self.more and UNIT in self.given and "unit_size" not in self.asked:
            problems.append(f"unit is {self.given[UNIT]!r}; it must be an amount of the table's units, such as .25")
        if problems:
            raise ParameterError("known", problems)
        self.check_values()

    def unknown_names(self) -> Iterable[str]:
        """A sentence for each name that the case does not have."""
        names = [*self.kind.quantities(), *self.more]
        return (unknown_name("field", name, names) for name in self.given if name not in names)

    def problems(self) -> Iterable[str]:
        """Any other problems of the request, one sentence each."""
        return ()

    def check_values(self) -> None:
        """Rejects impossible values of known fields."""
        self.kind.from_dict(self.known)

    @abc.abstractmethod
    def read_table(self) -> Table:
        """Reads the table."""

    @abc.abstractmethod
    def estimate(self) -> None:
        """Estimates what the table identifies, and stores it."""

    @abc.abstractmethod
    def fields(self) -> Fields:
        """Value and origin of each field, whether it is known or not."""

    @abc.abstractmethod
    def draws(self) -> Iterable[Mapping[str, Any]]:
        """Values of the fitted fields, drawn from their uncertainty."""

    def doubted(self) -> Iterable[str]:
        """Known fields that the table contradicts, so that draws may differ in them."""
        return ()

    @abc.abstractmethod
    def back_test(self) -> BackTest:
        """How a fit to the earlier rows predicts the later ones."""

    def checks(self) -> Iterable[str]:
        """What the fitted world cannot reproduce of the table, one clause each; see `envs_data.posterior_checks`."""
        return ()

    @staticmethod
    def rng() -> np.random.Generator:
        """The source of the draws, the same for every fit."""
        return np.random.default_rng(DRAWS_SEED)

    def assumed(self, names: Iterable[str]) -> list[str]:
        """The fields among these that are assumed."""
        return [name for name in names if name in self.origins and self.origins[name].kind == "assumed"]

    def lines(self) -> Iterator[tuple[str, str]]:
        """What was read, fitted, known, not identified and assumed, and the line to type."""
        yield read_line(self.table, *self.describe_table())
        yield from (("fitted", text) for text in self.describe_estimates() if text)
        yield from known_line(self.known_shown())
        yield from self.closing_lines()

    @abc.abstractmethod
    def describe_table(self) -> tuple[str, ...]:
        """What was read, and which case it belongs to, in words."""

    @abc.abstractmethod
    def describe_estimates(self) -> Iterable[str]:
        """What was fitted, one text for each line."""

    def known_shown(self) -> Mapping[str, Any]:
        """The known values, as the line on them shows them."""
        return self.given

    @abc.abstractmethod
    def closing_lines(self) -> Iterator[tuple[str, str]]:
        """What is not identified and what is assumed, and the line to type."""

    def type_line(self, more: Mapping[str, Any]) -> tuple[str, str]:
        """The command with the known values and more numbers."""
        _, family, *_ = self.kind.__module__.split(".")
        asked = {name: value for name, value in self.asked.items() if name != "unit_size"}
        return type_line(family, self.table, asked, {**self.given, **more}, self.typed_case)

    def notes(self) -> Iterable[str]:
        """Further sentences on the fit."""
        return ()

    def observed(self) -> int:
        """Rows the fit rests on."""
        return len(self.table.frame)

    def would_help(self) -> Iterable[str]:
        """Missing columns, and what each would tell."""
        return ()


def _is_positive(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < np.inf


def public(method: Callable[Arguments, Fit]) -> Callable[Arguments, Fit]:
    """Turns a class's `Fitting.fit` into the function users import; its help starts with the class's docstring.

    Args:
        method: the class method.
    """

    @functools.wraps(method)
    def fit(*args: Arguments.args, **named: Arguments.kwargs) -> Fit:
        return method(*args, **named)

    owner = getattr(method, "__self__", Fitting)
    fit.__module__, fit.__qualname__ = owner.__module__, "fit"
    _, _, shared = (inspect.getdoc(Fitting.fit) or "").partition("\n")
    fit.__doc__ = f"{inspect.getdoc(owner)}\n{shared}"
    return fit
