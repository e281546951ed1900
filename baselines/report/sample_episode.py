"""One episode of several agents on the same luck, as a reader sees it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

STEP_NAMES = {365: "day", 52: "week", 12: "month", 8760: "hour"}


@dataclasses.dataclass(frozen=True)
class Life:
    """What one agent did, and the outcome.

    Attributes:
        seen: telling feature to its [steps + 1] values, in natural units.
        decisions: [steps] decisions carried out, where each is one number; else empty.
        rewards: [steps] money.
        terms: reward term to its sum.
        figures: business figure to its [steps] values.
        events: what happened, such as "shop order", to how often and how many in all.
    """

    seen: Mapping[str, list[float]]
    decisions: list[float]
    rewards: list[float]
    terms: Mapping[str, float]
    figures: Mapping[str, list[float]]
    events: Mapping[str, tuple[int, float]]


@dataclasses.dataclass(frozen=True)
class SampleEpisode:
    """Several agents' lives on the same luck.

    Attributes:
        number: number of the episode on the evaluation luck, from 0.
        step: what a step is called: ``day``, ``week``, ... or ``step``.
        units: telling feature to its unit.
        lives: role (``today``, ``best learner``, ``best rule``, ``best possible``), label and life of each agent.
    """

    number: int
    step: str
    units: Mapping[str, str]
    lives: Sequence[tuple[str, str, Life]]
