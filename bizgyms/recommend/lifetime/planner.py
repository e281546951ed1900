"""The policy behind the bound: the best slate of each visit, when satisfaction is worth what the bound says.

It knows the law of the shop, and believes what it cannot see: segments by the clicks of late, boredom by them too,
satisfaction to be in the middle, and the customer's nature to be the mean one.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from bizgyms.recommend.lifetime.bound import Law, law_of, values
from bizgyms.recommend.lifetime.view import LifetimeView
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.recommend.lifetime import LifetimeParameters

# Rounds of Dinkelbach's iteration, and moments at which a level of satisfaction is valued.
ROUNDS, MOMENTS = 4, 7


@dataclasses.dataclass(frozen=True)
class Planner:
    """Shows the slate with the largest expected worth, by Dinkelbach's iteration over all worlds at once.

    Attributes:
        view: the shop's.
        law: the shop's law.
        days, levels: [moments] days left, rising, and what a level of satisfaction is worth then.
        care: what of that worth counts.
        learns: whether clicks of late tell the segments apart.
    """

    view: LifetimeView
    law: Law
    days: Floats
    levels: Floats
    care: float = 1.0
    learns: bool = True

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items."""
        likely = self.likely(observations)
        worth, ratio = self._worth(observations), np.zeros((len(observations), 1))
        for _ in range(ROUNDS):
            gains = likely * (worth - ratio)
            slate = self.view.top(gains, observations)
            good = np.take_along_axis(gains, slate, axis=1) > 0
            weight = np.take_along_axis(likely, slate, axis=1) * self.law.places * good
            worths = np.take_along_axis(worth, slate, axis=1)
            ratio = (weight * worths).sum(axis=1, keepdims=True) / (1 + weight.sum(axis=1, keepdims=True))
        # A place that would cost more than it brings is left empty: it repeats the top one.
        return np.where(good, slate, slate[:, :1])

    def likely(self, rows: Rows) -> Floats:
        """[worlds, items] weight of each item beside 1 for no click, as far as it can be told."""
        p = self.view.parameters
        after = (self.view.one(rows, "day") >= p.shift_day) & (p.shift_day > 0)
        shown, tastes = self.law.weights[after.astype(np.int64)], self.belief(rows)
        return np.asarray(np.einsum("wg,wgi->wi", tastes, shown) * self.view.freshness(rows)[:, self.view.topic_of])

    def belief(self, rows: Rows) -> Floats:
        """[worlds, segments] probability of each segment, given clicks and places of late, taken for Poisson."""
        p = self.view.parameters
        prior = np.broadcast_to(p.shares(), (len(rows), len(p.segments)))
        if len(p.segments) == 1 or not self.learns:
            return np.asarray(prior)
        topics = np.eye(p.topics)[self.view.topic_of]
        mean = np.einsum("xgi,it->xgt", self.law.weights, topics / np.maximum(topics.sum(axis=0), 1))
        rate = mean * self.law.places.mean() / (1 + self.law.places.sum() * mean.mean())
        after = ((self.view.one(rows, "day") >= p.shift_day) & (p.shift_day > 0)).astype(np.int64)
        recent, shown = self.view.recent(rows).astype(np.float64), self.view.shown(rows).astype(np.float64)
        told = np.einsum("wt,wgt->wg", recent, np.log(rate)[after]) - np.einsum("wt,wgt->wg", shown, rate[after])
        odds = prior * np.exp(told - told.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def _worth(self, rows: Rows) -> Floats:
        """[worlds, items] what a click is worth beyond no click."""
        left = self.view.parameters.days - self.view.one(rows, "day").astype(np.float64)
        level = self.care * np.interp(left, self.days, self.levels)[:, None]
        brings = self.law.up - self.law.down
        return np.asarray(self.law.margin + level * (brings[:-1] - brings[-1]))


def planner(p: LifetimeParameters, care: float = 1.0, learns: bool = True) -> Planner:
    """The planner of a shop.

    Args:
        p: the shop.
        care: what a level of satisfaction is worth, beside what the bound of the mean nature says.
        learns: whether clicks of late tell the segments apart.
    """
    days = np.unique(np.maximum(np.linspace(0, p.days, MOMENTS).astype(np.int64), 1))
    mean = (np.array([p.r / p.alpha]), np.array([p.a / (p.a + p.b)]))
    high, low = min(p.start + 1, p.levels), max(p.start - 1, 0)
    old = [{**item.to_dict(), "arrives": 0} for item in p.items]
    worth = [
        [float(values(p.replace(days=int(d), shift_day=0, items=old, start=s), *mean)[0]) for s in (high, low)]
        for d in days
    ]
    levels = np.array([(up - down) / (high - low) for up, down in worth])
    return Planner(LifetimeView(p), law_of(p), days.astype(np.float64), levels, care, learns)
