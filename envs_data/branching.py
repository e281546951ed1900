"""Luck whose past stays and whose future is drawn anew: what each case's ``redraw`` is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import numpy as np

from envs_data.arrays import Array, Ints
from envs_data.random_bits import Words, draw_keys

K = TypeVar("K", bound="Keyed")
L = TypeVar("L", bound=tuple[Any, ...])


def each(step: int | Ints, worlds: int) -> Ints:
    """[worlds] the step of each world, given for all at once or one by one."""
    return np.broadcast_to(np.asarray(step, dtype=np.int64), (worlds,))


def spliced(past: L, future: L, known: Mapping[str, Ints]) -> L:
    """Luck that is one until some moment and another from then on.

    Args:
        past: the luck so far; what has no moment in ``known`` stays as it is here.
        future: luck of the same form; its arrays become the result's.
        known: [worlds] by field: how many entries along the second axis have happened, or been seen, already.
    """
    ours, theirs = past._asdict(), future._asdict()  # type: ignore[attr-defined]  # of every named tuple
    return type(past)(**ours | {name: joined(ours[name], theirs[name], count) for name, count in known.items()})


def joined(past: Array, future: Array, known: Ints) -> Array:
    """Writes what has happened over what was drawn anew.

    Args:
        past: [worlds, entries, ...] the luck so far.
        future: the luck from now on, of the same shape.
        known: [worlds] entries that have happened.

    Returns:
        ``future``, its first entries those of ``past``.
    """
    happened = np.arange(past.shape[1]) < known[:, np.newaxis]
    np.copyto(future, past, where=happened.reshape(*happened.shape, *(1,) * (past.ndim - 2)))
    return future


class Keyed(Protocol):
    """Luck that is found from keys: the first, and those that follow it from some visits on."""

    @property
    def key(self) -> Words:
        """[worlds] the first keys."""

    @property
    def later(self) -> Words:
        """[worlds, redraws] the keys that follow."""

    @property
    def since(self) -> Ints:
        """[worlds, redraws] the visit from which each holds."""

    def _replace(self: K, *, later: Words, since: Ints) -> K: ...


def with_new_keys(luck: K, step: int | Ints, rng: np.random.Generator) -> K:
    """Luck whose visits follow new keys from some visit on.

    Args:
        luck: luck of lives, a row each.
        step: visits completed so far, in all or in each.
        rng: the only source of randomness.
    """
    worlds = len(luck.key)
    older = (np.broadcast_to(array, (worlds, array.shape[1])) for array in (luck.later, luck.since))
    later, since = (
        np.column_stack(pair) for pair in zip(older, (draw_keys(rng, worlds), each(step, worlds)), strict=True)
    )
    return luck._replace(later=later, since=since)
