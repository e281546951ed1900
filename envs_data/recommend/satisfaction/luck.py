"""All randomness of one user's items."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.recommend.satisfaction.parameters import SatisfactionParameters

Floats = NDArray[np.float64]


class SatisfactionLuck(NamedTuple):
    """Everything chance decides in an episode.

    Attributes:
        start: [worlds] exposure at the start.
        items: [worlds, steps, candidates] clickbait of each candidate, between 0 and 1.
        wobble: [worlds, steps] what is added to exposure.
        hold: [worlds, steps] factor of the minutes an item holds.
    """

    start: Floats
    items: NDArray[np.float32]
    wobble: Floats
    hold: Floats


def draw(parameters: SatisfactionParameters, rng: np.random.Generator, worlds: int) -> SatisfactionLuck:
    """Draws the luck of whole episodes, laid out in memory with the worlds side by side.

    Args:
        parameters: the user.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    p = parameters
    shape = (p.steps, worlds)
    return SatisfactionLuck(
        start=rng.uniform(-p.start, p.start, worlds) * p.reach,
        items=rng.random((p.candidates, *shape), dtype=np.float32).T,
        wobble=(p.noise * rng.standard_normal(shape)).T,
        hold=np.exp(p.spread * rng.standard_normal(shape)).T,
    )
