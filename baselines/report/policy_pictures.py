"""Geometry of learning curves, of the distribution of gains, and of maps of decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baselines.agents import Kind
from baselines.report.pictures import GAP, HEAD, LEFT, RIGHT, ROLES, WIDTH, Scale, bars_path, scale_of, ticks

HEIGHT, TILE, MAP_LEFT = 150, 26, 74
# From the least decision to the most.
SHADES = ("#eff6ff", "#bfdbfe", "#93c5fd", "#60a5fa", "#3b82f6", "#2563eb", "#1d4ed8", "#1e3a8a")
COLOURS = ("#c2410c", "#1d4ed8", "#15803d", "#7c3aed", "#b45309", "#0e7490", "#be185d", "#4d7c0f")
Facts = Mapping[str, Any]


def curves(facts: Facts) -> dict[str, Any]:
    """Learning curves, a line a training: value a year by decisions taken, beside the best rule."""
    runs = [(name, run) for name, own in facts["curves"] for run in own]
    if not runs:
        return {}
    rule = facts["rule"]
    values = [value for _, run in runs for value in run[1]]
    # The first looks are often far below everything else, and would press the rest into one line.
    floor = sorted(values)[len(values) // 4]
    top = max([*values, *([] if rule is None else [rule])])
    low = min(floor, *([] if rule is None else [rule]))
    room = 0.1 * max(top - low, 1e-9)
    y = Scale(low - room, top + room, HEIGHT, 8)
    x = Scale(0.0, max(run[0][-1] for _, run in runs), LEFT + 24, WIDTH - RIGHT)
    names = [name for name, _ in facts["curves"]]
    lines = [{"colour": COLOURS[names.index(name) % len(COLOURS)], "d": _line(run, x, y)} for name, run in runs]
    return {
        "height": HEIGHT + 18,
        "lines": lines,
        "legend": [(COLOURS[k % len(COLOURS)], name) for k, name in enumerate(names)],
        "rule": None if rule is None else y(rule),
        "y": ticks(y, 3),
        "x": [(x(0), "0"), (x(x.high), f"{x.high:,.0f} decisions")],
    }


def _line(run: Sequence[Sequence[float]], x: Scale, y: Scale) -> str:
    return "M" + "L".join(f"{x(step):g} {y(max(value, y.low)):g}" for step, value in zip(*run, strict=True))


def gains(facts: Facts) -> dict[str, Any]:
    """The distribution of the gain over the best rule over the episodes."""
    if not facts["gains"]:
        return {}
    middles, shares = facts["gains"]
    width = middles[1] - middles[0]
    x = Scale(0, len(middles), LEFT, WIDTH - RIGHT)
    y = scale_of(shares, HEIGHT, 8)
    money = Scale(middles[0] - width / 2, middles[-1] + width / 2, LEFT, WIDTH - RIGHT)
    zero = money(0.0) if money.low < 0 < money.high else None
    return {
        "height": HEIGHT + 18,
        "bars": bars_path(shares, x, y, 0),
        "zero": zero,
        "x": ticks(money, 4),
        "bottom": HEIGHT,
    }


def predicted(facts: Facts) -> dict[str, Any]:
    """A point for each tenth of a value function's predictions: predicted across, simulated upward."""
    across, up = facts.get("predicted") or ((), ())
    if not across:
        return {}
    low, high = min(*across, *up), max(*across, *up)
    room = 0.05 * max(high - low, 1e-9)
    x = Scale(low - room, high + room, LEFT + 24, WIDTH - RIGHT)
    y = Scale(low - room, high + room, HEIGHT, 8)
    return {
        "height": HEIGHT + 18,
        "points": [(x(one), y(other)) for one, other in zip(across, up, strict=True)],
        "right": [(x(low), y(low)), (x(high), y(high))],
        "y": ticks(y, 3),
        "x": ticks(x, 4),
    }


def maps(facts: Facts) -> list[dict[str, Any]]:
    """Mean decision of each agent over the two features that explain most of the learner's."""
    means = [mean for _, _, table in facts["maps"] for row in table for mean in row if mean is not None]
    if not means:
        return []
    low, high = min(means), max(means)
    return [_map(facts, role, label, table, low, high) for role, label, table in facts["maps"]]


def _map(
    facts: Facts, role: str, label: str, table: Sequence[Sequence[float | None]], low: float, high: float
) -> dict[str, Any]:
    tiles = []
    for k, row in enumerate(reversed(table)):
        for j, mean in enumerate(row):
            if mean is not None:
                shade = min(int((mean - low) / max(high - low, 1e-9) * len(SHADES)), len(SHADES) - 1)
                place = {"x": MAP_LEFT + j * TILE, "y": HEAD + k * TILE}
                tiles.append({**place, "fill": SHADES[shade], "light": shade > 3, "text": f"{mean:.3g}"})
    columns, rows = len(table[0]), len(table)
    names, edges = list(facts["features"]), facts["edges"]
    across = [(MAP_LEFT + (j + 1) * TILE, f"{edge:.3g}") for j, edge in enumerate(edges[0])]
    up = edges[1] if len(edges) > 1 else []
    upward = [(HEAD + (rows - k - 1) * TILE, f"{edge:.3g}") for k, edge in enumerate(up)]
    return {
        "text": label if role == Kind.BEST_POSSIBLE else f"{role}: {label}",
        "class": ROLES[role],
        "tiles": tiles,
        "size": TILE,
        "left": MAP_LEFT,
        "width": MAP_LEFT + columns * TILE + GAP + 20,
        "height": HEAD + rows * TILE + 34,
        "below": HEAD + rows * TILE,
        "across": across,
        "upward": upward,
        "names": [name.replace("_", " ") for name in names],
    }
