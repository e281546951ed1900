"""The bound of a customer's lifetime: everything hidden is known, nothing bores, and nothing is ever sold out.

All three relax in the recommender's favour. A policy that knows nature (rate and drop-out), segment and satisfaction
can always act as if not. A topic that bores weighs less; so does an item that is shown in no place, and the best slate
of a visit is the best of all weights from 0 to the full one: its value is a ratio of two functions linear in each
weight, which is largest at an end. What is sold out could have been left out. And there is no last visit but the last
day.

Then for each nature the value U(t, s, g) of waiting with t days left, at satisfaction s and in segment g, solves

    dU/dt = rate / wait(s) * (V(t, s, .) - U(t, s, g)),    U(0, ., .) = 0,

where V is what the best slate of a visit earns, its drop-out and the values after it counted. It is solved on a grid of
time, exactly for a V that is constant within a step, with V taken at the middle of the step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bizgyms.compiled import jit
from bizgyms.recommend.lifetime.slates import best_slate
from envs_data.arrays import Floats, Ints
from envs_data.recommend.lifetime import LifetimeParameters, tables

# Steps of time: so many a year at least, and so many a mean gap of the quickest.
STEPS = 360


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
    """The law of a shop, with boredom at its kindest."""
    laws = tables(p)
    words = float(len(laws.segments))
    margin = np.array([item.margin for item in p.items])
    sold, back = laws.buys / words, laws.returns / words
    shares = p.shares()
    return Law(
        margin=sold * (margin - back * (margin + p.handling)),
        up=laws.rises / words,
        down=1.0 - laws.falls / words,
        weights=laws.weights * max(p.boredom),
        places=laws.places,
        waits=laws.waits,
        leaves=laws.leaves,
        moves=(1 - p.drift) * np.eye(len(shares)) + p.drift * shares,
        arrives=np.array([item.arrives for item in p.items], dtype=np.float64),
        shift=float(p.shift_day or p.days + 1),
    )


def values(p: LifetimeParameters, rates: Floats, dropouts: Floats, steps: int = STEPS) -> Floats:
    """[natures] value of a lifetime when everything hidden is known."""
    law = law_of(p)
    first = np.empty((len(p.segments), len(law.waits)))
    found = []
    for rate, dropout in zip(rates.tolist(), dropouts.tolist(), strict=True):
        count = max(steps, min(int(2 * p.days * rate / law.waits.min()), 3 * steps))
        _solve(law, rate, dropout, float(p.days), count, first)
        found.append(float(p.shares() @ first[:, p.start]))
    return np.array(found)


@jit
def _solve(law: Law, rate: float, dropout: float, days: float, steps: int, first: Floats) -> None:
    """Writes [segments, levels] the value at the first visit, after which nobody leaves."""
    segments, levels = len(law.moves), len(law.waits)
    values, middle = np.zeros((segments, levels)), np.zeros((segments, levels))
    visit, slate = np.zeros((segments, levels)), np.zeros(len(law.places), dtype=np.int64)
    worth, gains, step = np.zeros(len(law.margin)), np.zeros(len(law.places)), days / steps
    stay = np.maximum(1.0 - dropout * law.leaves, 0.0)
    for k in range(steps):
        left = k * step
        # Half a step with what a visit earns at its beginning, then a whole one with what it earns in the middle.
        _visits(law, days - left, stay, values, visit, worth, slate, gains)
        _wait(law, rate, 0.5 * step, visit, values, middle)
        _visits(law, days - left - 0.5 * step, stay, middle, visit, worth, slate, gains)
        _wait(law, rate, step, visit, values, values)
    _visits(law, 0.0, np.ones(levels), values, first, worth, slate, gains)


@jit
def _wait(law: Law, rate: float, step: float, visit: Floats, values: Floats, after: Floats) -> None:
    """Values one step earlier, when a visit earns ``visit`` throughout it."""
    for level in range(values.shape[1]):
        kept = np.exp(-rate / law.waits[level] * step)
        for g in range(len(values)):
            mean = 0.0
            for other in range(len(values)):
                mean += law.moves[g, other] * visit[other, level]
            after[g, level] = kept * values[g, level] + (1.0 - kept) * mean


@jit
def _visits(
    law: Law,
    day: float,
    stay: Floats,
    values: Floats,
    visit: Floats,
    worth: Floats,
    slate: Ints,
    gains: Floats,
) -> None:
    """Writes what the best slate of a visit earns, for each segment and level."""
    segments, levels = values.shape
    items, shifted = len(law.margin), 1 if day >= law.shift else 0
    for g in range(segments):
        weights = law.weights[shifted, g].copy()
        for item in range(items):
            if law.arrives[item] > day:
                weights[item] = 0.0
        for level in range(levels):
            high, low = min(level + 1, levels - 1), max(level - 1, 0)
            here = stay[level] * values[g, level]
            better, worse = stay[high] * values[g, high] - here, stay[low] * values[g, low] - here
            for item in range(items):
                worth[item] = law.margin[item] + here + law.up[item] * better + law.down[item] * worse
            nothing = here + law.up[items] * better + law.down[items] * worse
            visit[g, level] = best_slate(worth, weights, nothing, law.places, slate, gains)
