"""How fast the twins of nudging are, in u a step: luck, autoreset and all, at the batch sizes they are meant for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import bizgyms
from benchmarks.speed import in_units
from bizgyms.nudge.budget.optimum import prices_of
from envs_data.nudge.budget.scenarios import population

HABIT, ACTIVITY, BUDGET = "bizgyms/NudgeHabit-v0", "bizgyms/NudgeActivity-v0", "bizgyms/NudgeBudget-v0"


def episodes(id: str, worlds: int, scenario: str, actions: Any) -> tuple[Callable[[], None], int]:
    """A whole episode of a twin with the same decisions at every step, and its world-steps."""
    envs: Any = bizgyms.make_vec(id, worlds, scenario=scenario)
    envs.reset(seed=0)
    steps = envs.parameters.steps

    def play() -> None:
        for _ in range(steps + 1):  # the step that begins the next episode is part of the price
            envs.step(actions)

    return play, worlds * steps


def a_fifth(shape: tuple[int, ...], dtype: type[np.generic]) -> Any:
    """A message to every fifth."""
    actions = np.zeros(shape, dtype=dtype)
    actions[..., ::5] = 1
    return actions


def rows() -> list[tuple[str, float, float]]:
    """Label, measured u, target u; the last row is in seconds."""
    found = []
    for id, scenario, target in ((HABIT, "rule-fails", 9.0), (ACTIVITY, "daily-steps", 25.0)):
        play, steps = episodes(id, 1024, scenario, a_fifth((1024,), np.int64))
        found.append((f"{bizgyms.case(id).name} {scenario}, a step", in_units(play, steps)[0], target))
    play, steps = episodes(BUDGET, 256, "hundred-people", a_fifth((256, 100), np.int8))
    found.append(("NudgeBudget hundred-people, a person-day", in_units(play, steps * 100)[0], 9.0))
    start = time.perf_counter()
    prices_of(population(400))
    found.append(("NudgeBudget, linear programme of 400 people, seconds", time.perf_counter() - start, 3.0))
    return found
