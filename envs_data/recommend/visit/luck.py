"""All randomness of one customer's visits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from envs_data.random_bits import Words, draw_keys
from envs_data.recommend.visit.parameters import VisitParameters


class VisitLuck(NamedTuple):
    """Everything chance decides in a customer's life, however long it lasts.

    Attributes:
        key: [worlds] the key from which `words` finds the word of every visit. Its lower half says whether the
            customer leaves (of dissatisfaction below the first threshold of `VisitParameters.leaving`, for another
            reason below the second), its upper half how satisfaction moves (up below the first of `moving`, down
            below the second).
    """

    key: Words


def draw(parameters: VisitParameters, rng: np.random.Generator, worlds: int) -> VisitLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the customer.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    return VisitLuck(draw_keys(rng, worlds))
