"""How fast pricing is, in the unit of `benchmarks/speed.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from speed import in_units

import bizgyms

# Worlds at once; each row's target is u a world-period, luck and autoreset included.
WORLDS = 1_024
TARGETS = (("PricingSeason", "winter-coats", 20.0), ("PricingShelf", "juice-shelf", 130.0))


def season(id: str, scenario: str) -> tuple[Callable[[], None], int]:
    """A whole episode of a twin at the middle prices, and its world-periods."""
    envs: Any = bizgyms.make_vec(id, WORLDS, scenario=scenario)
    envs.reset(seed=0)
    _, highest = envs.view.action_range()
    actions = np.broadcast_to(highest // 2, (WORLDS, len(highest))).reshape(envs.action_space.shape).copy()
    periods = envs.parameters.periods

    def play() -> None:
        for _ in range(periods + 1):  # the step that begins the next episode is part of the price
            envs.step(actions)

    return play, WORLDS * periods


def floor(id: str, scenario: str) -> float:
    """What drawing the customers' words alone must cost: one u for every 64 bits."""
    case = bizgyms.case(id)
    parameters: Any = case.scenarios[scenario]
    luck = case.draw(parameters, np.random.default_rng(0), 1)
    bits = sum(8 * array.nbytes for array in luck if array.dtype == np.uint16)
    return bits / 64 / float(parameters.periods)


def rows() -> list[tuple[str, float, float]]:
    """Label with the floor, measured u a world-period, and target."""
    return [
        (f"{id} {scenario} (floor {floor(id, scenario):.1f})", in_units(*season(id, scenario))[0], target)
        for id, scenario, target in TARGETS
    ]
