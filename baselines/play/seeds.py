"""The three blocks of seeds: tuning, training and scoring never meet the same luck."""

from __future__ import annotations

from typing import Any

import numpy as np

from bizgyms.luck import draw_of
from bizgyms.registry import Case
from envs_data.parameters import ParameterError, Parameters

SIZE = 1_000_000
EVALUATION, TUNING, TRAINING = 0, SIZE, 2 * SIZE
TRAININGS_A_SEED = 1_000
DRAWN_AT_ONCE = 100


def check(seed: int) -> int:
    """The seed, if each of the three blocks has a place for it.

    Raises:
        ParameterError: it is no whole number from 0 to 999.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < SIZE // TRAININGS_A_SEED:
        last = SIZE // TRAININGS_A_SEED - 1
        raise ParameterError("seed", [f"{seed!r} is not possible; it must be a whole number from 0 to {last}"])
    return int(seed)


def evaluation(seed: int) -> int:
    """The seed of the luck on which agents are scored."""
    return EVALUATION + check(seed)


def tuning(seed: int) -> int:
    """The seed of the luck on which rules are tuned."""
    return TUNING + check(seed)


def training(seed: int, number: int) -> int:
    """The seed of training ``number``, luck included."""
    return TRAINING + TRAININGS_A_SEED * check(seed) + number


def blocks(seed: int, trainings: int, given: bool = False) -> str:
    """The three blocks in words; ``given`` where the luck played was given."""
    first = training(seed, 0)
    trained = f"training {first} to {first + trainings - 1}" if trainings else "no training"
    played = "luck as it was given" if given else f"evaluation {evaluation(seed)}"
    return f"tuning {tuning(seed)}, {trained}, {played}"


def luck(case: Case, parameters: Parameters, seed: int, first: int, episodes: int) -> Any:
    """The luck of some of the episodes of a block.

    Episodes are drawn a hundred at a time, each hundred from its own ``SeedSequence``: an episode's luck depends
    on the seed and its number alone, never on how many are played.

    Args:
        case: the case.
        parameters: its parameters.
        seed: a seed of one of the three blocks.
        first: number of the first episode.
        episodes: how many.
    """
    last = first + episodes
    pieces = []
    for hundred in range(first // DRAWN_AT_ONCE, (last - 1) // DRAWN_AT_ONCE + 1):
        rng = np.random.default_rng(np.random.SeedSequence([seed, hundred]))
        drawn = draw_of(case)(parameters, rng, DRAWN_AT_ONCE)
        start = hundred * DRAWN_AT_ONCE
        wanted = slice(max(first - start, 0), min(last - start, DRAWN_AT_ONCE))
        pieces.append([array[wanted] for array in drawn])
    return type(drawn)(*(np.concatenate(arrays) for arrays in zip(*pieces, strict=True)))
