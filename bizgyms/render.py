"""Pictures and words for any case, made from the names, units and labels of its features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bizgyms.autoreset import TERM
from envs_data.arrays import Rows

if TYPE_CHECKING:
    from bizgyms.view import Feature


def words(features: Sequence[Feature], row: Rows, info: Mapping[str, Any]) -> str:
    """One line a feature, and what was done and paid in the last step."""
    width = max(len(feature.name) for feature in features)
    lines = [f"{f.name:<{width}}  {_value(f, float(x))}" for f, x in zip(features, row, strict=True)]
    if "decision" in info:
        lines.append(f"{'decision':<{width}}  {info['decision']}")
    terms = {name.removeprefix(TERM): term for name, term in info.items() if name.startswith(TERM)}
    lines += [f"{name:<{width}}  {term:+.2f}" for name, term in terms.items()]
    return "\n".join(lines)


def _value(feature: Feature, value: float) -> str:
    if feature.labels:
        return feature.labels[int(value)]
    return f"{value:g} {feature.unit}"


def picture(features: Sequence[Feature], rows: Rows) -> NDArray[np.uint8]:
    """The features over the episode so far, one small panel each.

    Args:
        features: what the columns mean.
        rows: [steps, features] in natural units.

    Returns:
        [height, width, 3] colours.
    """
    # Drawn on a canvas of its own: pyplot keeps global state and may open windows.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(6, 1.1 * len(features) + 0.4), dpi=80, layout="constrained")
    canvas: Any = FigureCanvasAgg(figure)
    panels = figure.subplots(len(features), 1, sharex=True, squeeze=False)[:, 0]
    for panel, feature, values in zip(panels, features, rows.T, strict=True):
        panel.step(np.arange(len(values)), values, where="post", color="#1f5f8b")
        panel.set_ylabel(feature.name, rotation=0, ha="right", va="center", fontsize=8)
        panel.tick_params(labelsize=7)
        panel.spines[["top", "right"]].set_visible(False)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba(), dtype=np.uint8)[..., :3].copy()
