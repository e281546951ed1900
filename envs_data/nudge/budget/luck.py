"""All randomness of many people who share a few messages."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from envs_data.arrays import Flags, Floats, Ints
from envs_data.branching import each, spliced
from envs_data.chance import random_blocks
from envs_data.nudge.budget.parameters import BudgetParameters
from envs_data.random_bits import RANGE, HalfWords


class BudgetLuck(NamedTuple):
    """Everything chance decides in an episode.

    Attributes:
        fate: [worlds, steps, people] uniform 32-bit words: what becomes of each person in a step.
        reached: [worlds, steps + 1, people] who can be messaged; the last is seen, and never used.
    """

    fate: HalfWords
    reached: Flags


def draw(parameters: BudgetParameters, rng: np.random.Generator, worlds: int) -> BudgetLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the people.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    p = parameters
    shape = (worlds, p.steps, p.people)
    count = int(np.prod(shape))
    fate = random_blocks(rng, -(-count // 2)).view(np.uint32)[:count]
    reachable = np.append(p.reachable(), 0.0)
    reached = np.broadcast_to(reachable[:, None] > 0, (worlds, p.steps + 1, p.people)).copy()
    if p.availability < 1:
        reached &= rng.integers(0, RANGE, size=reached.shape, dtype=np.uint32) < p.availability * RANGE
    return BudgetLuck(fate.reshape(shape), reached)


def redraw(parameters: BudgetParameters, luck: BudgetLuck, step: int | Ints, rng: np.random.Generator) -> BudgetLuck:
    """Draws the steps anew that have not come yet; who can be messaged now has been seen.

    Args:
        parameters: the people.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    steps = each(step, len(luck.fate))
    return spliced(luck, draw(parameters, rng, len(steps)), {"fate": steps, "reached": steps + 1})


def thresholds(chance: Floats) -> Ints:
    """[..., 3] which word first leads to outcomes 1, 2 and 3, for [..., 4] probabilities."""
    return np.rint(np.cumsum(chance, axis=-1)[..., :-1] * RANGE).astype(np.int64)
