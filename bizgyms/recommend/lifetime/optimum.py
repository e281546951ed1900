"""The best possible for a customer's lifetime: exact where it is small and everything is seen, else a bound."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from bizgyms.recommend.lifetime.boredom import Boredom, after, powers
from bizgyms.recommend.lifetime.bound import STEPS, TIMED, by_count, by_visits, count_decides, law_of, values
from bizgyms.recommend.lifetime.view import LifetimeView
from bizgyms.reference import Reference, Solution, TooLargeError
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.recommend.lifetime import LifetimeParameters

# So many states times visits are solved in seconds.
MOST_STATES = 2_000_000
# The days may end before the last visit with at most this probability.
NEVER = 1e-9
# Nodes for rate and for drop-out: where boredom is followed, and of a finer mean in which nothing bores.
NODES, FINER = 5, 8


@dataclasses.dataclass(frozen=True)
class Table:
    """The best slate for each visit and everything that is revealed.

    Attributes:
        view: the shop's.
        slates: [visits, segments, levels, boredom of all topics, slate] items, -1 for an empty place.
    """

    view: LifetimeView
    slates: NDArray[np.int16]

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items; a place is left empty by repeating the top one."""
        view, p = self.view, self.view.parameters
        visit = np.clip(np.rint(view.one(observations, "visits")), 0, len(self.slates) - 1).astype(np.int64)
        segment, level = (
            np.rint(view.one(observations, name)).astype(np.int64) for name in ("segment", "satisfaction")
        )
        bored = np.rint(view.group(observations, "bored", p.topics)).astype(np.int64)
        slate = self.slates[visit, segment, level, bored @ powers(p)].astype(np.int64)
        return np.asarray(np.where(slate >= 0, slate, np.maximum(slate[:, :1], 0)))


def why_not_exact(p: LifetimeParameters) -> str:
    """What stands against an exact solution; nothing where there is one."""
    if not p.revealed:
        return "the customer's state is hidden"
    if not p.alike:
        return "customers' rates and drop-outs differ"
    if p.changes or p.shift_day:
        return "catalogue or tastes change with the date"
    slowest = p.r / p.alpha * np.exp(-p.pull)
    if stats.gamma(max(p.visits - 1, 1), scale=1 / slowest).sf(p.days) > NEVER:
        return "the days may end before the last visit"
    states = p.visits * len(p.segments) * (p.levels + 1) * len(p.boredom) ** p.topics
    return f"{states:,} states" if states > MOST_STATES else ""


def solve(p: LifetimeParameters) -> Solution:
    """The exact optimum by dynamic programming over visits, segments, satisfaction and boredom.

    Raises:
        TooLargeError: it is not exact or too large; the message says why.
    """
    why = why_not_exact(p)
    if why:
        raise TooLargeError(f"no exact optimum: {why}; reference() gives a bound")
    # Every vector of levels has its number, met or not, so that the policy finds it by arithmetic.
    vectors = np.arange(len(p.boredom) ** p.topics)[:, None] // powers(p) % len(p.boredom)
    bored = Boredom(np.array(p.boredom)[vectors], after(vectors, p, len(p.boredom) - 1) @ powers(p), True)
    shape = (len(p.segments), p.levels + 1, len(vectors))
    slates = np.empty((p.visits, *shape, p.slate), dtype=np.int16)
    value = by_visits(p, law_of(p), bored, p.a / (p.a + p.b), slates)
    return Solution(value, Table(LifetimeView(p), slates), "total", slates[..., 0].size)


def reference(parameters: LifetimeParameters) -> Reference:
    """The mean return of a lifetime nobody can beat: exact where `why_not_exact` has nothing to say, else a bound."""
    p = parameters
    if not why_not_exact(p):
        return solve(p).reference("dynamic programming over visits, segment, satisfaction and boredom")
    from bizgyms.recommend.lifetime.planner import planner

    value, error = bound(p)
    known = "the number of visits" if count_decides(p) else "visit rate, drop-out and satisfaction"
    return Reference(value, "bound", error, f"full information on segment and {known}, nothing sold out", planner(p))


@functools.lru_cache(maxsize=16)
def bound(p: LifetimeParameters) -> tuple[float, float]:
    """The bound's mean over natures, and what its grids may be off by.

    The mean is Gauss's: nodes of Laguerre for the gamma law of rates, of Jacobi for the beta law of drop-out. What more
    nodes and half the steps of time change where nothing bores is added up and reported as the standard error. No grid
    is needed where only the number of visits counts.
    """
    if count_decides(p):
        return by_count(p), 0.0
    coarse, rough, finer = _mean(p, NODES, STEPS), _mean(p, NODES, STEPS // 2), _mean(p, FINER, STEPS)
    return _mean(p, NODES, STEPS, TIMED), abs(finer - coarse) + abs(coarse - rough)


def _mean(p: LifetimeParameters, nodes: int, steps: int, most: int = 1) -> float:
    rates, dropouts, weights = natures(p, nodes)
    return float(weights @ values(p, rates, dropouts, steps, most))


def natures(p: LifetimeParameters, nodes: int) -> tuple[Floats, Floats, Floats]:
    """[natures] rates, drop-outs and weights of a mean over natures; one nature where all are alike."""
    if p.alike:
        return np.array([p.r / p.alpha]), np.array([p.a / (p.a + p.b)]), np.ones(1)
    rates, of_rates = special.roots_genlaguerre(nodes, p.r - 1)
    dropouts, of_dropouts = special.roots_jacobi(nodes, p.b - 1, p.a - 1)
    weights = np.outer(of_rates / of_rates.sum(), of_dropouts / of_dropouts.sum())
    grid = np.meshgrid(rates / p.alpha, (1 + dropouts) / 2, indexing="ij")
    return grid[0].ravel(), grid[1].ravel(), weights.ravel()
