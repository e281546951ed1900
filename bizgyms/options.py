"""Checks of what users choose: one of a few values, or the options of a reset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envs_data.parameters import ParameterError, unknown_name


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
