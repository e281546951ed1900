"""How far a gain can be trusted beyond its own luck: over what the table leaves open, and over costs nobody knows.

Agents stay as they are. They are scored again on the same luck, in worlds with other parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.agents import Agent, Problem, problem_of
from baselines.play import seeds
from baselines.play.rollout import play
from bizgyms.view import View
from envs_data.arrays import Floats
from envs_data.parameters import Scenario

EPISODES = 100


class _Believing:
    """An agent that sees what is computed from parameters as it was computed when it was made."""

    def __init__(self, agent: Agent, view: View[Any]) -> None:
        self._agent = agent
        self._view = view

    def act(self, observations: NDArray[np.float32], mask: NDArray[np.bool_] | None = None) -> NDArray[Any]:
        return self._agent.act(self._view.believed(observations), mask)


def worlds_of(problem: Problem, scenario: Scenario) -> list[Problem]:
    """The worlds a fit allows: the problem under each of its draws."""
    return [problem_of(problem.case, problem.parameters.replace(**draw)) for draw in scenario.draws]


def means_in(worlds: Sequence[Problem], agents: Sequence[Agent], view: View[Any], seed: int) -> Floats:
    """[worlds, agents] mean returns on the same luck.

    Args:
        worlds: problems with the same observations and actions.
        agents: who decides, believing what ``view`` says.
        view: the view of the parameters the agents were made for.
        seed: a seed of the evaluation block.
    """
    if all(world.case.has("twin") and world.case.has("draw") for world in worlds):
        lucks = [seeds.luck(world.case, world.parameters, seed, 0, EPISODES) for world in worlds]
        return np.array([_side_by_side(worlds, agent, view, lucks) for agent in agents]).T
    believing = [_Believing(agent, view) for agent in agents]
    return np.array([[play(world, agent, EPISODES, seed, "agent").mean for agent in believing] for world in worlds])


def _side_by_side(worlds: Sequence[Problem], agent: Agent, view: View[Any], lucks: Sequence[Any]) -> Floats:
    """[worlds] mean returns; all worlds step together, so that the agent is asked once a step."""
    twins = [
        world.case.twin(num_envs=EPISODES, scenario=world.parameters, autoreset_mode="Disabled") for world in worlds
    ]
    started = [twin.reset(options={"luck": luck}) for twin, luck in zip(twins, lucks, strict=True)]
    rows, infos = [rows for rows, _ in started], [infos for _, infos in started]
    totals = np.zeros((len(worlds), EPISODES))
    while not all(twin.over.all() for twin in twins):
        masks = np.concatenate([info["action_mask"] for info in infos]) if "action_mask" in infos[0] else None
        actions = np.asarray(agent.act(view.believed(np.concatenate(rows)), masks))
        chosen = np.split(actions.astype(view.action_space.dtype, copy=False), len(worlds))
        for k, twin in enumerate(twins):
            if not twin.over.all():
                rows[k], rewards, _, _, infos[k] = twin.step(chosen[k])
                totals[k] += rewards
    return np.asarray(totals.mean(axis=1))
