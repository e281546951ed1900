"""All randomness of a customer's lifetime."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from envs_data.arrays import Ints
from envs_data.branching import with_new_keys
from envs_data.random_bits import NO_REDRAW, Words, draw_keys, none_later, none_since, words
from envs_data.recommend.lifetime.parameters import LifetimeParameters

# A word is four pieces of 16 bits. The first word of a key says what the customer is like, the next two what happens at
# the first visit and until the second one, and so on; words of the catalogue's dates begin far behind.
RATE, DROPOUT, FIRST_TASTES, PIECES = range(4)
CLICK, BUY, RETURN, SATISFIED, LEAVE, GAP, DRIFTS, TASTES, OF_A_VISIT = range(9)
IN_A_WORD, BITS = 4, 16
CATALOGUE = 1 << 40


class LifetimeLuck(NamedTuple):
    """Everything chance decides in an episode: the customer's nature, each visit by its number, the catalogue by date.

    Attributes:
        key: [worlds] the key from which `envs_data.random_bits.words` finds every word.
        later: [worlds, redraws] the keys that follow it where the future was drawn anew; no columns where it never was.
        since: [worlds, redraws] the visit from which each of them holds.
    """

    key: Words
    later: Words = none_later(1)
    since: Ints = none_since(1)

    def growing(self) -> dict[str, int]:
        """The fields that get a column with every redraw, and what stands in it where there was none."""
        return NO_REDRAW


def draw(parameters: LifetimeParameters, rng: np.random.Generator, worlds: int) -> LifetimeLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the shop and its customers.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    return LifetimeLuck(draw_keys(rng, worlds), none_later(worlds), none_since(worlds))


def redraw(
    parameters: LifetimeParameters, luck: LifetimeLuck, step: int | Ints, rng: np.random.Generator
) -> LifetimeLuck:
    """Draws the visits anew that have not come yet, and what is sold out in later periods.

    What the customer is like stays, and so does what is sold out at the next visit, which has been seen.

    Args:
        parameters: the shop and its customers.
        luck: luck of lives, a row each.
        step: visits completed so far, in all or in each.
        rng: the only source of randomness.
    """
    return with_new_keys(luck, step, rng)


def pieces(key: np.uint64, first: int, count: int) -> Ints:
    """[count, 4] the pieces of some neighbouring words of a key, each from 0 to 65,535."""
    numbers = np.arange(first, first + count, dtype=np.uint64)
    drawn = words(np.full(count, key, dtype=np.uint64), numbers)
    shifts = np.arange(IN_A_WORD, dtype=np.uint64) * np.uint64(BITS)
    return ((drawn[:, None] >> shifts) & np.uint64((1 << BITS) - 1)).astype(np.int64)


def of_customer(key: np.uint64) -> list[int]:
    """The pieces that say what a customer is like."""
    customer: list[int] = pieces(key, 0, 1)[0].tolist()
    return customer


def of_visits(key: np.uint64, later: Words, since: Ints, visits: int) -> list[list[int]]:
    """[visits, 8] the pieces of the visits, each of the key in force."""
    found = pieces(key, 1, 2 * visits).reshape(visits, OF_A_VISIT)
    for anew, first in zip(later, since, strict=True):
        found[first:] = pieces(anew, 1, 2 * visits).reshape(visits, OF_A_VISIT)[first:]
    visit_pieces: list[list[int]] = found.tolist()
    return visit_pieces


def of_period(key: np.uint64, period: int, items: int) -> list[int]:
    """[items] the pieces that say what is sold out for a period."""
    count = -(-items // IN_A_WORD)
    items_out: list[int] = pieces(key, CATALOGUE + period * count, count).ravel()[:items].tolist()
    return items_out
