"""The exact law of what a day's customers leave on the shelves of a small box."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from bizgyms.restock.box.lattice import Lattice
from envs_data.arrays import Floats
from envs_data.restock.box.luck import SECOND_BITS, second_choices
from envs_data.restock.box.parameters import BoxParameters


@dataclasses.dataclass(frozen=True)
class Day:
    """A day's customers.

    Attributes:
        matrices: probabilities from shelves to lefts: [shelves, lefts] for each item, or one matrix
            [shelves of both, lefts of both] where customers take substitutes.
        money: [shelves ...] expected sales less holding, waste and shortage.
    """

    matrices: tuple[Floats, ...]
    money: Floats

    def carry(self, values: Floats) -> Floats:
        """Expected values before the customers come.

        Args:
            values: [lefts ..., anything ...], one axis of lefts an item.

        Returns:
            [shelves ..., anything ...].
        """
        count = self.money.ndim
        if len(self.matrices) < count:
            rest = values.shape[count:]
            flat = values.reshape(self.matrices[0].shape[1], -1)
            return (self.matrices[0] @ flat).reshape(*self.money.shape, *rest)
        for axis, matrix in enumerate(self.matrices):
            values = np.moveaxis(np.tensordot(matrix, values, axes=(1, axis)), 0, axis)
        return values


def day_of_customers(parameters: BoxParameters, lattices: Sequence[Lattice], pmfs: Sequence[Floats]) -> Day:
    """The customers of a day.

    Args:
        parameters: the box.
        lattices: its items' states.
        pmfs: for each item, probabilities of 0, 1, 2, ... units asked for.
    """
    if parameters.substitutes:
        return _substituting_day(parameters, lattices, pmfs)
    matrices, money = [], []
    for lattice, pmf in zip(lattices, pmfs, strict=True):
        law, unmet = _stays(lattice, pmf)
        at = lattice.total + lattice.owed
        lost = 0.0 if lattice.item.backordered else lattice.item.shortage * unmet[at]
        matrices.append(_to_lefts(lattice, law[at]))
        money.append((law[at] * stay_money(lattice)).sum(axis=1) - lost)
    return Day(tuple(matrices), np.asarray(sum(np.ix_(*money))))


def stay_money(lattice: Lattice) -> Floats:
    """[shelves, stays] sales less holding, waste and waiting when a number of units stays unsold."""
    item = lattice.item
    stay = np.arange(lattice.left_of.shape[1]) - lattice.owed
    sold = lattice.total[:, None] - stay
    kept = np.maximum(stay - lattice.expired, 0)
    waiting = item.shortage * np.maximum(-stay, 0) if item.backordered else 0.0
    return np.asarray(item.price * sold - item.holding * kept - item.waste * lattice.expired - waiting)


def _stays(lattice: Lattice, pmf: Floats) -> tuple[Floats, Floats]:
    """The law of the units that stay [units, stays] and the expected units not served [units], both from -owed on."""
    units = np.arange(lattice.left_of.shape[1]) - lattice.owed
    after = units[:, None] - np.arange(len(pmf))
    law = np.zeros((len(units), len(units)))
    rows = np.broadcast_to(np.arange(len(units))[:, None], after.shape)
    np.add.at(law, (rows, np.maximum(after, -lattice.owed) + lattice.owed), pmf)
    return law, np.maximum(-after, 0) @ pmf


def _to_lefts(lattice: Lattice, law: Floats) -> Floats:
    """[shelves, lefts] from a law of stays [shelves, stays]."""
    matrix = np.zeros((len(lattice.shelves), len(lattice.lefts)))
    rows, stays = np.nonzero(lattice.left_of >= 0)
    np.add.at(matrix, (rows, lattice.left_of[rows, stays]), law[rows, stays])
    return matrix


def _substituting_day(parameters: BoxParameters, lattices: Sequence[Lattice], pmfs: Sequence[Floats]) -> Day:
    first, second = lattices
    law, lost = _both_stay(parameters, lattices, pmfs)
    at = np.ix_(first.total + first.owed, second.total + second.owed)
    law, lost = law[at], lost[at]
    money = np.einsum("abi,ai->ab", law.sum(axis=3), stay_money(first))
    money += np.einsum("abj,bj->ab", law.sum(axis=2), stay_money(second))
    money -= lost @ np.array([0.0 if item.backordered else item.shortage for item in parameters.items])
    matrix = np.zeros((*law.shape[:2], len(first.lefts) * len(second.lefts)))
    firsts, seconds = np.maximum(first.left_of, 0), np.maximum(second.left_of, 0)  # -1 has no probability
    a, b = np.ogrid[: law.shape[0], : law.shape[1]]
    for i in range(law.shape[2]):
        for j in range(law.shape[3]):
            left = firsts[:, None, i] * len(second.lefts) + seconds[:, j]
            matrix[a, b, left] += law[:, :, i, j]
    return Day((matrix.reshape(-1, matrix.shape[2]),), money)


def _both_stay(parameters: BoxParameters, lattices: Sequence[Lattice], pmfs: Sequence[Floats]) -> tuple[Floats, Floats]:
    """What customers in random order leave of two items that stand in for each other.

    Returns:
        The law of the units that stay [units 0, units 1, stays 0, stays 1], each from -owed on, and the
        expected units not served [units 0, units 1, items].
    """
    sizes = [lattice.left_of.shape[1] for lattice in lattices]
    steps, refused = zip(*(_one_customer(parameters, lattices, k) for k in (0, 1)), strict=True)
    count = sizes[0] * sizes[1]
    nobody = np.hstack([np.eye(count), np.zeros((count, 2))])
    result = np.zeros_like(nobody)
    before: list[Floats] = []
    for d0, p0 in enumerate(pmfs[0]):
        row: list[Floats] = []
        for d1, p1 in enumerate(pmfs[1]):
            after = np.zeros_like(nobody) if d0 + d1 else nobody
            if d0:
                after = d0 / (d0 + d1) * (steps[0] @ before[d1] + refused[0])
            if d1:
                after = after + d1 / (d0 + d1) * (steps[1] @ row[d1 - 1] + refused[1])
            row.append(after)
            result += p0 * p1 * after
        before = row
    return result[:, :count].reshape(*sizes, *sizes), result[:, count:].reshape(*sizes, 2)


def _one_customer(parameters: BoxParameters, lattices: Sequence[Lattice], k: int) -> tuple[sparse.csr_array, Floats]:
    """What a customer of item ``k`` does: [units, units] and the expected units not served, as last two columns."""
    sizes = [lattice.left_of.shape[1] for lattice in lattices]
    count = sizes[0] * sizes[1]
    units = np.indices(sizes).reshape(2, count)
    stock = units - np.array([[lattice.owed] for lattice in lattices])
    there, other_there = stock[k] > 0, stock[1 - k] > 0
    switch = np.where(~there & other_there, second_choices(parameters)[k, 1 - k] / (1 << SECOND_BITS), 0.0)
    leave = np.where(there, 0.0, 1.0 - switch)
    stride = (sizes[1], 1)
    here = np.arange(count)
    waits = here - stride[k] * (units[k] > 0) if lattices[k].item.backordered else here
    to = np.concatenate([here - stride[k] * there, here - stride[1 - k] * (switch > 0), waits])
    chance = np.concatenate([there.astype(float), switch, leave])
    step = sparse.csr_array((chance, (np.tile(here, 3), to)), shape=(count, count))
    refused = np.zeros((count, count + 2))
    refused[:, count + k] = leave
    return step, refused
