"""The header of a saved policy: its network and its spaces, as JSON."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

from bizgyms.view import View

FORMAT = 1
DEFINED_BY = {
    "Box": ("low", "high"),
    "Discrete": ("n", "start"),
    "MultiDiscrete": ("nvec", "start"),
    "MultiBinary": ("n",),
}


def header_of(view: View[Any], algorithm: str, hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """The header of a policy.

    Args:
        view: what it observes and decides.
        algorithm: how it learned.
        hyperparameters: of the algorithm.
    """
    network = {"policy": hyperparameters["policy"], "policy_kwargs": hyperparameters.get("policy_kwargs", {})}
    return {"format": FORMAT, "algorithm": algorithm, **network, **_spaces(view)}


def check_header(header: Mapping[str, Any], view: View[Any], algorithm: str) -> None:
    """Raises a `ValueError` where a header is of another format, algorithm or space."""
    if header.get("format") != FORMAT:
        raise ValueError(f"a policy in format {header.get('format')!r}; this version of bizgyms reads format {FORMAT}")
    if header.get("algorithm") != algorithm:
        raise ValueError(f"an agent of {header.get('algorithm')}, not of {algorithm}")
    if any(header.get(name) != facts for name, facts in _spaces(view).items()):
        raise ValueError("an agent trained on another scenario: its observations or actions are not those here")


def network_of(header: Mapping[str, Any], weights: int) -> dict[str, Any]:
    """The policy and its keyword arguments that a header names.

    Args:
        header: it may say anything.
        weights: numbers stored beside it; a larger network is refused before memory is taken for it.

    Raises:
        ValueError: the network cannot be that of the stored weights.
    """
    kwargs = header.get("policy_kwargs") or {}
    layers = kwargs.get("net_arch") or []
    paths = [*(layers.values() if isinstance(layers, dict) else [layers])]
    memory = int(kwargs.get("lstm_hidden_size", 0)), int(kwargs.get("n_lstm_layers", 1))
    sizes = [sum(a * b for a, b in itertools.pairwise([1, *path])) for path in paths]
    if max([*sizes, memory[0] ** 2 * memory[1]]) > weights or not all(isinstance(path, list) for path in paths):
        raise ValueError("its network is larger than the weights stored with it")
    return {"policy": header["policy"], "policy_kwargs": kwargs}


def _spaces(view: View[Any]) -> dict[str, Any]:
    return {
        "observations": _space_facts(view.observation_space(normalize=True)),
        "actions": _space_facts(view.action_space),
    }


def _space_facts(space: spaces.Space[Any]) -> dict[str, Any]:
    """A space as JSON: its kind, its type and its defining values."""
    kind = type(space).__name__
    parts = {name: np.asarray(getattr(space, name)).tolist() for name in DEFINED_BY[kind]}
    return {"kind": kind, "dtype": str(space.dtype), **parts}
