"""What an agent observes and decides, step by step, in several worlds at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.agents import Agent, Problem
from baselines.play import seeds
from bizgyms.side_by_side import twin_of


class Step(NamedTuple):
    """One step of all worlds.

    Attributes:
        rows: [worlds, features] observations.
        playing: [worlds] whether the episode goes on.
        actions: [worlds, ...] decisions; None after the last step.
    """

    rows: NDArray[np.float32]
    playing: NDArray[np.bool_]
    actions: NDArray[Any] | None


def steps(problem: Problem, agent: Agent, seed: int, worlds: int, cast: bool = False) -> Iterator[Step]:
    """Plays one episode in each world; the last step holds the final observations.

    Args:
        problem: case and parameters.
        agent: the agent.
        seed: a seed of one of the three blocks.
        worlds: number of episodes.
        cast: carries decisions out in the number type of the action space, as a table of decisions shows them.
    """
    twin = twin_of(problem.case)(num_envs=worlds, scenario=problem.parameters, autoreset_mode="Disabled")
    rows, _ = twin.reset(options={"luck": seeds.luck(problem.case, problem.parameters, seed, 0, worlds)})
    while not twin.over.all():
        actions = np.asarray(agent.act(rows, twin.action_masks() if twin.view.masked else None))
        yield Step(rows.copy(), ~twin.over, actions)
        rows, *_ = twin.step(actions.astype(problem.view.action_space.dtype) if cast else actions)
    yield Step(rows.copy(), ~twin.over, None)
