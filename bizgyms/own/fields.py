"""Parameters and features out of what a user says of a story: numbers, ranges, units, words."""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

from bizgyms.view import Feature
from envs_data.parameters import ParameterError, Parameters, quantity, unknown_name

COUNTED = "as the model counts it"
Seen = Mapping[str, Sequence[Any]]
"""Name to (least, most), (least, most, unit), (least, most, unit, meaning), or words for 0, 1, 2, ..."""


def parameters_of(
    name: str, id: str, home: str, story: Callable[..., Any], units: Mapping[str, str]
) -> type[Parameters]:
    """A parameters class out of a story's further arguments.

    Args:
        name: of the case.
        id: of the case.
        home: the module it shall be found in.
        story: the story.
        units: name of an argument to its unit.

    Raises:
        ParameterError: an argument without a default, or of another kind than numbers and words; a unit of nothing.
    """
    arguments = list(inspect.signature(story).parameters.values())[2:]
    where = f"story {story.__name__}"
    names = [argument.name for argument in arguments]
    problems = [unknown_name("argument", unit, names) for unit in units if unit not in names]
    hints = _hints(story)
    fields = []
    for argument in arguments:
        try:
            fields.append(_field(argument, hints.get(argument.name), units.get(argument.name, "")))
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ParameterError(where, problems)
    made = dataclasses.make_dataclass(
        f"{name}Parameters", fields, bases=(Parameters,), namespace={"case": id, "__module__": home}, frozen=True
    )
    made.__doc__ = f"The numbers of {name}."
    return made


def _hints(story: Callable[..., Any]) -> Mapping[str, Any]:
    try:
        return get_type_hints(story)
    except Exception:  # annotations of any kind are no part of the contract
        return {}


def _field(argument: inspect.Parameter, hint: Any, unit: str) -> tuple[str, type, Any]:
    """Name, type and quantity of one argument."""
    default = argument.default
    if isinstance(default, dataclasses.Field):  # a quantity(...)
        return argument.name, type(default.default), default
    if isinstance(default, (int, float)):
        return argument.name, type(default), quantity(default, unit or "number", COUNTED)
    words = get_args(hint) if get_origin(hint) is Literal else ()
    if isinstance(default, str) and default in words:
        return argument.name, str, quantity(default, unit or "word", COUNTED, choices=words)
    if isinstance(default, str):
        raise ValueError(f"argument {argument.name!r} is a word; say which there are: Literal[{default!r}, 'other']")
    raise ValueError(f"argument {argument.name!r} needs a number as default: {argument.name}=1.0")


def features_of(id: str, seen: Mapping[str, Any], deciders: Sequence[str]) -> tuple[Feature, ...]:
    """What may be observed, as features; one that says who asks, where several do.

    Args:
        id: the case, for messages.
        seen: name to what is said of it; by name of the decider, where each sees something else.
        deciders: who asks.

    Raises:
        ParameterError: no range, or an impossible one.
    """
    alike = seen if not _by_decider(seen) else {name: said for own in seen.values() for name, said in own.items()}
    strangers = [who for who in seen if _by_decider(seen) and who not in deciders]
    problems = [unknown_name("decider", who, deciders) for who in strangers]
    found = []
    for name, said in alike.items():
        try:
            found.append(_feature(name, said))
        except (TypeError, ValueError):
            problems.append(f"seen {name!r} is {said!r}; it must be (least, most), such as {name}=(0, 9), or words")
    if problems:
        raise ParameterError(id, problems)
    if len(deciders) > 1:
        found.append(Feature.count("asker", "who", "who asks", len(deciders) - 1, tuple(deciders)))
    return tuple(found)


def seen_by(seen: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    """The names that each decider sees; empty where all see the same."""
    return {who: frozenset(own) for who, own in seen.items()} if _by_decider(seen) else {}


def _by_decider(seen: Mapping[str, Any]) -> bool:
    return bool(seen) and all(isinstance(own, Mapping) for own in seen.values())


def _feature(name: str, said: Sequence[Any]) -> Feature:
    if all(isinstance(word, str) for word in said) and len(said) > 1:
        return Feature.count(name, "word", COUNTED, len(said) - 1, tuple(said))
    low, high, *words = said
    if not (math.isfinite(low) and math.isfinite(high) and low < high) or isinstance(said, str):
        raise ValueError
    unit, meaning = (words[0] if words else "number"), (words[1] if len(words) > 1 else COUNTED)
    return Feature(name, unit, meaning, low, high, low, max(high - low, 1e-9))
