"""Learning with looks: a learner is left as it was at the best moment of its training's second half."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from baselines.agents import Keepable, Learner, Problem, Watched
from baselines.play.rollout import play

# Episodes of its own luck on which its moments are compared: on a hundred, a decision that ruins one shop in fifty
# often goes unseen. Event by event they would take longer than the learning, and so would they in a preview, which
# makes do with a quarter of the episodes on which it scores.
COMPARED, COMPARED_WITHOUT_TWIN = 1_000, 100
# Share of the steps before which nothing is chosen: who still explores is not there yet.
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
    """Lets an agent learn, and leaves it as it was at its best moment.

    What a training ends with is left to chance: now and then the last update made one decision that ruins a shop. A
    rule's setting is the best on the tuning luck; a learner's moment is the best on luck drawn from the seed of its
    own training, so that trainings stay independent and the evaluation luck is never met. An agent that says nothing
    while it learns, or cannot be kept, ends as it ends.

    Args:
        problem: what is learned.
        agent: who learns.
        envs: makes training environments of the case.
        steps: decisions it may take.
        seed: seed of the training, its luck and the choice included.
        look: called at every moment with the steps taken so far; nothing is chosen by it.
        scored_on: episodes on which it will be scored.
    """
    compared = min(COMPARED, max(COMPARED_WITHOUT_TWIN, scored_on // 4))
    chosen = (
        _Chosen(problem, agent, seed, compared) if isinstance(agent, Watched) and isinstance(agent, Keepable) else None
    )

    def watch(taken: int) -> None:
        if look is not None:
            look(taken)
        if chosen is not None and taken >= CHOSEN_FROM * steps:
            chosen.consider()

    if isinstance(agent, Watched):
        agent.watch = watch
    agent.learn(envs, steps, seed)
    if chosen is not None and chosen.content:
        chosen.agent.restore(io.BytesIO(chosen.content))


class _Chosen:
    """The best moment so far."""

    def __init__(self, problem: Problem, agent: Keepable, seed: int, compared: int) -> None:
        self.agent = agent
        self.content = b""
        self._problem, self._seed = problem, seed
        self._episodes = compared if problem.case.has("twin") else COMPARED_WITHOUT_TWIN
        self._mean = float("-inf")

    def consider(self) -> None:
        """Tries the agent as it is now, and keeps it where it is better than before."""
        mean = play(self._problem, self.agent, self._episodes, self._seed, type(self.agent).__name__).mean
        if mean > self._mean:
            content = io.BytesIO()
            self.agent.save(content)
            self._mean, self.content = mean, content.getvalue()
