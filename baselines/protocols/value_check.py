"""Whether a learner's value function is right: what it predicts of the rest of an episode, and what play brings."""

from __future__ import annotations

import numpy as np

from baselines.agents import Agent, Problem
from baselines.learners.deep import DeepLearner
from baselines.learners.warm_start import demonstration
from baselines.play.rollout import episodes
from baselines.play.training import environments
from envs_data.arrays import Floats

EPISODES, TENTHS = 64, 10
# stable-baselines3's own discount, where hyperparameters name none.
USUAL = 0.99


def predicted_and_simulated(problem: Problem, agent: Agent, training_seed: int, seed: int) -> Floats:
    """[2, tenths] mean prediction and mean simulated return of states, sorted by prediction and cut into tenths.

    Both are discounted as the agent learns, in the case's unit.

    Args:
        problem: what is played.
        agent: the agent; one without a value function gives [2, 0].
        training_seed: seed of its training, which decides how its rewards were scaled.
        seed: a seed of the evaluation block.
    """
    nothing = np.empty((2, 0))
    if not isinstance(agent, DeepLearner):
        return nothing
    steps = list(episodes(problem, lambda rows, mask: np.asarray(agent.act(rows, mask)), EPISODES, seed))
    predictions = [agent.predicted_returns(step.observations) for step in steps]
    known = [own for own in predictions if own is not None]
    if len(known) < len(steps):
        return nothing
    discount, rest, brought = agent.hyperparameters.get("gamma", USUAL), np.zeros(EPISODES), []
    for step in reversed(steps):
        rest = step.rewards + discount * rest
        brought.append(rest)
    running = np.array([step.running for step in steps])
    scale = demonstration(problem, environments(problem.case, problem.parameters), training_seed).reward_scale
    predicted, simulated = np.array(known)[running] / scale, np.array(brought[::-1])[running]
    parts = np.array_split(np.argsort(predicted, kind="stable"), TENTHS)
    return np.array([[own[part].mean() for part in parts] for own in (predicted, simulated)])
