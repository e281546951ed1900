"""Step 1: the numbers, each with its unit."""

import dataclasses
from typing import ClassVar

from envs_data.parameters import Parameters, quantity


@dataclasses.dataclass(frozen=True)
class GrownBakeryParameters(Parameters):
    """A bakery whose bread can be sold for one more day, if not all of it."""

    case: ClassVar[str] = "examples/GrownBakery-v0"

    days: int = quantity(60, "days", "length of an episode", low=1, high=3650)
    rain: float = quantity(0.3, "share", "of days on which it rains", low=0, high=1)
    dry: float = quantity(30.0, "customers", "mean of a dry day", low=0, high=200)
    wet: float = quantity(12.0, "customers", "mean of a day of rain", low=0, high=200)
    oven: int = quantity(60, "loaves", "most that can be baked a day", low=1, high=200)
    shelf: int = quantity(40, "loaves", "most that can be kept overnight", low=0, high=200)
    stale: float = quantity(0.25, "share", "of what is kept that cannot be sold", low=0, high=1)
    price: float = quantity(3.0, "EUR a loaf", "what a customer pays", low=0)
    flour: float = quantity(1.0, "EUR a loaf", "what baking costs", low=0)

    def kept(self, left: int) -> int:
        """What of so many loaves can be sold tomorrow."""
        return min(int(left * (1.0 - self.stale)), self.shelf)


SCENARIOS = {"default": GrownBakeryParameters(), "fresh-only": GrownBakeryParameters(stale=1.0)}
