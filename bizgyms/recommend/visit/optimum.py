"""The exact optimum of a customer's life, by policy iteration over satisfaction, kind shown last and repeats."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np

from bizgyms.reference import Reference, Solution
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.recommend.visit import VisitParameters

# A kind must be better by so much to displace another, so that rounding cannot make the iteration go in circles.
BETTER = 1e-12


class Model(NamedTuple):
    """The customer as a Markov decision process. States are satisfaction * blocks + block; block 0: nothing shown yet.

    Attributes:
        margin: [kinds, states] expected reward.
        clicks: [kinds, states] expected clicks.
        moves: [kinds, states, states] probability of the next state; what is missing to 1 is leaving.
        start: the first state.
    """

    margin: Floats
    clicks: Floats
    moves: Floats
    start: int


@dataclasses.dataclass(frozen=True)
class TablePolicy:
    """Ints as a table over the state.

    Attributes:
        kinds: [levels, 1 + kinds * (boredom + 1)] which kind to show.
        boredom: most repeats that count.
    """

    kinds: Ints
    boredom: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """Decides for [worlds, features] observations."""
        satisfaction, shown, repeats = np.rint(observations.T).astype(np.int64)
        return np.asarray(self.kinds[satisfaction, block_of(shown, repeats, self.boredom)])


def block_of(shown: Ints, repeats: Ints, boredom: int) -> Ints:
    """Where a kind shown last (from 1 on; 0 for none) with its repeats is in the second half of a state."""
    return np.where(shown == 0, 0, 1 + (shown - 1) * (boredom + 1) + repeats)


def states_of(p: VisitParameters) -> tuple[Ints, Ints, Ints]:
    """Satisfaction, kind shown last (0 for none) and repeats of every state, each of shape [levels, blocks]."""
    blocks = np.arange(len(p.kinds) * (p.boredom + 1))
    shown = np.append(0, 1 + blocks // (p.boredom + 1))
    repeats = np.append(0, blocks % (p.boredom + 1))
    shape = (p.levels, len(shown))
    satisfaction = np.broadcast_to(np.arange(p.levels)[:, None], shape)
    return satisfaction, np.broadcast_to(shown, shape), np.broadcast_to(repeats, shape)


def model(p: VisitParameters) -> Model:
    """The customer as a Markov decision process."""
    satisfaction, shown, repeats = (part.ravel() for part in states_of(p))
    blocks, count = len(satisfaction) // p.levels, len(satisfaction)
    staying, moving, clicks = 1 - p.leaves()[:, 1], p.moves(), p.clicks()
    moves = np.zeros((len(p.kinds), count, count))
    expected = np.zeros((len(p.kinds), count))
    every = np.arange(count)
    for kind in range(len(p.kinds)):
        again = np.where(shown == kind + 1, np.minimum(repeats + 1, p.boredom), 0)
        expected[kind] = clicks[kind, satisfaction, again]
        block = block_of(np.full(count, kind + 1), again, p.boredom)
        up, down = moving[kind, again].T
        for step, chance in ((1, up), (-1, down), (0, 1 - up - down)):
            after = np.clip(satisfaction + step, 0, p.levels - 1) * blocks + block
            np.add.at(moves[kind], (every, after), staying[satisfaction] * chance)
    return Model(expected * np.array(p.worths())[:, None], expected, moves, p.start * blocks)


def value_of(found: Model, kinds: Ints, paid: Floats | None = None) -> Floats:
    """[states] exact expected total of a table of decisions.

    Args:
        found: the customer.
        kinds: [states] which kind to show.
        paid: [kinds, states] what is added up; margins if None.
    """
    every = np.arange(len(kinds))
    rewards = (found.margin if paid is None else paid)[kinds, every]
    return np.asarray(np.linalg.solve(np.eye(len(kinds)) - found.moves[kinds, every], rewards))


def solve(p: VisitParameters) -> Solution:
    """The exact optimum of an episode."""
    found = model(p)
    every = np.arange(found.margin.shape[1])
    kinds = found.margin.argmax(axis=0)
    while True:
        values = value_of(found, kinds)
        gains = found.margin + found.moves @ values
        better = gains.max(axis=0) > gains[kinds, every] + BETTER * np.abs(values).max()
        if not better.any():
            break
        kinds = np.where(better, gains.argmax(axis=0), kinds)
    policy = TablePolicy(kinds.reshape(p.levels, -1), p.boredom)
    return Solution(float(values[found.start]), policy, "total", states=len(every))


def reference(parameters: VisitParameters) -> Reference:
    """The exact optimum of an episode, as the mean return nobody can beat."""
    solution = solve(parameters)
    return solution.reference(f"policy iteration over {solution.states} states")
