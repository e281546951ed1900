"""Parameters of one customer whom every visit pleases or disappoints, until they stay away."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from envs_data.arrays import Floats, Ints
from envs_data.parameters import Parameters, nested, quantity
from envs_data.random_bits import thresholds

MOST_KINDS = 8
CHURN = (0.25, 0.12, 0.06, 0.03, 0.015)


@dataclasses.dataclass(frozen=True)
class Kind(Parameters):
    """One kind of content. `quantities()` gives unit and meaning of each field."""

    name: str = quantity("kale", "name", "what the content is called")
    clicks: float = quantity(1.0, "clicks a visit", "clicks at full appeal", low=0, high=1e6)
    worth: float = quantity(1.0, "money a click", "margin of a click", low=-1e6, high=1e6)
    up: float = quantity(0.5, "probability", "satisfaction rises by one", low=0, high=1)
    down: float = quantity(0.05, "probability", "satisfaction falls by one", low=0, high=1)

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        if self.up + self.down > 1:
            yield f"up and down of {self.name} add up to {self.up + self.down:g}; they must be at most 1 together"


KALE = Kind()
MIXED = Kind(name="mixed", clicks=1.3, up=0.3, down=0.2)
CLICKBAIT = Kind(name="clickbait", clicks=1.7, up=0.05, down=0.55)


@dataclasses.dataclass(frozen=True)
class VisitParameters(Parameters):
    """A customer who is shown one kind of content at every visit.

    At satisfaction s the kind is clicked ``clicks`` (``floor`` + ``slope`` s) times in the mean, times 1 - ``dulls``
    for every visit in a row, up to ``boredom`` of them, at which the same kind was shown before. Boredom dulls the
    chance to delight in the same way.
    """

    case: ClassVar[str] = "bizgyms/RecommendVisit-v0"

    kinds: tuple[Kind, ...] = nested(
        Kind, (KALE, MIXED, CLICKBAIT), "list of kinds", "the kinds of content there are",
        lengths=tuple(range(1, MOST_KINDS + 1)),
    )  # fmt: skip
    start: int = quantity(2, "levels", "satisfaction at the first visit", low=0, high=49)
    floor: float = quantity(0.6, "share", "appeal to somebody without satisfaction", low=0, high=1e3)
    slope: float = quantity(0.1, "share a level", "appeal gained with every level of satisfaction", low=0, high=1e3)
    churn: tuple[float, ...] = quantity(
        CHURN, "probability a visit", "never comes back, at each level of satisfaction from 0 on",
        low=0, high=1, lengths=tuple(range(1, 51)),
    )  # fmt: skip
    exit: float = quantity(0.01, "probability a visit", "never comes back for a reason of their own", low=1e-3, high=1)
    boredom: int = quantity(0, "visits", "repeats of a kind in a row that still add to boredom", low=0, high=50)
    dulls: float = quantity(0.0, "share", "clicks and delight lost with every repeat", low=0, high=1)
    newcomers: float = quantity(1000.0, "customers a year", "customers who come for the first time", low=1e-3, high=1e9)
    visit_days: float = quantity(7.0, "days", "time between visits", low=0.01, high=3650)
    money: str = quantity("points", "name", "what rewards are counted in")

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        names = [kind.name for kind in self.kinds]
        if not 1 <= len(names) <= MOST_KINDS:
            yield f"kinds has {len(names)} entries; it must have 1 to {MOST_KINDS}"
        if len({*names, "none"}) <= len(names):
            yield f"kinds are called {', '.join(names)}; each needs a name of its own, and none may be 'none'"
        if self.start >= self.levels:
            yield f"start is {self.start}; churn has {self.levels} levels of satisfaction, so it must be below that"

    @property
    def levels(self) -> int:
        """Levels of satisfaction, 0 included."""
        return len(self.churn)

    def freshness(self) -> Floats:
        """[boredom + 1] what is left of clicks and delight after so many repeats."""
        return np.asarray((1.0 - self.dulls) ** np.arange(self.boredom + 1))

    def clicks(self) -> Floats:
        """[kinds, levels, boredom + 1] expected clicks of a visit, by satisfaction before it and repeats with it."""
        base = np.array([kind.clicks for kind in self.kinds])
        appeal = self.floor + self.slope * np.arange(self.levels)
        return np.asarray(base[:, None, None] * appeal[:, None] * self.freshness())

    def worths(self) -> list[float]:
        """[kinds] margin of a click."""
        return [kind.worth for kind in self.kinds]

    def moves(self) -> Floats:
        """[kinds, boredom + 1, 2] probability that satisfaction rises, and that it falls."""
        up = np.array([kind.up for kind in self.kinds])[:, None] * self.freshness()
        down = np.broadcast_to(np.array([kind.down for kind in self.kinds])[:, None], up.shape)
        return np.stack([up, down], axis=2)

    def leaves(self) -> Floats:
        """[levels, 2] probability that the customer leaves dissatisfied, and that they leave at all."""
        churn = np.array(self.churn)
        return np.stack([churn, 1 - (1 - churn) * (1 - self.exit)], axis=1)

    def moving(self) -> Ints:
        """[kinds, boredom + 1, 2] thresholds: below the first satisfaction rises, below the second it falls."""
        return thresholds(np.cumsum(self.moves(), axis=2))

    def leaving(self) -> Ints:
        """[levels, 2] thresholds: below the first the customer leaves dissatisfied, below the second for any reason."""
        return thresholds(self.leaves())
