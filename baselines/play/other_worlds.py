"""Scores agents again on the same luck, in worlds with other parameters; the agents stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from baselines.agents import Agent, Problem, problem_of
from baselines.play import seeds
from baselines.play.rollout import play
from baselines.transitions import played_out
from bizgyms.autoreset import MASK
from bizgyms.view import View
from envs_data.arrays import Array, Flags, Floats, Mask, Rows
from envs_data.parameters import Scenario

EPISODES = 100


class _Believing:
    """An agent whose forecasts, and whatever else is computed from parameters, use the parameters it was made for."""

    def __init__(self, agent: Agent, view: View[Any]) -> None:
        self._agent = agent
        self._view = view

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        return self._agent.act(self._view.believed(observations), mask)


def worlds_of(problem: Problem, scenario: Scenario) -> list[Problem]:
    """The worlds a fit allows: the problem under each of its draws."""
    return [problem_of(problem.case, problem.parameters.replace(**draw)) for draw in scenario.draws]


def means_in(worlds: Sequence[Problem], agents: Sequence[Agent], view: View[Any], seed: int) -> Floats:
    """[worlds, agents] mean returns on the same luck.

    Args:
        worlds: problems with the same observations and actions.
        agents: the agents, which believe what ``view`` says.
        view: the view of the parameters the agents were made for.
        seed: a seed of the evaluation block.
    """
    if all(world.case.has("twin") and world.case.has("draw") for world in worlds):
        lucks = [seeds.luck(world.case, world.parameters, seed, 0, EPISODES) for world in worlds]
        return np.array([_means_together(worlds, agent, view, lucks) for agent in agents]).T
    believing = [_Believing(agent, view) for agent in agents]
    return np.array([[play(world, agent, EPISODES, seed, "agent").mean for agent in believing] for world in worlds])


def _means_together(worlds: Sequence[Problem], agent: Agent, view: View[Any], lucks: Sequence[Any]) -> Floats:
    """[worlds] mean returns; all worlds step together, so that the agent is asked once a step."""
    together = _Together(worlds, view, lucks)

    def decide(rows: Rows, mask: Mask) -> Array:
        actions = np.asarray(agent.act(rows, mask))
        return actions.astype(view.action_space.dtype, copy=False)

    totals, _ = played_out(together, decide, together.joined())
    return np.asarray(totals.reshape(len(worlds), EPISODES).mean(axis=1))


class _Together:
    """Twins of several problems as one, seen as the agent believes them to be."""

    def __init__(self, worlds: Sequence[Problem], view: View[Any], lucks: Sequence[Any]) -> None:
        self._view = view
        self._twins = [
            world.case.twin(num_envs=EPISODES, scenario=world.parameters, autoreset_mode="Disabled") for world in worlds
        ]
        self._seen = [twin.reset(options={"luck": luck}) for twin, luck in zip(self._twins, lucks, strict=True)]

    @property
    def over(self) -> Flags:
        return np.concatenate([twin.over for twin in self._twins])

    def step(self, actions: Array) -> tuple[Rows, Floats, Flags, Flags, Mapping[str, Any]]:
        rewards = np.zeros((len(self._twins), EPISODES))
        for k, own in enumerate(np.split(actions, len(self._twins))):
            if not self._twins[k].over.all():
                rows, rewards[k], _, _, infos = self._twins[k].step(own)
                self._seen[k] = rows, infos
        seen, masks = self.joined()
        return seen, rewards.ravel(), self.over, self.over, masks

    def joined(self) -> tuple[Rows, Mapping[str, Any]]:
        """Observations and masks of all worlds, one problem after the other."""
        rows = np.concatenate([self._view.believed(rows) for rows, _ in self._seen])
        masks = [infos[MASK] for _, infos in self._seen if MASK in infos]
        return rows, {MASK: np.concatenate(masks)} if masks else {}
