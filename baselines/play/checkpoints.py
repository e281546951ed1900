"""Learning with checkpoints: a learner ends as it was at the best checkpoint of its training's second half."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from baselines.agents import Learner, Problem, Savable, Watched
from baselines.play.rollout import play

# Episodes of its own luck on which checkpoints are compared: on a hundred, a decision that ruins one shop in fifty
# often goes unseen. Event by event they would take longer than learning itself, as they would in a preview, which
# compares on a quarter of the episodes on which it scores.
COMPARED, COMPARED_WITHOUT_TWIN = 1_000, 100
# Share of the steps before which no checkpoint is chosen: the learner still explores.
CHOSEN_FROM = 0.5


def learn(
    problem: Problem,
    agent: Learner,
    envs: Callable[..., Any],
    steps: int,
    seed: int,
    look: Callable[[int], None] | None = None,
    scored_on: int = 4 * COMPARED,
) -> None:
    """Lets an agent learn, and restores its best checkpoint.

    The last update is a matter of chance: now and then it makes one decision that ruins a shop. A rule's setting is the
    best on the tuning luck; a learner's checkpoint is the best on luck drawn from the seed of its own training, so that
    trainings stay independent and never meet the evaluation luck. An agent that reports no progress, or cannot be
    saved, stays as it is when learning ends.

    Args:
        problem: what is learned.
        agent: the learner.
        envs: makes training environments of the case.
        steps: decisions it may take.
        seed: seed of the training, its luck and the choice included.
        look: called at every checkpoint with the steps taken so far; it has no part in the choice.
        scored_on: episodes on which the agent will be scored.
    """
    compared = min(COMPARED, max(COMPARED_WITHOUT_TWIN, scored_on // 4))
    best = None
    if isinstance(agent, Watched) and isinstance(agent, Savable):
        best = _BestCheckpoint(problem, agent, seed, compared)

    def watch(taken: int) -> None:
        if look is not None:
            look(taken)
        if best is not None and taken >= CHOSEN_FROM * steps:
            best.consider()

    if isinstance(agent, Watched):
        agent.watch = watch
    agent.learn(envs, steps, seed)
    if best is not None and best.content:
        best.agent.restore(io.BytesIO(best.content))


class _BestCheckpoint:
    """The best checkpoint so far."""

    def __init__(self, problem: Problem, agent: Savable, seed: int, compared: int) -> None:
        self.agent = agent
        self.content = b""
        self._problem, self._seed = problem, seed
        self._episodes = compared if problem.case.has("twin") else COMPARED_WITHOUT_TWIN
        self._mean = float("-inf")

    def consider(self) -> None:
        """Plays the agent as it is now, and saves it where it is better than before."""
        mean = play(self._problem, self.agent, self._episodes, self._seed, type(self.agent).__name__).mean
        if mean > self._mean:
            content = io.BytesIO()
            self.agent.save(content)
            self._mean, self.content = mean, content.getvalue()
