"""Several agents that decide for one batch, each for its own worlds."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, Self, cast, runtime_checkable

import numpy as np
from gymnasium import spaces

from baselines.agents import Agent
from bizgyms.view import View
from envs_data.arrays import Array, Floats, Mask, Places, Rows


@runtime_checkable
class Joinable(Protocol):
    """An agent of which many can decide at once, at little more than the cost of one."""

    @classmethod
    def joined(cls, agents: Sequence[Any], owner: Places) -> Agent:
        """One agent for [worlds] whose row i is decided as ``agents[owner[i]]``, of this kind too, would."""


class JoinedByFields:
    """A frozen dataclass whose agents are joined by stacking some of their fields, and share the others."""

    stacked: ClassVar[tuple[str, ...]]

    @classmethod
    def joined(cls, agents: Sequence[Self], owner: Places) -> Self:
        """One for [worlds], whose row i is decided as ``agents[owner[i]]`` would."""
        fields = {name: _stacked([getattr(agent, name) for agent in agents], owner) for name in cls.stacked}
        return cast(Self, dataclasses.replace(cast(Any, agents[0]), **fields))


def _stacked(values: Sequence[Any], owner: Places) -> Any:
    """[worlds, ...] values by owner: numbers, arrays of one shape, or parts that can be joined themselves."""
    return values[0].joined(values, owner) if isinstance(values[0], JoinedByFields) else np.stack(values)[owner]


class Panel:
    """Agents side by side.

    Args:
        agents: the agents.
        owner: [worlds] which of them decides for each world.
    """

    def __init__(self, agents: Sequence[Agent], owner: Places) -> None:
        self._places = [(agents[k], _place(np.flatnonzero(owner == k))) for k in np.unique(owner)]

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] actions."""
        parts = [
            (worlds, agent.act(observations[worlds], None if mask is None else mask[worlds]))
            for agent, worlds in self._places
        ]
        actions = np.empty((len(observations), *parts[0][1].shape[1:]), dtype=np.result_type(*(a for _, a in parts)))
        for worlds, own in parts:
            actions[worlds] = own
        return actions


def _place(worlds: Places) -> Places | slice:
    """Worlds as a slice where they lie together: that copies nothing."""
    together = int(worlds[-1]) - int(worlds[0]) + 1 == len(worlds)
    return slice(int(worlds[0]), int(worlds[-1]) + 1) if together else worlds


def batched(agents: Sequence[Agent], owner: Places) -> Agent:
    """An agent whose row i is decided by ``agents[owner[i]]``; those of a kind that can be joined decide as one.

    Args:
        agents: the agents, made for the same problem.
        owner: [worlds] which of them decides for each world.
    """
    kinds = [(type(agent), -1 if _can_join(type(agent)) else k) for k, agent in enumerate(agents)]
    if kinds.count(kinds[0]) == len(kinds):
        return _joined(agents, owner)
    names = list(dict.fromkeys(kinds[k] for k in np.unique(owner)))
    team_of = np.array([names.index(kind) if kind in names else -1 for kind in kinds])[owner]
    teams = [_joined(agents, owner[team_of == number]) for number in range(len(names))]
    return teams[0] if len(teams) == 1 else Panel(teams, team_of)


@functools.cache
def _can_join(kind: type) -> bool:
    """Whether agents of a kind are `Joinable`: checked once a kind, since the check costs more than a decision."""
    return issubclass(kind, Joinable)


def _joined(agents: Sequence[Agent], owner: Places) -> Agent:
    """Agents of one kind as one."""
    members, own = np.unique(owner, return_inverse=True)
    first: Agent = agents[int(members[0])]
    if len(members) == 1 or not _can_join(type(first)):
        return first
    whole: Agent = cast(Joinable, first).joined([agents[k] for k in members], own)
    return whole


def repeated(luck: Any, times: int) -> Any:
    """The same luck several times, one copy after the other, so that as many agents can meet it at once."""
    return type(luck)(*(np.concatenate([array] * times) for array in luck))


def nearest_actions(view: View[Any], wanted: Floats) -> Array:
    """[worlds, ...] the actions nearest to [worlds, dimensions] numbers: cut to the range, and rounded where whole."""
    space = view.action_space
    bounded = np.clip(wanted, *view.action_range())
    if not isinstance(space, spaces.Box):
        bounded = np.rint(bounded)
    return np.asarray(bounded.reshape(len(bounded), *(space.shape or ())).astype(space.dtype))
