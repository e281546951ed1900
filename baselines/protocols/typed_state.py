"""One state as people type it: names, units, words for weekdays. Features that the calendar decides are filled in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

import numpy as np

from baselines.agents import Problem
from bizgyms.view import Feature
from envs_data.arrays import Rows
from envs_data.parameters import ParameterError, unknown_name

LEFT = "days_left"


@dataclasses.dataclass(frozen=True)
class State:
    """An observation, and the features that were not given.

    Attributes:
        row: [features] in natural units.
        filled: names of the features that were filled in from the calendar of the scenario.
        words: every feature with value and unit.
    """

    row: Rows
    filled: Sequence[str]
    words: Sequence[str]


class Calendar:
    """The days of an episode, and the features they decide alone.

    Args:
        problem: case and parameters. Without a feature that counts the days left, the day decides nothing.

    Attributes:
        decided: [features] whether the day alone decides a feature; the days left count among them.
        days: [days, features] an observation a day, the first day first; zeros where the day does not decide.
    """

    def __init__(self, problem: Problem) -> None:
        features = problem.view.features
        names = [feature.name for feature in features]
        self.decided = np.zeros(len(features), dtype=np.bool_)
        self.days = np.zeros((0, len(features)), dtype=np.float32)
        if LEFT not in names:
            return
        place = names.index(LEFT)
        left = np.arange(int(features[place].high), 0, -1, dtype=np.float32)
        low, high = (np.tile(np.array(ends, dtype=np.float32), (len(left), 1)) for ends in _ends(features))
        low[:, place] = high[:, place] = left
        low, high = problem.view.believed(low), problem.view.believed(high)
        self.decided = np.all(low == high, axis=0)
        self.days = np.where(self.decided, low, np.float32(0))

    def day_like(self, given: Mapping[int, float]) -> int | None:
        """The day nearest to the middle with these values of the features it decides; None if no day has them."""
        fits = np.ones(len(self.days), dtype=np.bool_)
        for place, value in given.items():
            fits &= np.isclose(self.days[:, place], value, rtol=1e-3)
        days = np.flatnonzero(fits)
        return int(days[np.abs(days - len(self.days) // 2).argmin()]) if len(days) else None


def _ends(features: Sequence[Feature]) -> tuple[list[float], list[float]]:
    return [feature.low for feature in features], [feature.low + 1 for feature in features]


def read_state(problem: Problem, given: Mapping[str, str], where: str) -> State:
    """Reads an observation from ``name=value``.

    What the day alone decides (weekday, forecast, days left) may be left out: it is then as on the day nearest to the
    middle of the episode that has what was given. Everything else must be given.

    Args:
        problem: case and parameters.
        given: feature to value as typed; a weekday may be a number from 0 or its name; ``on_order`` stands for
            ``on_order_1`` where there is one only.
        where: its name in messages.

    Raises:
        ParameterError: everything unknown, impossible or missing, with what would be right.
    """
    features = problem.view.features
    names = [feature.name for feature in features]
    calendar = Calendar(problem)
    values: dict[int, float] = {}
    problems: list[str] = []
    for typed, text in given.items():
        name = _full_name(typed, names)
        if name not in names:
            problems.append(_unknown(typed, names))
        elif names.index(name) in values:
            problems.append(f"{name} is given twice")
        else:
            feature = features[names.index(name)]
            value = _value(feature, text)
            values[names.index(name)] = 0.0 if value is None else value
            if value is None:
                problems.append(f"{name} is {text!r}; it must be {_allowed(feature)}")
    problems += [
        f"{feature.name} is missing: {feature.meaning}; {_allowed(feature)}"
        for place, feature in enumerate(features)
        if place not in values and not calendar.decided[place]
    ]
    if problems:
        raise ParameterError(where, problems)
    dated = {place: value for place, value in values.items() if calendar.decided[place]}
    day = calendar.day_like(dated) if calendar.decided.any() else 0
    if day is None:
        given_values = ", ".join(
            f"{names[place]} {_with_unit(features[place], value)}" for place, value in dated.items()
        )
        raise ParameterError(where, [f"no day of the scenario has {given_values}; leave some of them out"])
    row = calendar.days[day].copy() if len(calendar.days) else np.zeros(len(features), dtype=np.float32)
    for place, value in values.items():
        row[place] = value
    filled = [name for place, name in enumerate(names) if place not in values]
    return State(row, filled, in_words(problem, row))


def in_words(problem: Problem, row: Rows) -> list[str]:
    """Every feature of an observation with value and unit."""
    return [f"{f.name} {_with_unit(f, float(value))}" for f, value in zip(problem.view.features, row, strict=True)]


def _full_name(typed: str, names: Sequence[str]) -> str:
    numbered = [name for name in names if re.fullmatch(re.escape(typed) + r"_\d+", name)]
    return numbered[0] if typed not in names and len(numbered) == 1 else typed


def _unknown(typed: str, names: Sequence[str]) -> str:
    numbered = [name for name in names if re.fullmatch(re.escape(typed) + r"_\d+", name)]
    if numbered:
        return f"{typed} has several parts here; give {', '.join(numbered)}"
    return unknown_name("field", typed, names)


def _value(feature: Feature, text: str) -> float | None:
    """A number, or one of the words for it; None for an impossible value."""
    words = [label.lower() for label in feature.labels]
    said = text.strip().lower()
    matches = [k for k, word in enumerate(words) if word == said or (len(word) >= 3 and said.startswith(word))]
    if matches:
        return float(matches[0])
    try:
        value = float(text)
    except ValueError:
        return None
    # In the precision of an observation: a bound typed with seven digits is inside.
    inside = np.float32(feature.low) <= np.float32(value) <= np.float32(feature.high)
    return value if inside and (not feature.labels or value.is_integer()) else None


def _allowed(feature: Feature) -> str:
    if feature.labels:
        return f"one of {', '.join(feature.labels)}"
    return f"a number from {feature.low:,.10g} to {feature.high:,.10g} ({feature.unit})"


def _with_unit(feature: Feature, value: float) -> str:
    if feature.labels:
        return feature.labels[int(value)]
    return f"{value:,.4g}" if feature.unit in ("", feature.name) else f"{value:,.4g} {feature.unit}"
