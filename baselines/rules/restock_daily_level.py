"""Orders up to a level of each day, of an item or of a box."""

from __future__ import annotations

import dataclasses

from baselines.rules.restock_box_reader import Reader as BoxReader
from baselines.rules.restock_item_reader import Reader as ItemReader
from envs_data.arrays import Floats, Ints, Mask, Rows


@dataclasses.dataclass(frozen=True)
class DailyLevel:
    """Orders up to each day's own level.

    Attributes:
        reader: reads stock and day.
        levels: [days] units, or [days, items].
    """

    reader: ItemReader | BoxReader
    levels: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] or [worlds, items] packs."""
        return self.reader.packs(self.levels[self.reader.day(observations)] - self.reader.position(observations))
