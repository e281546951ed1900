"""Plays a twin in stable-baselines3: thousands of worlds as one of its vector environments."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv as BaseVecEnv

from bizgyms import registry
from bizgyms.twin import Twin
from bizgyms.worlds_in_turn import twin_of
from envs_data.arrays import Array, Flags, Rows
from envs_data.parameters import ParameterError, Parameters

Indices = None | int | Iterable[int]
Everybody = Mapping[str, Any]


class VecEnv(BaseVecEnv):
    """A twin as a stable-baselines3 ``VecEnv``.

    Infos are empty except for worlds whose episode has just ended: those have ``terminal_observation``,
    ``TimeLimit.truncated`` and ``episode`` (return ``r``, length ``l``, seconds ``t``), as SB3's ``Monitor`` writes
    them. The empty ones are one shared dict, since a fresh dict a world and step takes longer than the worlds do.

    Args:
        env: a twin in ``SameStep`` mode, a case's id or name, or parameters.
        num_envs: number of worlds, where ``env`` is no twin.
        reward_scale: rewards are multiplied by this fixed constant, for learning; ``episode`` stays in money.
        **kwargs: arguments of the twin, where ``env`` is none.

    Raises:
        ParameterError: a twin in another autoreset mode.
    """

    def __init__(
        self,
        env: Twin[Any, Any] | str | Parameters,
        num_envs: int = 1,
        reward_scale: float = 1.0,
        **kwargs: Any,
    ) -> None:
        self.twin = env if isinstance(env, Twin) else _make(env, num_envs, kwargs)
        if self.twin.autoreset_mode is not AutoresetMode.SAME_STEP:
            raise ParameterError(
                "autoreset_mode", ["stable-baselines3 resets in the same step; make the twin with 'SameStep'"]
            )
        self.reward_scale = float(reward_scale)
        self.render_mode = self.twin.render_mode
        self._none: dict[str, Any] = {}
        self._quiet = [self._none] * self.twin.num_envs
        self._actions: Array = np.empty(0)
        self._seed: int | None = None
        self._returns = np.zeros(self.twin.num_envs)
        self._lengths = np.zeros(self.twin.num_envs, dtype=np.int64)
        self._began = time.monotonic()
        super().__init__(self.twin.num_envs, self.twin.single_observation_space, self.twin.single_action_space)

    def reset(self) -> Rows:
        """Begins an episode in every world; uses the seed given to `seed` once."""
        observations, _ = self.twin.reset(seed=self._seed)
        self._seed = None
        self._returns[:] = 0
        self._lengths[:] = 0
        return observations

    def step_async(self, actions: Array) -> None:
        """Keeps the actions for `step_wait`."""
        self._actions = actions

    def step_wait(self) -> tuple[Rows, Rows, Flags, list[dict[str, Any]]]:
        """Plays the step."""
        observations, rewards, terminated, truncated, infos = self.twin.step(self._actions)
        self._returns += rewards
        self._lengths += 1
        done = terminated | truncated
        scaled = (rewards * self.reward_scale).astype(np.float32)
        return observations, scaled, done, self._told(done, truncated, infos) if done.any() else list(self._quiet)

    def _told(self, done: Flags, truncated: Flags, infos: Everybody) -> list[dict[str, Any]]:
        told = list(self._quiet)
        seconds = round(time.monotonic() - self._began, 6)
        for world in np.flatnonzero(done):
            told[world] = {
                "terminal_observation": infos["final_obs"][world],
                "TimeLimit.truncated": bool(truncated[world]),
                "episode": {"r": float(self._returns[world]), "l": int(self._lengths[world]), "t": seconds},
            }
        self._returns[done] = 0
        self._lengths[done] = 0
        return told

    def close(self) -> None:
        """Does nothing: no resource is open."""

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Seeds the luck of the next `reset`; None means a random seed in stable-baselines3."""
        self._seed = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed
        return [self._seed] * self.num_envs

    def get_attr(self, attr_name: str, indices: Indices = None) -> list[Any]:
        """An attribute of the twin, once a world."""
        value = getattr(self.twin, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Indices = None) -> None:
        """Sets an attribute of the twin, which all worlds share.

        Raises:
            ValueError: for some of the worlds only.
        """
        if len(list(self._get_indices(indices))) < self.num_envs:
            raise ValueError("the worlds of a twin share their attributes; set it for all of them")
        setattr(self.twin, attr_name, value)

    def env_method(
        self, method_name: str, *method_args: Any, indices: Indices = None, **method_kwargs: Any
    ) -> list[Any]:
        """Calls a method of the twin; ``action_masks`` gives each world its own row."""
        found = getattr(self.twin, method_name)(*method_args, **method_kwargs)
        rows = isinstance(found, np.ndarray) and len(found) == self.num_envs
        return [found[index] if rows else found for index in self._get_indices(indices)]

    def env_is_wrapped(
        self, wrapper_class: type[gymnasium.Wrapper[Any, Any, Any, Any]], indices: Indices = None
    ) -> list[bool]:
        """Whether a wrapper is around the worlds: none is, but everything ``Monitor`` would add is there."""
        from stable_baselines3.common.monitor import Monitor

        return [wrapper_class is Monitor for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        """The picture of the first world."""
        shown = self.twin.render()
        return list(shown or [None])


def _make(env: str | Parameters, num_envs: int, kwargs: dict[str, Any]) -> Twin[Any, Any]:
    scenario: dict[str, Any] = {} if isinstance(env, str) else {"scenario": env}
    case = registry.case(env if isinstance(env, str) else env.case)
    return twin_of(case)(num_envs=num_envs, autoreset_mode=AutoresetMode.SAME_STEP, **scenario, **kwargs)
