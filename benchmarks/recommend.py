"""How fast the twins of recommendation are, in u a visit: luck, autoreset and all; and the law of coming back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from speed import in_units

import bizgyms
from envs_data.recommend.bg_nbd import BgNbd

WORLDS = 1_024
STEPS = 200
# Case, scenario, the action of every world, and the target in u a visit.
TARGETS = (
    ("RecommendVisit", "home-page", 0, 10.0),
    ("RecommendVisit", "lifetime-tiny", 2, 10.0),
    ("RecommendSatisfaction", "crossover", 0, 45.0),
)
# A catalogue of fifty items, a slate of five.
SHOP, SHOP_TARGET = "web-shop", 350.0


def visits(id: str, scenario: str, action: int) -> tuple[Callable[[], None], int]:
    """Visits of a twin that begins a new customer wherever one has left, and their number."""
    envs: Any = bizgyms.make_vec(id, WORLDS, scenario=scenario)
    envs.reset(seed=0)
    actions = np.full(WORLDS, action)

    def play() -> None:
        for _ in range(STEPS):
            envs.step(actions)

    return play, WORLDS * STEPS


def slates(scenario: str) -> tuple[Callable[[], None], int]:
    """Visits of a shop's customers, all shown the items rated best, and their number."""
    envs: Any = bizgyms.make_vec("bizgyms/RecommendLifetime-v0", WORLDS, scenario=scenario)
    rows, _ = envs.reset(seed=0)
    quality = np.array([item.quality for item in envs.parameters.items])
    actions = envs.view.top(np.broadcast_to(quality, (WORLDS, len(quality))), rows)

    def play() -> None:
        for _ in range(STEPS):
            envs.step(actions)

    return play, WORLDS * STEPS


def cohort() -> tuple[Callable[[], None], int]:
    """Every purchase of as many customers as CDNOW's, through windows as long as theirs (weeks); one cohort."""
    law, rng, age = BgNbd(0.243, 4.414, 0.793, 2.426), np.random.default_rng(0), np.linspace(27.0, 38.86, 2_357)

    def draw() -> None:
        law.draw_purchases(rng, age)

    return draw, 1


def rows() -> list[tuple[str, float, float]]:
    """Label, measured u, and target."""
    twins = [
        (f"{id} {scenario}, always {action}", in_units(*visits(id, scenario, action))[0], target)
        for id, scenario, action, target in TARGETS
    ]
    shop = (f"RecommendLifetime {SHOP}", in_units(*slates(SHOP))[0], SHOP_TARGET)
    return [*twins, shop, ("BG/NBD, a cohort of 2,357 customers", in_units(*cohort())[0], 1.5e6)]
