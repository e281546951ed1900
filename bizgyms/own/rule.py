"""A rule as a user writes it: a function of what is seen, with settings worth trying."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from envs_data.parameters import ParameterError

Function = Callable[..., Any]
Given = Sequence[Function] | Mapping[Function, Mapping[str, Iterable[Any]]]


@dataclasses.dataclass(frozen=True)
class Rule:
    """A function from what is seen to a decision, as the process would get it.

    Attributes:
        function: ``function(seen, **setting)``, where ``seen`` is a dict of feature name to number.
        values: values worth trying of its further arguments; the defaults are what is in use today.
    """

    function: Function
    values: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    @property
    def name(self) -> str:
        """The function's, in words: ``quick when busy``."""
        return self.function.__name__.replace("_", " ").strip()

    def settings(self) -> list[dict[str, Any]]:
        """All combinations of the values; the defaults come first."""
        names = [name for name, _ in self.values]
        tried = [
            dict(zip(names, combination, strict=True))
            for combination in itertools.product(*(values for _, values in self.values))
        ]
        usual = {name: inspect.signature(self.function).parameters[name].default for name in names}
        return [usual, *(setting for setting in tried if setting != usual)]


def rules_of(id: str, given: Given) -> list[Rule]:
    """Reads a user's rules.

    Args:
        id: the case, for messages.
        given: functions; or functions with the values worth trying of their arguments.

    Raises:
        ParameterError: an argument that a function does not have, or that has no default.
    """
    values: Mapping[Function, Mapping[str, Iterable[Any]]]
    values = given if isinstance(given, Mapping) else {function: {} for function in given}
    problems = [problem for function, own in values.items() for problem in _problems(function, own)]
    if problems:
        raise ParameterError(id, problems)
    return [
        Rule(function, tuple((name, tuple(tried)) for name, tried in own.items())) for function, own in values.items()
    ]


def _problems(function: Function, values: Mapping[str, Iterable[Any]]) -> Iterable[str]:
    if not callable(function):
        yield f"rule {function!r} is no function; write def my_rule(seen): ... and rules=[my_rule]"
        return
    arguments = inspect.signature(function).parameters
    for name in values:
        if name not in arguments or arguments[name].default is inspect.Parameter.empty:
            written = f"def {function.__name__}(seen, {name}=1)"
            yield f"rule {function.__name__} needs an argument {name!r} with a default: {written}"
