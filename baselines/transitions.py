"""Many worlds under one agent, transition by transition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from bizgyms.masks import possible
from envs_data.arrays import Array, Flags, Floats, Mask, Rows

Decide = Callable[[Rows, Mask], Array]
Start = tuple[Rows, Mapping[str, Any]]


class Worlds(Protocol):
    """What is played: a twin, or anything that steps and ends as one does."""

    @property
    def over(self) -> Flags:
        """[worlds] whether the world's episode has ended."""

    def step(self, actions: Array) -> tuple[Any, Any, Any, Any, Any]:
        """Observations, rewards, terminated, truncated and infos, each with a row a world."""


class Transition(NamedTuple):
    """One step of all worlds.

    Attributes:
        observations: [worlds, features] on which was decided.
        actions: [worlds, ...] what was decided.
        running: [worlds] whether the world's episode was under way; ended worlds earn nothing.
        rewards: [worlds].
        terminated: [worlds] whether the episode ended with this step.
        infos: as the worlds gave them.
        following: [worlds, features] the next observations.
    """

    observations: Rows
    actions: Array
    running: Flags
    rewards: Floats
    terminated: Flags
    infos: Mapping[str, Any]
    following: Rows


def transitions(worlds: Worlds, decide: Decide, start: Start) -> Iterator[Transition]:
    """Plays until every episode is over; worlds that restart by themselves go on for as long as they are asked.

    Args:
        worlds: what is played.
        decide: [worlds, features] observations and masks to [worlds, ...] actions.
        start: what ``reset`` returned, or the ``following`` and ``infos`` of an earlier transition.
    """
    rows, infos = start
    while not worlds.over.all():
        actions, running, before = decide(rows, possible(infos)), ~worlds.over, rows
        rows, rewards, terminated, _, infos = worlds.step(actions)
        yield Transition(before, actions, running, rewards, terminated, infos, rows)


def played_out(worlds: Worlds, decide: Decide, start: Start) -> tuple[Floats, int]:
    """[worlds] returns of episodes played to their end, and the steps of all."""
    returns, steps = np.zeros(len(worlds.over)), 0
    for step in transitions(worlds, decide, start):
        returns += step.rewards
        steps += int(step.running.sum())
    return returns, steps
