"""Orders up to a level, of one item or of each item of a box."""

from __future__ import annotations

import dataclasses
from typing import ClassVar, Protocol

import numpy as np

from baselines.batching import JoinedByFields
from baselines.rules.restock_box_reader import Reader as BoxReader
from baselines.rules.restock_item_reader import Reader as ItemReader
from envs_data.arrays import Floats, Ints, Mask, Rows


class Level(Protocol):
    """An order-up-to level."""

    def missing(self, rows: Rows) -> Floats:
        """[worlds] or [worlds, items] units that the inventory position lacks."""


@dataclasses.dataclass(frozen=True)
class OrderUpTo(JoinedByFields):
    """Orders up to a level once the position is ``gap`` units or more below it, at most ``largest`` units at a time.

    Attributes:
        reader: reads observations.
        level: the level.
        largest: units, or [items] units; one more axis, [worlds], where rules are joined, as the gap.
        gap: units, or [items] units.
    """

    stacked: ClassVar = ("level", "largest", "gap")
    reader: ItemReader | BoxReader
    level: Level
    largest: Floats | float = np.inf
    gap: Floats | float = 0.0

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] or [worlds, items] packs."""
        missing = self.level.missing(observations)
        return self.reader.packs(np.where(missing >= self.gap, np.minimum(missing, self.largest), 0.0))


@dataclasses.dataclass(frozen=True)
class DailyLevel:
    """Orders up to each day's own level.

    Attributes:
        reader: reads observations.
        levels: [days] units, or [days, items].
    """

    reader: ItemReader | BoxReader
    levels: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] or [worlds, items] packs."""
        return self.reader.packs(self.levels[self.reader.day(observations)] - self.reader.position(observations))
