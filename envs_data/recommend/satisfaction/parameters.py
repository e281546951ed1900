"""Parameters of the published model of long-term satisfaction, and its two formulas."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from envs_data.chance import WORDS
from envs_data.parameters import Parameters, quantity


@dataclasses.dataclass(frozen=True)
class SatisfactionParameters(Parameters):
    """A user whose satisfaction remembers how much clickbait they were shown, and who never leaves.

    Exposure x moves to memory x - 2 (c - 1/2) + noise z after an item of clickbait c; satisfaction is the logistic
    function of sensitivity x; an item holds the user for exp(satisfaction (clickbait c + kale (1 - c)) + spread z)
    minutes. `quantities()` gives unit and meaning of each field.
    """

    case: ClassVar[str] = "bizgyms/RecommendSatisfaction-v0"

    sensitivity: float = quantity(0.07, "per unit of exposure", "how much exposure matters", low=0, high=10)
    steps: int = quantity(60, "items", "items consumed in an episode", low=1, high=1000)
    candidates: int = quantity(10, "items", "items to choose from at each step", low=1, high=50)
    memory: float = quantity(0.7, "share", "exposure kept from one item to the next", low=0, high=0.95)
    noise: float = quantity(0.05, "exposure", "standard deviation of what else moves it", low=0, high=1)
    kale: float = quantity(4.0, "log minutes", "pull of the most wholesome item on a satisfied user", low=-5, high=10)
    clickbait: float = quantity(5.0, "log minutes", "pull of the purest clickbait", low=-5, high=10)
    spread: float = quantity(1.0, "log minutes", "standard deviation of how long an item holds", low=0, high=3)
    start: float = quantity(0.5, "share", "exposure at the start is uniform within this times its reach", low=0, high=1)
    item_minutes: float = quantity(60.0, "minutes", "time from one item to the next", low=0.1, high=1e6)

    @property
    def reach(self) -> float:
        """What exposure tends to under the most wholesome items for ever; minus that under pure clickbait."""
        return 1.0 / (1.0 - self.memory)

    def expected(self, exposure: Any, item: Any) -> Any:
        """Expected minutes an item of that clickbait holds a user of that exposure; arrays are broadcast."""
        satisfied = satisfaction(exposure, self.sensitivity)
        return minutes(satisfied, item, self.kale, self.clickbait, np.exp(self.spread**2 / 2))

    def moved(self, exposure: Any, item: Any) -> Any:
        """Exposure after an item, in the mean; arrays are broadcast."""
        return moved(exposure, item, self.memory, 0.0)


# Both engines compile these; tables and optima use them as they are, on arrays.


def clickbait_of(word: Any) -> Any:
    """Clickbait of a candidate, from a 16-bit word: the middles of 65,536 equal parts of 0 to 1."""
    return (word + 0.5) / WORDS


def satisfaction(exposure: Any, sensitivity: float) -> Any:
    """Satisfaction, between 0 and 1."""
    return 1.0 / (1.0 + np.exp(-sensitivity * exposure))


def minutes(satisfied: Any, item: Any, kale: float, clickbait: float, luck: Any) -> Any:
    """Minutes an item holds a user, ``luck`` being a factor around exp of the mean logarithm."""
    return np.exp(satisfied * (clickbait * item + kale * (1.0 - item))) * luck


def moved(exposure: Any, item: Any, memory: float, wobble: Any) -> Any:
    """Exposure after an item."""
    return memory * exposure - 2.0 * (item - 0.5) + wobble
