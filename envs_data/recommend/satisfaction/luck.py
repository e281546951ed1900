"""All randomness of one user's items."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Floats, Ints
from envs_data.branching import each, spliced
from envs_data.chance import random_words
from envs_data.recommend.satisfaction.parameters import SatisfactionParameters


class SatisfactionLuck(NamedTuple):
    """Everything chance decides in an episode.

    Attributes:
        start: [worlds] exposure at the start.
        items: [worlds, steps, candidates] 16-bit words, from which `clickbait_of` makes the clickbait of each
            candidate: cheap, and finer than any user could tell.
        wobble: [worlds, steps] what is added to exposure.
        hold: [worlds, steps] factor of the minutes an item holds.
    """

    start: Floats
    items: NDArray[np.uint16]
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
        items=random_words(rng, p.candidates * p.steps * worlds).reshape(p.candidates, *shape).T,
        wobble=(p.noise * rng.standard_normal(shape)).T,
        hold=np.exp(p.spread * rng.standard_normal(shape)).T,
    )


def redraw(
    parameters: SatisfactionParameters, luck: SatisfactionLuck, step: int | Ints, rng: np.random.Generator
) -> SatisfactionLuck:
    """Draws the steps anew that have not come yet; the candidates of the next one have been seen.

    Args:
        parameters: the user.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    steps = each(step, len(luck.start))
    return spliced(luck, draw(parameters, rng, len(steps)), {"items": steps + 1, "wobble": steps, "hold": steps})
