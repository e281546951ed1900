"""Parameters at the ends of their allowed ranges, and short episodes of them."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from bizgyms.case import Case
from bizgyms.testing.play import Decisions, Subject, begin, expect_same, go_on, moment_of, one_row
from envs_data.parameters import ParameterError, Parameters, Quantity

STEPS, WORLDS, MOST_BYTES = 6, 2, 2**28
# Fields changed at once, and attempts to find allowed values for them.
CHANGED, PATIENCE = (1, 2, 3, 4, 8), 200


def drawn(scenarios: dict[str, Parameters], seed: int) -> Parameters:
    """A scenario with a few fields at or near an end of their range, as its class allows them together."""
    rng = np.random.default_rng(seed)
    names = list(scenarios)
    for _ in range(PATIENCE):
        scenario = scenarios[names[rng.integers(len(names))]]
        try:
            return _changed(scenario, rng)
        except ParameterError:
            continue
    raise AssertionError(f"seed {seed}: no allowed values were found")


def _changed(parameters: Parameters, rng: np.random.Generator) -> Any:
    fields = [field for field in dataclasses.fields(parameters) if "quantity" in field.metadata]
    count = min(int(rng.choice(CHANGED)), len(fields))
    changes = {}
    for k in rng.choice(len(fields), count, replace=False):
        name, value = fields[k].name, getattr(parameters, fields[k].name)
        if "nested" in fields[k].metadata:
            place = int(rng.integers(len(value)))
            changes[name] = (*value[:place], _changed(value[place], rng), *value[place + 1 :])
        else:
            changes[name] = _extreme(fields[k].metadata["quantity"], value, parameters, rng)
    return dataclasses.replace(parameters, **changes)


def _extreme(quantity: Quantity, value: Any, parameters: Parameters, rng: np.random.Generator) -> Any:
    if quantity.choices:
        return str(rng.choice(quantity.choices))
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return bool(rng.integers(2))
    if isinstance(value, tuple):
        return _list(quantity, value, parameters, rng)
    return _number(quantity, isinstance(value, int), rng)


def _list(quantity: Quantity, value: tuple[Any, ...], parameters: Parameters, rng: np.random.Generator) -> Any:
    if value and isinstance(value[0], tuple):
        return tuple(_list(quantity, row, parameters, rng) for row in value)
    periods = getattr(parameters, "periods", 2)
    lengths = [*quantity.lengths, len(value)] if quantity.lengths else [0, 1, 2, len(value), periods]
    whole = bool(value) and isinstance(value[0], int)
    found = [_number(quantity, whole, rng) for _ in range(lengths[rng.integers(len(lengths))])]
    if "probab" in quantity.unit and rng.integers(2) and sum(found):
        found = [entry / sum(found) for entry in found]
    return tuple(sorted(set(found))) if "rising" in quantity.meaning else tuple(found)


def _number(quantity: Quantity, whole: bool, rng: np.random.Generator) -> Any:
    """An end of the range, a number next to it, or one anywhere, small ones as likely as large ones."""
    low, high = max(quantity.low, -1e12), min(quantity.high, 1e12)
    least = max(low, 1e-9 if not whole else 1.0)
    between = math.exp(rng.uniform(math.log(least), math.log(high))) if high > least > 0 else rng.uniform(low, high)
    inside = (low + 1, high - 1) if whole else (np.nextafter(low, high), np.nextafter(high, low))
    found = float(rng.choice([low, high, *inside, between, between]))
    return int(min(max(round(found), low), high)) if whole else found


def play_both(case: Case, parameters: Parameters, steps: int = STEPS) -> None:
    """Plays the beginning of an episode in both engines.

    Raises:
        Finding: they part, with step, field and difference.
        AssertionError: something is not a finite number, or an observation is outside its space.
    """
    given: Any = parameters.to_dict()  # what Gymnasium's registry can keep
    subject = Subject(case, given, parameters, {})
    luck = subject.luck(WORLDS)
    size = sum(array.nbytes for array in luck) / WORLDS
    assert size < MOST_BYTES, f"the luck of an episode takes {size / 2**20:,.0f} MiB"
    env, twin, compiled = subject.env(), subject.twin(WORLDS), subject.env(engine="compiled")
    played = _beginning(twin, luck, steps)
    for world in range(WORLDS):
        mine, decisions = one_row(luck, world), Decisions(env.action_space, world)
        told = go_on(env, begin(env, luck=mine), decisions, until=steps)
        expect_same(told, played[world], ("world", "twin"), f"world {world}, ")
        again = go_on(compiled, begin(compiled, luck=mine), decisions, until=steps)
        expect_same(told, again, ("world", "compiled engine"), f"world {world}, ")
        for step, moment in enumerate(told):
            for name, value in moment.items():
                assert np.isfinite(value).all(), f"step {step}: {name} is {value}"


def _beginning(twin: Any, luck: Any, steps: int) -> list[list[dict[str, Any]]]:
    """The first steps of every world of a twin, or fewer where an episode ends before."""
    seen, infos = twin.reset(options={"luck": luck})
    worlds = [Decisions(twin.single_action_space, world) for world in range(WORLDS)]
    played = [[moment_of(twin, world, seen, infos)] for world in range(WORLDS)]
    over = np.zeros(WORLDS, dtype=np.bool_)
    for step in range(steps):
        actions = np.asarray([one.at(step) for one in worlds], dtype=twin.single_action_space.dtype)
        seen, *outcome, infos = twin.step(actions)
        assert ((seen >= twin.single_observation_space.low) & (seen <= twin.single_observation_space.high))[~over].all()
        for world in np.flatnonzero(~over):
            played[world].append(moment_of(twin, world, seen, infos, *outcome))
        over |= outcome[1] | outcome[2]
    return played
