"""A small network as arrays: it predicts by NumPy, and only learning needs torch."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from baselines.agents import imported
from envs_data.arrays import Array, Floats, Rows

WIDTH, LAYERS = 64, 3
LEARNED = [f"{part} {k}" for k in range(LAYERS) for part in ("weight", "bias")]
# Rows predicted at once: what lies between two layers then stays in the processor's cache.
AT_ONCE = 2_048
# Every row is shown so often, in batches of which there are no fewer and no more than this.
EPOCHS, LEAST_TURNS, MOST_TURNS = 60, 100, 2_500
BATCH, RATE, DECAY = 512, 3e-3, 1e-4


def unlearned(inputs: int, outputs: int) -> dict[str, Array]:
    """Arrays of a network of two hidden layers that predicts nothing but zeros."""
    sizes = (inputs, WIDTH, WIDTH, outputs)
    layers = [*itertools.pairwise(sizes)]
    weights = {f"weight {k}": np.zeros(shape, dtype=np.float32) for k, shape in enumerate(layers)}
    biases = {f"bias {k}": np.zeros(shape[1], dtype=np.float32) for k, shape in enumerate(layers)}
    center, scale, unit = (np.full(size, value, np.float32) for size, value in ((inputs, 0), (inputs, 1), (outputs, 1)))
    return {"center": center, "scale": scale, "unit": unit, **weights, **biases}


def predicted(arrays: Mapping[str, Array], rows: Rows) -> Rows:
    """[rows, outputs] what the network predicts of [rows, inputs]."""
    parts = (rows[first : first + AT_ONCE] for first in range(0, max(len(rows), 1), AT_ONCE))
    return np.concatenate([_predicted(arrays, part) for part in parts])


def _predicted(arrays: Mapping[str, Array], rows: Rows) -> Rows:
    said = through(arrays, (rows - arrays["center"]) / arrays["scale"], lambda inner: np.maximum(inner, 0, out=inner))
    return np.asarray(said * arrays["unit"])


def through(layers: Mapping[str, Any], said: Any, rectified: Callable[[Any], Any]) -> Any:
    """What comes out of the layers, by NumPy or by torch."""
    for k in range(LAYERS):
        said = said @ layers[f"weight {k}"] + layers[f"bias {k}"]
        said = rectified(said) if k < LAYERS - 1 else said
    return said


def begun(arrays: Mapping[str, Array], rng: np.random.Generator) -> dict[str, Array]:
    """The same network with random weights."""
    shapes = {f"weight {k}": arrays[f"weight {k}"].shape for k in range(LAYERS)}
    drawn = {name: rng.standard_normal(shape) * np.sqrt(1 / shape[0]) for name, shape in shapes.items()}
    return {**arrays, **{name: weight.astype(np.float32) for name, weight in drawn.items()}}


def weights(torch: Any, arrays: Mapping[str, Array]) -> dict[str, Any]:
    """What is learned of a network, as torch takes it."""
    return {name: torch.tensor(arrays[name], requires_grad=True) for name in LEARNED}


def fitted(rows: Rows, targets: Floats, seed: int) -> dict[str, Array]:
    """A network that predicts targets, each output by its own scale (least squares, Adam).

    Args:
        rows: [rows, inputs].
        targets: [rows, outputs].
        seed: seed of first weights and order.

    Raises:
        MissingDependencyError: torch is not installed.
    """
    torch = imported("torch", "policy iteration")
    rng = np.random.default_rng(seed)
    arrays = unlearned(rows.shape[1], targets.shape[1])
    spread, unit = rows.std(axis=0), np.sqrt(np.mean(targets**2, axis=0))
    arrays["center"] = rows.mean(axis=0)
    arrays["scale"], arrays["unit"] = (np.where(x > 1e-6, x, 1.0).astype(np.float32) for x in (spread, unit))
    learned = weights(torch, begun(arrays, rng))
    seen = torch.as_tensor((rows - arrays["center"]) / arrays["scale"])
    wanted = torch.as_tensor((targets / arrays["unit"]).astype(np.float32))
    optimizer = torch.optim.AdamW(learned.values(), lr=RATE, weight_decay=DECAY)
    turns = int(np.clip(EPOCHS * len(rows) / BATCH, LEAST_TURNS, MOST_TURNS))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, turns)
    for _ in range(turns):
        chosen = torch.as_tensor(rng.integers(len(rows), size=BATCH))
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(through(learned, seen[chosen], torch.relu), wanted[chosen]).backward()
        optimizer.step()
        schedule.step()
    return arrays | {name: weight.detach().numpy() for name, weight in learned.items()}
