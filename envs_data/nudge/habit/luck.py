"""All randomness of one person who habituates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from envs_data.arrays import Ints
from envs_data.branching import each, spliced
from envs_data.nudge.habit.parameters import HabitParameters
from envs_data.random_bits import HALF, HalfWords, StepWords, draw_words


class HabitLuck(NamedTuple):
    """Everything chance decides in an episode, as uniform 32-bit words.

    Attributes:
        fate: [worlds, steps] without a message: habituation fades below the threshold of ``fades``. With one: right and
            forgiven below that of right * forgives, right below that of ``right``, else wrong.
        answer: [worlds, steps] whether the person responds; no steps where the expected worth is paid.
    """

    fate: HalfWords
    answer: HalfWords


def draw(parameters: HabitParameters, rng: np.random.Generator, worlds: int) -> HabitLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the person.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    steps = parameters.steps
    answers = steps if parameters.paid == "drawn" else 0
    return HabitLuck(*(draw_words(rng, worlds, count) for count in (steps, answers)))


def draw_steps(parameters: HabitParameters, words: StepWords) -> HabitLuck:
    """Draws the luck of some steps: the same law as `draw`, from other words.

    Args:
        parameters: the person.
        words: the only source of randomness.
    """
    both = words.of_step(1)[0].T
    answers = both if parameters.paid == "drawn" else both[:, :0]
    return HabitLuck((both >> HALF).astype(np.uint32), answers.astype(np.uint32))


def redraw(parameters: HabitParameters, luck: HabitLuck, step: int | Ints, rng: np.random.Generator) -> HabitLuck:
    """Draws the steps anew that have not come yet.

    Args:
        parameters: the person.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    steps = each(step, len(luck.fate))
    return spliced(luck, draw(parameters, rng, len(steps)), dict.fromkeys(HabitLuck._fields, steps))
