"""The optimum of the model of long-term satisfaction, by dynamic programming over exposure.

What is carried from step to step is exposure alone. Given it, a candidate of clickbait c is worth q(c), and of m
candidates drawn evenly the best is worth the mean of the largest order statistic of q: with q sorted over n evenly
spaced c, the i-th is the largest of m with probability (i / n)^m - ((i - 1) / n)^m. Values are splines between grid
points, the noise a Gauss-Hermite sum. So everything is exact up to the grid, whose error is stated.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from scipy import interpolate

from bizgyms.recommend.satisfaction.view import FIRST_CANDIDATE
from bizgyms.reference import Reference, Solution
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.recommend.satisfaction import SatisfactionParameters

# Grid points of exposure, and of a candidate's clickbait.
FINE, COARSE = (121, 400), (61, 200)
NOISE_NODES = 7
# Standard deviations of the lasting noise that the grid goes beyond the reach.
BEYOND = 6.0
# The policy looks values up between so many points, in a straight line.
LOOK_UP = 1201
# How likely the item with the i-th smallest worth, or clickbait, is the one that is chosen.
Choice = Callable[[Floats, Floats], Floats]


@dataclasses.dataclass(frozen=True)
class LookAhead:
    """Shows the candidate of the largest expected minutes now and later.

    Attributes:
        parameters: the user.
        exposure: [points] exposures, evenly spaced.
        later: [steps, points] expected minutes after each step, by the exposure it leads to.
    """

    parameters: SatisfactionParameters
    exposure: Floats
    later: Floats

    def worth(self, observations: Rows) -> Floats:
        """[worlds, candidates] expected minutes from each candidate on."""
        seen = observations.astype(np.float64)
        exposure, items = seen[:, 1, None], seen[:, FIRST_CANDIDATE:]
        step = np.clip(len(self.later) - np.rint(seen[:, 2]).astype(np.int64), 0, len(self.later) - 1)
        place = (self.parameters.moved(exposure, items) - self.exposure[0]) / (self.exposure[1] - self.exposure[0])
        place = np.clip(place, 0, len(self.exposure) - 1.000001)
        left = place.astype(np.int64)
        low, high = self.later[step[:, None], left], self.later[step[:, None], left + 1]
        return np.asarray(self.parameters.expected(exposure, items) + low + (place - left) * (high - low))

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """Decides for [worlds, features] observations."""
        return np.asarray(self.worth(observations).argmax(axis=1))


def best(p: SatisfactionParameters) -> Choice:
    """The candidate worth most, of all candidates."""

    def choice(worth: Floats, items: Floats) -> Floats:
        edges = np.arange(worth.shape[1] + 1) / worth.shape[1]
        return np.asarray(np.sort(worth, axis=1) @ np.diff(edges**p.candidates))

    return choice


def by_clickbait(density: Floats) -> Choice:
    """A candidate chosen by its clickbait alone.

    Args:
        density: [n] probability that the item chosen is in each of n equal parts of 0 to 1.
    """
    return lambda worth, items: np.asarray(worth @ density)


def order_statistic(p: SatisfactionParameters, largest: bool, points: int) -> Floats:
    """[points] law of the most (or least) clickbait among the candidates, over equal parts of 0 to 1."""
    edges = np.arange(points + 1) / points
    return np.diff(edges**p.candidates) if largest else np.diff(-((1 - edges) ** p.candidates))


def evaluate(p: SatisfactionParameters, choice: Choice, points: tuple[int, int] = FINE) -> tuple[float, Floats, Floats]:
    """Expected minutes of an episode under a way to choose.

    Args:
        p: the user.
        choice: ``choice(worth, items) -> [exposures]`` expected worth of the candidate chosen, given [exposures, items]
            what a candidate of each clickbait is worth.
        points: grid points of exposure and of clickbait.

    Returns:
        The mean over where users start, the exposures of the grid, and [steps, exposures] expected minutes after each
        step.
    """
    lasting = p.noise / np.sqrt(1 - p.memory**2)
    exposure = np.linspace(-1, 1, points[0]) * (p.reach + BEYOND * lasting)
    items = (np.arange(points[1]) + 0.5) / points[1]
    now = p.expected(exposure[:, None], items)
    after = np.clip(p.moved(exposure[:, None], items), exposure[0], exposure[-1])
    nodes, weights = np.polynomial.hermite_e.hermegauss(NOISE_NODES)
    shifted = np.clip(exposure[:, None] + p.noise * nodes, exposure[0], exposure[-1])
    values, later = np.zeros(len(exposure)), np.zeros((p.steps, len(exposure)))
    for step in reversed(range(p.steps)):
        smooth = interpolate.CubicSpline(exposure, values)
        later[step] = smooth(shifted) @ (weights / weights.sum())
        values = choice(now + interpolate.CubicSpline(exposure, later[step])(after), items)
    return _mean_at_start(p, interpolate.CubicSpline(exposure, values)), exposure, later


def _mean_at_start(p: SatisfactionParameters, values: interpolate.CubicSpline) -> float:
    edge = p.start * p.reach
    return float(values.integrate(-edge, edge) / (2 * edge)) if edge > 0 else float(values(0.0))


def solve(p: SatisfactionParameters) -> Solution:
    """The optimum of an episode, exact up to the grid."""
    value, exposure, later = evaluate(p, best(p))
    fine = np.linspace(exposure[0], exposure[-1], LOOK_UP)
    policy = LookAhead(p, fine, interpolate.CubicSpline(exposure, later, axis=1)(fine))
    return Solution(value, policy, "total", states=FINE[0])


def reference(parameters: SatisfactionParameters) -> Reference:
    """The optimum of an episode, with the error of the grid as its standard error."""
    solution = solve(parameters)
    coarse, _, _ = evaluate(parameters, best(parameters), COARSE)
    method = f"dynamic programming over {FINE[0]} exposures and {FINE[1]} kinds of candidate, splines in between"
    return solution.reference(method, abs(solution.value - coarse))
