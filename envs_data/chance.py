"""Laws of whole numbers, and exact draws from them sixteen random bits at a time."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from envs_data.arrays import Floats, Ints, Places

WORDS = 1 << 16
# Entries of a small table, and the bits of a word that are dropped to index one.
ENTRIES, SPARE_BITS = 1 << 12, np.uint16(4)
# NumPy scalars: Python integers this large would become objects, which costs more than a thousand draws.
ALL_64_BITS = np.uint64(0), np.uint64(2**64 - 1)
# A law is cut where less probability than this is left: less than one event in all days ever simulated.
TAIL = 1e-13
# Numbers of units that a law may give.
MOST_ENTRIES = 4_000_000
# Customers, auctions and the like of an episode, each of which takes a random number or a few.
MOST_DRAWN = 20_000_000
# Units a day that a world may hold in the mean.
MOST_A_DAY = 20_000
DEMAND_LAWS = ("poisson", "negative_binomial", "geometric", "uniform", "rounded_gamma", "constant")


def tail_problem(law: str, mean: float, size: float, cv: float) -> str | None:
    """Says that a law reaches further than a table can hold, or returns None.

    Args:
        law: one of `DEMAND_LAWS`.
        mean: the largest mean demand of a day.
        size: the negative binomial's size.
        cv: coefficient of variation of the gamma.
    """
    # Units in which the tail falls by a factor of e.
    scales = {"negative_binomial": 1 + mean / size, "geometric": 1 + mean, "rounded_gamma": mean * cv**2}
    largest = mean - scales.get(law, 0.0) * math.log(TAIL)
    if largest <= MOST_ENTRIES:
        return None
    advice = {"rounded_gamma": "make cv smaller, or ", "negative_binomial": "make size larger, or "}.get(law, "")
    reach = f"demand of a day could reach {largest:,.0f} units, and {MOST_ENTRIES:,} are possible"
    return f"{reach}; {advice}count in larger units"


def crowd_problem(who: str, expected: float, fields: str) -> str | None:
    """Says that an episode asks for more random numbers than memory should hold, or returns None.

    Args:
        who: what a number is drawn for, such as ``customers``.
        expected: how many of them an episode expects.
        fields: the fields that make them so many.
    """
    if expected <= MOST_DRAWN:
        return None
    return f"{expected:,.0f} {who} an episode are more than {MOST_DRAWN:,}; make {fields} smaller"


@functools.lru_cache(maxsize=2048)
def demand_pmf(law: str, mean: float, size: float = 1.0, cv: float = 0.5, zero_inflation: float = 0.0) -> Floats:
    """Probabilities of 0, 1, 2, ... units of demand.

    Args:
        law: one of `DEMAND_LAWS`. ``geometric`` is on {0, 1, ...}; ``uniform`` on {0, ..., 2 mean};
            ``rounded_gamma`` is a gamma rounded to the nearest whole number; ``constant`` is always the mean.
        mean: mean demand (of the gamma before rounding).
        size: the negative binomial's size r: variance = mean + mean^2 / r.
        cv: coefficient of variation of the gamma.
        zero_inflation: share of days on which nothing at all is asked for; the mean is that of all days.

    Returns:
        Probabilities that sum to one, shape (largest demand + 1,); read-only, because they are cached.

    Raises:
        ValueError: an unknown law.
    """
    pmf = _pmf(law, mean / (1 - zero_inflation), size, cv) * (1 - zero_inflation)
    pmf[0] += zero_inflation
    pmf.flags.writeable = False
    return pmf


def _pmf(law: str, mean: float, size: float, cv: float) -> Floats:
    if mean < TAIL / 2:  # a day with demand is less likely than what every law leaves out
        return np.ones(1)
    if law == "constant":
        return np.append(np.zeros(round(mean)), 1.0)
    if law == "uniform":
        count = round(2 * mean) + 1
        return np.full(count, 1 / count)
    if law == "rounded_gamma":
        shape, scale = 1 / cv**2, mean * cv**2
        edges = np.arange(int(stats.gamma.isf(TAIL, shape, scale=scale)) + 2) + 0.5
        return _normalised(np.diff(stats.gamma.cdf(edges, shape, scale=scale), prepend=0.0))
    # Not a frozen law: making one takes ten times as long as evaluating it.
    if law == "poisson":
        return _normalised(stats.poisson.pmf(np.arange(int(stats.poisson.isf(TAIL, mean)) + 1), mean))
    if law in ("negative_binomial", "geometric"):
        r = size if law == "negative_binomial" else 1.0
        share = r / (r + mean)
        return _normalised(stats.nbinom.pmf(np.arange(int(stats.nbinom.isf(TAIL, r, share)) + 1), r, share))
    raise ValueError(f"unknown demand law {law!r}; known: {', '.join(DEMAND_LAWS)}")


def limited(pmf: Floats, limit: int) -> Floats:
    """A law of which nothing goes beyond a limit: what would have is the limit itself; 0 for no limit."""
    if not 0 < limit < len(pmf) - 1:
        return pmf
    return np.append(pmf[:limit], pmf[limit:].sum())


def _normalised(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum(), dtype=np.float64)


class CountTables:
    """Exact draws from a few laws of whole numbers.

    A table of 65,536 entries gives value k in floor(65,536 p_k) of them; the few entries left over send the draw to
    a second, exact inversion of what the floors cut off. So the draws follow the law to double precision,
    heavy tails included, at the price of one look-up for nearly all draws.

    Args:
        pmfs: one array of probabilities a law; entry k is the probability of k.
    """

    def __init__(self, pmfs: Sequence[Floats]) -> None:
        largest = max(len(pmf) for pmf in pmfs) - 1
        self.dtype = np.dtype(np.int16 if largest <= np.iinfo(np.int16).max else np.int32)
        self._tables = np.full((len(pmfs), WORDS), -1, dtype=self.dtype)
        self._rests = []
        for table, pmf in zip(self._tables, pmfs, strict=True):
            shares = pmf * WORDS
            whole = np.floor(shares).astype(np.int64)
            table[: whole.sum()] = np.repeat(np.arange(len(pmf)), whole)
            rest = np.cumsum(shares - whole)
            self._rests.append(rest / rest[-1] if rest[-1] > 0 else np.ones(1))
        self.largest = largest

    def draw(self, rng: np.random.Generator, worlds: int, law_of: Places) -> NDArray[np.signedinteger]:
        """Draws one value for each world and column.

        Args:
            rng: the source of randomness.
            worlds: number of rows.
            law_of: [columns] which law each column follows.

        Returns:
            Array [worlds, columns], laid out in memory column by column: all worlds' first day, then the second.
        """
        if len(self._tables) > 1:
            return self._draw_by_law(rng, worlds, law_of)
        drawn = self._tables[0].take(random_words(rng, worlds * len(law_of)))
        rare = np.flatnonzero(drawn < 0)
        if rare.size:
            drawn[rare] = self._rare(rng.random(rare.size), np.zeros(rare.size, dtype=np.intp))
        return np.asarray(drawn.reshape(len(law_of), worlds).T)

    def _draw_by_law(self, rng: np.random.Generator, worlds: int, law_of: Places) -> NDArray[np.signedinteger]:
        """Draws law by law, so that one table at a time fills the processor's cache."""
        order = np.argsort(law_of, kind="stable")
        sorted_laws = law_of[order]
        ends = np.searchsorted(sorted_laws, np.arange(len(self._tables) + 1))
        words = random_words(rng, worlds * len(law_of)).reshape(len(law_of), worlds)
        drawn = np.empty(words.shape, dtype=self.dtype)
        for table, begin, end in zip(self._tables, ends, ends[1:], strict=False):
            table.take(words[begin:end], out=drawn[begin:end], mode="clip")  # words fit; clip spares a copy
        flat = drawn.ravel()
        rare = np.flatnonzero(flat < 0)
        if rare.size:
            flat[rare] = self._rare(rng.random(rare.size), sorted_laws[rare // worlds])
        result = np.empty_like(drawn)
        result[order] = drawn
        return result.T

    def _rare(self, uniforms: Floats, laws: Places) -> Ints:
        values = np.empty(len(uniforms), dtype=np.int64)
        for law in np.unique(laws):
            chosen = laws == law
            values[chosen] = np.searchsorted(self._rests[law], uniforms[chosen], side="right")
        return values


class OutcomeTables:
    """Exact draws from laws of few outcomes, twelve random bits each: tables so small that many stay in the cache.

    Outcome k has floor(4,096 p_k) of a law's entries; the few left over, -1, send the draw to an exact inversion of
    what the floors cut off. So the law is met to double precision.

    Args:
        pmfs: [laws, outcomes] probabilities.
        outcomes: [outcomes] what a draw gives, from 0 on, of the type draws are to have.
    """

    def __init__(self, pmfs: Floats, outcomes: NDArray[np.signedinteger]) -> None:
        table = np.full((len(pmfs), ENTRIES), -1, dtype=outcomes.dtype)
        whole = np.floor(pmfs * ENTRIES).astype(np.int64)
        for row, counts in zip(table, whole, strict=True):
            row[: counts.sum()] = np.repeat(outcomes, counts)
        rests = np.cumsum(pmfs * ENTRIES - whole, axis=1)
        rests /= np.maximum(rests[:, -1:], 1e-300)
        self._table, self._outcomes = table.ravel(), outcomes
        self._first = np.arange(0, table.size, ENTRIES)[:, None]
        # The number of its law is added to each, so that one search finds the outcome of any.
        self._rests = (rests + np.arange(len(pmfs))[:, None]).ravel()

    def draw(self, rng: np.random.Generator, words: NDArray[np.uint16]) -> NDArray[np.signedinteger]:
        """[laws * each] one outcome for each random word, as many for each law.

        Args:
            rng: the source of randomness beyond the words.
            words: [laws * each] words of `random_words`, law by law.
        """
        laws, width = len(self._first), len(self._outcomes)
        each, places = len(words) // laws, (words >> SPARE_BITS).astype(np.intp)
        if laws > 1:
            by_law = places.reshape(laws, each)
            by_law += self._first
        drawn = self._table.take(places, mode="clip")  # places fit; clip spares a copy
        rare = np.flatnonzero(drawn < 0)
        if rare.size:
            law = rare // each
            outcome = np.searchsorted(self._rests, law + rng.random(rare.size), side="right") - law * width
            drawn[rare] = self._outcomes[np.minimum(outcome, width - 1)]  # a sum may round up to the next law
        return drawn


def random_words(rng: np.random.Generator, count: int) -> NDArray[np.uint16]:
    """``count`` independent 16-bit words, uniform on 0 to 65,535: four to each 64-bit draw."""
    return random_blocks(rng, -(-count // 4)).view(np.uint16)[:count]


def random_kinds(rng: np.random.Generator, kinds: int, worlds: int) -> NDArray[np.int16]:
    """[worlds] which of so many kinds each world is of, all equally likely; a single kind draws nothing."""
    return rng.integers(kinds, size=worlds, dtype=np.int16) if kinds > 1 else np.zeros(worlds, dtype=np.int16)


def random_blocks(rng: np.random.Generator, count: int) -> NDArray[np.uint64]:
    """``count`` independent, uniform 64-bit words."""
    bits = rng.bit_generator
    if isinstance(bits, np.random.MT19937):  # it makes half a word at a time
        return rng.integers(*ALL_64_BITS, size=count, dtype=np.uint64, endpoint=True)
    # What `integers` would return, without its check of the bounds, which costs as much as thousands of words.
    return np.asarray(bits.random_raw(count), dtype=np.uint64)
