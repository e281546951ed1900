"""Event-by-event worlds played in turn behind a twin's interface: the stand-in for a case without a twin."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from bizgyms.case import Case
from bizgyms.env import BusinessEnv
from bizgyms.twin import Twin
from envs_data.arrays import Array, Flags, Places


class WorldsInTurn(Twin[Any, Any]):
    """Environments of a case, stepped one after the other: a twin's modes, luck and infos at event-by-event speed."""

    env_type: ClassVar[type[BusinessEnv[Any, Any]]]
    has_draw: ClassVar[bool]

    def _allocate(self) -> None:
        weights = dict(zip(self.view.terms, self._weights.tolist(), strict=True))
        self._worlds = [self.env_type(scenario=self.parameters, weights=weights) for _ in range(self.num_envs)]

    def _begin(self, rows: Places) -> None:
        for row in rows:
            luck = [array[row : row + 1] for array in self._luck]
            if self.has_draw:
                observation, _ = self._worlds[row].reset(options={"luck": type(self._luck)(*luck)})
            else:
                observation, _ = self._worlds[row].reset(seed=int(luck[0][0]))
            self._observations[row] = observation

    def _advance(self, actions: Array, idle: Flags) -> bool:
        for row in np.flatnonzero(~idle):
            played = self._worlds[row].step(actions[row])
            self._observations[row], self._rewards[row], self._terminated[row], self._truncated[row], info = played
            self._decisions[row] = info["decision"]
            self._terms[:, row] = [info[entry] for entry in self.view.entries]
            self._figures[:, row] = [info[figure] for figure in self.view.figures]
            self._elapsed[row] = info.get("elapsed", 0.0)
        return bool((self._terminated | self._truncated).any())

    def _entries(self) -> dict[str, Array]:
        return super()._entries() | ({"elapsed": self._elapsed} if self.view.on_events else {})

    def _fresh_results(self, make: Callable[..., Array]) -> None:
        super()._fresh_results(make)
        self._elapsed = np.zeros(self.num_envs)


@functools.cache
def twin_of(case: Case) -> type[Twin[Any, Any]]:
    """The case's twin; where it has none, its event-by-event worlds played in turn."""
    if case.has("twin"):
        return case.twin
    attributes = {
        "__doc__": f"Worlds of {case.id}, played in turn.",
        "case_id": case.id,
        "view_type": case.env.view_type,
        "env_type": case.env,
        "has_draw": case.has("draw"),
    }
    return type(f"{case.name}WorldsInTurn", (WorldsInTurn,), attributes)
