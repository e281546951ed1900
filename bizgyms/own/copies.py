"""Each world's own copy of what its model keeps in globals and classes, and its own random generators."""

from __future__ import annotations

import copy
import functools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import simpy

from bizgyms.own.reach import SHARED, SHARED_NUMPY, Reach, Spot, is_generator, shared_by
from envs_data.clock import WorldError
from envs_data.places import next_process

MOST_SEED = 2**63


def _ignored(*arguments: Any, **named: Any) -> None:
    """Takes the place of ``seed``: a model that seeds itself would play one and the same episode for ever."""


class Generators:
    """The random generators of a world, in place of those that all Python shares.

    Args:
        rng: draws their seeds.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.python = random.Random(int(rng.integers(MOST_SEED)))
        self.numpy = np.random.RandomState(int(rng.integers(2**32)))
        shared = ((random, SHARED, self.python), (np.random, SHARED_NUMPY, self.numpy))
        self._ours = [_methods_of(vars(module), theirs, own) for module, theirs, own in shared]
        for names in self._ours:
            names["seed"] = _ignored
        self._theirs = [{name: vars(module)[name] for name in own} for module, own in self._both()]

    def _both(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        return zip((random, np.random), self._ours, strict=True)

    def install(self) -> None:
        """Puts them where models look for them."""
        for module, own in self._both():
            vars(module).update(own)
        # SciPy looks here.
        np.random.mtrand._rand = self.numpy

    def remove(self) -> None:
        """Puts the shared ones back, whose state is untouched."""
        for module, usual in zip((random, np.random), self._theirs, strict=True):
            vars(module).update(usual)
        np.random.mtrand._rand = SHARED_NUMPY

    def like(self, value: Any, rng: np.random.Generator) -> Any:
        """What a world has in place of a generator or of a method of a shared one."""
        owner = shared_by(value)
        if owner is not None:
            return getattr(self.python if owner is SHARED else self.numpy, value.__name__)
        if isinstance(value, random.Random):
            return random.Random(int(rng.integers(MOST_SEED)))
        if isinstance(value, np.random.RandomState):
            return np.random.RandomState(int(rng.integers(2**32)))
        return np.random.default_rng(int(rng.integers(MOST_SEED)))


def _methods_of(names: dict[str, Any], shared: Any, own: Any) -> dict[str, Any]:
    """The functions of a module that are methods of its shared generator, as methods of one's own."""
    return {name: getattr(own, value.__name__) for name, value in names.items() if shared_by(value) is shared}


class Copies:
    """What one world has in place of all that its story can reach and change.

    Args:
        reach: what the story can reach.
        rng: the world's luck, from which its generators are seeded.
        clock: takes the place of an environment of SimPy that was made outside of the story.

    Raises:
        WorldError: something that cannot be copied.
    """

    def __init__(self, reach: Reach, rng: np.random.Generator, clock: simpy.Environment) -> None:
        self._reach = reach
        self._generators = Generators(rng) if reach.generators else None
        memo: dict[int, Any] = {}
        for _, value in reach.spots:
            if isinstance(value, simpy.Environment):
                memo[id(value)] = _taken_over(value, clock)
            elif self._generators is not None and (is_generator(value) or shared_by(value) is not None):
                memo[id(value)] = self._generators.like(value, rng)
        self._values = [_copied(spot, value, memo) for spot, value in reach.spots]

    def __enter__(self) -> None:
        reach = self._reach
        if reach.playing is not self:
            if reach.playing is not None:
                reach.playing._take()
            for (spot, _), value in zip(reach.spots, self._values, strict=True):
                spot.put(value)
            reach.playing = self
        if self._generators is not None:
            self._generators.install()

    def __exit__(self, *error: object) -> None:
        if self._generators is not None:
            self._generators.remove()

    def _take(self) -> None:
        """Remembers what the model has put in the places meanwhile."""
        self._values = [spot.get() for spot, _ in self._reach.spots]


def _copied(spot: Spot, value: Any, memo: dict[int, Any]) -> Any:
    if id(value) in memo:
        return memo[id(value)]
    try:
        return copy.deepcopy(value, memo)
    except Exception as error:
        what = f"{spot.name} is made outside of the story and cannot be copied for each world ({error})"
        raise WorldError(f"{what}; make it in the story") from None


def _taken_over(environment: simpy.Environment, clock: simpy.Environment) -> simpy.Environment:
    if environment._queue:
        process = next_process(environment)
        started = f"process {process.name} is" if process is not None else "events are"
        raise WorldError(f"{started} started outside of the story, where there is but one world; start it in the story")
    return clock


@contextmanager
def one_clock(reach: Reach, clock: simpy.Environment) -> Iterator[None]:
    """Has the world's clock stand for every ``simpy.Environment()`` that a story makes."""

    class Taken(simpy.Environment):
        """Is never made: the clock is there already."""

        def __new__(cls, initial_time: float = 0) -> Any:
            clock._now = initial_time
            return clock

    spots = [*reach.environments, Spot("simpy.Environment", vars(simpy), "Environment")]
    usual = [spot.get() for spot in spots]
    for spot in spots:
        spot.put(Taken)
    try:
        yield
    finally:
        for spot, value in zip(spots, usual, strict=True):
            spot.put(value)


@functools.cache
def reach_of(story: Callable[..., Any]) -> Reach:
    """What a story can reach; found when its first world is made, for only then all of its module is there."""
    return Reach(story)
