"""The compiled twin of one person who habituates: the same steps as `HabitWorld`, for thousands of people at once."""

from __future__ import annotations

import itertools
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit, luck_of_now, neighbours
from bizgyms.nudge.habit.view import HabitView, reward_terms
from bizgyms.twin import Outcome, Twin
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
from envs_data.nudge.habit import HabitLuck, HabitParameters
from envs_data.random_bits import RANGE, threshold, thresholds

Words = NDArray[np.uint64]
OUTCOMES, ANSWERS = 3, 2


class HabitTwin(Twin[HabitParameters, HabitLuck]):
    """`NudgeHabit` as a vector environment. See there for what is decided, seen and paid.

    Everything a step may lead to is in tables, by decision, state, outcome and response: a look-up costs less than a
    branch nobody can foresee. A state is habituation * (patience + 1) + disengagement.
    """

    case_id: ClassVar = "bizgyms/NudgeHabit-v0"
    view_type: ClassVar = HabitView
    memory_order: ClassVar = "F"
    results_order: ClassVar = "F"
    view: HabitView

    def _allocate(self) -> None:
        p = self.parameters
        kinds, states = 1 + len(p.messages), (p.levels + 1) * (p.patience + 1)
        self._after = np.zeros((kinds, states, OUTCOMES), dtype=np.uint64)
        places = np.zeros((kinds, states, OUTCOMES), dtype=np.intp)
        for kind, habituation, calm in itertools.product(range(kinds), range(p.levels + 1), range(p.patience)):
            state = habituation * (p.patience + 1) + calm
            self._after[kind, state], places[kind, state] = _outcomes(p, kind, habituation, calm)
        rights = [message.right for message in p.messages]
        limits = np.array(
            [(threshold(p.fades), RANGE), *((threshold(right * p.forgives), threshold(right)) for right in rights)],
            dtype=np.uint64,
        )
        answers = thresholds(p.rates()).ravel()[places].astype(np.uint64)
        tables = (self._after, limits, answers, self._paid(p.rates().ravel()[places]))
        # Step and state of every person.
        self._worlds = np.zeros((2, self.num_envs), dtype=np.int64)
        self._played = (tables, self._worlds, np.zeros((2, self.num_envs), dtype=np.uint32))

    def _paid(self, rates: Floats) -> Floats:
        """[kinds, states, outcomes, answers, 9] what a step returns (reward, terms and figures), and what is seen."""
        p = self.parameters
        found = np.zeros((*rates.shape, ANSWERS, 9))
        worths, costs, weights = p.worths(), p.costs(), self._weights.tolist()
        for (kind, state, outcome, answer), _ in np.ndenumerate(found[..., 0]):
            habituation, calm = divmod(int(self._after[kind, state, outcome]), p.patience + 1)
            responded = float(answer) if p.paid == "drawn" else float(rates[kind, state, outcome])
            terms = reward_terms(responded, worths[kind], costs[kind])
            reward = 0.0 + weights[0] * terms[0] + weights[1] * terms[1]
            wrong, left = kind > 0 and outcome == OUTCOMES - 1, calm == p.patience
            row = (reward, *terms, responded, kind > 0, wrong, left, habituation, calm)
            found[kind, state, outcome, answer] = row
        return found

    def _begin(self, rows: Places) -> None:
        p = self.parameters
        self._worlds[0, rows] = 0
        self._worlds[1, rows] = p.start_habituation * (p.patience + 1) + p.start_disengagement
        self._observations[rows] = p.start_habituation, p.start_disengagement, p.steps

    def _memory(self) -> tuple[Array, ...]:
        return (self._worlds,)

    def _taken(self) -> Ints:
        return np.asarray(self._worlds[0])

    def _advance(self, actions: Array, idle: Flags) -> bool:
        return _advance(actions, idle, self._drawn, self._outcome, *self._played)


def _outcomes(p: HabitParameters, kind: int, habituation: int, calm: int) -> tuple[list[int], list[int]]:
    """States a step leads to, and places in the table of rates: for each outcome, the third after a wrong message."""
    levels, width = p.levels + 1, p.patience + 1
    if kind == 0:
        states = [max(habituation - 1, 0) * width + calm, habituation * width + calm]
        return [*states, states[1]], [habituation] * OUTCOMES
    up = min(habituation + 1, p.levels)
    right = kind * levels + up
    return [up * width + max(calm - 1, 0), up * width + calm, up * width + calm + 1], [right, right, up]


@jit
def _advance(
    actions: Ints,
    idle: Flags,
    luck: HabitLuck,
    outcome: Outcome,
    tables: tuple[Words, Words, Words, Floats],
    worlds: Ints,
    room: NDArray[np.uint32],
) -> bool:
    """One step of every person who is not idle; returns whether any episode ended.

    Neighbours who are not idle are played together, whatever their steps.
    """
    observations, results, decisions, terminated = outcome
    fate, answer = luck
    ended, drawn = False, answer.shape[1] > 0
    words = luck_of_now(fate, worlds[0], 0, room[0])
    said = luck_of_now(answer, worlds[0], 0, room[1]) if drawn else words
    low, count = np.uint64(0), np.uint64(len(idle))
    while low < count:
        high = neighbours(low, count, idle, idle)
        if not idle[low]:
            left = _play(
                low, high, fate.shape[1], actions, words, said, drawn, tables, worlds, observations, results, terminated
            )
            for world in range(low, high):
                decisions[world] = actions[world]
            ended |= left
        low = high
    return ended


@jit
def _play(
    low: np.uint64,
    high: np.uint64,
    steps: int,
    actions: Ints,
    words: NDArray[np.uint32],
    said: NDArray[np.uint32],
    drawn: bool,
    tables: tuple[Words, Words, Words, Floats],
    worlds: Ints,
    observations: Rows,
    results: Floats,
    terminated: Flags,
) -> bool:
    """Messages are sent, people respond, are paid for and may leave; returns whether any episode ended.

    Numbers without sign spare every look-up the question whether it counts from the end. A row is read whole before
    it is written, so that the processor may take several of its entries at once.
    """
    ended, step, state = False, worlds[0], worlds[1]
    after, limits, answers, pays = tables
    habituation, disengagement, steps_left = observations[:, 0], observations[:, 1], observations[:, 2]
    for world in range(low, high):
        sent, before, word = np.uint64(actions[world]), np.uint64(state[world]), np.uint64(words[world])
        # Thresholds rise, so the number passed is the outcome. Random words and thresholds are integers: comparing
        # them gives the same answer on every machine.
        outcome = np.uint64(word >= limits[sent, 0]) + np.uint64(word >= limits[sent, 1])
        answer = np.uint64(drawn and np.uint64(said[world]) < answers[sent, before, outcome])
        row = pays[sent, before, outcome, answer]
        reward, worth, cost, response, message, wrong, gone = row[0], row[1], row[2], row[3], row[4], row[5], row[6]
        results[0, world], results[1, world], results[2, world], results[3, world] = reward, worth, cost, response
        results[4, world], results[5, world], results[6, world] = message, wrong, gone
        # Written only after everything was looked up by the state before the step.
        state[world] = after[sent, before, outcome]
        habituation[world], disengagement[world] = row[7], row[8]
        terminated[world] = gone > 0
    for world in range(low, high):
        step[world] += 1
        steps_left[world] = steps - step[world]
        terminated[world] |= step[world] == steps
        ended |= terminated[world]
    return ended
