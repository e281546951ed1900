"""A timetable for any case: one decision most of the time and another at fixed places of a cycle, nothing observed."""

from __future__ import annotations

import dataclasses
import itertools
from typing import ClassVar

import numpy as np
from gymnasium import spaces

from baselines.agents import Problem, Setting, Settings
from baselines.batching import JoinedByFields
from baselines.rules.rule_specs import around, rule
from envs_data.arrays import Array, Ints, Mask, Places, Rows

# Decisions a setting can name where there are several at once or none is whole: steps from the lowest to the highest.
SCALE = 10
# Decisions to begin with: of one dimension, of several at once.
CHOICES, CHOICES_OF_MANY = 5, 2
# Steps of a cycle and how many of them have the other decision; 0 for half of a cycle as long as the episode.
CYCLES = ((2, 1), (3, 1), (7, 1), (0, 0))


@dataclasses.dataclass(frozen=True)
class Timetable(JoinedByFields):
    """The usual decision, and the other one ``times`` in a row in every cycle.

    Attributes:
        problem: what it plays.
        usual, other: [dimensions] decisions; [worlds, dimensions] where rules are joined.
        every: [1] steps of a cycle, and so the others; [worlds, 1] where rules are joined.
        times: steps with the other decision.
        phase: steps until the first of them.
        stagger: steps by which they come later in each further dimension.
    """

    stacked: ClassVar = ("usual", "other", "every", "times", "phase", "stagger")
    problem: Problem
    usual: Array
    other: Array
    every: Ints
    times: Ints
    phase: Ints
    stagger: Ints

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] actions; where one is impossible, the possible one nearest to it."""
        space = self.problem.view.action_space
        position = place(self.problem, observations)[:, None] - self.phase
        due = (position - self.stagger * np.arange(self.usual.shape[-1])) % self.every < self.times
        wanted = np.where(due, self.other, self.usual)
        if mask is not None and not mask.all():
            wanted = nearest_possible(self.problem, wanted, mask)
        return np.asarray(wanted.reshape(len(wanted), *(space.shape or ())), dtype=space.dtype)


def place(problem: Problem, rows: Rows) -> Places:
    """[worlds] steps since the episode began, by the feature that counts those left."""
    view = problem.view
    column = view.columns[view.clock]
    return np.asarray(np.rint(view.features[column].high - rows[:, column]), dtype=np.intp)


def nearest_possible(problem: Problem, wanted: Array, mask: Array) -> Array:
    """[worlds, dimensions] the possible decisions nearest to those wanted, each dimension for itself."""
    low, high = (end.astype(np.intp) for end in problem.view.action_range())
    found, first = wanted.copy(), 0
    for k, count in enumerate(high - low + 1):
        possible = mask[:, first : first + count]
        distance = np.abs(np.arange(count) + low[k] - wanted[:, [k]])
        found[:, k] = low[k] + np.where(possible, distance, np.inf).argmin(axis=1)
        first += count
    return found


def timetable(
    problem: Problem, usual: int, other: int, every: int, times: int, phase: int = 0, stagger: int = 0
) -> Timetable:
    """One decision most of the time and another at fixed places of a cycle, whatever is observed.

    The pulsing schedules of Mahajan and Muller (1986), Marketing Science 5(2), for any decision.

    Args:
        problem: what it plays.
        usual: the usual decision; where several are taken at once, a step of ten from the lowest to the highest.
        other: the decision at the places of the cycle.
        every: steps of a cycle.
        times: how many in a row of them have the other decision.
        phase: steps until the first of those.
        stagger: steps by which they come later for each further of several decisions.
    """
    both = (decisions(problem, number) for number in (usual, other))
    numbers = (np.array([number]) for number in (max(every, 1), times, phase, stagger))
    return Timetable(problem, *both, *numbers)


def decisions(problem: Problem, number: int) -> Array:
    """[dimensions] the decision that a number of a setting stands for."""
    low, high = problem.view.action_range()
    wanted = low + (high - low) * min(number, SCALE) / SCALE if _by_steps(problem) else np.minimum(low + number, high)
    return wanted if isinstance(problem.view.action_space, spaces.Box) else np.rint(wanted).astype(np.int64)


def scale(problem: Problem) -> int:
    """The largest number that stands for a decision."""
    low, high = problem.view.action_range()
    return SCALE if _by_steps(problem) else int((high - low).max())


def _by_steps(problem: Problem) -> bool:
    """Whether decisions are named by steps of a scale: where several of unlike range are taken, or none is whole."""
    return isinstance(problem.view.action_space, (spaces.MultiDiscrete, spaces.Box))


def settings(problem: Problem) -> Settings:
    """Few decisions in pairs on some cycles; where several are taken at once, together and one after the other."""
    most, many = scale(problem), len(problem.view.action_range()[0]) > 1
    count = min(most + 1, CHOICES_OF_MANY if many else CHOICES)
    choices = dict.fromkeys(np.linspace(0, most * (1 if most < CHOICES else 0.7), count).round().astype(int).tolist())
    pairs = [pair for pair in itertools.product(choices, choices) if pair[0] != pair[1]]
    return [
        {"usual": usual, "other": other, "every": n, "times": k, "phase": 0, **({"stagger": late} if many else {})}
        for late in ((0, 1) if many else (0,))
        for (usual, other), (n, k) in itertools.product(pairs, _cycles(problem))
    ]


def _cycles(problem: Problem) -> list[tuple[int, int]]:
    whole = int(problem.view.features[problem.view.columns[problem.view.clock]].high)
    return list(dict.fromkeys((n, k) if n else (max(whole, 2), max(whole // 2, 1)) for n, k in CYCLES))


def finer(problem: Problem, setting: Setting, turn: int) -> Settings:
    """Every number a little more or less."""
    step = max(1, round(scale(problem) / 8))
    long = setting["every"] > 2 * 7
    closer = around(
        usual=step, other=step, every=0 if long else 2, times=setting["every"] // 4 if long else 1, phase=2, stagger=1
    )(problem, setting, turn)
    return [
        one for one in closer if one["every"] > one["times"] > 0 and max(one["usual"], one["other"]) <= scale(problem)
    ]


def fits(problem: Problem) -> bool:
    """Whether there is a clock to go by."""
    return problem.view.clock in problem.view.columns


TIMETABLE = rule("timetable", timetable, settings, fits, finer=finer)
