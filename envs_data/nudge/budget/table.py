"""Logs of messages that many people share, made by the simulated world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from envs_data.nudge.budget.luck import draw
from envs_data.nudge.budget.parameters import BudgetParameters
from envs_data.nudge.budget.world import BudgetWorld
from envs_data.nudge.reading import NONE

# A policy looks at the world before a step and returns who is messaged, and the probability of that for each person.
Policy = Callable[[BudgetWorld], tuple[list[int], list[float]]]

EPSILON = 0.5
MESSAGE = "message"


def soft_lapsed_first(parameters: BudgetParameters, rng: np.random.Generator) -> Policy:
    """Lapsed people come first; half the time random people, at most half of those who can be reached.

    Args:
        parameters: the people.
        rng: source of the random choices.
    """
    p = parameters

    def policy(world: BudgetWorld) -> tuple[list[int], list[float]]:
        reached = np.flatnonzero(world.reached)
        slots_left = p.decisions_a_day - world.step % p.decisions_a_day
        count, half = min(len(reached), (p.cap - world.sent_today) // slots_left), len(reached) / 2
        mood = np.array(world.state)[reached] // (p.levels + 1)
        usual = reached[np.lexsort(((reached - world.step * p.cap) % p.people, mood))[:count]]
        anybody = rng.permutation(reached)[: min(count, int(half + rng.random()))]
        chosen = anybody if rng.random() < EPSILON else usual
        chance = np.zeros(p.people)
        chance[reached] = EPSILON * min(count, half) / max(len(reached), 1)
        chance[usual] += 1.0 - EPSILON
        sent = np.zeros(p.people, dtype=np.int64)
        sent[chosen] = 1
        return sent.tolist(), np.where(sent == 1, chance, 1.0 - chance).tolist()

    return policy


def generate(
    parameters: BudgetParameters,
    policy: Policy | None = None,
    seed: int = 0,
    days: int | None = None,
    people: int | None = None,
) -> pd.DataFrame:
    """The log a business with these people would keep, lived step by step in the SimPy world.

    Args:
        parameters: what people are like, and the cap.
        policy: who is messaged; by default `soft_lapsed_first`.
        seed: same seed, same table.
        days: steps of the log, by default the scenario's.
        people: how many people of each type, by default the scenario's; the cap keeps its share of them.

    Returns:
        A row for each person and step: person, group (their type), time (step), available, message, propensity,
        response (1 engaged after the step; with memory, 1 for a good review, blank without one) and left (0: nobody
        does).
    """
    lived = parameters.replace(steps=days or parameters.steps)
    if people is not None:
        types = [dict(kind.to_dict(), count=people) for kind in lived.types]
        cap = round(lived.cap * people * len(types) / lived.people)
        lived = lived.replace(types=types, cap=cap)
    for_luck, for_policy = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    world = BudgetWorld(lived, draw(lived, for_luck, 1))
    frame = pd.DataFrame(_steps(world, policy or soft_lapsed_first(lived, for_policy)))
    return frame.sort_values(["person", "time"], ignore_index=True).astype({"response": "Int64"})


def _steps(world: BudgetWorld, policy: Policy) -> Iterator[dict[str, Any]]:
    p = world.parameters
    names = [p.types[kind].name for kind in world.type_of]
    world.start()
    while not world.over:
        step, reached = world.step, world.reached
        sent, propensity = policy(world)
        world.play(sent)
        for person in range(p.people):
            yield {
                "person": f"p{person:04d}",
                "group": names[person],
                "time": step,
                "available": int(reached[person]),
                "message": MESSAGE if sent[person] else NONE,
                "propensity": round(propensity[person], 12),
                "response": _response(world, person, sent[person]),
                "left": 0,
            }


def _response(world: BudgetWorld, person: int, sent: int) -> int | None:
    """Whether a person is engaged; with memory, whether a review went well."""
    p = world.parameters
    if p.mechanism == "memory":
        return int(world.outcome[person] == 0) if sent else None
    return int(world.state[person] > p.levels)
