"""The exact optimum of messages to one person, by dynamic programming over habituation and disengagement."""

from __future__ import annotations

import dataclasses

import numpy as np

from bizgyms.reference import Reference, Solution
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.nudge.habit import HabitParameters


@dataclasses.dataclass(frozen=True)
class TablePolicy:
    """Messages as a table over the state.

    Attributes:
        kinds: [steps, levels + 1, patience] which kind to send, 0 for none.
    """

    kinds: Ints

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """Decides for [worlds, features] observations; a person who has left counts as nearest to leaving."""
        habituation, disengagement, steps_left = np.rint(observations.T).astype(np.int64)
        step = np.clip(len(self.kinds) - steps_left, 0, len(self.kinds) - 1)
        return np.asarray(self.kinds[step, habituation, np.minimum(disengagement, self.kinds.shape[2] - 1)])


def action_values(p: HabitParameters, after: Floats) -> Floats:
    """[kinds + 1, levels + 1, patience] expected return of each decision.

    Args:
        p: the person.
        after: [levels + 1, patience + 1] expected return from the next step on; 0 after leaving.
    """
    rates, worths, costs = p.rates(), p.worths(), p.costs()
    levels, patience = np.arange(p.levels + 1), np.arange(p.patience)
    down, up = np.maximum(levels - 1, 0), np.minimum(levels + 1, p.levels)
    stay = after[:, :-1]
    values = np.empty((len(worths), *stay.shape))
    values[0] = worths[0] * p.base + p.fades * stay[down] + (1 - p.fades) * stay
    forgiven = p.forgives * after[:, np.maximum(patience - 1, 0)] + (1 - p.forgives) * stay
    for kind, message in enumerate(p.messages, start=1):
        right = worths[kind] * rates[kind, up][:, None] + forgiven[up]
        wrong = worths[kind] * p.base + after[up, 1:]
        values[kind] = message.right * right + (1 - message.right) * wrong - costs[kind]
    return values


def solve(p: HabitParameters) -> Solution:
    """The exact optimum of an episode."""
    after = np.zeros((p.levels + 1, p.patience + 1))
    kinds = np.zeros((p.steps, p.levels + 1, p.patience), dtype=np.int64)
    for step in reversed(range(p.steps)):
        values = action_values(p, after)
        kinds[step] = values.argmax(axis=0)
        after[:, :-1] = values.max(axis=0)
    value = float(after[p.start_habituation, p.start_disengagement])
    return Solution(value, TablePolicy(kinds), "total", states=kinds[0].size)


def value_of(p: HabitParameters, kinds: Ints) -> float:
    """The exact value of a table of decisions.

    Args:
        p: the person.
        kinds: which kind to send, 0 for none; any shape that broadcasts to [steps, levels + 1, patience].
    """
    after = np.zeros((p.levels + 1, p.patience + 1))
    table = np.broadcast_to(kinds, (p.steps, p.levels + 1, p.patience))
    for step in reversed(range(p.steps)):
        values = action_values(p, after)
        after[:, :-1] = np.take_along_axis(values, table[step][None], axis=0)[0]
    return float(after[p.start_habituation, p.start_disengagement])


def reference(parameters: HabitParameters) -> Reference:
    """The exact optimum of an episode, as the mean return nobody can beat."""
    solution = solve(parameters)
    return solution.reference(f"dynamic programming over {solution.states:,} states a step")
