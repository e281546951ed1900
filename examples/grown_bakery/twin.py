"""Step 3: the same day as one scalar loop over thousands of bakeries."""

from typing import ClassVar

import numpy as np

from bizgyms.compiled import jit
from bizgyms.twin import Twin

from .env import GrownBakeryView


class GrownBakeryTwin(Twin):
    """`GrownBakery` as a vector environment."""

    case_id: ClassVar = "examples/GrownBakery-v0"
    view_type: ClassVar = GrownBakeryView

    def _allocate(self):
        p = self.parameters
        # What of so many loaves is kept: a table, so that the rule is written once.
        self._kept = np.array([p.kept(left) for left in range(p.shelf + p.oven + 1)])
        self._money = np.array([p.price, p.flour])
        self._day, self._shelf = np.zeros((2, self.num_envs), dtype=np.int64)

    def _begin(self, rows):
        self._day[rows] = self._shelf[rows] = 0
        self._observations[rows, 0] = 0
        self._observations[rows, 1] = self._luck.rain[rows, 0]
        self._observations[rows, 2] = self.parameters.days

    def _memory(self):
        return self._day, self._shelf

    def _taken(self):
        return self._day

    def _advance(self, actions, idle):
        luck = self._luck
        return _advance(
            actions, idle, luck.rain, luck.customers, self._kept, self._money, self._weights, self._day, self._shelf,
            self._observations, self._rewards, self._terms, self._figures, self._decisions, self._terminated,
        )  # fmt: skip


@jit
def _advance(
    actions, idle, rain, customers, kept, money, weights, day, shelf,
    observations, rewards, terms, figures, decisions, terminated,
):  # fmt: skip
    """One day of every bakery that is open; whether any closed for good."""
    days = customers.shape[1]
    ended = False
    for world in range(len(idle)):
        if idle[world]:
            continue
        today, baked = day[world], actions[world]
        coming = np.int64(customers[world, today])
        stock = shelf[world] + baked
        sold = min(stock, coming)
        sales, flour = money[0] * sold, -money[1] * baked
        rewards[world] = 0.0 + weights[0] * sales + weights[1] * flour
        terms[0, world], terms[1, world] = sales, flour
        figures[0, world], figures[1, world] = coming, sold
        decisions[world] = baked
        day[world], shelf[world] = today + 1, kept[stock - sold]
        observations[world, 0] = shelf[world]
        observations[world, 1] = rain[world, today + 1]
        observations[world, 2] = days - today - 1
        terminated[world] = today + 1 == days
        ended |= terminated[world]
    return ended
