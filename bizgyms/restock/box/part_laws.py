"""What chance does to one item cut out of its box, as tables for the kernels: deliveries, customers and seekers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bizgyms.restock.box.shelves import Kind
from envs_data.arrays import Floats, Ints
from envs_data.restock.box.luck import SECOND_BITS, second_choices
from envs_data.restock.box.parameters import BoxParameters

# Where the law of the number of seekers is cut off: at the same tail as laws of demand.
TAIL = 1e-13


class Roads(NamedTuple):
    """Orders under way, and what the next morning makes of them. A road says how many packs were ordered on each day.

    Attributes:
        units: [roads] units under way after ordering.
        chance: [roads, outcomes] probability of each way in which deliveries may fall.
        arriving: [roads, outcomes] packs delivered.
        ahead: [roads, outcomes] number of the road that is left.
    """

    units: NDArray[np.int32]
    chance: Floats
    arriving: NDArray[np.int32]
    ahead: NDArray[np.int32]


class Customers(NamedTuple):
    """Laws of demand.

    Attributes:
        pmf: [laws, customers] probabilities.
        beyond: [laws, levels] probability of at least so many customers.
        excess: [laws, levels] expected number of customers above so many.
    """

    pmf: Floats
    beyond: Floats
    excess: Floats


class Seekers(NamedTuple):
    """Laws of how many customers would take the item if theirs were out.

    Attributes:
        pmf: [laws, seekers] probabilities.
        more: [laws, seekers] probability of more than so many.
        fewest: [laws, seekers] expected smaller one of so many and the number of seekers.
    """

    pmf: Floats
    more: Floats
    fewest: Floats


def roads_of(kind: Kind, pack: int) -> Roads:
    """The roads of an item that is treated so, in packs of so many units."""
    choices, lead = kind.max_packs + 1, kind.lead_time
    roads = np.stack(np.unravel_index(np.arange(choices**lead), (choices,) * lead), axis=1) if lead else None
    roads = np.zeros((1, 0), dtype=np.int64) if roads is None else roads
    outcomes = _deliveries(roads, np.array(kind.lead_pmf))
    powers = choices ** np.arange(max(lead - 1, 0) - 1, -1, -1)
    return Roads(
        (roads.sum(axis=1) * pack).astype(np.int32),
        np.ascontiguousarray(np.stack([chance for chance, _, _ in outcomes], axis=1)),
        np.stack([arriving for _, arriving, _ in outcomes], axis=1).astype(np.int32),
        np.stack([stay[:, : max(lead - 1, 0)] @ powers for _, _, stay in outcomes], axis=1).astype(np.int32),
    )


def _deliveries(roads: Ints, pmf: Floats) -> list[tuple[Floats, Ints, Ints]]:
    """Every way in which deliveries may fall, order by order: its probability, packs delivered, and what stays."""
    still = np.cumsum(pmf[::-1])[::-1]
    outcomes = [(np.ones(len(roads)), np.zeros(len(roads), dtype=np.int64), np.zeros_like(roads))]
    for age, some in enumerate(roads.T):
        hazard, later = min(pmf[age + 1] / still[age + 1], 1.0), []
        for chance, arriving, stay in outcomes:
            if hazard > 0:
                later.append((chance * np.where(some > 0, hazard, 1.0), arriving + some, stay))
            if hazard < 1:
                kept = stay.copy()
                kept[:, age] = some
                # Where there is no order, both ways are the same one, and the first has counted it already.
                share = np.where(some > 0, 1 - hazard, 0.0) if hazard > 0 else 1.0
                later.append((chance * share, arriving, kept))
        outcomes = later
    return outcomes


def customers_of(pmfs: Sequence[Floats], levels: int) -> Customers:
    """Tables of laws of demand, for so many levels of stock."""
    found = Customers(_in_rows(pmfs), np.zeros((len(pmfs), levels)), np.zeros((len(pmfs), levels)))
    level = np.arange(levels)[:, None]
    for row, pmf in enumerate(pmfs):
        count = np.arange(len(pmf))
        found.beyond[row] = (count >= level) @ pmf
        found.excess[row] = np.maximum(count - level, 0) @ pmf
    return found


def seekers_of(laws: Sequence[Floats]) -> Seekers:
    """Tables of laws of seekers."""
    pmf = _in_rows(laws)
    more = np.maximum(1.0 - np.cumsum(pmf, axis=1), 0.0)
    return Seekers(pmf, more, np.hstack([np.zeros((len(laws), 1)), np.cumsum(more, axis=1)[:, :-1]]))


def _in_rows(laws: Sequence[Floats]) -> Floats:
    """[laws, most] laws as rows of one table, filled up with zeros."""
    table = np.zeros((len(laws), max(map(len, laws))))
    for row, law in zip(table, laws, strict=True):
        row[: len(law)] = law
    return table


def seeker_laws(parameters: BoxParameters, k: int) -> tuple[NDArray[np.int32], list[Floats]]:
    """[days] number of each day's law of seekers of item ``k``, and the laws."""
    pmfs, law_of = parameters.laws()
    chances = second_chances(parameters)[:, k]
    others = np.flatnonzero(chances)
    rows, law_of_day = np.unique(law_of[:, others], axis=0, return_inverse=True)
    laws = []
    for row in rows:
        law = np.ones(1)
        for i, number in zip(others, row, strict=True):
            pmf = pmfs[number]
            count = np.arange(len(pmf))
            law = np.convolve(law, pmf @ stats.binom.pmf(count[None, :], count[:, None], chances[i]))
        length = int((np.cumsum(law[::-1])[::-1] > TAIL).sum())
        laws.append(law[: max(length, 1)])
    return np.asarray(law_of_day, dtype=np.int32).reshape(-1), laws


def second_chances(parameters: BoxParameters) -> Floats:
    """[items, items] probability that a customer who finds item i out asks for item j, as luck rounds it."""
    return np.asarray(np.diff(second_choices(parameters), axis=1, prepend=0) / (1 << SECOND_BITS))
