"""Laws of whole numbers, and exact draws from them sixteen random bits at a time."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

WORDS = 1 << 16
# NumPy's own numbers: it would look at Python's this large as objects, which takes longer than a thousand draws.
ALL_64_BITS = np.uint64(0), np.uint64(2**64 - 1)
# A law ends where less than this is left: far below one event in all the days anybody will ever simulate.
TAIL = 1e-13
DEMAND_LAWS = ("poisson", "negative_binomial", "geometric", "uniform", "rounded_gamma", "constant")


@functools.lru_cache(maxsize=2048)
def demand_pmf(law: str, mean: float, size: float = 1.0, cv: float = 0.5) -> NDArray[np.float64]:
    """Probabilities of 0, 1, 2, ... units of demand.

    Args:
        law: one of `DEMAND_LAWS`. ``geometric`` is on {0, 1, ...}; ``uniform`` on {0, ..., 2 mean};
            ``rounded_gamma`` is a gamma rounded to the nearest whole number; ``constant`` is always the mean.
        mean: mean demand (of the gamma before rounding).
        size: the negative binomial's size r: variance = mean + mean^2 / r.
        cv: coefficient of variation of the gamma.

    Returns:
        Probabilities that sum to one, shape (largest demand + 1,); read-only, for they are kept and given again.

    Raises:
        ValueError: an unknown law.
    """
    pmf = _pmf(law, mean, size, cv)
    pmf.flags.writeable = False
    return pmf


def _pmf(law: str, mean: float, size: float, cv: float) -> NDArray[np.float64]:
    if mean == 0:
        return np.ones(1)
    if law == "constant":
        return np.asarray(np.eye(round(mean) + 1)[round(mean)])
    if law == "uniform":
        count = round(2 * mean) + 1
        return np.full(count, 1 / count)
    if law == "rounded_gamma":
        gamma = stats.gamma(1 / cv**2, scale=mean * cv**2)
        edges = np.arange(int(gamma.isf(TAIL)) + 2) + 0.5
        return _normalised(np.diff(gamma.cdf(edges), prepend=0.0))
    if law == "poisson":
        demand = stats.poisson(mean)
    elif law in ("negative_binomial", "geometric"):
        r = size if law == "negative_binomial" else 1.0
        demand = stats.nbinom(r, r / (r + mean))
    else:
        raise ValueError(f"unknown demand law {law!r}; known: {', '.join(DEMAND_LAWS)}")
    return _normalised(demand.pmf(np.arange(int(demand.isf(TAIL)) + 1)))


def _normalised(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(weights / weights.sum(), dtype=np.float64)


class CountTables:
    """Exact draws from a few laws of whole numbers.

    A table of 65,536 entries gives value k in floor(65,536 p_k) of them; the few entries left over send the draw to
    a second, exact inversion of what the floors cut off. So the law is met to double precision, heavy tails
    included, at the price of one look-up for all but a handful of draws.

    Args:
        pmfs: one array of probabilities a law; entry k is the probability of k.
    """

    def __init__(self, pmfs: Sequence[NDArray[np.float64]]) -> None:
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

    def draw(self, rng: np.random.Generator, worlds: int, law_of: NDArray[np.intp]) -> NDArray[np.signedinteger]:
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

    def _draw_by_law(
        self, rng: np.random.Generator, worlds: int, law_of: NDArray[np.intp]
    ) -> NDArray[np.signedinteger]:
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

    def _rare(self, uniforms: NDArray[np.float64], laws: NDArray[np.intp]) -> NDArray[np.int64]:
        values = np.empty(len(uniforms), dtype=np.int64)
        for law in np.unique(laws):
            chosen = laws == law
            values[chosen] = np.searchsorted(self._rests[law], uniforms[chosen], side="right")
        return values


def random_words(rng: np.random.Generator, count: int) -> NDArray[np.uint16]:
    """``count`` independent 16-bit words, uniform on 0 to 65,535: four to each 64-bit draw."""
    blocks = rng.integers(*ALL_64_BITS, size=-(-count // 4), dtype=np.uint64, endpoint=True)
    return blocks.view(np.uint16)[:count]
