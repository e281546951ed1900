"""Break-even points: at which value of a cost the sign of a gain turns."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from baselines.agents import Problem
from envs_data.parameters import Parameters, Scenario

# How far from its value a break-even is looked for.
FARTHEST = 10.0
# A gain this close to nothing, as a share of what it was, is a break-even.
CLOSE = 0.02
MOST_TRIES = 12


@dataclasses.dataclass(frozen=True)
class BreakEven:
    """A cost on which a gain rests.

    Attributes:
        name: the field.
        value: what it is taken to be.
        origin: ``assumed`` or ``known`` (the user gave it).
        at: where the gain turns; None where it does not, from a tenth to ten times the value.
    """

    name: str
    value: float
    origin: str
    at: float | None


def break_evens(
    problem: Problem, scenario: Scenario, gain: Callable[[Parameters], float], now: float
) -> list[BreakEven]:
    """Where a gain turns, for every cost that is assumed or that the user gave; those without influence are left out.

    Args:
        problem: case and parameters.
        scenario: the same with the origin of its fields.
        gain: the gain under other parameters, less what is asked for.
        now: the gain under the parameters as they are.
    """
    found = []
    for name in costs(scenario, ("assumed", "known")):
        value = float(getattr(problem.parameters, name))
        tried = _Tried(problem.parameters, name, gain, {value: now})
        if tried(2 * value) != now:
            found.append(BreakEven(name, value, scenario.origins[name].kind, _turning_point(tried, value)))
    return found


def costs(scenario: Scenario, kinds: Sequence[str]) -> list[str]:
    """Fields that are amounts of money, not nothing, and of such origins."""
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


class _Tried:
    """The gain as a function of one field, worked out once for each value; infinite values of the field clipped."""

    def __init__(
        self, parameters: Parameters, name: str, gain: Callable[[Parameters], float], known: Mapping[float, float]
    ) -> None:
        self._parameters, self._name, self._gain = parameters, name, gain
        self.known = dict(known)

    def __call__(self, value: float) -> float:
        if value not in self.known:
            self.known[value] = self._gain(self._parameters.replace(**{self._name: value}))
        return self.known[value]


def _turning_point(gain: _Tried, value: float) -> float | None:
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


def _between(gain: _Tried, one: float, other: float) -> float:
    for _ in range(MOST_TRIES):
        middle = one - gain(one) * (other - one) / (gain(other) - gain(one))
        if abs(gain(middle)) <= CLOSE * max(abs(gain(one)), abs(gain(other))):
            return middle
        if (gain(middle) > 0) == (gain(one) > 0):
            one = middle
        else:
            other = middle
    return (one + other) / 2
