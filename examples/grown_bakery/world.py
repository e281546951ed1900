"""Steps 1 and 2: the story in SimPy, and its luck drawn before anybody decides."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from envs_data.branching import each, joined
from envs_data.world import World

from .parameters import GrownBakeryParameters as Parameters

# Customers beyond this number do not come: the optimum needs an end to count to.
MOST_CUSTOMERS = 120


class Luck(NamedTuple):
    """All randomness of an episode.

    Attributes:
        rain: [worlds, days] whether it rains; one day more than are played, for the last look at the sky.
        customers: [worlds, days] how many come.
    """

    rain: np.ndarray
    customers: np.ndarray


def draw(p: Parameters, rng: np.random.Generator, worlds: int) -> Luck:
    """The weather, then the customers it brings."""
    rain = rng.random((worlds, p.days + 1)) < p.rain
    return Luck(rain, _customers(p, rng, rain))


def redraw(p: Parameters, luck: Luck, step, rng: np.random.Generator) -> Luck:
    """The days that have not come yet; today's sky has been seen, so today's customers come for that."""
    days = each(step, len(luck.rain))
    rain = joined(luck.rain, draw(p, rng, len(days)).rain, days + 1)
    return Luck(rain, joined(luck.customers, _customers(p, rng, rain), days))


def _customers(p: Parameters, rng: np.random.Generator, rain: np.ndarray) -> np.ndarray:
    coming = rng.poisson(np.where(rain[:, :-1], p.wet, p.dry))
    return np.minimum(coming, MOST_CUSTOMERS).astype(np.uint8)


def law(p: Parameters, rains: bool) -> np.ndarray:
    """[MOST_CUSTOMERS + 1] probabilities of the number of customers, as `draw` draws it."""
    chances = stats.poisson(p.wet if rains else p.dry).pmf(np.arange(MOST_CUSTOMERS + 1))
    chances[-1] += 1.0 - chances.sum()
    return chances


class GrownBakeryWorld(World):
    """A bakery, from its first morning to its last evening."""

    def __init__(self, parameters: Parameters, luck: Luck, record: bool) -> None:
        super().__init__(record)
        self.p = parameters
        self.shelf = 0
        self.clock.process(self.bakery(luck.rain[0].tolist(), luck.customers[0].tolist()))

    def bakery(self, rain, customers):
        for day, coming in enumerate(customers):
            baked = yield self.decide(shelf=self.shelf, rains=rain[day], days_left=self.p.days - day)
            self.shelf += baked
            self.count("flour", -self.p.flour * baked)
            yield self.clock.process(self.open(coming))
            self.shelf = self.p.kept(self.shelf)
            yield self.clock.timeout(12)
        self.finish(shelf=self.shelf, rains=rain[-1], days_left=0)

    def open(self, coming):
        sold = 0
        for _ in range(coming):
            yield self.clock.timeout(12 / coming)
            bought = min(self.shelf, 1)
            self.shelf -= bought
            sold += bought
        self.count("sales", self.p.price * sold)
        self.count("customers", coming)
        self.count("sold", sold)
