"""All randomness of a season."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.chance import CountTables, demand_pmf
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
    customers: NDArray[np.signedinteger]
    steps: NDArray[np.signedinteger]


class _Laws(NamedTuple):
    """Tables of one kind of demand: customers of each period, and steps of a customer."""

    customers: CountTables
    law_of_period: NDArray[np.intp]
    steps: CountTables


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
    steps = np.empty((worlds, most), dtype=np.int16)
    for number, law in enumerate(laws):
        rows = np.flatnonzero(kind == number)
        if rows.size:
            customers[rows], steps[rows] = _draw_kind(law, most, rng, len(rows))
    return SeasonLuck(kind, customers, steps)


def _draw_kind(
    law: _Laws, most: int, rng: np.random.Generator, worlds: int
) -> tuple[NDArray[np.signedinteger], NDArray[np.signedinteger]]:
    customers = np.ascontiguousarray(law.customers.draw(rng, worlds, law.law_of_period))
    total = customers.sum(axis=1)
    for row in np.flatnonzero(total > most):
        through = np.minimum(np.cumsum(customers[row]), most)
        customers[row] = np.diff(through, prepend=0)
    # One law for every column: worlds may as well be the columns, so that a world's customers are neighbours.
    steps = law.steps.draw(rng, most, np.zeros(worlds, dtype=np.intp))
    return customers, steps.T


@functools.lru_cache(maxsize=8)
def _laws(p: SeasonParameters) -> tuple[list[_Laws], int]:
    distinct, law_of_period = np.unique(p.factors(), return_inverse=True)
    laws, most = [], 1
    for kind in p.kinds():
        mean = p.customers * kind.customers
        total = demand_pmf("poisson", mean * float(p.factors().sum()))
        most = max(most, len(total))
        would = np.append(p.chances(kind), 0.0)
        steps = np.append(1.0 - would[0], would[:-1] - would[1:])
        pmfs = [demand_pmf("poisson", mean * float(factor)) for factor in distinct]
        laws.append(_Laws(CountTables(pmfs), law_of_period.astype(np.intp), CountTables([steps])))
    return laws, most
