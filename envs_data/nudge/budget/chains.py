"""Each mechanism as a Markov chain over mood and load, with a message and without."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from envs_data.arrays import Floats, Ints
from envs_data.nudge.budget.parameters import BudgetParameters, PersonType

OUTCOMES = 4
Law = list[tuple[int, float]]
"""Values with their probabilities."""


class Chain(NamedTuple):
    """One type of people. State mood * loads + load.

    Attributes:
        after: [states, 2, 4] states a step may lead to, without a message and with one.
        chance: [states, 2, 4] their probabilities.
        engaged: [states] 1 engaged, 0 lapsed; with memory the probability to recall.
        moods: number of moods.
        loads: number of loads.
        start: state at the start.
    """

    after: Ints
    chance: Floats
    engaged: Floats
    moods: int
    loads: int
    start: int


def chain_of(p: BudgetParameters, kind: PersonType) -> Chain:
    """The chain of one type of people.

    With ``burden``, ``dosage`` and ``rest`` the mood is 0 (lapsed) or 1 (engaged) and the load is how many messages
    weigh on the person; f = load / levels, and w = 1 - f is how well a message works (with ``numbs_from``: 1 below
    it, ``numbed`` from there on). P(engaged next) is ``stays`` or ``returns`` without a message; with one,
    stays + lifts (1 - stays) w - hurts f, and returns + wakes w - returns f. With ``memory`` the mood counts good
    reviews in a row, the load the steps since the last, and recall after t steps has probability 2^(-t / half-life).
    """
    if p.mechanism == "memory":
        return _memory(p)
    loads = p.levels + 1
    after, chance = _room(2 * loads)
    for mood, load, message in itertools.product(range(2), range(loads), range(2)):
        engaged = _engaged_next(p, kind, mood, load, message)
        outcomes = [
            (mood_next * loads + load_next, mood_chance * load_chance)
            for mood_next, mood_chance in ((1, engaged), (0, 1.0 - engaged))
            for load_next, load_chance in _load_next(p, kind, load, message)
        ]
        _write(after, chance, mood * loads + load, message, outcomes)
    engaged_states = np.repeat([0.0, 1.0], loads)
    return Chain(after, chance, engaged_states, 2, loads, loads if p.start == "engaged" else 0)


def _room(states: int) -> tuple[Ints, Floats]:
    return np.zeros((states, 2, OUTCOMES), dtype=np.int64), np.zeros((states, 2, OUTCOMES))


def _write(
    after: Ints,
    chance: Floats,
    state: int,
    message: int,
    outcomes: Iterable[tuple[int, float]],
) -> None:
    """Enters the outcomes of one state; those left over repeat the last, with no chance."""
    for k, (reached, probability) in enumerate(outcomes):
        after[state, message, k:] = reached
        chance[state, message, k] = probability


def _engaged_next(p: BudgetParameters, kind: PersonType, mood: int, load: int, message: int) -> float:
    base = kind.stays if mood else kind.returns
    if not message:
        return base
    full = load / p.levels
    works = 1.0 - full
    if p.numbs_from:
        works = 1.0 if full < p.numbs_from else p.numbed
    if mood:
        lifted = base + kind.lifts * (1.0 - base) * works - kind.hurts * full
    else:
        lifted = base + kind.wakes * works - base * full
    return min(max(lifted, 0.0), 1.0)


def _load_next(p: BudgetParameters, kind: PersonType, load: int, message: int) -> Law:
    if p.mechanism == "burden":
        step, chance = (min(load + 1, p.levels), kind.tires) if message else (max(load - 1, 0), kind.recovers)
        return [(step, chance), (load, 1.0 - chance)]
    if p.mechanism == "rest":
        return [(p.levels if message else max(load - 1, 0), 1.0)]
    mean = min(p.keeps * load + p.dose * message, float(p.levels))
    low = min(math.floor(mean), p.levels - 1)
    return [(low, 1.0 - (mean - low)), (low + 1, mean - low)]


def _memory(p: BudgetParameters) -> Chain:
    """Reviews and forgetting: a review that recalls lengthens the half-life, one that fails begins anew."""
    moods, loads = len(p.half_lives), p.levels + 1
    after, chance = _room(moods * loads)
    recalled = np.array([2.0 ** (-load / half) for half in p.half_lives for load in range(loads)])
    for mood, load in itertools.product(range(moods), range(loads)):
        state = mood * loads + load
        _write(after, chance, state, 0, [(mood * loads + min(load + 1, p.levels), 1.0)])
        good = min(mood + 1, moods - 1) * loads
        _write(after, chance, state, 1, [(good, recalled[state]), (0, 1.0 - recalled[state])])
    return Chain(after, chance, recalled, moods, loads, p.levels if p.start == "lapsed" else 0)
