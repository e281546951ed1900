"""One user and the items they are offered, as a SimPy simulation."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from envs_data.recommend.satisfaction.luck import SatisfactionLuck
from envs_data.recommend.satisfaction.parameters import SatisfactionParameters, clickbait_of, moved
from envs_data.world import World

MINUTES = 60.0


class SatisfactionWorld(World):
    """A user who consumes one item after the other.

    A decision is the number of a candidate. The world stops when candidates are at hand. How long an item holds
    the user is left to `minutes`, which the world does not need.

    Args:
        parameters: the user.
        luck: the luck of one episode, or of many.
        row: which of the luck's episodes to live.
        record: keep a log for `events`.

    Attributes:
        step: items consumed.
        exposure: to wholesome items, less clickbait.
        came: exposure before the last item.
        item: clickbait of the last item.
        hold: luck of the minutes it held.
        candidates: clickbait of those to choose from now; zeros at the end.
    """

    def __init__(
        self, parameters: SatisfactionParameters, luck: SatisfactionLuck, row: int = 0, record: bool = False
    ) -> None:
        super().__init__(record)
        self.parameters = parameters
        self.step = 0
        self.exposure = self.came = float(luck.start[row])
        self.item = self.hold = 0.0
        self._items: list[list[float]] = clickbait_of(luck.items[row]).tolist()
        self._wobble: list[float] = luck.wobble[row].tolist()
        self._hold: list[float] = luck.hold[row].tolist()
        self.candidates = self._items[0]
        self.clock.process(self.user())

    def user(self) -> Generator[simpy.Event, Any, None]:
        """The user's items, one after the other."""
        for wobble, hold in zip(self._wobble, self._hold, strict=True):
            self.candidates = self._items[self.step]
            self.item, self.hold = self.candidates[(yield self.decide())], hold
            self.came, self.exposure = self.exposure, moved(self.exposure, self.item, self.parameters.memory, wobble)
            self.note("user", "consumes clickbait of", self.item)
            self.step += 1
            yield self.clock.timeout(self.parameters.item_minutes / MINUTES)
        self.candidates = [0.0] * self.parameters.candidates
        self.finish()
