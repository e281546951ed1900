"""One customer and what they are shown, as a SimPy simulation."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from envs_data.random_bits import halves, key_at, words
from envs_data.recommend.visit.luck import VisitLuck
from envs_data.recommend.visit.parameters import VisitParameters
from envs_data.world import World

DAY = 24.0
# Words are computed for this many visits at a time.
AHEAD = 64


class VisitWorld(World):
    """A customer who may come back or not.

    A decision is the number of a kind of content. The world stops at each visit.

    Args:
        parameters: the customer.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        visits: visits completed.
        satisfaction: level now.
        shown: kind shown at the last visit; -1 before the first.
        repeats: visits in a row, up to ``boredom``, at which the last kind had been shown just before.
        clicks: expected clicks of the last visit.
        left: whether the customer has left.
        churned: whether they left dissatisfied.
    """

    def __init__(self, parameters: VisitParameters, luck: VisitLuck, row: int = 0, record: bool = False) -> None:
        super().__init__(record)
        self.parameters = parameters
        self.visits = self.repeats = 0
        self.satisfaction = parameters.start
        self.shown = -1
        self.clicks = 0.0
        self.left = self.churned = False
        self._keys = luck.key[row], luck.later[row], luck.since[row]
        self._words: list[int] = []
        self._clicks: list[list[list[float]]] = parameters.clicks().tolist()
        self._moving: list[list[list[int]]] = parameters.moving().tolist()
        self._leaving: list[list[int]] = parameters.leaving().tolist()
        self.clock.process(self.customer())

    def customer(self) -> Generator[simpy.Event, Any, None]:
        """The customer's visits, until they stay away."""
        while not self.left:
            self.see((yield self.decide()))
            self.judge(*halves(self._word()))
            self.visits += 1
            yield self.clock.timeout(DAY * self.parameters.visit_days)
        self.finish()

    def see(self, kind: int) -> None:
        """The customer looks at what is shown, and clicks."""
        self.repeats = min(self.repeats + 1, self.parameters.boredom) if kind == self.shown else 0
        self.shown = kind
        self.clicks = self._clicks[kind][self.satisfaction][self.repeats]
        self.note("shop", self.parameters.kinds[kind].name, 1)
        self.note("customer", "clicks", self.clicks)

    def judge(self, mood: int, patience: int) -> None:
        """The customer leaves as satisfied as they came, or stays and is pleased, disappointed or neither."""
        dissatisfied, any_reason = self._leaving[self.satisfaction]
        self.churned = patience < dissatisfied
        self.left = patience < any_reason
        if self.left:
            self.note("customer", "left", 1)
            return
        rises, falls = self._moving[self.shown][self.repeats]
        if mood < rises:
            self.satisfaction = min(self.satisfaction + 1, self.parameters.levels - 1)
        elif mood < falls:
            self.satisfaction = max(self.satisfaction - 1, 0)

    def _word(self) -> int:
        if self.visits == len(self._words):
            visits = range(self.visits, self.visits + AHEAD)
            keys = [key_at(*self._keys, visit) for visit in visits]
            self._words += words(np.array(keys), np.array(visits, dtype=np.uint64)).tolist()
        return self._words[self.visits]
