"""Boredom of all topics as one number: which vectors of levels can be met, and where a click leads."""

from __future__ import annotations

import dataclasses

import numpy as np

from envs_data.arrays import Floats, Ints
from envs_data.recommend.lifetime import LifetimeParameters


@dataclasses.dataclass(frozen=True)
class Boredom:
    """Vectors of levels that can be met from the first, which is nobody's boredom.

    Attributes:
        factors: [vectors, topics] weight of each topic's items.
        after: [vectors, topics + 1] vector after a click on each topic, and on none.
        true: whether nothing was eased.
    """

    factors: Floats
    after: Ints
    true: bool


def powers(p: LifetimeParameters) -> Ints:
    """[topics] what a level of each topic's boredom counts in the number of a state."""
    return np.asarray(len(p.boredom) ** np.arange(p.topics), dtype=np.int64)


def after(vectors: Ints, p: LifetimeParameters, top: int) -> Ints:
    """[vectors, topics + 1, topics] levels, at most ``top``, after a click on each topic, and on none."""
    moved = np.repeat(vectors[:, None, :] - 1, p.topics + 1, axis=1)
    moved[:, np.arange(p.topics), np.arange(p.topics)] += p.bores + 1
    return np.asarray(np.clip(moved, 0, top))


def followed(p: LifetimeParameters, most: int) -> Boredom:
    """Boredom as it is, or eased until at most so many vectors can be met.

    Eased, levels end at a lower top, and a level's factor is the largest of it and those above. Both are kind: factors
    that fall with the level make less boredom worth more (a visit earns a ratio of two functions linear in each weight,
    which is largest at an end, and what leads to lower levels now leads to lower levels later), so that cutting levels
    off never costs anything. At top 0 nothing ever bores.
    """
    kindest = np.maximum.accumulate(np.array(p.boredom)[::-1])[::-1]
    top = len(p.boredom) - 1
    found = _met(p, top, most)
    if found is not None:
        return Boredom(np.array(p.boredom)[found[0]], found[1], True)
    while found is None:
        top -= 1
        found = _met(p, top, most)
    return Boredom(kindest[found[0]], found[1], False)


def _met(p: LifetimeParameters, top: int, most: int) -> tuple[Ints, Ints] | None:
    """Vectors that can be met, [vectors, topics], and where each leads; None for more than ``most``."""
    code = (top + 1) ** np.arange(p.topics, dtype=np.int64)
    if float(top + 1) ** p.topics > 2.0**62:
        return None
    known = new = np.zeros(1, dtype=np.int64)
    while new.size:
        ahead = np.unique(after(new[:, None] // code % (top + 1), p, top) @ code)
        new = np.setdiff1d(ahead, known, assume_unique=True)
        known = np.union1d(known, new)
        if known.size > most:
            return None
    vectors = known[:, None] // code % (top + 1)
    return vectors, np.searchsorted(known, after(vectors, p, top) @ code)
