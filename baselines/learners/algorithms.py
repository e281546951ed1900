"""The algorithms of stable-baselines3 and sb3-contrib and their hyperparameters; imported when first needed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from gymnasium import spaces

from baselines.agents import imported

if TYPE_CHECKING:
    from stable_baselines3.common.policies import BasePolicy

# Library and class of each algorithm; its hyperparameters are in a file of its name.
ALGORITHMS = {
    "ppo": ("stable_baselines3", "PPO"),
    "a2c": ("stable_baselines3", "A2C"),
    "dqn": ("stable_baselines3", "DQN"),
    "sac": ("stable_baselines3", "SAC"),
    "maskable_ppo": ("sb3_contrib", "MaskablePPO"),
    "recurrent_ppo": ("sb3_contrib", "RecurrentPPO"),
}
HYPERPARAMS = Path(__file__).parents[1] / "hyperparams"
# Entries of a block that are no arguments of the algorithm, and their defaults.
OURS: Mapping[str, Any] = {"n_envs": 1, "apart": False, "begin": ""}
# The learning rate falls to this share of its start, never to nothing: Adam's moments would freeze with it.
LAST_RATE = 0.02
# The block of cases without a compiled twin.
EVENT_BY_EVENT = "event by event"


def hyperparameters(algorithm: str, case_id: str, block: str | None = None, twin: bool = True) -> dict[str, Any]:
    """A block of ``hyperparams/<algorithm>.yml``.

    Args:
        algorithm: one of `ALGORITHMS`.
        case_id: the case's id, which is the name of its block.
        block: another block, such as ``untuned``: stable-baselines3's own defaults.
        twin: whether the case has a compiled twin; steps are few without one, and ``event by event`` is the block
            then of algorithms that have it.

    Raises:
        LookupError: no block of that name.
    """
    file = HYPERPARAMS / f"{algorithm}.yml"
    blocks: Mapping[str, dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    otherwise = "default" if twin or EVENT_BY_EVENT not in blocks else EVENT_BY_EVENT
    name = block or (case_id if case_id in blocks else otherwise)
    if name not in blocks:
        raise LookupError(f"{file.name} has no block {name!r}; there are {', '.join(blocks)}")
    return copy.deepcopy(blocks[name])


def block_of_file(file: Path, case_id: str) -> tuple[str, dict[str, Any]]:
    """The result of `bizgyms tune`: an algorithm of `ALGORITHMS`, and its block for a case.

    Args:
        file: YAML: by case id a block, with the name of its ``algorithm``; what it leaves out is as in the shipped one.
        case_id: the case's id.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no such file, has no block of the case, or names no algorithm.
    """
    try:
        blocks = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(blocks, dict) or not all(isinstance(block, dict) for block in blocks.values()):
        raise ValueError(f"{file} must hold blocks of hyperparameters by case id, as bizgyms tune writes them")
    if case_id not in blocks:
        raise ValueError(f"{file} has no block {case_id!r}; there are {', '.join(map(str, blocks)) or 'none'}")
    block = dict(blocks[case_id])
    algorithm = block.pop("algorithm", None)
    if algorithm not in ALGORITHMS:
        raise ValueError(f"{file}: algorithm of {case_id} must be one of {', '.join(ALGORITHMS)}, not {algorithm!r}")
    return algorithm, {**hyperparameters(algorithm, case_id), **block}


def arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments of an algorithm out of a block: schedules and activations are written as words there."""
    from torch import nn

    keywords = {name: value for name, value in copy.deepcopy(dict(given)).items() if name not in OURS}
    rate = keywords.get("learning_rate")
    if isinstance(rate, str):
        start = float(rate.removeprefix("lin_"))
        keywords["learning_rate"] = lambda left: start * max(left, LAST_RATE)
    network = keywords.setdefault("policy_kwargs", {})
    if "activation_fn" in network:
        network["activation_fn"] = {"tanh": nn.Tanh, "relu": nn.ReLU}[network["activation_fn"]]
    return keywords


def policy_class(algorithm: str, name: str, actions: spaces.Space[Any]) -> type[BasePolicy]:
    """The policy class of a name: the library's own for the algorithm, or ours.

    Args:
        algorithm: one of `ALGORITHMS`.
        name: ``OrdinalPolicy``, which is ``MlpPolicy`` where actions have no numbers to order, or one of the library's.
        actions: the action space.
    """
    if name == "OrdinalPolicy" and isinstance(actions, spaces.Discrete | spaces.MultiDiscrete):
        from baselines.learners.ordinal import OrdinalPolicy

        return OrdinalPolicy
    library: Mapping[str, type[BasePolicy]] = class_of(algorithm).policy_aliases
    return library["MlpPolicy" if name == "OrdinalPolicy" else name]


def class_of(algorithm: str) -> Any:
    """The algorithm's class.

    Raises:
        MissingDependencyError: its library, or torch, is not installed.
    """
    library, name = ALGORITHMS[algorithm]
    return getattr(imported(library, "deep RL"), name)
