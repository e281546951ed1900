"""The cross-entropy method: a line from observation to action, searched by trying many and keeping the best."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium import spaces

from baselines.agents import Problem
from baselines.batching import nearest_actions, repeated
from baselines.learners.lines import one_sided_line
from baselines.learners.saved_learner import Arrays, Header, SavedLearner
from baselines.learners.warm_start import demonstration
from baselines.transitions import played_out
from bizgyms.luck import draw_of
from envs_data.arrays import Array, Floats, Mask, Rows

CANDIDATES, ELITE = 48, 6
# Every candidate of a round plays the same so many episodes.
EPISODES = 16
# Of the spread of candidates: its start as a share of the range of actions, and what each round adds, falling to 0.
FIRST_SPREAD, EXTRA_SPREAD = 0.1, 0.02
# Up to so many actions each has a line of its own, and the highest wins; more of them are taken for ordered.
FEW_ACTIONS = 6
MOST_WEIGHTS = 2_000


class CrossEntropy(SavedLearner):
    """The cross-entropy method (Rubinstein 1999; Szita and Lorincz 2006, with noise that falls).

    A few actions are scored by a line each, and the highest possible one is taken. Ordered actions (quantities,
    prices, bids) are one line a dimension, rounded and cut to the range. It begins at the line nearest to the
    decisions of the case's first rule, untuned.

    Args:
        problem: what it learns.

    Attributes:
        weights: [outputs, features + 1] the lines, the constant last, over normalised features.
        spread: [outputs, features + 1] how far candidates stray.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.weights = np.zeros(_shape(problem))
        self.spread = np.full(self.weights.shape, FIRST_SPREAD)

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] the decisions of the candidates' mean."""
        return self._decide(np.broadcast_to(self.weights, (len(observations), *self.weights.shape)), observations, mask)

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Tries candidates, a round at a time, until the steps are spent.

        Args:
            envs: makes training environments of the case.
            steps: environment steps, all worlds together.
            seed: seed of luck and candidates.
        """
        rng = np.random.default_rng(seed)
        spent, earned = self._look(envs, seed)
        twin = envs(CANDIDATES * EPISODES, autoreset_mode="Disabled").unwrapped
        while spent < steps:
            tried = self.weights + self.spread * rng.standard_normal((CANDIDATES, *self.weights.shape))
            returns, used = self._play(twin, tried, int(rng.integers(2**31)))
            elite = tried[np.argsort(-returns.reshape(CANDIDATES, EPISODES).mean(axis=1), kind="stable")[:ELITE]]
            spent, earned = spent + used, earned + float(returns.sum())
            left = max(0.0, 1.0 - spent / steps)
            self.weights = elite.mean(axis=0)
            self.spread = elite.std(axis=0) + EXTRA_SPREAD * left * self._scale
            if self.watch is not None:
                self.watch(spent)
        self.earned_while_learning = earned / spent

    def _look(self, envs: Callable[..., Any], seed: int) -> tuple[int, float]:
        """Begins at the first rule's decisions; returns the steps it took, and their rewards."""
        shown = demonstration(self.problem, envs, seed)
        seen = self.problem.view.normalized(shown.observations).astype(np.float64)
        self.weights = one_sided_line(seen, self._wanted(shown.actions))[0].T.copy()
        # A weight strays as far as it moves the decision by so much where its feature is usually.
        self._scale = 1.0 / np.sqrt(np.append(np.mean(seen**2, axis=0), 1.0) + 0.01) / np.sqrt(self.weights.shape[1])
        self.spread = np.broadcast_to(FIRST_SPREAD * self._scale, self.weights.shape).copy()
        return len(seen), float(shown.rewards.sum())

    def _wanted(self, decided: Array) -> Floats:
        """[steps, outputs] what the lines would have to say to decide so."""
        low, high = self.problem.view.action_range()
        flat = decided.reshape(len(decided), -1)
        if _scored(self.problem):
            return np.asarray(np.eye(len(self.weights))[flat[:, 0] - int(low[0])])
        return np.asarray((flat - low) / np.maximum(high - low, 1e-9))

    def _play(self, twin: Any, tried: Floats, seed: int) -> tuple[Floats, int]:
        """[candidates * episodes] returns, every candidate on the same luck, and the steps of all."""
        luck = draw_of(self.problem.case)(self.problem.parameters, np.random.default_rng(seed), EPISODES)
        start = twin.reset(options={"luck": repeated(luck, CANDIDATES)})
        return played_out(twin, functools.partial(self._decide, np.repeat(tried, EPISODES, axis=0)), start)

    def _decide(self, weights: Floats, observations: Rows, mask: Mask) -> Array:
        """[worlds, ...] actions of [worlds, outputs, features + 1] weights."""
        seen = self.problem.view.normalized(observations).astype(np.float64)
        said = np.einsum("wof,wf->wo", weights[:, :, :-1], seen) + weights[:, :, -1]
        view = self.problem.view
        low, high = view.action_range()
        if _scored(self.problem):
            allowed = said if mask is None else np.where(mask, said, -np.inf)
            return np.asarray(allowed.argmax(axis=1) + int(low[0]))
        return nearest_actions(view, low + said * (high - low))

    def _learned(self) -> tuple[Header, Arrays]:
        return {}, {"weights": self.weights, "spread": self.spread}

    def _become(self, header: Header, arrays: Arrays) -> None:
        self.weights, self.spread = arrays["weights"], arrays["spread"]


def few_weights(problem: Problem) -> bool:
    """Whether the lines of a case have few enough weights to be tried at random."""
    return int(np.prod(_shape(problem))) <= MOST_WEIGHTS


def _shape(problem: Problem) -> tuple[int, int]:
    low, high = problem.view.action_range()
    return int(high[0] - low[0]) + 1 if _scored(problem) else len(low), len(problem.view.features) + 1


def _scored(problem: Problem) -> bool:
    space = problem.view.action_space
    return isinstance(space, spaces.Discrete) and space.n <= FEW_ACTIONS
