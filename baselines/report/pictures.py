"""Geometry of the report's pictures: numbers in, SVG paths and ticks out. The templates draw them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from baselines.agents import Kind

WIDTH, LEFT, RIGHT = 480, 46, 8
PANEL, HEAD, GAP = 62, 16, 10
AXIS = 18
# Steps of an episode that are shown one by one; a shorter episode is shown whole.
SHOWN, WHOLE = 31, 60
ROLES: Mapping[str, str] = {
    Kind.TODAY: Kind.TODAY,
    Kind.BEST_LEARNER: "learner",
    Kind.BEST_RULE: Kind.RULE,
    Kind.BEST_POSSIBLE: "best",
}
Facts = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Scale:
    """Maps values onto coordinates, evenly.

    Attributes:
        low: smallest value.
        high: largest value.
        start: coordinate of the smallest.
        end: coordinate of the largest.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The coordinate of a value, to a tenth of a pixel."""
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)


def scale_of(values: Iterable[float], start: float, end: float) -> Scale:
    """A scale over values and zero."""
    all_values = [0.0, *values]
    low, high = min(all_values), max(all_values)
    return Scale(low, high if high > low else low + 1, start, end)


def ticks(scale: Scale, most: int = 4) -> list[tuple[float, str]]:
    """Coordinates and labels of round values on a scale, at most ``most`` + 1 of them."""
    rough = (scale.high - scale.low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(scale.low / step - 1e-9), math.floor(scale.high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    return [(scale(k * step), f"{k * step:,.{digits}f}") for k in range(first, last + 1)]


def steps_path(values: Sequence[float], x: Scale, y: Scale, first: int = 0) -> str:
    """A line that stays at a value until the next one."""
    parts = [f"M{x(first):g} {y(values[0]):g}"]
    for k, value in enumerate(values, first):
        parts.append(f"V{y(value):g}H{x(k + 1):g}")
    return "".join(parts)


def line_path(values: Sequence[float], x: Scale, y: Scale) -> str:
    """A line from value to value; with thousands of them, through every n-th."""
    every = max(1, len(values) // 400)
    points = [f"{x(k):g} {y(values[k]):g}" for k in range(0, len(values), every)]
    return "M" + "L".join(points)


def bars_path(values: Sequence[float], x: Scale, y: Scale, first: int) -> str:
    """A bar a value, from zero."""
    width = (x.end - x.start) / (x.high - x.low) * 0.7
    bars = enumerate(values, first)
    return "".join(f"M{x(k + 0.15):g} {y(0):g}V{y(value):g}h{width:.1f}V{y(0):g}z" for k, value in bars)


def intervals(rows: Sequence[Facts]) -> list[dict[str, Any]]:
    """Each row's gain over today's rule with its interval, in per cent of the width of a bar.

    Returns:
        One a row: ``at``, ``low``, ``high``, ``zero``, ``outside`` (``left`` or ``right`` where the gain is off the
        scale); empty where a row has no gain. An agent far worse than today's rule does not squeeze the others.
    """
    gains = [row["over_today"] or row["over_rule"] or {} for row in rows]
    shown = [gain for row, gain in zip(rows, gains, strict=True) if gain and row["role"] != Kind.RANDOM]
    ends = [value for gain in shown for value in gain.values() if value is not None]
    high = max([0.0, *ends])
    low = max(min([0.0, *ends]), -high if high > 0 else -math.inf)
    scale = Scale(low, high if high > low else low + 1, 3, 97)
    return [_bar(gain, scale) for gain in gains]


def _bar(gain: Facts, scale: Scale) -> dict[str, Any]:
    if not gain:
        return {}
    value = gain["value"]
    outside = "left" if value < scale.low else "right" if value > scale.high else ""
    ends = {key: value if gain[key] is None else gain[key] for key in ("low", "high")}
    places = {key: scale(min(max(end, scale.low), scale.high)) for key, end in {**ends, "at": value}.items()}
    return {**places, "zero": scale(0), "outside": outside}


def back_test(series: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """The held-out part of a table with what the fit expected of it.

    Args:
        series: lists of equal length: ``low`` and ``high`` of the 80 % band, ``expected``, and under its own name what
            was observed; before it names of the bins (such as ``date``), and a list of flags (such as ``sold_out``),
            where there are.
    """
    if not {"low", "high", "expected"} <= set(series) or len(series["low"]) < 2:
        return {}
    flags = next((key for key, values in series.items() if all(isinstance(value, bool) for value in values)), None)
    *bins, name = [key for key in series if key not in (flags, "low", "high", "expected")] or ["expected"]
    count = len(series["low"])
    if any(len(values) != count for values in series.values()) or any(isinstance(v, str) for v in series[name]):
        return {}
    x = Scale(0, count - 1, LEFT, WIDTH - RIGHT)
    y = scale_of([*series["high"], *series[name]], 180, 8)
    upper = [f"{x(k):g} {y(v):g}" for k, v in enumerate(series["high"])]
    lower = [f"{x(k):g} {y(v):g}" for k, v in reversed(list(enumerate(series["low"])))]
    marked = series[flags] if flags else [False] * count
    return {
        "height": 180 + AXIS,
        "observed": name,
        "flag": (flags or "").replace("_", " "),
        "band": "M" + "L".join([*upper, *lower]) + "z",
        "expected": line_path(series["expected"], x, y),
        "dots": [(x(k), y(v), flag) for k, (v, flag) in enumerate(zip(series[name], marked, strict=True))],
        "x": _labels(series[bins[0]] if bins else range(1, count + 1), x),
        "y": ticks(y),
    }


def _labels(bins: Sequence[Any], x: Scale) -> list[tuple[float, str]]:
    return [(x(k), str(bins[k])) for k in (0, (len(bins) - 1) // 2, len(bins) - 1)]


def episode(facts: Facts, unit: str) -> dict[str, Any]:
    """Several agents on the same luck: a stretch step by step, and what the whole episode brought over the first.

    Args:
        facts: `baselines.report.sample_episode.SampleEpisode` as JSON.
        unit: of money.
    """
    lives = [{"role": role, "label": label, **life} for role, label, life in facts["lives"]]
    length = max(len(life["rewards"]) for life in lives)
    first, last = _stretch(lives, length)
    x = Scale(first, last, LEFT, WIDTH - RIGHT)
    panels = [_panel(title, series, bars, first, last, x) for title, series, bars in _stories(facts, lives)]
    panels[-1]["x"] = [(x(k), f"{facts['step']} {k + 1}") for k in (first, (first + last) // 2)]
    panels += _gain(lives, length, unit, facts["step"])
    return {
        "height": _stacked(panels),
        "head": HEAD,
        "panel": PANEL,
        "panels": panels,
        "legend": [{"class": ROLES[life["role"]], "text": _legend(life)} for life in lives],
        "alt": f"{', '.join(_legend(life) for life in lives)} on the same luck, {facts['step']} by {facts['step']}",
        "caption": _caption(facts, first, last, length),
    }


def _stacked(panels: Sequence[dict[str, Any]]) -> int:
    """Puts panels below each other; returns the height of them all."""
    top = 0
    for panel in panels:
        panel["top"] = top
        top += HEAD + PANEL + (AXIS if panel["x"] else 0) + GAP
    return top


def _caption(facts: Facts, first: int, last: int, length: int) -> str:
    number = f"Episode {facts['number'] + 1} of the evaluation luck, the most ordinary of them."
    if last - first == length:
        return number
    return (
        f"{number} Shown: {facts['step']}s {first + 1} to {last} of {length:,}, where gains are as in the whole of it."
    )


def _legend(life: Facts) -> str:
    return str(life["label"]) if life["role"] == Kind.BEST_POSSIBLE else f"{life['role']}: {life['label']}"


def _stretch(lives: Sequence[Facts], length: int) -> tuple[int, int]:
    """The steps shown one by one: where the last agent's gain over the first is nearest to that of the episode."""
    if length <= WHOLE:
        return 0, length
    difference = [b - a for a, b in zip(lives[0]["rewards"], lives[-1]["rewards"], strict=False)]
    usual = sum(difference) / len(difference) * SHOWN
    starts = range(length // 10, max(len(difference) - SHOWN, length // 10 + 1))
    best = min(starts, key=lambda start: abs(sum(difference[start : start + SHOWN]) - usual))
    return best, best + SHOWN


def _stories(facts: Facts, lives: Sequence[Facts]) -> Iterable[tuple[str, list[tuple[str, list[float]]], bool]]:
    """Title, series by role, and whether they are bars: luck that all share, what is seen, what is decided."""
    shared = [name for name in lives[0]["figures"] if _is_shared(name, lives)]
    for name in shared[:1]:
        yield f"{name}, the same for all", [("luck", lives[0]["figures"][name])], True
    for name, unit in facts["units"].items():
        yield f"{name.replace('_', ' ')}, {unit}", [(ROLES[life["role"]], life["seen"][name]) for life in lives], False
    decided = [(ROLES[life["role"]], life["decisions"]) for life in lives]
    if all(series for _, series in decided):
        yield "decision", decided, False


def _is_shared(name: str, lives: Sequence[Facts]) -> bool:
    series = [life["figures"][name] for life in lives]
    return len(lives) > 1 and len(set(series[0])) > 1 and all(other == series[0] for other in series[1:])


def _panel(
    title: str, series: Sequence[tuple[str, list[float]]], bars: bool, first: int, last: int, x: Scale
) -> dict[str, Any]:
    pieces = [(role, values[first:last]) for role, values in series if len(values) > first]
    y = scale_of((value for _, values in pieces for value in values), HEAD + PANEL, HEAD)
    lines = [
        {"class": role, "d": bars_path(values, x, y, first) if bars else steps_path(values, x, y, first)}
        for role, values in pieces
    ]
    return {"title": title, "lines": lines, "bars": bars, "y": ticks(y, 3), "zero": y(0), "x": []}


def _gain(lives: Sequence[Facts], length: int, unit: str, step: str) -> list[dict[str, Any]]:
    """A panel of what each agent has earned so far beyond the first, over the whole episode; none for one agent."""
    if len(lives) < 2:
        return []
    base, *others = [_summed(life["rewards"], length) for life in lives]
    series = [[a - b for a, b in zip(other, base, strict=True)] for other in others]
    x = Scale(0, length, LEFT, WIDTH - RIGHT)
    y = scale_of((value for values in series for value in values), HEAD + PANEL, HEAD)
    lines = [
        {"class": ROLES[life["role"]], "d": line_path(values, x, y)}
        for life, values in zip(lives[1:], series, strict=True)
    ]
    title = f"{unit} so far over {lives[0]['role']}, all {length:,} {step}s"
    marks = [(x(k), f"{step} {k + 1}") for k in (0, length // 2)]
    return [{"title": title, "lines": lines, "bars": False, "y": ticks(y, 3), "zero": y(0), "x": marks}]


def _summed(rewards: Sequence[float], length: int) -> list[float]:
    """[length + 1] running sums; an episode that ended sooner earns no more."""
    sums = [0.0]
    for k in range(length):
        sums.append(sums[-1] + (rewards[k] if k < len(rewards) else 0.0))
    return sums
