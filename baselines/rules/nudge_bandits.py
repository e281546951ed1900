"""Bandits over messages: what each kind earns at once, learned from trying, with the person's state or without it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.agents import Problem, Rung
from baselines.learners.files import Place, read, write

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
WORLDS = 64
BINS = 6


@dataclasses.dataclass
class MessageThompson:
    """Thompson sampling over the decisions of one step, in cells of what is observed.

    What a decision earns in the very next step is taken for normal around an unknown mean, under a prior worth one
    try at the mean of all. What it does to later steps is not in its model: it is how bandits are used on messages.

    Attributes:
        problem: what it plays.
        contextual: whether each cell of the observation, time apart, learns for itself; else all are one.
    """

    problem: Problem
    contextual: bool

    def __post_init__(self) -> None:
        features = self.problem.view.features[:-1]
        self._low = np.array([f.low for f in features])
        self._range = np.array([f.high - f.low for f in features])
        self._bins = np.array([min(BINS, round(r) + 1) if r > 1 else BINS for r in self._range])
        cells = int(self._bins.prod()) if self.contextual else 1
        # Tries, sum and sum of squares of what was earned.
        self._sums = np.zeros((3, cells, self.problem.view.action_count()))

    def act(self, observations: Rows, mask: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """[worlds] the decision with the largest expected reward."""
        mean, _ = self._posterior()
        return np.asarray(mean[self._cell(observations)].argmax(axis=1))

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Tries decisions, each as often as it may be the best one, until the steps are spent."""
        rng = np.random.default_rng(seed)
        twin = envs(WORLDS, autoreset_mode="SameStep").unwrapped
        rows, _ = twin.reset(seed=seed)
        for _ in range(max(steps // WORLDS, 1)):
            cell = self._cell(rows)
            mean, error = self._posterior()
            actions = (mean[cell] + error[cell] * rng.standard_normal((WORLDS, mean.shape[1]))).argmax(axis=1)
            rows, rewards, *_ = twin.step(actions)
            for k, weight in enumerate((np.ones(WORLDS), rewards, rewards**2)):
                np.add.at(self._sums[k], (cell, actions), weight)

    def save(self, file: Place) -> None:
        """Writes what was earned as JSON."""
        write(file, json.dumps({"case": self.problem.case.id, "sums": self._sums.tolist()}).encode())

    def restore(self, file: Place) -> None:
        """Becomes the bandit that `save` wrote.

        Raises:
            ValueError: another case's bandit.
        """
        about = json.loads(read(file))
        if about["case"] != self.problem.case.id:
            raise ValueError(f"an agent of {about['case']}, not of {self.problem.case.id}")
        self._sums = np.array(about["sums"])

    def _cell(self, observations: Rows) -> NDArray[np.int64]:
        if not self.contextual:
            return np.zeros(len(observations), dtype=np.int64)
        share = (observations[:, :-1] - self._low) / self._range
        index = np.clip((share * self._bins).astype(np.int64), 0, self._bins - 1)
        return np.asarray(np.ravel_multi_index(tuple(index.T), tuple(self._bins.tolist())))

    def _posterior(self) -> tuple[Floats, Floats]:
        """[cells, actions] mean of what a decision earns, and its standard error."""
        tries, total, squares = self._sums
        count = max(float(tries.sum()), 1.0)
        middle = float(total.sum()) / count
        spread = max(float(squares.sum()) / count - middle**2, 1e-12) if tries.any() else 1.0
        return (total + middle) / (tries + 1.0), np.sqrt(spread / (tries + 1.0))


def thompson(problem: Problem) -> MessageThompson:
    """One estimate a decision, whatever is observed."""
    return MessageThompson(problem, contextual=False)


def contextual_thompson(problem: Problem) -> MessageThompson:
    """One estimate a decision and cell of the observation."""
    return MessageThompson(problem, contextual=True)


BANDITS = (
    Rung("Thompson per message", "bandit", "observations", thompson),
    Rung("contextual Thompson per message", "bandit", "observations", contextual_thompson),
)
