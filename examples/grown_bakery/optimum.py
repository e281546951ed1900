"""Step 4: the best that anybody could do, day by day from the last one backwards."""

import dataclasses

import numpy as np

from bizgyms.reference import Reference

from .parameters import GrownBakeryParameters as Parameters
from .world import MOST_CUSTOMERS, law


@dataclasses.dataclass(frozen=True)
class Table:
    """The best decision of every state: [days, rain, shelf] loaves."""

    loaves: np.ndarray

    def act(self, observations, mask=None):
        """[worlds] loaves to bake."""
        shelf, rains, left = observations.astype(int).T
        return self.loaves[len(self.loaves) - left, rains, shelf]


def reference(p: Parameters) -> Reference:
    """The exact optimum by dynamic programming over the shelf and the weather."""
    stock, coming = np.arange(p.shelf + p.oven + 1)[:, None], np.arange(MOST_CUSTOMERS + 1)
    sold = np.minimum(stock, coming)
    kept = np.array([p.kept(left) for left in stock[:, 0]])[stock - sold]
    after = np.arange(p.shelf + 1)[:, None] + np.arange(p.oven + 1)
    laws = law(p, False), law(p, True)
    loaves = np.zeros((p.days, 2, p.shelf + 1), dtype=np.int64)
    tomorrow = np.zeros(p.shelf + 1)
    for day in reversed(range(p.days)):
        values = [(p.price * sold + tomorrow[kept]) @ chances for chances in laws]
        totals = np.array([value[after] - p.flour * np.arange(p.oven + 1) for value in values])
        loaves[day] = totals.argmax(axis=2)
        tomorrow = np.array([1.0 - p.rain, p.rain]) @ totals.max(axis=2)
    return Reference(float(tomorrow[0]), "exact", 0.0, "dynamic programming over shelf and weather", Table(loaves))
