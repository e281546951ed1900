"""Checks of what users choose: one of a few values, a number of steps, the options of a reset, an argument's name."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from bizgyms.case import Case
from bizgyms.scenario import ScenarioLike, changed, load
from envs_data.parameters import ParameterError, Scenario, nearest, unknown_name

# What Gymnasium's make and make_vec take for themselves, and so never reaches an environment.
OF_GYMNASIUM = ("max_episode_steps", "disable_env_checker", "vectorization_mode", "vector_kwargs", "wrappers")


def check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    """Raises a `ParameterError` unless ``value`` is one of ``choices``."""
    if value not in choices:
        known = ", ".join(repr(choice) for choice in choices)
        raise ParameterError(name, [f"{value!r} is not possible; it must be one of {known}"])


def check_options(options: Mapping[str, Any] | None, known: tuple[str, ...]) -> dict[str, Any]:
    """The options of a reset, after checking that each is known."""
    given = dict(options or {})
    problems = [unknown_name("option", name, known) for name in given if name not in known]
    if problems:
        raise ParameterError("reset options", problems)
    return given


def check_steps(limit: object) -> int | None:
    """A limit of steps, after checking that it is a whole number from 1 on, as Gymnasium's TimeLimit does; or None."""
    if limit is None:
        return None
    if isinstance(limit, (bool, np.bool_)) or not isinstance(limit, (int, np.integer)) or limit < 1:
        raise ParameterError("max_episode_steps", [f"{limit!r} is not possible; it must be a whole number from 1 on"])
    return int(limit)


class UnexpectedArgumentError(ParameterError, TypeError):
    """An argument that nothing takes.

    A TypeError too, in Python's own words: some libraries try arguments of theirs, and leave out what is so refused.
    """

    def __init__(self, where: str, problems: Iterable[str] = ()) -> None:
        super().__init__(where, problems)
        if not self.problems:  # Gymnasium makes a TypeError again from its message, with what it was called with
            self.args = (where,)


class Checks:
    """Collects what is wrong with several arguments, so that all of it is said at once.

    Args:
        where: whose arguments they are, such as a case.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._found: list[ParameterError] = []

    @contextmanager
    def one(self) -> Iterator[None]:
        """A block whose `ParameterError` is kept for `done`."""
        try:
            yield
        except ParameterError as error:
            self._found.append(error)

    def done(self) -> None:
        """Raises what was found, if anything."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            unexpected = any(isinstance(error, UnexpectedArgumentError) for error in self._found)
            kind = UnexpectedArgumentError if unexpected else ParameterError
            raise kind(self._where, [line for error in self._found for line in self._lines(error)])

    def _lines(self, error: ParameterError) -> list[str]:
        named = "" if error.where == self._where else f"{error.where}: "
        return [f"{named}{problem}" for problem in error.problems]


def load_changed(case: Case, maker: Callable[..., Any], scenario: ScenarioLike, changes: Mapping[str, Any]) -> Scenario:
    """A scenario with the fields changed that were given as arguments of their own.

    Args:
        case: the case.
        maker: what was called, for the names of its other arguments.
        scenario: as `bizgyms.scenario.load` takes it.
        changes: field name to value.

    Raises:
        ParameterError: names that are neither a field nor an argument, impossible values, an unknown scenario.
    """
    fields = [field.name for field in dataclasses.fields(case.parameters)]
    checks = Checks(case.id)
    with checks.one():
        _check_names(maker, fields, changes, case.id)
    with checks.one():
        found = load(case, changed(scenario, {name: value for name, value in changes.items() if name in fields}))
    checks.done()
    return found


def arguments_of(maker: Callable[..., Any]) -> list[str]:
    """The names of the arguments with which something is made, those that Gymnasium takes for itself among them."""
    own = [name for name, of in inspect.signature(maker).parameters.items() if of.kind is not of.VAR_KEYWORD]
    return [*own, *OF_GYMNASIUM]


def _check_names(maker: Callable[..., Any], fields: list[str], names: Iterable[str], where: str) -> None:
    known = [*arguments_of(maker), *fields]
    problems = [
        f"unexpected keyword argument {name!r}, which is no field either; {nearest(name, known)}"
        for name in names
        if name not in fields
    ]
    if problems:
        raise UnexpectedArgumentError(where, problems)
