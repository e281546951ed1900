"""Rankings of items: by clicks and their value, one topic at a time, and one for each sort of customer."""

from __future__ import annotations

import dataclasses

import numpy as np

from bizgyms.recommend.lifetime.view import LifetimeView
from envs_data.arrays import Floats, Ints, Mask, Rows


@dataclasses.dataclass(frozen=True)
class Ranker:
    """Shows the items with the highest score: probability of a click times its value.

    Attributes:
        view: the shop's.
        worth: [items] value of a click.
        clicked: whether popularity counts; else items are ranked by worth alone.
        prior: how many places' worth of clicks a topic's own record is shrunk by; 0 ignores the record.
        tires: whether topics clicked of late count less, as boredom has it.
        most: most items of a topic on a slate; 0 no limit.
    """

    view: LifetimeView
    worth: Floats
    clicked: bool = True
    prior: float = 0.0
    tires: bool = False
    most: int = 0

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items."""
        topic = self.view.topic_of
        liked = np.ones((len(observations), self.view.parameters.topics))
        if self.prior:
            liked *= self._liking(observations)
        if self.tires:
            liked *= self.view.freshness(observations)
        likely = self.view.popular(observations) if self.clicked else 1.0
        scores = likely * liked[:, topic] * self.worth
        return self.view.top(scores, observations) if not self.most else self._mixed(scores, observations)

    def _liking(self, rows: Rows) -> Floats:
        """[worlds, topics] clicks of late beside those of an average topic, shrunk towards 1."""
        recent, shown = self.view.recent(rows).astype(np.float64), self.view.shown(rows).astype(np.float64)
        usual = (recent.sum(axis=1) + 1.0) / (shown.sum(axis=1) + 2.0 * self.view.parameters.slate)
        expected = shown * usual[:, None]
        return np.asarray((recent + self.prior) / (expected + self.prior))

    def _mixed(self, scores: Floats, rows: Rows) -> Ints:
        """[worlds, slate] the highest scores, but few of a topic as long as others are left."""
        view, every = self.view, np.arange(len(rows))
        left = np.where(view.available(rows), scores, -np.inf)
        counts = np.zeros((len(rows), view.parameters.topics), dtype=np.int64)
        slate = np.empty((len(rows), view.parameters.slate), dtype=np.int64)
        for place in range(view.parameters.slate):
            allowed = np.where(counts[:, view.topic_of] < self.most, left, -np.inf)
            full = ~np.isfinite(allowed).any(axis=1)
            allowed[full] = left[full]
            slate[:, place] = allowed.argmax(axis=1)
            left[every, slate[:, place]] = -np.inf
            counts[every, view.topic_of[slate[:, place]]] += 1
        return slate


@dataclasses.dataclass(frozen=True)
class Rotation:
    """Shows one topic a visit, in turn, its most popular items first."""

    view: LifetimeView
    every: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items."""
        visits = np.rint(self.view.one(observations, "visits")).astype(np.int64)
        turn = visits // self.every % self.view.parameters.topics
        mine = self.view.topic_of == turn[:, None]
        return self.view.top(self.view.popular(observations) + np.where(mine, 1e6, 0.0), observations)


@dataclasses.dataclass(frozen=True)
class Mixed:
    """A ranking, with its last places for topics shown least, and another one for customers who were long away.

    Attributes:
        usual, returned: the rankings.
        explore: places, from the last one up.
        away: days since the last visit from which on a customer counts as one to win back.
    """

    usual: Ranker
    returned: Ranker
    explore: int
    away: float

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items."""
        view, slate = self.usual.view, self.usual.act(observations)
        if self.explore:
            scores = 1e-3 * view.popular(observations) - view.shown(observations)[:, view.topic_of]
            np.put_along_axis(scores, slate[:, : -self.explore], -np.inf, axis=1)
            fresh = view.top(scores, observations)
            slate[:, -self.explore :] = fresh[:, : self.explore]
        back = view.one(observations, "since") >= self.away
        if back.any():
            slate[back] = self.returned.act(observations[back])
        return slate


@dataclasses.dataclass(frozen=True)
class ByMood:
    """A ranking for customers who are not yet satisfied, another for those who are, and one for the last visits.

    Attributes:
        usual, satisfied, final: the rankings.
        level: satisfaction from which on a customer counts as satisfied.
        first: visits before the last ones.
    """

    usual: Ranker
    satisfied: Ranker
    final: Ranker
    level: int
    first: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items."""
        slate, view = self.usual.act(observations), self.usual.view
        happy = view.one(observations, "satisfaction") >= self.level
        ends = view.one(observations, "visits") >= self.first
        for due, ranker in ((happy, self.satisfied), (ends, self.final)):
            if due.any():
                slate[due] = ranker.act(observations[due])
        return slate
