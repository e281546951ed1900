"""Several agents that decide for one batch, each for its own worlds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from baselines.agents import Agent

Mask = NDArray[np.bool_] | None


@runtime_checkable
class Joinable(Protocol):
    """An agent of which many can decide at once, at little more than the cost of one."""

    @classmethod
    def joined(cls, agents: Sequence[Any], owner: NDArray[np.intp]) -> Agent:
        """One agent for [worlds] whose row i is decided as ``agents[owner[i]]``, of this kind too, would."""


class Panel:
    """Agents side by side.

    Args:
        agents: the agents.
        owner: [worlds] which of them decides for each world.
    """

    def __init__(self, agents: Sequence[Agent], owner: NDArray[np.intp]) -> None:
        self._places = [(agents[k], np.flatnonzero(owner == k)) for k in np.unique(owner)]

    def act(self, observations: NDArray[np.float32], mask: Mask = None) -> NDArray[Any]:
        """[worlds, ...] actions."""
        found = [
            (worlds, agent.act(observations[worlds], None if mask is None else mask[worlds]))
            for agent, worlds in self._places
        ]
        actions = np.empty((len(observations), *found[0][1].shape[1:]), dtype=np.result_type(*(a for _, a in found)))
        for worlds, own in found:
            actions[worlds] = own
        return actions


def side_by_side(agents: Sequence[Agent], owner: NDArray[np.intp]) -> Agent:
    """An agent whose row i is decided by ``agents[owner[i]]``, as one where they are of a kind that can be joined.

    Args:
        agents: the agents.
        owner: [worlds] which of them decides for each world.
    """
    kind = type(agents[0])
    if isinstance(agents[0], Joinable) and all(type(agent) is kind for agent in agents):
        return agents[0].joined(agents, owner)
    return Panel(agents, owner)


def teams_side_by_side(teams: Sequence[Sequence[Agent]], owner: NDArray[np.intp]) -> Agent:
    """As `side_by_side`, of several kinds: each team joins by itself.

    Args:
        teams: agents of the same rule, each team.
        owner: [worlds] which of them decides for each world, counted through all teams.
    """
    ends = np.cumsum([len(team) for team in teams])
    team_of = np.searchsorted(ends, owner, side="right")
    starts = ends - [len(team) for team in teams]
    joined = [
        side_by_side(team, owner[team_of == k] - starts[k]) for k, team in enumerate(teams) if (team_of == k).any()
    ]
    return joined[0] if len(joined) == 1 else Panel(joined, np.unique(team_of, return_inverse=True)[1])
