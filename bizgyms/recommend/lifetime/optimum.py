"""The best possible for a customer's lifetime: exact where it is small and everything is seen, else a bound."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from bizgyms.compiled import jit
from bizgyms.recommend.lifetime.bound import STEPS, Law, law_of, values
from bizgyms.recommend.lifetime.slates import best_slate
from bizgyms.recommend.lifetime.view import LifetimeView
from bizgyms.reference import Reference, Solution, TooLargeError
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.recommend.lifetime import LifetimeParameters

# So many states times visits are solved in seconds.
MOST_STATES = 2_000_000
# The days may end before the last visit with at most this probability.
NEVER = 1e-9
# Nodes for rate and for drop-out: of the bound, and of the coarser one it is compared with.
NODES = (8, 6)


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
        slate = self.slates[visit, segment, level, bored @ _powers(p)].astype(np.int64)
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
    law = law_of(p)._replace(weights=LifetimeView(p).laws.weights)
    powers, boredom = _powers(p), np.array(p.boredom)
    vectors = np.arange(len(boredom) ** p.topics)[:, None] // powers % len(boredom)
    topic = p.topic_of()
    # Where boredom moves to, by the topic clicked; the last entry is for no click.
    after = np.stack([_after(vectors, k, p) @ powers for k in range(p.topics + 1)], axis=1)
    shape = (len(p.segments), p.levels + 1, len(vectors))
    slates = np.empty((p.visits, *shape, p.slate), dtype=np.int16)
    dropout, later = p.a / (p.a + p.b), np.zeros(shape)
    for visit in reversed(range(p.visits)):
        stay = np.maximum(1.0 - dropout * law.leaves, 0.0) if visit else np.ones(p.levels + 1)
        waiting = np.einsum("gh,hsb->gsb", law.moves, later) * stay[None, :, None]
        later = np.empty(shape)
        _visit(law, waiting, topic, after, boredom[vectors], later, slates[visit])
    value = float(p.shares() @ later[:, p.start, 0])
    return Solution(value, Table(LifetimeView(p), slates), "total", slates[..., 0].size)


def reference(parameters: LifetimeParameters) -> Reference:
    """The mean return of a lifetime nobody can beat: exact where `why_not_exact` has nothing to say, else a bound."""
    p = parameters
    if not why_not_exact(p):
        return solve(p).reference("dynamic programming over visits, segment, satisfaction and boredom")
    from bizgyms.recommend.lifetime.planner import planner

    value, error = bound(p)
    return Reference(value, "bound", error, "full information, no boredom and nothing sold out", planner(p))


def bound(p: LifetimeParameters) -> tuple[float, float]:
    """The bound's mean over natures, and what its grids may be off by.

    The mean is Gauss's: nodes of Laguerre for the gamma law of rates, of Jacobi for the beta law of drop-out. The
    changes from half the steps of time and from fewer nodes are added up and reported as the standard error.
    """
    fine, coarse = (_mean(p, nodes, STEPS) for nodes in NODES)
    rough = _mean(p, NODES[1], STEPS // 2)
    return fine, abs(fine - coarse) + abs(coarse - rough)


def _mean(p: LifetimeParameters, nodes: int, steps: int) -> float:
    rates, dropouts, weights = natures(p, nodes)
    return float(weights @ values(p, rates, dropouts, steps))


def natures(p: LifetimeParameters, nodes: int) -> tuple[Floats, Floats, Floats]:
    """[natures] rates, drop-outs and weights of a mean over natures; one nature where all are alike."""
    if p.alike:
        return np.array([p.r / p.alpha]), np.array([p.a / (p.a + p.b)]), np.ones(1)
    rates, of_rates = special.roots_genlaguerre(nodes, p.r - 1)
    dropouts, of_dropouts = special.roots_jacobi(nodes, p.b - 1, p.a - 1)
    weights = np.outer(of_rates / of_rates.sum(), of_dropouts / of_dropouts.sum())
    grid = np.meshgrid(rates / p.alpha, (1 + dropouts) / 2, indexing="ij")
    return grid[0].ravel(), grid[1].ravel(), weights.ravel()


def _powers(p: LifetimeParameters) -> Ints:
    """[topics] what a level of each topic's boredom counts in the number of a state."""
    return np.asarray(len(p.boredom) ** np.arange(p.topics), dtype=np.int64)


def _after(vectors: Ints, topic: int, p: LifetimeParameters) -> Ints:
    """Boredom of all topics after a click on one; on none, where ``topic`` is their number."""
    moved = vectors - 1
    if topic < vectors.shape[1]:
        moved[:, topic] += p.bores + 1
    return np.clip(moved, 0, len(p.boredom) - 1)


@jit
def _visit(
    law: Law,
    waiting: Floats,
    topic: Ints,
    after: Ints,
    fresh: Floats,
    values: Floats,
    slates: NDArray[np.int16],
) -> None:
    """Values and best slates of a visit.

    Args:
        law: the shop's.
        waiting: [segments, levels, vectors] values after the visit.
        topic: [items] their topics.
        after: [vectors, topics + 1] boredom after a click on each topic, and on none.
        fresh: [vectors, topics] factors.
        values: [segments, levels, vectors] receives the values.
        slates: [segments, levels, vectors, slate] receives the slates.
    """
    segments, levels, vectors = waiting.shape
    items = len(topic)
    worth, weights = np.zeros(items), np.zeros(items)
    slate, gains = np.zeros(len(law.places), dtype=np.int64), np.zeros(len(law.places))
    for g in range(segments):
        for level in range(levels):
            high, low = min(level + 1, levels - 1), max(level - 1, 0)
            for vector in range(vectors):
                for item in range(items):
                    to, up, down = after[vector, topic[item]], law.up[item], law.down[item]
                    here = waiting[g, level, to]
                    moved = up * (waiting[g, high, to] - here) + down * (waiting[g, low, to] - here)
                    worth[item] = law.margin[item] + here + moved
                    weights[item] = law.weights[0, g, item] * fresh[vector, topic[item]]
                to, up, down = after[vector, after.shape[1] - 1], law.up[items], law.down[items]
                here = waiting[g, level, to]
                nothing = here + up * (waiting[g, high, to] - here) + down * (waiting[g, low, to] - here)
                values[g, level, vector] = best_slate(worth, weights, nothing, law.places, slate, gains)
                slates[g, level, vector] = slate
