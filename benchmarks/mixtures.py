"""Recipes of the audit: a rule with its setting, or two recipes of which a calendar or an observed bar chooses.

A recipe is plain JSON: ``{"rule": name, "setting": {...}}`` or ``{"usual": recipe, "other": recipe, "when": ...}``,
where ``when`` is ``{"every", "times", "phase"}`` (places of a cycle of steps) or ``{"feature", "bar"}`` (at or below).
`Genes` writes the numbers of a recipe as a point of the unit cube, in which an optimiser can search.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from baselines.agents import Agent, AgentSpec, Problem
from baselines.batching import batched
from baselines.rules import rules
from baselines.rules.occasions import DIGITS
from baselines.rules.timetable import place
from envs_data.arrays import Array, Flags, Floats, Mask, Places, Rows

Recipe = Mapping[str, Any]
# The setting whose digits are each item's most packs.
CAPS = "caps"
# Longest cycle of a calendar, in steps.
LONGEST = 28


@dataclasses.dataclass(frozen=True)
class Switch:
    """Decides as one agent, and where it is due as another.

    Attributes:
        problem: what it plays.
        usual, other: the agents.
        when: [worlds or 1, 3] cycle, places in it and phase; or column of a feature, its bar and nothing.
        by_calendar: which of the two.
    """

    problem: Problem
    usual: Agent
    other: Agent
    when: Floats
    by_calendar: bool

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] actions."""
        due = self._due(observations)
        if not due.any():
            return self.usual.act(observations, mask)
        usual, other = (np.asarray(agent.act(observations, mask)) for agent in (self.usual, self.other))
        return np.where(due.reshape(-1, *[1] * (usual.ndim - 1)), other, usual)

    def _due(self, rows: Rows) -> Flags:
        first, second, third = self.when.T
        if self.by_calendar:
            return np.asarray((place(self.problem, rows) - third) % first < second)
        columns = np.broadcast_to(first, len(rows)).astype(np.intp)
        return np.asarray(rows[np.arange(len(rows)), columns] <= second)

    @classmethod
    def joined(cls, agents: Sequence[Switch], owner: Places) -> Switch:
        """One for [worlds] whose row i is decided as ``agents[owner[i]]`` would."""
        usual, other = batched([one.usual for one in agents], owner), batched([one.other for one in agents], owner)
        return dataclasses.replace(agents[0], usual=usual, other=other, when=np.vstack([o.when for o in agents])[owner])


def agent_of(problem: Problem, recipe: Recipe) -> Agent:
    """The agent of a recipe."""
    if "rule" in recipe:
        return spec_of(problem, recipe["rule"]).build(problem, **recipe["setting"])
    when = recipe["when"]
    calendar = "every" in when
    first = when["every"] if calendar else problem.view.columns[when["feature"]]
    numbers = np.array([[first, when["times"], when["phase"]] if calendar else [first, when["bar"], 0.0]])
    parts = (agent_of(problem, recipe[name]) for name in ("usual", "other"))
    return Switch(problem, *parts, numbers.astype(np.float64), calendar)


def spec_of(problem: Problem, name: str) -> AgentSpec:
    """A rule by its name."""
    return next(spec for spec in rules(problem) if spec.name == name)


@dataclasses.dataclass(frozen=True)
class Gene:
    """A number of a recipe, as a place from 0 to 1.

    Attributes:
        low, high: its range.
        whole: whether it is a whole number.
    """

    low: float
    high: float
    whole: bool = True

    def read(self, at: float) -> float:
        """The number at a place."""
        number = self.low + min(max(at, 0.0), 1.0) * (self.high - self.low)
        return round(number) if self.whole else float(f"{number:.4g}")

    def write(self, number: float) -> float:
        """The place of a number."""
        return (float(number) - self.low) / max(self.high - self.low, 1e-12)


def genes(problem: Problem, recipe: Recipe) -> Iterator[tuple[Gene, float]]:
    """The numbers of a recipe, each with its range, in the order in which `with_numbers` takes them."""
    if "rule" in recipe:
        listed = spec_of(problem, recipe["rule"]).settings(problem)
        for name, value in recipe["setting"].items():
            yield from _of_setting(problem, name, value, [s.get(name, value) for s in listed])
        return
    when = recipe["when"]
    if "every" in when:
        yield from ((Gene(2, LONGEST), when["every"]), (Gene(1, LONGEST // 2), when["times"]))
        yield Gene(0, LONGEST), when["phase"]
    else:
        feature = problem.view.features[problem.view.columns[when["feature"]]]
        yield Gene(feature.low, feature.high, whole=False), when["bar"]
    for name in ("usual", "other"):
        yield from genes(problem, recipe[name])


def _of_setting(problem: Problem, name: str, value: Any, listed: Sequence[Any]) -> Iterator[tuple[Gene, float]]:
    digits = _digits(problem, name, value)
    if digits is not None:
        yield from ((Gene(0, 9 if name == CAPS else 1), digit) for digit in digits)
    elif isinstance(value, bool):
        yield Gene(0, 1), value
    else:
        low, high = _range([*listed, value])
        whole = isinstance(value, int)
        yield Gene(math.ceil(low) if whole else low, math.floor(high) if whole else high, whole), value


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Half as wide again as some values to either side; shares stay shares, and what is positive stays so."""
    low, high = min(values), max(values)
    wide = (high - low or abs(high) or 1.0) / 2
    if low >= 0 and high < 1:
        return low / 2, (1 + high) / 2
    return max(low - wide, min(low, 1.0), 0.0) if low >= 0 else low - wide, high + wide


def with_numbers(problem: Problem, recipe: Recipe, numbers: Iterator[float]) -> Recipe:
    """A recipe with other numbers, in the order of `genes`."""
    if "rule" in recipe:
        setting = {name: _setting(problem, name, value, numbers) for name, value in recipe["setting"].items()}
        return {**recipe, "setting": setting}
    when = {name: value if name == "feature" else next(numbers) for name, value in recipe["when"].items()}
    parts = {name: with_numbers(problem, recipe[name], numbers) for name in ("usual", "other")}
    return {**parts, "when": when}


def _setting(problem: Problem, name: str, value: Any, numbers: Iterator[float]) -> Any:
    digits = _digits(problem, name, value)
    if digits is None:
        return type(value)(next(numbers))
    read = [int(next(numbers)) for _ in digits]
    if name == CAPS:
        return int("".join(map(str, read)))
    return int("".join(str(k + 1) for k, chosen in enumerate(read) if chosen) or 0)


def _digits(problem: Problem, name: str, value: Any) -> list[int] | None:
    """The digits of a setting that are choices of their own; None where it is a number."""
    if name not in DIGITS:
        return None
    count = 7 if name == "weekdays" else int(np.prod(problem.view.action_space.shape or ()))
    if name == CAPS:
        return [int(digit) for digit in str(value).zfill(count)]
    chosen = str(value) if value or name != "items" else "123456789"[:count]
    return [int(str(k + 1) in chosen) for k in range(count)]
