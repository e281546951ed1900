"""Masks of possible actions: out of infos for agents, and into the observation, where some libraries look for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs

from bizgyms.actions import limits
from bizgyms.autoreset import MASK
from envs_data.arrays import Mask, Rows


def possible(infos: Mapping[str, Any]) -> Mask:
    """Which actions are possible, as agents take it: the bool of the int8 mask in infos; None where there is none."""
    mask = infos.get(MASK)
    return None if mask is None else np.asarray(mask, dtype=np.bool_)


class MaskedObservation(gymnasium.ObservationWrapper[Any, Any, Rows], RecordConstructorArgs):
    """An environment whose observation is a dict of ``observation`` and ``action_mask``.

    ``action_mask`` is int8, 1 where an action is possible, flattened over the dimensions of the action space. A limit
    that several dimensions share cannot be seen in it; decisions that break one are projected.

    Args:
        env: an environment with ``action_masks()``, as every environment of this package has.

    Raises:
        TypeError: the environment has no ``action_masks()``.
    """

    def __init__(self, env: gymnasium.Env[Rows, Any]) -> None:
        if not hasattr(env.unwrapped, "action_masks"):
            raise TypeError(f"{env.unwrapped} has no action_masks(): there is no mask to put into its observation")
        RecordConstructorArgs.__init__(self)
        gymnasium.ObservationWrapper.__init__(self, env)
        mask = spaces.MultiBinary(_actions(env.action_space))
        self.observation_space = spaces.Dict({"observation": env.observation_space, "action_mask": mask})

    def observation(self, observation: Rows) -> dict[str, Any]:
        """The observation together with the current mask."""
        mask = self.get_wrapper_attr("action_masks")()
        return {"observation": observation, "action_mask": mask.astype(np.int8)}


def _actions(space: spaces.Space[Any]) -> int:
    """Entries of a mask: actions, added over the dimensions."""
    low, high = limits(space)
    if low.dtype.kind != "i":
        raise TypeError(f"{space} has no finite set of actions that a mask could list")
    return int((high - low + 1).sum())
