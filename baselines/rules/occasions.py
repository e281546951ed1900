"""Any rule, and on fixed occasions another: in the last steps of an episode, or at places of a cycle."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from gymnasium import spaces

from baselines.agents import Agent, AgentSpec, Problem, Setting, Settings
from baselines.batching import JoinedByFields, batched
from baselines.rules.rule_specs import around
from baselines.rules.timetable import decisions, fits, nearest_possible, place, scale
from envs_data.arrays import Array, Floats, Ints, Mask, Places, Rows

# The names of the settings that say when, and what a number of the rule is called that holds only then.
TIMES, THEN = ("final", "cycle", "spell", "offset"), "_then"
OTHERWISE = "**"
# Occasions with which tuning begins, and how many decisions are tried there.
FIRST: tuple[Setting, ...] = (
    {"final": 1},
    {"final": 4},
    {"cycle": 7, "spell": 1, "offset": 0},
    {"cycle": 7, "spell": 3, "offset": 4},
)
CHOICES = 4
# The turn of tuning at which a rule's own numbers are near, and occasions are looked for.
NEAR = 1
# Settings whose digits are choices, weekdays and items, and no amounts.
DIGITS = ("weekdays", "items", "then", "caps")
# Of several decisions at once, which take longer, only some are tried to begin with.
FEW = 2


@dataclasses.dataclass(frozen=True)
class Always(JoinedByFields):
    """The same decision always; where it is impossible, the possible one nearest to it.

    Attributes:
        problem: what it plays.
        decision: [dimensions]; [worlds, dimensions] where several are joined.
    """

    stacked: ClassVar = ("decision",)
    problem: Problem
    decision: Array

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] actions."""
        space = self.problem.view.action_space
        wanted = np.broadcast_to(self.decision, (len(observations), self.decision.shape[-1]))
        if mask is not None and not mask.all():
            wanted = nearest_possible(self.problem, wanted, mask)
        return np.asarray(wanted.reshape(len(wanted), *(space.shape or ())), dtype=space.dtype)


@dataclasses.dataclass(frozen=True)
class Occasions(JoinedByFields):
    """Decides as one rule, and on its occasions as another.

    Attributes:
        problem: what it plays.
        rule, other: the rules.
        final: [1] steps at the end of an episode that are an occasion; [worlds, 1] where joined, as the others.
        cycle: steps of a cycle.
        spell: how many in a row of them are an occasion.
        offset: steps until the first of those.
    """

    stacked: ClassVar = TIMES
    problem: Problem
    rule: Agent
    other: Agent
    final: Ints
    cycle: Ints
    spell: Ints
    offset: Ints

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] actions."""
        view = self.problem.view
        left = np.rint(observations[:, [view.columns[view.clock]]])
        position = (place(self.problem, observations)[:, None] - self.offset) % self.cycle
        due = (left <= self.final) | (position < self.spell)
        rule = np.asarray(self.rule.act(observations, mask))
        if not due.any():
            return rule
        other = np.asarray(self.other.act(observations, mask))
        return np.where(due.reshape(-1, *[1] * (rule.ndim - 1)), other, rule)

    @classmethod
    def joined(cls, agents: Sequence[Self], owner: Places) -> Self:
        """One for [worlds], whose row i is decided as ``agents[owner[i]]`` would."""
        rule, other = (batched([getattr(one, name) for one in agents], owner) for name in ("rule", "other"))
        return dataclasses.replace(super().joined(agents, owner), rule=rule, other=other)


def with_occasions(spec: AgentSpec) -> AgentSpec:
    """A rule that is another on fixed occasions: one with other numbers (``S_then=20``), or a decision (``instead=0``).

    At the end of an episode nothing later counts any more; on some days of a week more may be at stake; in between one
    may rest. Tuning looks for occasions once the rule's own numbers are near. A rule that has them, or names of its own
    for something else, stays as it is.
    """
    if any(name == OTHERWISE or is_occasion(name) for name in names_of(spec)):
        return spec

    def build(problem: Problem, **setting: Any) -> Agent:
        changed = {name.removesuffix(THEN): value for name, value in setting.items() if name.endswith(THEN)}
        own = {name: value for name, value in setting.items() if not is_occasion(name)}
        rule = spec.build(problem, **own)
        if not setting.get("final") and not setting.get("spell"):
            return rule
        decision = decisions(problem, setting.get("instead", 0))
        other = spec.build(problem, **{**own, **changed}) if changed else Always(problem, decision)
        final, cycle, spell, offset = (np.array([int(setting.get(name, 0))]) for name in TIMES)
        return Occasions(problem, rule, other, final, np.maximum(cycle, 1), spell, offset)

    def finer(problem: Problem, setting: Setting, turn: int) -> Settings:
        own = list(spec.finer(problem, setting, turn))
        counted = not isinstance(problem.view.action_space, spaces.Box)
        return [*own, *_occasions(problem, spec, setting, turn)] if counted and fits(problem) else own

    return dataclasses.replace(spec, build=_signed(build, spec), finer=finer)


def is_occasion(name: str) -> bool:
    """Whether a setting is about the occasions of a rule, and none of its own."""
    return name in (*TIMES, "instead") or name.endswith(THEN)


def names_of(spec: AgentSpec) -> list[str]:
    """Names of a rule's settings; `OTHERWISE` stands for any."""
    own = inspect.signature(spec.build).parameters.values()
    return [OTHERWISE if one.kind is one.VAR_KEYWORD else one.name for one in own if one.name != "problem"]


def _signed(build: Callable[..., Agent], spec: AgentSpec) -> Callable[..., Agent]:
    """The function with the names of its settings, by which they are typed."""
    own = inspect.signature(spec.build).parameters
    names = ("instead", *TIMES, *(f"{name}{THEN}" for name in names_of(spec)))
    more = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=0) for name in names]
    signed = functools.wraps(spec.build)(build)
    signed.__signature__ = inspect.Signature([*own.values(), *more])  # type: ignore[attr-defined]  # inspect reads it
    return signed


def _occasions(problem: Problem, spec: AgentSpec, setting: Setting, turn: int) -> Iterator[Setting]:
    """The first occasions where there are none, else others near them, with other numbers."""
    listed = _listed(problem, spec, setting)
    steps = {name: 2 * float(np.median(np.diff(values))) for name, values in listed.items()}
    found: Iterable[Setting]
    if not set(TIMES) & set(setting):
        first = () if turn != NEAR else FIRST[::2] if _many(problem) else FIRST
        found = ({**setting, **one, **when} for one in _changes(problem, setting, steps) for when in first)
    else:
        steps |= {f"{name}{THEN}": step for name, step in steps.items()}
        steps["instead"] = max(1, round(scale(problem) / 8))
        closer = around(final=2, cycle=1, spell=1, offset=2, **steps)(problem, setting, turn)
        more = _changes(problem, setting, steps) if "instead" not in setting else ()
        found = itertools.chain(closer, ({**setting, **one} for one in more if "instead" not in one))
    most = {**{name: values[-1] for name, values in listed.items()}, "instead": scale(problem)}
    for one in found:
        inside = all(
            most.get(name.removesuffix(THEN), value) >= value >= listed.get(name.removesuffix(THEN), [value])[0]
            for name, value in one.items()
        )
        if inside and one.get("spell", 0) < one.get("cycle", 1) and (one.get("final") or one.get("spell")):
            yield one


def _many(problem: Problem) -> bool:
    return len(problem.view.action_range()[0]) > FEW


def _changes(problem: Problem, setting: Setting, steps: Mapping[str, float]) -> Iterator[Setting]:
    """Some decisions, and each number of the rule a little lower or higher."""
    most = 1 if _many(problem) else min(scale(problem) + 1, CHOICES)
    choices = np.linspace(0, scale(problem), most).round().astype(int)
    yield from ({"instead": int(choice)} for choice in choices)
    for moved in around(**steps)(problem, setting, 0):
        changed = (name for name in steps if name in moved and moved[name] != setting[name] and not name.endswith(THEN))
        yield from ({f"{name}{THEN}": moved[name]} for name in changed if f"{name}{THEN}" not in setting)


def _listed(problem: Problem, spec: AgentSpec, setting: Setting) -> dict[str, Floats]:
    """The numbers of a rule that can be moved, each with the values it is listed with, rising."""
    found = {}
    for name, value in setting.items():
        values = np.unique([one[name] for one in spec.settings(problem) if name in one])
        if len(values) > 1 and name not in DIGITS and not isinstance(value, bool):
            found[name] = values
    return found
