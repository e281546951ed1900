"""All randomness of one customer's visits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from envs_data.arrays import Ints
from envs_data.branching import with_new_keys
from envs_data.random_bits import NO_REDRAW, Words, draw_keys, none_later, none_since
from envs_data.recommend.visit.parameters import VisitParameters


class VisitLuck(NamedTuple):
    """Everything chance decides in a customer's life, however long it lasts.

    Attributes:
        key: [worlds] the key from which `words` finds the word of every visit. Its lower half says whether the
            customer leaves (of dissatisfaction below the first threshold of `VisitParameters.leaving`, for another
            reason below the second), its upper half how satisfaction moves (up below the first of `moving`, down
            below the second).
        later: [worlds, redraws] the keys that follow it where the future was drawn anew; no columns where it never was.
        since: [worlds, redraws] the visit from which each of them holds.
    """

    key: Words
    later: Words = none_later(1)
    since: Ints = none_since(1)

    def growing(self) -> dict[str, int]:
        """The fields that get a column with every redraw, and what stands in it where there was none."""
        return NO_REDRAW


def draw(parameters: VisitParameters, rng: np.random.Generator, worlds: int) -> VisitLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the customer.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    return VisitLuck(draw_keys(rng, worlds), none_later(worlds), none_since(worlds))


def redraw(parameters: VisitParameters, luck: VisitLuck, step: int | Ints, rng: np.random.Generator) -> VisitLuck:
    """Draws the visits anew that have not come yet.

    Args:
        parameters: the customer.
        luck: luck of lives, a row each.
        step: visits completed so far, in all or in each.
        rng: the only source of randomness.
    """
    return with_new_keys(luck, step, rng)
