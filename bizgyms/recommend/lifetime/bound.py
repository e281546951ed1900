"""The bound of a customer's lifetime: everything hidden is known, boredom may be eased, and nothing is ever sold out.

All relax in the recommender's favour. A policy that knows nature (rate and drop-out), segment and satisfaction can
always act as if not. Boredom is followed, or eased as `boredom.followed` proves. What is sold out could have been left
out.

Then for each nature the value U(t, s, g, b) of waiting with t days left, at satisfaction s, in segment g and at boredom
b, solves

    dU/dt = rate / wait(s) * (V(t, s, ., b) - U(t, s, g, b)),    U(0, ...) = 0,

where V is what the best slate of a visit earns, its drop-out and the values after it counted. It is solved on a grid of
time, exactly for a V that is constant within a step, with V taken at the middle of the step; there is no last visit but
the last day. Where nothing goes by the date, the same is solved visit by visit, with a last visit and no last day. A
nature is worth the smaller of the two.

Where satisfaction does nothing, decisions change neither the number N of visits nor when they come, and N is revealed
instead of the nature: with W(n) the most that n visits earn, the bound is the sum over n of P(N >= n) (W(n) - W(n-1)).
Its law is known: N visits need N - 1 gaps within the days (negative binomial, by the gamma mixture of Poisson laws) and
N - 2 stays (the moments of the beta law). No increment W(n + 1) - W(n) exceeds the largest of an earlier n over all
states, which ends the sum early.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from bizgyms.compiled import jit
from bizgyms.recommend.lifetime.boredom import Boredom, followed
from bizgyms.recommend.lifetime.slates import best_slate
from envs_data.arrays import Floats, Ints
from envs_data.recommend.lifetime import LifetimeParameters, tables

# Steps of time: so many a year at least, and so many a mean gap of the quickest.
STEPS = 180
# The error falls with the square of the step: to add a third of the change from steps twice as long removes it, and
# half leaves it on the safe side.
EXTRAPOLATED = 0.5
# Most states (segments, levels, boredom) that are followed through time, and through visits alone.
TIMED, COUNTED = 400, 300_000
# An increment of W is as good as constant when it differs by this share over the states.
CONSTANT = 1e-6


Slates = NDArray[np.int16]


class Law(NamedTuple):
    """What a visit does, as the solver needs it.

    Attributes:
        margin: [items] expected margin of a click, returns taken off.
        up, down: [items + 1] probability that satisfaction rises or falls; the last is without a click.
        weights: [2, segments, items] full weights, before the shift of tastes and after.
        places: [slate] factors.
        waits, leaves: [levels] factors of satisfaction.
        moves: [segments, segments] from a visit's segment to the next one's.
        arrives: [items] day of arrival.
        shift: day of the shift; after the end where there is none.
    """

    margin: Floats
    up: Floats
    down: Floats
    weights: Floats
    places: Floats
    waits: Floats
    leaves: Floats
    moves: Floats
    arrives: Floats
    shift: float


def law_of(p: LifetimeParameters) -> Law:
    """The law of a shop, with nothing that bores."""
    laws = tables(p)
    words = float(len(laws.segments))
    margin = np.array([item.margin for item in p.items])
    sold, back = laws.buys / words, laws.returns / words
    shares = p.shares()
    return Law(
        margin=sold * (margin - back * (margin + p.handling)),
        up=laws.rises / words,
        down=1.0 - laws.falls / words,
        weights=laws.weights,
        places=laws.places,
        waits=laws.waits,
        leaves=laws.leaves,
        moves=(1 - p.drift) * np.eye(len(shares)) + p.drift * shares,
        arrives=np.array([item.arrives for item in p.items], dtype=np.float64),
        shift=float(p.shift_day or p.days + 1),
    )


def values(p: LifetimeParameters, rates: Floats, dropouts: Floats, steps: int = STEPS, most: int = 1) -> Floats:
    """[natures] value of a lifetime when everything hidden is known.

    Args:
        p: the shop.
        rates: [natures] visits a day.
        dropouts: [natures] probability of leaving after a visit.
        steps: least steps of time.
        most: states (segments, levels, boredom) that are followed at most; 1: nothing bores.
    """
    law = law_of(p)
    bored = followed(p, max(most // (len(p.segments) * len(law.waits)), 1))
    found = []
    for rate, dropout in zip(rates.tolist(), dropouts.tolist(), strict=True):
        count = max(steps, min(int(2 * p.days * rate / law.waits.min()), 3 * steps))
        fine, coarse = (_by_time(p, law, bored, rate, dropout, n) for n in (count, count // 2))
        value = fine + EXTRAPOLATED * abs(fine - coarse)
        found.append(value if p.shift_day else min(value, by_visits(p, law, bored, dropout)))
    return np.array(found)


def _by_time(p: LifetimeParameters, law: Law, bored: Boredom, rate: float, dropout: float, steps: int) -> float:
    """The value of a lifetime that ends on the last day, whatever the visit."""
    first = np.empty((len(p.segments), len(law.waits), len(bored.factors)))
    _solve(law, p.topic_of(), bored.after, bored.factors, rate, dropout, float(p.days), steps, first)
    return float(p.shares() @ first[:, p.start, 0])


def by_visits(p: LifetimeParameters, law: Law, bored: Boredom, dropout: float, slates: Slates | None = None) -> float:
    """The value of a lifetime that ends at the last visit, whatever the day.

    Args:
        p: the shop.
        law: its law.
        bored: its boredom.
        dropout: probability of leaving after a visit but the first.
        slates: [visits, segments, levels, vectors, slate] receives the best slates, -1 for an empty place.
    """
    shape = (len(p.segments), len(law.waits), len(bored.factors))
    spare = np.empty((*shape, p.slate), dtype=np.int16)
    later = np.zeros(shape)
    for visit in reversed(range(p.visits)):
        stay = np.maximum(1.0 - dropout * law.leaves, 0.0) if visit else np.ones(len(law.waits))
        waiting = np.einsum("gh,hsb->gsb", law.moves, later) * stay[None, :, None]
        later = np.empty(shape)
        of_visit = spare if slates is None else slates[visit]
        _visit(law, law.weights[0], waiting, p.topic_of(), bored.after, bored.factors, later, of_visit)
    return float(p.shares() @ later[:, p.start, 0])


def count_decides(p: LifetimeParameters) -> bool:
    """Whether all that matters of a lifetime is how many visits it has."""
    return not (p.pull or p.hold or p.shift_day or any(item.arrives for item in p.items))


def by_count(p: LifetimeParameters, most: int = COUNTED) -> float:
    """The value of a lifetime whose number of visits is known; only where `count_decides`."""
    law, bored = law_of(p), followed(p, max(most // len(p.segments), 1))
    law = law._replace(waits=law.waits[:1], leaves=law.leaves[:1])
    shape = (len(p.segments), 1, len(bored.factors))
    spare, best, total = np.empty((*shape, p.slate), dtype=np.int16), np.zeros(shape), 0.0
    chances = chance_of_visits(p)
    for n, chance in enumerate(chances):
        better = np.empty(shape)
        waiting = np.einsum("gh,hsb->gsb", law.moves, best)
        _visit(law, law.weights[0], waiting, p.topic_of(), bored.after, bored.factors, better, spare)
        gains = better - best
        if gains.max() - gains.min() <= CONSTANT * gains.max():
            return total + float(gains.max() * chances[n:].sum())
        total += float(chance * (p.shares() @ gains[:, 0, 0]))
        best = better
    return total


def chance_of_visits(p: LifetimeParameters) -> Floats:
    """[visits] probability of at least 1, 2, 3, ... visits, where satisfaction does nothing."""
    n = np.arange(2, p.visits + 1)
    if p.alike:
        in_time, stays = stats.poisson.sf(n - 2, p.r / p.alpha * p.days), (p.b / (p.a + p.b)) ** (n - 2.0)
    else:
        in_time = stats.nbinom.sf(n - 2, p.r, p.alpha / (p.alpha + p.days))
        stays = np.exp(special.betaln(p.a, p.b + n - 2) - special.betaln(p.a, p.b))
    return np.append(1.0, in_time * stays)


@jit
def _solve(
    law: Law,
    topic: Ints,
    after: Ints,
    fresh: Floats,
    rate: float,
    dropout: float,
    days: float,
    steps: int,
    first: Floats,
) -> None:
    """Writes [segments, levels, vectors] the value at the first visit, after which nobody leaves."""
    values, middle, visit = np.zeros(first.shape), np.zeros(first.shape), np.zeros(first.shape)
    slates = np.zeros((*first.shape, len(law.places)), dtype=np.int16)
    step, weights = days / steps, np.zeros(law.weights.shape[1:])
    stay = np.maximum(1.0 - dropout * law.leaves, 0.0)
    for k in range(steps):
        left = k * step
        # Half a step with what a visit earns at its beginning, then a whole one with what it earns in the middle.
        _there(law, days - left, weights)
        _visit(law, weights, _staying(stay, values), topic, after, fresh, visit, slates)
        _wait(law, rate, 0.5 * step, visit, values, middle)
        _there(law, days - left - 0.5 * step, weights)
        _visit(law, weights, _staying(stay, middle), topic, after, fresh, visit, slates)
        _wait(law, rate, step, visit, values, values)
    _there(law, 0.0, weights)
    _visit(law, weights, values, topic, after, fresh, first, slates)


@jit
def _there(law: Law, day: float, weights: Floats) -> None:
    """Writes the weights of a day."""
    weights[:] = law.weights[1 if day >= law.shift else 0]
    for item in range(len(law.margin)):
        if law.arrives[item] > day:
            weights[:, item] = 0.0


@jit
def _staying(stay: Floats, values: Floats) -> Floats:
    """Values times the probability of staying, level by level."""
    kept = values.copy()
    for level in range(values.shape[1]):
        kept[:, level] *= stay[level]
    return kept


@jit
def _wait(law: Law, rate: float, step: float, visit: Floats, values: Floats, after: Floats) -> None:
    """Values one step earlier, when a visit earns ``visit`` throughout it."""
    for level in range(values.shape[1]):
        kept = np.exp(-rate / law.waits[level] * step)
        for g in range(len(values)):
            for vector in range(values.shape[2]):
                mean = 0.0
                for other in range(len(values)):
                    mean += law.moves[g, other] * visit[other, level, vector]
                after[g, level, vector] = kept * values[g, level, vector] + (1.0 - kept) * mean


@jit
def _visit(
    law: Law,
    weights: Floats,
    waiting: Floats,
    topic: Ints,
    after: Ints,
    fresh: Floats,
    values: Floats,
    slates: Slates,
) -> None:
    """Values and best slates of a visit.

    Args:
        law: the shop's.
        weights: [segments, items] of the day, without boredom.
        waiting: [segments, levels, vectors] values after the visit.
        topic: [items] their topics.
        after: [vectors, topics + 1] boredom after a click on each topic, and on none.
        fresh: [vectors, topics] factors.
        values: [segments, levels, vectors] receives the values.
        slates: [segments, levels, vectors, slate] receives the slates.
    """
    segments, levels, vectors = waiting.shape
    items = len(topic)
    worth, bored = np.zeros(items), np.zeros(items)
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
                    bored[item] = weights[g, item] * fresh[vector, topic[item]]
                to, up, down = after[vector, after.shape[1] - 1], law.up[items], law.down[items]
                here = waiting[g, level, to]
                nothing = here + up * (waiting[g, high, to] - here) + down * (waiting[g, low, to] - here)
                values[g, level, vector] = best_slate(worth, bored, nothing, law.places, slate, gains)
                slates[g, level, vector] = slate
