"""An environment in mid-episode as data: taken out, put back, copied and pickled, on either engine."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable
from typing import Any

import gymnasium
import numpy as np

from envs_data.arrays import Array, Rows


@dataclasses.dataclass(frozen=True)
class Moment:
    """Where an episode stands. It fits any environment of the same scenario, whatever its engine.

    Attributes:
        luck: the luck of the episode, one row; the random generator at its beginning where the case has no ``draw``.
        decisions: what was decided so far.
        info: the info of the step that led there.
        memory: what the compiled engine remembers; None from the SimPy engine.
    """

    luck: Any
    decisions: tuple[Any, ...]
    info: dict[str, Any]
    memory: tuple[Array, ...] | None = None


def kept_for_later(luck: Any) -> Any:
    """Luck as it is now: a random generator will go on, arrays stay."""
    return copy.deepcopy(luck) if isinstance(luck, np.random.Generator) else luck


class Resumable(gymnasium.Env[Rows, Any]):
    """Keeps the luck and the decisions of the episode under way, from which it can be played again.

    A SimPy world can be neither copied nor pickled, because its processes are generators in mid-flight. Yet all luck
    of an episode is drawn up front, so the same decisions lead a new world to the same moment.
    """

    _twin: Any
    _world_now: Any
    _row: Rows | None
    _steps: int
    _last_info: dict[str, Any]
    _began: Any
    _decided: list[Any]

    def _begin(self, luck: Any) -> tuple[Rows, dict[str, Any]]:
        """Begins an episode with this luck, and remembers it."""
        raise NotImplementedError

    def _seen(self) -> Rows:
        """The present observation as it is handed out."""
        raise NotImplementedError

    def state(self) -> Moment:
        """The episode under way, for `restore`.

        Raises:
            gymnasium.error.ResetNeeded: there is none.
        """
        if self._row is None:
            raise gymnasium.error.ResetNeeded("call reset() before state(): no episode is under way")
        remembers = self._twin is not None and self._twin.branches
        memory = tuple(array.copy() for array in self._twin.kept()) if remembers else None
        return Moment(copy.deepcopy(self._began), tuple(self._decided), dict(self._last_info), memory)

    def restore(self, state: Moment) -> tuple[Rows, dict[str, Any]]:
        """Goes back, or ahead, to a moment of an episode of this scenario.

        The SimPy engine plays the decisions again, and so does the compiled one with a state of the SimPy engine. The
        luck of later episodes does not change, except where the case has no ``draw``.

        Args:
            state: what `state` gave, here or elsewhere.

        Returns:
            The observation at that moment, and the info of the step that led there.
        """
        luck = copy.deepcopy(state.luck)
        if isinstance(luck, np.random.Generator):
            self.np_random = luck
        self._begin(luck)
        if self._twin is not None and state.memory is not None and self.render_mode != "rgb_array":
            for array, value in zip(self._twin.kept(), state.memory, strict=True):
                array[...] = value
            self._row, self._last_info = self._twin.observations()[0], dict(state.info)
            self._decided = list(state.decisions)
        else:
            self._play_again(state.decisions)
        return self._seen(), self._last_info

    def _play_again(self, decisions: Iterable[Any]) -> None:
        steps = self._steps
        for decision in decisions:
            self.step(decision)
        self._steps = steps

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_world_now": self._world_now is not None}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        vars(self).update(kept, _world_now=None)
        if kept["_world_now"]:
            self.restore(Moment(self._began, tuple(self._decided), {}))
