"""How fast the twins of recommendation are, in u a visit: luck, autoreset and all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from speed import in_units

import bizgyms

WORLDS = 1_024
STEPS = 200
# Case, scenario, the action of every world, and the target in u a visit.
TARGETS = (
    ("RecommendVisit", "home-page", 0, 10.0),
    ("RecommendVisit", "lifetime-tiny", 2, 10.0),
    ("RecommendSatisfaction", "crossover", 0, 45.0),
)


def visits(id: str, scenario: str, action: int) -> tuple[Callable[[], None], int]:
    """Visits of a twin that begins a new customer wherever one has left, and their number."""
    envs: Any = bizgyms.make_vec(id, WORLDS, scenario=scenario)
    envs.reset(seed=0)
    actions = np.full(WORLDS, action)

    def play() -> None:
        for _ in range(STEPS):
            envs.step(actions)

    return play, WORLDS * STEPS


def rows() -> list[tuple[str, float, float]]:
    """Label, measured u a visit, and target."""
    return [
        (f"{id} {scenario}, always kind {action}", in_units(*visits(id, scenario, action))[0], target)
        for id, scenario, action, target in TARGETS
    ]
