"""The optimum of nudging somebody to walk: belief dynamic programming on a grid of habituation and disengagement.

The belief of a step is independent of everything before it, so it is no part of the state that is carried on: the
value of a step is an expectation over the belief of the best decision, which has a closed form. Between grid points
values are interpolated; that is the only error, and it is stated.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

from bizgyms.reference import Reference, Solution
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.nudge.activity import ActivityParameters, belief_of

GENERIC, TAILORED_TO_0 = 1, 2
# Grid points of habituation and disengagement. The jump at leaves - annoys (.59) falls on one of them.
FINE, COARSE = (401, 793), (201, 397)
# Nodes of the average over what is dispersed: for the value, and for one look ahead.
NODES, FEW_NODES = 32, 5


class Grid:
    """Values over habituation and disengagement, and what a step does to them.

    The last node of disengagement stands for the values just below ``leaves``; from there on they are 0.

    Args:
        p: the person.
        points: nodes of habituation and of disengagement.
    """

    def __init__(self, p: ActivityParameters, points: tuple[int, int]) -> None:
        self.parameters = p
        self.habituation = np.linspace(0.0, 1.0, points[0])
        self.disengagement = np.linspace(0.0, p.leaves, points[1])
        used_to = np.minimum(1.0, self.habituation + p.rises)
        self.rested = _moves(self.habituation, p.fades * self.habituation, p.dispersion, 2.0)
        self.nudged = _moves(self.habituation, used_to, p.dispersion, 2.0)
        self.helped = _moves(self.disengagement, p.forgives * self.disengagement, p.dispersion, p.leaves)
        annoyed = np.minimum(1.0, self.disengagement + p.annoys)
        self.annoyed = _moves(self.disengagement, annoyed, p.dispersion, p.leaves)
        self.fresh = 1.0 - used_to[:, None]

    def decisions(self, after: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """[habituation, disengagement] value of none, generic, tailored when right, and tailored when wrong."""
        p = self.parameters
        nudged = self.nudged @ after
        right = p.base + (self.helped @ nudged.T).T
        wrong = p.base + (self.annoyed @ nudged.T).T
        none = p.base + self.rested @ after
        return none, right + p.generic * self.fresh, right + p.tailored * self.fresh, wrong

    def at(self, values: NDArray[np.floating[Any]], habituation: Floats, disengagement: Floats) -> Floats:
        """Values interpolated at some points; 0 for a person who has left."""
        low, up = _place(self.habituation, habituation)
        left, along = _place(self.disengagement, disengagement)
        below = values[low, left] * (1 - along) + values[low, left + 1] * along
        above = values[low + 1, left] * (1 - along) + values[low + 1, left + 1] * along
        return np.where(disengagement >= self.parameters.leaves, 0.0, below * (1 - up) + above * up)


def _place(nodes: Floats, points: Floats) -> tuple[Ints, Floats]:
    """The node at or below each point, and how far the point is on the way to the next."""
    position = points / (nodes[1] - nodes[0])
    low = np.clip(np.floor(position + 1e-9).astype(np.int64), 0, len(nodes) - 2)
    return low, np.clip(position - low, 0.0, 1.0)


def _moves(nodes: Floats, means: Floats, dispersion: float, leaves: float) -> sparse.csr_array:
    """[from, to] weights of interpolation after a move to ``means``, dispersed around them; none where it leaves."""
    count = NODES if dispersion else 1
    total = sparse.csr_array((len(nodes), len(nodes)))
    rows = np.arange(len(nodes))
    for wobble in (2.0 * np.arange(count) + 1.0) / count - 1.0:
        points = means + dispersion * wobble * np.minimum(means, 1.0 - means)
        low, along = _place(nodes, points)
        stay = points < leaves - 1e-12
        weights = np.concatenate([(1 - along) * stay, along * stay]) / count
        places = (np.concatenate([rows, rows]), np.concatenate([low, low + 1]))
        total = total + sparse.csr_array((weights, places), shape=total.shape)
    return total


def expected_best(untailored: Floats, right: Floats, wrong: Floats, sigma: float) -> Floats:
    """Expected value of the better of a decision without tailoring and of tailoring to the likelier context.

    Tailoring pays where the likelier context has probability m >= m* = (untailored - wrong) / (right - wrong), that
    is, where the signal is at least delta = sigma^2 log(m* / (1 - m*)) from 1/2. It is then right with probability
    Phi((1/2 - delta) / sigma), wrong with Phi((-1/2 - delta) / sigma).
    """
    if sigma == 0:
        return np.maximum(untailored, right)
    least = np.clip((untailored - wrong) / np.maximum(right - wrong, 1e-300), 0.5, 1.0)
    with np.errstate(divide="ignore"):
        delta = sigma**2 * (np.log(least) - np.log1p(-least))
    hit, miss = special.ndtr((0.5 - delta) / sigma), special.ndtr((-0.5 - delta) / sigma)
    return np.asarray(untailored * (1.0 - hit - miss) + right * hit + wrong * miss)


def values_of(p: ActivityParameters, points: tuple[int, int], keep: bool = False) -> tuple[float, Grid, list[Rows]]:
    """Value of an episode on a grid.

    Args:
        p: the person.
        points: nodes of habituation and of disengagement.
        keep: whether to keep the values of every step for a policy.

    Returns:
        The value, the grid, and [steps] the values after each step.
    """
    grid = Grid(p, points)
    values = np.zeros(points)
    kept: list[Rows] = []
    for _ in range(p.steps):
        if keep:
            kept.append(values.astype(np.float32))
        none, generic, right, wrong = grid.decisions(values)
        values = expected_best(np.maximum(none, generic), right, wrong, p.sigma)
    start = np.array([p.start_habituation]), np.array([p.start_disengagement])
    return float(grid.at(values, *start)[0]), grid, kept[::-1]


@dataclasses.dataclass(frozen=True)
class LookAhead:
    """Takes the decision with the largest expected value, one step ahead of values on a grid.

    Attributes:
        grid: the grid.
        after: [steps] values after each step.
    """

    grid: Grid
    after: list[Rows]

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """Decides for [worlds, features] observations."""
        p = self.grid.parameters
        habituation, disengagement, seen, left = observations.astype(np.float64).T
        step = np.clip(p.steps - np.rint(left).astype(np.int64), 0, p.steps - 1)
        actions = np.zeros(len(observations), dtype=np.int64)
        for now in np.unique(step):
            worlds = np.flatnonzero(step == now)
            values = self._decisions(self.after[now], habituation[worlds], disengagement[worlds], seen[worlds])
            actions[worlds] = values.argmax(axis=0)
        return actions

    def _decisions(self, after: Rows, habituation: Floats, disengagement: Floats, seen: Floats) -> Floats:
        """[4, worlds] expected value of each decision."""
        p = self.grid.parameters
        belief = belief_of(seen, p.sigma) if p.observed == "signal" else seen
        used_to = np.minimum(1.0, habituation + p.rises)
        none = self._expected(after, p.fades * habituation, disengagement, False)
        helped = self._expected(after, used_to, p.forgives * disengagement, True)
        annoyed = self._expected(after, used_to, np.minimum(1.0, disengagement + p.annoys), True)
        right, fresh = helped + p.tailored * (1.0 - used_to), 1.0 - used_to
        to_0 = (1.0 - belief) * right + belief * annoyed
        to_1 = belief * right + (1.0 - belief) * annoyed
        return np.stack([none, helped + p.generic * fresh, to_0, to_1])

    def _expected(self, after: Rows, habituation: Floats, disengagement: Floats, both: bool) -> Floats:
        """Expected value after a step to these means; ``both`` are dispersed, or habituation alone."""
        share = self.grid.parameters.dispersion
        nodes = (2.0 * np.arange(FEW_NODES) + 1.0) / FEW_NODES - 1.0 if share else np.zeros(1)
        spread = share * np.minimum(habituation, 1.0 - habituation)
        apart = share * np.minimum(disengagement, 1.0 - disengagement) * both
        found = [
            self.grid.at(after, habituation + up * spread, disengagement + along * apart)
            for up in nodes
            for along in (nodes if both else (0.0,))
        ]
        return np.asarray(np.mean(found, axis=0))


def solve(p: ActivityParameters, points: tuple[int, int] = COARSE) -> Solution:
    """The optimum of an episode on a grid, with its policy."""
    value, grid, after = values_of(p, points, keep=True)
    return Solution(value, LookAhead(grid, after), "total", states=points[0] * points[1])


def reference(parameters: ActivityParameters) -> Reference:
    """The optimum of an episode; its standard error is the error of the grid."""
    fine, _, _ = values_of(parameters, FINE)
    coarse = solve(parameters)
    error = abs(fine - coarse.value)
    method = f"belief dynamic programming on {FINE[0]} x {FINE[1]} points; half of them give {coarse.value:.6g}"
    return Reference(fine, "exact", error, method, coarse.policy)
