"""Break-even points: at which value of a cost the sign of a gain turns."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from baselines.agents import Problem
from envs_data.parameters import Parameters, Scenario

# How far from its value a break-even is searched for.
FARTHEST = 10.0
# A gain this close to zero, as a share of what it was, is a break-even.
CLOSE = 0.02
MOST_TRIES = 12
# Origins of costs that no table confirms, so that a gain may rest on them.
UNSURE = ("assumed", "known")


@dataclasses.dataclass(frozen=True)
class BreakEven:
    """A cost on which a gain rests.

    Attributes:
        name: the field.
        value: its value in the scenario.
        origin: ``assumed`` or ``known`` (the user gave it).
        at: where the gain turns; None where it does not, from a tenth to ten times the value.
        tried: values of the cost with the gain at each.
    """

    name: str
    value: float
    origin: str
    at: float | None
    tried: Sequence[tuple[float, float]] = ()

    def asking(self, asked: float) -> BreakEven:
        """The same where so much is asked for, with straight lines between the values that were tried."""
        costs, gains = np.array(sorted(self.tried)).T
        return dataclasses.replace(
            self, at=_turning_point(lambda x: float(np.interp(x, costs, gains)) - asked, self.value)
        )


def break_evens(
    problem: Problem, scenario: Scenario, gain: Callable[[Parameters], float], now: float, asked: float = 0.0
) -> list[BreakEven]:
    """Where a gain turns, for every cost that is assumed or that the user gave. Costs without influence are left out.

    Args:
        problem: case and parameters.
        scenario: the same with the origin of its fields.
        gain: the gain under other parameters.
        now: the gain under the parameters as they are.
        asked: the gain that is asked for.
    """
    points = []
    for name in costs(scenario, UNSURE):
        value = float(getattr(problem.parameters, name))
        tried = {value: now}

        def beyond(x: float, name: str = name, tried: dict[float, float] = tried) -> float:
            if x not in tried:
                tried[x] = gain(problem.parameters.replace(**{name: x}))
            return tried[x] - asked

        if beyond(2 * value) != now - asked:
            at = _turning_point(beyond, value)
            points.append(BreakEven(name, value, scenario.origins[name].kind, at, tuple(tried.items())))
    return points


def costs(scenario: Scenario, kinds: Sequence[str]) -> list[str]:
    """Fields of such origins that are amounts of money above zero."""
    quantities = scenario.parameters.quantities()
    return [
        name
        for name, origin in scenario.origins.items()
        if origin.kind in kinds
        and name in quantities  # an origin may also be that of a field of an item or a product
        and quantities[name].unit.startswith("money")
        and isinstance(getattr(scenario.parameters, name), float)
        and getattr(scenario.parameters, name) > 0
    ]


def _turning_point(gain: Callable[[float], float], value: float) -> float | None:
    """Regula falsi between two values of different sign; costs are linear in most worlds, where its first step hits."""
    now, twice = gain(value), gain(2 * value)
    straight = value - now * value / (twice - now)
    ends = [x for x in (straight, value / FARTHEST, value * FARTHEST) if value / FARTHEST <= x <= value * FARTHEST]
    for other in ends:
        if abs(gain(other)) <= CLOSE * abs(now):
            return other
        if (gain(other) > 0) != (now > 0):
            return _between(gain, value, other)
    return None


def _between(gain: Callable[[float], float], one: float, other: float) -> float:
    for _ in range(MOST_TRIES):
        middle = one - gain(one) * (other - one) / (gain(other) - gain(one))
        if abs(gain(middle)) <= CLOSE * max(abs(gain(one)), abs(gain(other))):
            return middle
        if (gain(middle) > 0) == (gain(one) > 0):
            one = middle
        else:
            other = middle
    return (one + other) / 2
