"""Numbers of the model of long-term satisfaction, for comparison with known ones."""

from __future__ import annotations

import numpy as np

from bizgyms.recommend.satisfaction.optimum import FINE, Choice, best, by_clickbait, evaluate, order_statistic
from envs_data.recommend.satisfaction import SatisfactionParameters


def share(p: SatisfactionParameters, rule: str, kinds: int = FINE[1]) -> float:
    """What a rule earns, as a share of the optimum.

    Args:
        p: the scenario.
        rule: ``most`` or ``least`` clickbait, or ``random``.
        kinds: grid points of a candidate's clickbait. With few the optimum comes out too low: it can tell apart only
            candidates of different kinds.
    """
    return minutes_of(p, rule, kinds) / evaluate(p, best(p), (FINE[0], kinds))[0]


def minutes_of(p: SatisfactionParameters, rule: str, kinds: int = FINE[1]) -> float:
    """Expected minutes of an episode under ``most`` or ``least`` clickbait, or ``random``."""
    return evaluate(p, _choice(p, rule, kinds), (FINE[0], kinds))[0]


def _choice(p: SatisfactionParameters, rule: str, points: int) -> Choice:
    even = np.full(points, 1 / points)
    return by_clickbait(even if rule == "random" else order_statistic(p, rule == "most", points))
