"""Logs of messages to people who habituate, made by the simulated world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from envs_data.nudge.habit.luck import draw
from envs_data.nudge.habit.parameters import HabitParameters
from envs_data.nudge.habit.world import HabitWorld
from envs_data.nudge.reading import NONE

# A policy looks at a person's world and the step, and returns a kind and the probability of sending exactly that.
Policy = Callable[[HabitWorld], tuple[int, float]]
EPSILON = 0.5
PEOPLE = 200
AVAILABLE = 0.95


def soft_rhythm(parameters: HabitParameters, rng: np.random.Generator, every: int = 3) -> Policy:
    """Every third step a message, all kinds in turn, and half the time anything at random, none included.

    Args:
        parameters: the person.
        rng: source of the random choices.
        every: steps between messages of the rhythm.
    """
    kinds = len(parameters.messages)

    def policy(world: HabitWorld) -> tuple[int, float]:
        usual = 0 if world.step % every else 1 + world.step // every % kinds
        kind = int(rng.integers(kinds + 1)) if rng.random() < EPSILON else usual
        return kind, EPSILON / (kinds + 1) + (1 - EPSILON) * (kind == usual)

    return policy


def generate(
    parameters: HabitParameters,
    policy: Policy | None = None,
    seed: int = 0,
    days: int | None = None,
    people: int = PEOPLE,
) -> pd.DataFrame:
    """The log a business with these people would keep, lived step by step in the SimPy world.

    Now and then a person cannot be reached, and then gets no message. Responses are drawn, also where the
    scenario pays their expectation.

    Args:
        parameters: what people are like.
        policy: which messages are sent; by default `soft_rhythm`.
        seed: same seed, same table.
        days: steps of the log, by default the scenario's.
        people: how many people.

    Returns:
        A row for each person and step until they leave: person, time (step), available, context (1 where the message
        was right, 0 where it was wrong, blank without one), message, propensity, response, left.
    """
    lived = parameters.replace(paid="drawn", steps=days or parameters.steps)
    for_luck, for_policy = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    policy = policy or soft_rhythm(lived, for_policy)
    luck = draw(lived, for_luck, people)
    rows = [
        row for person in range(people) for row in _life(HabitWorld(lived, luck, person), person, policy, for_policy)
    ]
    return pd.DataFrame(rows).astype({"context": "Int64"})


def _life(world: HabitWorld, person: int, policy: Policy, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    names = [NONE, *(message.name for message in world.parameters.messages)]
    world.start()
    while not world.over:
        available = bool(rng.random() < AVAILABLE)
        kind, propensity = policy(world) if available else (0, 1.0)
        step = world.step
        world.play(kind)
        yield {
            "person": f"p{person:04d}",
            "time": step,
            "available": int(available),
            "context": int(world.right) if kind else None,
            "message": names[kind],
            "propensity": propensity,
            "response": int(world.responded),
            "left": int(world.left),
        }
