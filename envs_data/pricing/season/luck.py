"""All randomness of a season."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from envs_data.arrays import Floats, Ints, Places
from envs_data.branching import each, joined, spliced
from envs_data.chance import TAIL, WORDS, CountTables, demand_pmf, random_kinds, random_words
from envs_data.pricing.season.parameters import Kind, SeasonParameters

# Customers with seats are counted in sixteen bits.
MOST_SEATS = 10_000
# Customers a period expected up to which the law of a whole season's overflow is worked out.
MOST_EXACT = 2000.0


class SeasonLuck(NamedTuple):
    """Everything chance decides in a season.

    Attributes:
        kind: [worlds] which of `SeasonParameters.kinds` the season's demand is.
        rounding: [worlds] from 0 to 1, what makes the bars of `Layout` whole.
        keen: [worlds, periods] customers who would pay the lowest price.
        others: [worlds, periods] customers who would not, so that they buy at no price.
        ranks: [worlds, customers] what a unit is worth to each keen customer, as a rank among all who might come, 0 for
            the highest worth: customers ranked below the bar of a price pay it. Every period has `Layout.seats`
            columns for its first keen customers; the columns behind them are for those without a seat.
    """

    kind: NDArray[np.int16]
    rounding: Floats
    keen: NDArray[np.signedinteger]
    others: NDArray[np.signedinteger]
    ranks: NDArray[np.uint16]


class Layout(NamedTuple):
    """How `SeasonLuck.ranks` are read.

    A rank is a plain 16-bit word, and a bar no whole number: ``int(bar + rounding)`` is the bar of a season. So every
    price has exactly its share of the customers, though a season's bars are whole.

    Attributes:
        seats: columns of each period.
        bars: [kinds, prices] the rank a customer must be below to pay each price, in each demand a season may have.
    """

    seats: int
    bars: Floats


class Pairs:
    """Draws two small numbers that do not depend on each other with one 16-bit word.

    As in `CountTables`, a table gives each pair its share of the words, rounded down, and what is cut off is drawn by
    exact inversion: the law is met to double precision.

    Args:
        first: probabilities of 0, 1, 2, ... up to 255.
        second: those of the other number, up to 254.
    """

    RARE = np.uint16(WORDS - 1)

    def __init__(self, first: Floats, second: Floats) -> None:
        self._pairs = np.add.outer(np.arange(len(first)), np.arange(len(second)) << 8).ravel().astype(np.uint16)
        shares = np.outer(first, second).ravel() * WORDS
        whole = np.floor(shares).astype(np.int64)
        self._table = np.full(WORDS, self.RARE)
        self._table[: whole.sum()] = np.repeat(self._pairs, whole)
        rest = np.cumsum(shares - whole)
        self._rest = rest / rest[-1] if rest[-1] > 0 else np.ones(1)

    @staticmethod
    def fit(first: Floats, second: Floats) -> bool:
        """Whether a pair fits two bytes, and most pairs a word."""
        return len(first) < 256 and len(second) < 255 and len(first) * len(second) < WORDS // 8

    def read(self, words: NDArray[np.uint16], rng: np.random.Generator) -> NDArray[np.int16]:
        """[2, words] the first numbers, and the second ones; ``rng`` draws anew what the table cuts off."""
        pairs = self._table.take(words)
        rare = np.flatnonzero(pairs == self.RARE)
        pairs[rare] = self._pairs[self._rest.searchsorted(rng.random(rare.size), side="right")]
        both = np.empty((2, len(words)), dtype=np.uint16)
        np.bitwise_and(pairs, 255, out=both[0])
        np.right_shift(pairs, 8, out=both[1])
        return both.view(np.int16)


class _Laws(NamedTuple):
    """Laws of one kind of demand: keen customers of each period, and the others."""

    counts: Pairs | CountTables
    law_of: Places


def draw(parameters: SeasonParameters, rng: np.random.Generator, worlds: int) -> SeasonLuck:
    """Draws the luck of whole seasons.

    More keen customers than columns of `SeasonLuck.ranks` come once in 10^13 seasons; those beyond stay away.

    Args:
        parameters: the season.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    return _draw(parameters, rng, random_kinds(rng, len(_laws(parameters)[0]), worlds))


def redraw(parameters: SeasonParameters, luck: SeasonLuck, step: int | Ints, rng: np.random.Generator) -> SeasonLuck:
    """Draws the periods anew that have not come yet; which kind of demand it is stays.

    Args:
        parameters: the season.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    periods, seats = each(step, len(luck.kind)), layout(parameters).seats
    fresh, first = _draw(parameters, rng, luck.kind), parameters.periods * seats
    past = np.arange(parameters.periods) < periods[:, np.newaxis]
    late = np.where(past, np.maximum(luck.keen - seats, 0), 0).sum(axis=1)
    joined(luck.ranks[:, :first], fresh.ranks[:, :first], periods * seats)
    joined(luck.ranks[:, first:], fresh.ranks[:, first:], late)
    return spliced(luck._replace(ranks=fresh.ranks), fresh, {"keen": periods, "others": periods})


def _draw(parameters: SeasonParameters, rng: np.random.Generator, kind: NDArray[np.int16]) -> SeasonLuck:
    """Draws the luck of whole seasons, each of its kind."""
    (laws, columns, _), worlds = _laws(parameters), len(kind)
    worths = worlds * columns
    if len(laws) == 1:
        words = random_words(rng, worths + worlds * parameters.periods)
        counts = _counts(laws[0], words[worths:], rng)
    else:
        words = random_words(rng, worths)
        counts = np.empty((2 * parameters.periods, worlds), dtype=np.int32)
        for number, law in enumerate(laws):
            mine = kind == number
            own = random_words(rng, int(mine.sum()) * parameters.periods)
            counts[:, mine] = _counts(law, own, rng)
    keen, others = counts.reshape(2, parameters.periods, worlds)
    return SeasonLuck(kind, rng.random(worlds), keen.T, others.T, words[:worths].reshape(columns, worlds).T)


def layout(parameters: SeasonParameters) -> Layout:
    """How the ranks of a season's customers are read."""
    return _laws(parameters)[2]


def _counts(law: _Laws, words: NDArray[np.uint16], rng: np.random.Generator) -> NDArray[np.signedinteger]:
    """[2 * periods, worlds] keen customers of each period, then the others."""
    periods = len(law.law_of) // 2
    worlds = len(words) // periods
    if isinstance(law.counts, Pairs):
        return law.counts.read(words, rng).reshape(2 * periods, worlds)
    return law.counts.draw(rng, worlds, law.law_of).T


@functools.lru_cache(maxsize=8)
def _laws(p: SeasonParameters) -> tuple[list[_Laws], int, Layout]:
    """The laws of each kind, columns of `SeasonLuck.ranks`, and how to read them."""
    laws = [_law(p, kind) for kind in p.kinds()]
    keen = np.array([p.rates(kind)[:, 0] for kind in p.kinds()])
    usual = float(keen.mean(axis=1).max())
    seats = min(math.ceil(usual + 1.5 * math.sqrt(usual)), MOST_SEATS)
    late = max(most_without_seat(means, seats) for means in keen)
    pay = np.array([p.chances(kind) for kind in p.kinds()])
    shares = np.divide(pay, pay[:, :1], out=np.ones_like(pay), where=pay[:, :1] > 0)
    return laws, p.periods * seats + late, Layout(seats, WORDS * shares)


def _law(p: SeasonParameters, kind: Kind) -> _Laws:
    distinct, law_of_period = np.unique(p.factors(), return_inverse=True)
    mean, keen = p.customers * kind.customers, float(p.chances(kind)[0])
    # Customers who come independently are two streams that do not depend on each other: those who would pay the
    # lowest price, and those who would not.
    pmfs = [demand_pmf("poisson", mean * share * float(f)) for share in (keen, 1 - keen) for f in distinct]
    law_of = np.concatenate([law_of_period, law_of_period + len(distinct)]).astype(np.intp)
    counts = Pairs(pmfs[0], pmfs[1]) if len(pmfs) == 2 and Pairs.fit(*pmfs) else CountTables(pmfs)
    return _Laws(counts, law_of)


def most_without_seat(means: Floats, seats: int) -> int:
    """The most keen customers of a season without a seat in their period, exceeded once in 10^13 seasons.

    Args:
        means: [periods] keen customers expected.
        seats: columns of each period.
    """
    if means.max() > MOST_EXACT:  # period by period, which is a few more, and spares laws of millions of customers
        most = stats.poisson.isf(TAIL / len(means), means)
        return int(np.maximum(most - seats, 0).sum())
    law = np.ones(1)
    for mean in means:
        pmf = demand_pmf("poisson", float(mean))
        law = np.convolve(law, np.append(pmf[: seats + 1].sum(), pmf[seats + 1 :]))
        law = law[: int(np.searchsorted(-np.cumsum(law[::-1])[::-1], -TAIL / len(means)))]
    return len(law) - 1
