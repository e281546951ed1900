"""All randomness of a season."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.chance import WORDS, CountTables, demand_pmf, random_words
from envs_data.pricing.season.parameters import SeasonParameters


class SeasonLuck(NamedTuple):
    """Everything chance decides in a season.

    Attributes:
        kind: [worlds] which of `SeasonParameters.kinds` the season's demand is.
        customers: [worlds, periods] customers who come.
        steps: [worlds, customers] how many of the price steps, from the lowest on, each customer of the season would
            pay: what a unit is worth to him, as far as prices can tell. Customers are numbered through the season.
    """

    kind: NDArray[np.int16]
    customers: NDArray[np.integer]
    steps: NDArray[np.uint8]


class Pairs:
    """Draws small numbers two by two: one 16-bit word gives both, each in a byte.

    As in `CountTables`, a table gives each pair its share of the words, rounded down, and what is cut off is drawn by
    exact inversion: the law is met to double precision.

    Args:
        pmf: probabilities of 0, 1, 2, ... up to 254.
    """

    RARE = np.uint16(WORDS - 1)
    MOST = 254

    def __init__(self, pmf: NDArray[np.float64]) -> None:
        numbers = np.arange(len(pmf), dtype=np.uint16)
        self._pairs = (numbers[:, None] + (numbers << 8)).ravel()
        shares = np.outer(pmf, pmf).ravel() * WORDS
        whole = np.floor(shares).astype(np.int64)
        self._table = np.full(WORDS, self.RARE)
        self._table[: whole.sum()] = np.repeat(self._pairs, whole)
        rest = np.cumsum(shares - whole)
        self._rest = rest / rest[-1] if rest[-1] > 0 else np.ones(1)

    def draw(self, rng: np.random.Generator, worlds: int, columns: int) -> NDArray[np.uint8]:
        """[worlds, columns] numbers, laid out world by world."""
        even = columns + columns % 2
        drawn = self._table.take(random_words(rng, worlds * even // 2))
        rare = np.flatnonzero(drawn == self.RARE)
        drawn[rare] = self._pairs[np.searchsorted(self._rest, rng.random(rare.size), side="right")]
        return drawn.view(np.uint8).reshape(worlds, even)[:, :columns]


class _Laws(NamedTuple):
    """Tables of one kind of demand: customers of each period, and steps of a customer."""

    customers: CountTables | Pairs
    law_of_period: NDArray[np.intp]
    steps: Pairs


def draw(parameters: SeasonParameters, rng: np.random.Generator, worlds: int) -> SeasonLuck:
    """Draws the luck of whole seasons.

    More customers than columns of `SeasonLuck.steps` come once in 10^13 seasons; those beyond stay away.

    Args:
        parameters: the season.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    laws, most = _laws(parameters)
    if len(laws) == 1:
        customers, steps = _draw_kind(laws[0], most, rng, worlds)
        return SeasonLuck(np.zeros(worlds, dtype=np.int16), customers, steps)
    kind = rng.integers(len(laws), size=worlds, dtype=np.int16)
    customers = np.empty((worlds, parameters.periods), dtype=np.int16)
    steps = np.empty((worlds, most), dtype=np.uint8)
    for number, law in enumerate(laws):
        rows = np.flatnonzero(kind == number)
        if rows.size:
            customers[rows], steps[rows] = _draw_kind(law, most, rng, len(rows))
    return SeasonLuck(kind, customers, steps)


def _draw_kind(
    law: _Laws, most: int, rng: np.random.Generator, worlds: int
) -> tuple[NDArray[np.integer], NDArray[np.uint8]]:
    steps = law.steps.draw(rng, worlds, most)
    if isinstance(law.customers, Pairs):
        return np.ascontiguousarray(law.customers.draw(rng, worlds, len(law.law_of_period))), steps
    return np.ascontiguousarray(law.customers.draw(rng, worlds, law.law_of_period)), steps


@functools.lru_cache(maxsize=8)
def _laws(p: SeasonParameters) -> tuple[list[_Laws], int]:
    distinct, law_of_period = np.unique(p.factors(), return_inverse=True)
    laws, most = [], 1
    for kind in p.kinds():
        mean = p.customers * kind.customers
        total = demand_pmf("poisson", mean * float(p.factors().sum()))
        most = max(most, len(total) + len(total) % 2)
        would = np.append(p.chances(kind), 0.0)
        steps = np.append(1.0 - would[0], would[:-1] - would[1:])
        pmfs = [demand_pmf("poisson", mean * float(factor)) for factor in distinct]
        small = len(pmfs) == 1 and len(pmfs[0]) <= Pairs.MOST
        customers = Pairs(pmfs[0]) if small else CountTables(pmfs)
        laws.append(_Laws(customers, law_of_period.astype(np.intp), Pairs(steps)))
    return laws, most
