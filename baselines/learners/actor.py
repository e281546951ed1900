"""Decisions of a small network by NumPy; through torch and its wrappers the same takes up to ten times as long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.common.torch_layers import FlattenExtractor
from stable_baselines3.dqn.policies import DQNPolicy
from torch import Tensor, nn

from baselines.learners.ordinal import OrdinalHead, OrdinalPolicy, WithLinearPath
from envs_data.arrays import Array, Rows

Layer = Callable[[Rows], Rows]
Decide = Callable[[Rows], Array]


def actor(policy: BasePolicy) -> Decide | None:
    """The most likely, or most valuable, actions of a policy as a function of [worlds, features].

    Weights are not copied: decisions follow the policy as it learns on.

    Args:
        policy: of stable-baselines3.

    Returns:
        None where the policy is of another kind than flat observations through layers of its own; ask itself then.
    """
    choose = _choice(policy.action_space)
    if choose is None or type(getattr(policy, "features_extractor", None)) not in (FlattenExtractor, type(None)):
        return None
    if type(policy) in (ActorCriticPolicy, OrdinalPolicy):
        layers = [_path(policy.mlp_extractor), _layer(cast("nn.Module", policy.action_net))]
    elif type(policy) is DQNPolicy and type(policy.q_net.features_extractor) is FlattenExtractor:
        layers = [_layer(policy.q_net.q_net)]
    else:
        return None
    known = [layer for layer in layers if layer is not None]
    if len(known) < len(layers):
        return None
    through = _one_after_another(known)
    return lambda rows: choose(through(rows))


def _path(extractor: Any) -> Layer | None:
    """The actor's part of a network with a critic."""
    if not isinstance(extractor, WithLinearPath):
        return _layer(extractor.policy_net)
    inner = _layer(extractor.network.policy_net)
    return None if inner is None else lambda rows: np.concatenate([inner(rows), rows], axis=1)


def _layer(module: nn.Module) -> Layer | None:
    if isinstance(module, nn.Sequential):
        layers = [layer for layer in map(_layer, module) if layer is not None]
        return _one_after_another(layers) if len(layers) == len(module) else None
    if isinstance(module, nn.Linear):
        return _linear(module)
    if isinstance(module, OrdinalHead):
        return _ordinal(module)
    plain: dict[type[nn.Module], Layer] = {nn.Tanh: np.tanh, nn.ReLU: lambda rows: np.maximum(rows, 0)}
    return plain.get(type(module))


def _one_after_another(layers: Sequence[Layer]) -> Layer:
    def through(rows: Rows) -> Rows:
        for layer in layers:
            rows = layer(rows)
        return rows

    return through


def _linear(module: nn.Linear) -> Layer:
    weights, bias = _shared(module.weight).T, _shared(module.bias)
    return lambda rows: rows @ weights + bias


def _ordinal(head: OrdinalHead) -> Layer:
    """See `OrdinalHead.forward`, formula by formula."""
    free, bell = _linear(head.free), _linear(head.bell)
    center, width, gain = (np.float32(number) for number in head.shape)
    places, owners = _shared(head.places), _shared(head.owners)

    def logits(rows: Rows) -> Rows:
        move, stretch = np.split(bell(rows), 2, axis=1)
        middle = (center + gain * move)[:, owners]
        spread = (width * np.exp(np.clip(stretch, -4, 2)))[:, owners]
        return np.asarray(free(rows) - np.float32(0.5) * ((places - middle) / spread) ** 2)

    return logits


def _shared(tensor: Tensor) -> Array:
    """The tensor's own memory."""
    return np.asarray(tensor.detach().numpy())


def _choice(space: spaces.Space[Any]) -> Decide | None:
    """From logits, or means, to actions."""
    if isinstance(space, spaces.Discrete):
        return lambda logits: logits.argmax(axis=1)
    if isinstance(space, spaces.MultiDiscrete) and space.nvec.ndim == 1:
        ends = np.cumsum(space.nvec)[:-1]
        return lambda logits: np.stack([part.argmax(axis=1) for part in np.split(logits, ends, axis=1)], axis=1)
    if isinstance(space, spaces.MultiBinary):
        return lambda logits: (logits > 0).astype(np.int8)
    if isinstance(space, spaces.Box) and len(space.shape) == 1:
        low, high = space.low, space.high
        return lambda means: np.clip(means, low, high)
    return None
