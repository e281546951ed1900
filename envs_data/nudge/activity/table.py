"""Logs of messages to people who are nudged to walk, made by the simulated world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from envs_data.nudge.activity.luck import draw
from envs_data.nudge.activity.parameters import ActivityParameters
from envs_data.nudge.activity.world import GENERIC, TAILORED_TO_0, ActivityWorld
from envs_data.nudge.habit.table import AVAILABLE, EPSILON, PEOPLE
from envs_data.nudge.reading import NONE

# A policy looks at a person's world before a step, and returns a decision and the probability of exactly that.
Policy = Callable[[ActivityWorld], tuple[int, float]]

NAMES = (NONE, "generic", "tailored-0", "tailored-1")


def soft_rhythm(rng: np.random.Generator, every: int = 3) -> Policy:
    """Every third step a message, generic and tailored in turn, and half the time anything at random.

    Args:
        rng: source of the random choices.
        every: steps between messages of the rhythm.
    """

    def policy(world: ActivityWorld) -> tuple[int, float]:
        turn, pause = divmod(world.step, every)
        tailored = TAILORED_TO_0 + int(world.signal >= 0.5)
        usual = 0 if pause else (tailored if turn % 2 else GENERIC)
        kind = int(rng.integers(len(NAMES))) if rng.random() < EPSILON else usual
        return kind, EPSILON / len(NAMES) + (1 - EPSILON) * (kind == usual)

    return policy


def generate(
    parameters: ActivityParameters,
    policy: Policy | None = None,
    seed: int = 0,
    days: int | None = None,
    people: int = PEOPLE,
) -> pd.DataFrame:
    """The log a business with these people would keep, lived step by step in the SimPy world.

    Now and then a person cannot be reached, and then gets no message. What is walked is counted in whole
    steps, rounded at random so that the mean is exact.

    Args:
        parameters: what people are like.
        policy: which messages are sent; by default `soft_rhythm`.
        seed: same seed, same table.
        days: steps of the log, by default the scenario's.
        people: how many people.

    Returns:
        A row for each person and step until they leave: person, time (step), available, context (its signal
        before the message), message, propensity, response (steps walked), left.
    """
    lived = parameters.replace(steps=days or parameters.steps, observed="signal")
    for_luck, for_policy = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    policy = policy or soft_rhythm(for_policy)
    luck = draw(lived, for_luck, people)
    rows = [
        row for person in range(people) for row in _life(ActivityWorld(lived, luck, person), person, policy, for_policy)
    ]
    return pd.DataFrame(rows)


def _life(world: ActivityWorld, person: int, policy: Policy, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    p = world.parameters
    world.start()
    while not world.over:
        available = bool(rng.random() < AVAILABLE)
        kind, propensity = policy(world) if available else (0, 1.0)
        step, seen = world.step, world.signal
        world.play(kind)
        gain = (p.generic if kind == GENERIC else p.tailored) if world.right else 0.0
        walked = (p.base + gain * (1.0 - world.habituation)) * world.walked
        yield {
            "person": f"p{person:04d}",
            "time": step,
            "available": int(available),
            "context": round(seen, 6),
            "message": NAMES[kind],
            "propensity": propensity,
            "response": int(walked + rng.random()),
            "left": int(world.left),
        }
