"""The cross-entropy method: a straight line from observation to action, found by trying many and keeping the best."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.agents import Problem
from baselines.learners.files import Place, read, write
from baselines.learners.lines import one_sided_line
from baselines.learners.warm_start import guide, watch
from bizgyms.luck import draw_of
from envs_data.arrays import Floats, Mask, Rows

CANDIDATES, ELITE = 48, 6
# Every candidate of a round plays the same so many episodes.
EPISODES = 16
# Of the spread of candidates: its start as a share of the range of actions, and what each round adds, falling to 0.
FIRST_SPREAD, EXTRA_SPREAD = 0.1, 0.02
# Up to so many actions each has a line of its own, and the highest wins; more of them are taken for ordered.
FEW_ACTIONS = 6
MOST_WEIGHTS = 2_000
LOOK_WORLDS, LOOK_STEPS = 64, 50


class CrossEntropy:
    """The cross-entropy method (Rubinstein 1999; Szita and Lorincz 2006, with noise that falls).

    A few actions are scored by a line each, and the highest possible one is taken. Ordered actions (quantities,
    prices, bids) are one line a dimension, rounded and cut to the range. It begins at the line nearest to the
    decisions of the case's first rule, untuned.

    Args:
        problem: what it learns.

    Attributes:
        weights: [outputs, features + 1] the lines, the constant last, over normalised features.
        spread: [outputs, features + 1] how far candidates stray.
        earned_while_learning: mean reward a step while learning; None before.
        watch: called after each round, with the steps taken so far.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.earned_while_learning: float | None = None
        self.watch: Callable[[int], None] | None = None
        self.weights = np.zeros(_shape(problem))
        self.spread = np.full(self.weights.shape, FIRST_SPREAD)

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[Any]:
        """[worlds, ...] what the middle of the candidates does."""
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
        """Begins at the rule; steps it took, and what they earned."""
        agent = guide(self.problem, seed)
        look = watch(self.problem, envs, agent, LOOK_WORLDS, LOOK_STEPS, seed)
        seen = self.problem.view.normalized(look.observations).astype(np.float64)
        self.weights = one_sided_line(seen, self._wanted(look.actions))[0].T.copy()
        # A weight strays as far as it moves the decision by so much where its feature is usually.
        self._scale = 1.0 / np.sqrt(np.append(np.mean(seen**2, axis=0), 1.0) + 0.01) / np.sqrt(self.weights.shape[1])
        self.spread = np.broadcast_to(FIRST_SPREAD * self._scale, self.weights.shape).copy()
        return len(seen), float(look.rewards.sum())

    def _wanted(self, decided: NDArray[Any]) -> Floats:
        """[steps, outputs] what the lines would have to say to decide so."""
        low, high = self.problem.view.action_range()
        flat = decided.reshape(len(decided), -1)
        if _scored(self.problem):
            return np.asarray(np.eye(len(self.weights))[flat[:, 0] - int(low[0])])
        return np.asarray((flat - low) / np.maximum(high - low, 1e-9))

    def _play(self, twin: Any, tried: Floats, seed: int) -> tuple[Floats, int]:
        """[candidates * episodes] returns, every candidate on the same luck, and the steps of all."""
        luck = draw_of(self.problem.case)(self.problem.parameters, np.random.default_rng(seed), EPISODES)
        copies = type(luck)(*(np.concatenate([array] * CANDIDATES) for array in luck))
        rows, _ = twin.reset(options={"luck": copies})
        weights = np.repeat(tried, EPISODES, axis=0)
        earned = np.zeros(len(weights))
        steps = 0
        while not twin.over.all():
            steps += int((~twin.over).sum())
            masks = twin.action_masks() if twin.view.masked else None
            rows, rewards, *_ = twin.step(self._decide(weights, rows, masks))
            earned += rewards
        return earned, steps

    def _decide(self, weights: Floats, observations: Rows, mask: Mask) -> NDArray[Any]:
        """[worlds, ...] actions of [worlds, outputs, features + 1] weights."""
        seen = self.problem.view.normalized(observations).astype(np.float64)
        said = np.einsum("wof,wf->wo", weights[:, :, :-1], seen) + weights[:, :, -1]
        view = self.problem.view
        low, high = view.action_range()
        if _scored(self.problem):
            allowed = said if mask is None else np.where(mask, said, -np.inf)
            return np.asarray(allowed.argmax(axis=1) + int(low[0]))
        wanted = np.clip(low + said * (high - low), low, high)
        if not isinstance(view.action_space, spaces.Box):
            wanted = np.rint(wanted)
        shaped = wanted.reshape(len(wanted), *(view.action_space.shape or ()))
        return np.asarray(shaped.astype(view.action_space.dtype))

    def save(self, file: Place) -> None:
        """Writes the lines as arrays, nothing pickled.

        Args:
            file: a path, or a binary file open for writing.
        """
        content = io.BytesIO()
        about = np.array(json.dumps({"case": self.problem.case.id}))
        np.savez(content, about=about, weights=self.weights, spread=self.spread)
        write(file, content.getvalue())

    def restore(self, file: Place) -> None:
        """Becomes the agent that `save` wrote, and acts exactly as it did.

        Args:
            file: a path, or a binary file open for reading.

        Raises:
            ValueError: another case's agent, or one of another scenario.
        """
        with np.load(io.BytesIO(read(file)), allow_pickle=False) as arrays:
            case = json.loads(str(arrays["about"]))["case"]
            if case != self.problem.case.id or arrays["weights"].shape != self.weights.shape:
                raise ValueError(f"an agent of {case}, trained on another scenario")
            self.weights, self.spread = arrays["weights"], arrays["spread"]


def cross_entropy(problem: Problem) -> CrossEntropy:
    """The cross-entropy method."""
    return CrossEntropy(problem)


def few_weights(problem: Problem) -> bool:
    """Whether the lines of a case have few enough weights to be tried at random."""
    return int(np.prod(_shape(problem))) <= MOST_WEIGHTS


def _shape(problem: Problem) -> tuple[int, int]:
    low, high = problem.view.action_range()
    return int(high[0] - low[0]) + 1 if _scored(problem) else len(low), len(problem.view.features) + 1


def _scored(problem: Problem) -> bool:
    space = problem.view.action_space
    return isinstance(space, spaces.Discrete) and space.n <= FEW_ACTIONS
